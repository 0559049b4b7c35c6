"""A document belongs to its owner, and stands in any number of corpora."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('corpora', '0010_fill_places'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='document',
            name='corpus',
        ),
        migrations.AlterField(
            model_name='document',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='corpus',
            name='documents',
            field=models.ManyToManyField(related_name='corpora', through='corpora.Place', to='corpora.document'),
        ),
    ]
