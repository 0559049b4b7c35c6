from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corpora", "0006_nul_characters"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="surplus_marks",
            field=models.PositiveIntegerField(default=0, help_text="Combining marks that were left out."),
        ),
    ]
