from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('passages', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='passage',
            name='submission',
            field=models.UUIDField(help_text="The form's own number: it writes once.", null=True),
        ),
        migrations.AddConstraint(
            model_name='passage',
            constraint=models.UniqueConstraint(fields=('submission', 'index'), name='one_writing_a_submission'),
        ),
    ]
