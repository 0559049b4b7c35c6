from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('passages', '0005_held_units'),
    ]

    operations = [
        migrations.AddField(
            model_name='passage',
            name='voices',
            field=models.JSONField(default=dict, help_text='{name: share} of the voices it is in; empty for none.'),
        ),
    ]
