from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0014_chosen_encoding'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='is_edited',
            field=models.BooleanField(default=False, help_text='Its owner has changed the text since it was extracted.'),
        ),
    ]
