"""The tables of a corpus whose documents have an order and a weight. The next migration fills them."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('corpora', '0008_originals'),
    ]

    operations = [
        migrations.AddField(
            model_name='corpus',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='Counts the changes of what a training reads.'),
        ),
        migrations.AddField(
            model_name='document',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='documents', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('weight', models.FloatField(default=1.0, help_text='How often the document is read in an epoch.', validators=[django.core.validators.MinValueValidator(0.01), django.core.validators.MaxValueValidator(100.0)], verbose_name='weight')),
                ('corpus', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='corpora.corpus')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='corpora.document')),
            ],
            options={
                'ordering': ('position', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('corpus', 'document'), name='one_place_a_document')],
            },
        ),
    ]
