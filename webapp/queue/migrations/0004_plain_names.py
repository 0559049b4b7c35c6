from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_gave_way'),
    ]

    operations = [
        migrations.RenameField('job', 'losses', 'lost_attempts'),
        migrations.RenameField('job', 'losses_step', 'lost_attempts_step'),
        migrations.RenameField('job', 'turn', 'claim_number'),
    ]
