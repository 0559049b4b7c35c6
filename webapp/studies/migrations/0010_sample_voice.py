from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0009_corpus_choices'),
    ]

    operations = [
        migrations.AddField(
            model_name='sample',
            name='voice',
            field=models.CharField(blank=True, help_text='The document in whose voice it is, if any.', max_length=200),
        ),
    ]
