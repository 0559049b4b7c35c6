from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0004_plain_names'),
    ]

    operations = [
        migrations.RenameField('job', 'heard', 'last_renewal'),
        migrations.AlterField(
            'job', 'last_renewal', models.DateTimeField(help_text='For people: no decision looks at it.', null=True)
        ),
        migrations.RemoveField('job', 'lost_attempts_step'),
    ]
