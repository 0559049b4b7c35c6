from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corpora", "0005_left_out"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="nuls",
            field=models.PositiveIntegerField(default=0, help_text="NUL characters that were left out."),
        ),
    ]
