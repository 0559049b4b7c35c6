from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_heard'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='gave_way',
            field=models.BooleanField(default=False, help_text='Queued again since others waited.'),
        ),
    ]
