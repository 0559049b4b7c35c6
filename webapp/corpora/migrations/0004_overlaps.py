from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0003_unreadable_characters'),
    ]

    operations = [
        migrations.AddField(
            model_name='corpus',
            name='overlaps',
            field=models.JSONField(default=list, help_text='Documents that are the same or share text: see overlaps.py.'),
        ),
    ]
