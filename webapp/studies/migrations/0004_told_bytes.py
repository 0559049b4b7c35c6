from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0003_further_deleting_and_sizes'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='told_bytes',
            field=models.PositiveBigIntegerField(default=0, help_text='Size of its history and samples, about.'),
        ),
    ]
