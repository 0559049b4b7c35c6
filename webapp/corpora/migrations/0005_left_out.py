from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0004_overlaps'),
    ]

    operations = [
        migrations.AddField(
            model_name='corpus',
            name='left_out',
            field=models.JSONField(default=list, help_text='[[name, why]] of what was brought last and is not in it.'),
        ),
        migrations.AddField(
            model_name='corpus',
            name='problem',
            field=models.TextField(blank=True, default='', help_text="Why it can't be trained on; empty where it can."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='document',
            name='submission',
            field=models.UUIDField(db_index=True, help_text='Of the form that brought it: it adds once.', null=True),
        ),
    ]
