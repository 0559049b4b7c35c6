import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0006_worker'),
        ('studies', '0007_fine_tuning'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            'job',
            'kind',
            models.CharField(
                choices=[('train', 'training'), ('write', 'writing'), ('extract', 'extraction')], max_length=7
            ),
        ),
        migrations.AlterField(
            'job',
            'study',
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='studies.study'
            ),
        ),
        migrations.AddConstraint(
            'job',
            models.CheckConstraint(
                condition=models.Q(('kind', 'extract'), ('study', None)) | models.Q(('study__isnull', False)),
                name='job_has_a_study',
            ),
        ),
    ]
