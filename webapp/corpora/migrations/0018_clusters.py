from django.db import migrations, models

_CLUSTERS = models.PositiveIntegerField(null=True, help_text="As a reader counts characters; null: not counted.")


class Migration(migrations.Migration):
    dependencies = [("corpora", "0017_looks_at_whole_texts")]

    operations = [
        migrations.AddField(model_name="corpus", name="clusters", field=_CLUSTERS),
        migrations.AddField(model_name="document", name="clusters", field=_CLUSTERS),
    ]
