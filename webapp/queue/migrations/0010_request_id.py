from django.db import migrations, models

import webapp.log_context


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0009_gpu'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='request_id',
            field=models.CharField(blank=True, default=webapp.log_context.request_id, help_text='The request that queued it, for the logs.', max_length=64),
        ),
    ]
