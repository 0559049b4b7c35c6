from typing import Any

from django.db import migrations, models


def forget(apps: Any, schema_editor: Any) -> None:
    """Delete the looks at predictions: those were of the likeliest symbol, and now are of the one that stands there."""
    apps.get_model("inside", "Look").objects.filter(kind="attribution").delete()


class Migration(migrations.Migration):
    dependencies = [("inside", "0001_initial")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="look",
            name="place",
            field=models.PositiveIntegerField(
                null=True, help_text="The number of the predicted symbol in the text, from 0."
            ),
        ),
    ]
