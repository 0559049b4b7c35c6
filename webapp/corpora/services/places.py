"""The places of documents in a corpus: their order, and how often each document is read in an epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from webapp.accounts import limits
from webapp.corpora.models import Corpus, Document, Place


@dataclass(frozen=True)
class Wanted:
    """What an owner wants of a document in a corpus: its number, counted from 1, and its weight."""

    number: int
    weight: float


def place_at_end(corpus: Corpus, documents: Sequence[Document], weights: Sequence[float] = ()) -> None:
    """Put documents after those that a corpus has, each with weight 1 if no weights are given.

    The owner's row is locked.
    """
    last = corpus.places.aggregate(n=Max("position"))["n"] or 0
    pairs = zip(documents, weights or [1.0] * len(documents), strict=True)
    Place.objects.bulk_create(
        Place(corpus=corpus, document=document, position=number, weight=weight)
        for number, (document, weight) in enumerate(pairs, start=last + 1)
    )


def arrange(corpus: Corpus, wanted: Mapping[int, Wanted]) -> None:
    """Change the order and the weights of documents, given by the key of their place. The others stay in their order.

    It is a new version of the corpus if anything changes. Places that are gone by now are left out.
    """
    with transaction.atomic():
        limits.lock(corpus.owner)
        corpus.refresh_from_db()
        before = list(corpus.places.all())
        after = _in_wanted_order(before, wanted)
        is_weight_new = any(place.pk in wanted and wanted[place.pk].weight != place.weight for place in before)
        if after == before and not is_weight_new:
            return
        for number, place in enumerate(after, start=1):
            place.position = number
            if place.pk in wanted:
                place.weight = wanted[place.pk].weight
        Place.objects.bulk_update(after, ["position", "weight"])
        corpus.change_texts()


def _in_wanted_order(places: list[Place], wanted: Mapping[int, Wanted]) -> list[Place]:
    """Move those places that are wanted under another number than their own."""
    moved = {
        place.pk: wanted[place.pk].number
        for number, place in enumerate(places, start=1)
        if place.pk in wanted and wanted[place.pk].number != number
    }
    order, first = [place for place in places if place.pk not in moved], 0
    for place in sorted((place for place in places if place.pk in moved), key=lambda place: moved[place.pk]):
        first = max(first, moved[place.pk] - 1)
        order.insert(first, place)
        first += 1  # two that want one number stay in their order
    return order
