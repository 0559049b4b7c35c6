from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studies", "0010_sample_voice")]

    operations = [
        migrations.AddField(
            model_name="study",
            name="uploaded",
            field=models.BooleanField(default=False, help_text="Trained elsewhere; its model came as a file."),
        ),
    ]
