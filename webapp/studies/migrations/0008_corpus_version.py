"""A study knows the version of its corpus, and each frozen document knows the document that it is a copy of.

Frozen documents from before are matched by their names in the corpus, or else by their texts among all of the owner.
"""

from typing import Any

from django.db import migrations, models

Row = dict[str, Any]


def link(apps: Any, schema: Any) -> None:
    place, document = apps.get_model('corpora', 'Place'), apps.get_model('corpora', 'Document')
    for study in apps.get_model('studies', 'Study').objects.all().iterator(100):
        in_corpus = document.objects.filter(pk__in=place.objects.filter(corpus=study.corpus_id).values('document'))
        names = {found.name: found for found in in_corpus.order_by('-pk')}
        texts = {found.sha256: found for found in document.objects.filter(owner=study.owner_id).order_by('-pk')}
        for frozen in study.documents:
            _link(frozen, names.get(frozen['name']) or texts.get(frozen['sha256']))
        for before in study.learned_before:
            for frozen in before['documents']:
                _link(frozen, texts.get(frozen['sha256']))
        study.save(update_fields=['documents', 'learned_before'])


def _link(frozen: Row, document: Any) -> None:
    if document is not None:
        frozen.setdefault('document', document.pk)


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0011_documents_of_owners'),
        ('studies', '0007_fine_tuning'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='corpus_version',
            field=models.PositiveIntegerField(help_text='Null: from before versions were counted.', null=True),
        ),
        migrations.AlterField(
            model_name='study',
            name='documents',
            field=models.JSONField(help_text='[{name, key, sha256, characters, weight, document, source}], frozen.'),
        ),
        migrations.RunPython(link),
    ]
