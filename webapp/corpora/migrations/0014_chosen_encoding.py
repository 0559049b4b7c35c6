"""The encoding that the owner of a document has chosen for its file."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0013_treatments'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='codec',
            field=models.CharField(blank=True, help_text='The encoding that was chosen; empty: guessed.', max_length=20),
        ),
    ]
