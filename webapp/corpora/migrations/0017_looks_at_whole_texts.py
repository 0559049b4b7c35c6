from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("corpora", "0016_extraction_codec")]

    operations = [
        migrations.AlterField(
            model_name="extraction",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("new", "a new corpus"),
                    ("add", "more documents of a corpus"),
                    ("again", "the text of a document, extracted again"),
                    ("look", "nothing: the doctor looks at whole texts"),
                ],
                max_length=5,
            ),
        ),
    ]
