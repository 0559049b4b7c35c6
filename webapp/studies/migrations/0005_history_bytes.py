from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0004_told_bytes'),
    ]

    operations = [
        migrations.RenameField('study', 'told_bytes', 'history_bytes'),
    ]
