from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inside", "0002_attribution_of_what_stands_there")]

    operations = [
        migrations.AddField(
            model_name="look",
            name="voices",
            field=models.JSONField(
                blank=True, default=dict, help_text="{name: share} in which it reads; empty for none."
            ),
        ),
    ]
