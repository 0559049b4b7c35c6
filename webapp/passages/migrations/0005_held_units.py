from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('passages', '0004_openings_kept_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='passage',
            name='held',
            field=models.JSONField(blank=True, default=list, help_text='[{layer, unit, value}] of units held at a value; layers and units from 0.'),
        ),
    ]
