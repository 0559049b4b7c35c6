"""The treatments that a person has switched on, for a document and for a corpus."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0012_extraction'),
    ]

    operations = [
        migrations.AddField(
            model_name='corpus',
            name='treatment',
            field=models.JSONField(default=dict, help_text='What is switched on for all its documents: doctor.Choices.'),
        ),
        migrations.AddField(
            model_name='document',
            name='treatment',
            field=models.JSONField(default=dict, help_text='What is switched on wherever it is read: doctor.Choices.'),
        ),
    ]
