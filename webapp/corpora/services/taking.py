"""The service that takes documents of their owner's other corpora into a corpus."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Sum

from webapp.accounts.limits import Limits
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services.decoding import no_room
from webapp.corpora.services.figures import describe
from webapp.corpora.services.places import place_at_end
from webapp.corpora.services.reading import texts, texts_of
from webapp.corpora.services.recounting import recount


class CorpusFull(Exception):
    """A corpus has no room for all of these documents. The message is written for its owner."""


def take(corpus: Corpus, documents: Collection[Document]) -> None:
    """Put documents of the same owner at the end of a corpus too. Those that it has already are left out.

    A document is stored once: to edit it changes all its corpora. Raises CorpusFull.
    """

    def new(now: Corpus) -> list[Document]:
        return list(now.owner.documents.filter(pk__in=[one.pk for one in documents]).exclude(places__corpus=now))

    def write(_allowed: Limits) -> None:
        more = new(corpus)
        used = corpus.documents.aggregate(n=Sum("bytes"))["n"] or 0
        if used + sum(document.bytes for document in more) > settings.UPLOAD_LIMIT_BYTES:
            raise CorpusFull(no_room(used))
        place_at_end(corpus, more)

    def count(now: Corpus) -> dict[str, Any]:
        return describe([*texts(now), *texts_of(new(now), now.lowercase, now.switched_on)], now.switched_on)

    if new(corpus):
        recount(corpus.owner, Corpus.objects.filter(pk=corpus.pk), count, write)
