from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0007_extractions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('train', 'training'), ('write', 'writing'), ('extract', 'extraction'), ('look', 'looking inside')], max_length=7),
        ),
    ]
