from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("corpora", "0015_is_edited")]

    operations = [
        migrations.AddField(
            model_name="extraction",
            name="codec",
            field=models.CharField(
                blank=True, default="", help_text="The encoding in which the file is to be read.", max_length=20
            ),
            preserve_default=False,
        ),
    ]
