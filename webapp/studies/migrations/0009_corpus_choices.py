from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0008_corpus_version'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='corpus_choices',
            field=models.JSONField(help_text='What `Corpus.choices` was when it was frozen.', null=True),
        ),
    ]
