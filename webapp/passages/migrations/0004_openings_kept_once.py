"""Openings get rows of their own, each kept once for all passages of a request, and cut to what a model reads."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length

_KEPT = 20_000  # characters
_BYTES_A_CHARACTER = 8  # of the text and the trace of a passage that was written before; about


def move_openings(apps, schema_editor):
    Passage, Opening = apps.get_model('passages', 'Passage'), apps.get_model('passages', 'Opening')
    made = {}
    rows = Passage.objects.exclude(prompt='').order_by('pk').values_list('pk', 'job', 'study', 'prompt')
    for pk, job, study, prompt in rows.iterator(chunk_size=20):
        key = (job, study, hash(prompt))
        if job is None or key not in made:
            text = prompt[-_KEPT:]
            size = len(text.encode())
            made = {key: Opening.objects.create(
                study_id=study, text=text, left_out=len(prompt) - len(text), bytes=size
            )}
        Passage.objects.filter(pk=pk).update(opening=made[key])
    Passage.objects.filter(complete=True).update(bytes=Length('text') * _BYTES_A_CHARACTER + 1)


def move_back(apps, schema_editor):
    Passage = apps.get_model('passages', 'Passage')
    for passage in Passage.objects.exclude(opening=None).select_related('opening').defer('text').iterator(chunk_size=20):
        Passage.objects.filter(pk=passage.pk).update(prompt=passage.opening.text)


class Migration(migrations.Migration):

    dependencies = [
        ('passages', '0003_reading_and_writing'),
        ('studies', '0004_told_bytes'),
    ]

    operations = [
        migrations.AddField(
            model_name='passage',
            name='bytes',
            field=models.PositiveBigIntegerField(default=0, help_text='Size of text and trace; 0 until it is over.'),
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('left_out', models.PositiveIntegerField(default=0, help_text='Characters before it, which no model would read.')),
                ('bytes', models.PositiveIntegerField(help_text='Size in UTF-8.')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='studies.study')),
            ],
        ),
        migrations.AddField(
            model_name='passage',
            name='opening',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='passages', to='passages.opening'),
        ),
        migrations.RunPython(move_openings, move_back),
        migrations.RemoveField(
            model_name='passage',
            name='prompt',
        ),
    ]
