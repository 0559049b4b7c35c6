from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='submission',
            field=models.UUIDField(help_text="The form's own number: it submits once.", null=True, unique=True),
        ),
    ]
