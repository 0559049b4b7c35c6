"""Every document gets its corpus's owner, and a place in its corpus: in the order in which it came, with weight 1.

By itself, since PostgreSQL does not change a table in the transaction that has changed its rows.
"""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema: Any) -> None:
    document, place = apps.get_model('corpora', 'Document'), apps.get_model('corpora', 'Place')
    for corpus in apps.get_model('corpora', 'Corpus').objects.all():
        of_corpus = document.objects.filter(corpus=corpus)
        of_corpus.update(owner=corpus.owner_id)
        keys = of_corpus.order_by('pk').values_list('pk', flat=True)
        place.objects.bulk_create(
            place(corpus=corpus, document_id=key, position=number) for number, key in enumerate(keys, start=1)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('corpora', '0009_places'),
    ]

    operations = [
        migrations.RunPython(fill),
    ]
