"""The writes that a site has acknowledged, compared with what it has afterwards."""

import json
from typing import Any

from bench.people import CHARACTERS, PASSAGES, Person
from webapp.launch.trial import Product

_LIST = """
import json
from webapp.corpora.models import Corpus
from webapp.passages.models import Passage
from webapp.queue.models import Job
found = {{"corpora": {{}}, "passages": {{}}, "requests": {{}}}}
for pk, name in Corpus.objects.filter(owner__username__startswith={prefix!r}).values_list("pk", "name"):
    found["corpora"][pk] = name
for pk, title, starred in Passage.objects.filter(owner__username__startswith={prefix!r}).values_list(
    "pk", "title", "starred"
):
    found["passages"][pk] = [title, starred]
for job in Job.objects.filter(owner__username__startswith={prefix!r}, kind="write").prefetch_related("passages"):
    found["requests"][job.pk] = [job.state, *(one.complete and len(one.text) for one in job.passages.all())]
print("found", json.dumps(found))
"""


def lost_and_twice(product: Product, people: list[Person], prefix: str) -> tuple[list[str], list[str]]:
    """Return what was acknowledged and is not there, and what is there though nobody was told of it.

    The second is empty where a write got no answer, since the site may have done it.
    """
    found, wanted = _present(product, prefix), _acknowledged(people)
    lost = [
        f"{kind} {number}: {found[kind].get(str(number))}, not {value}"
        for kind, values in wanted.items()
        for number, value in values.items()
        if found[kind].get(str(number)) != value
    ]
    if any(person.kept.unanswered for person in people):
        return lost, []
    made = ("corpora", "requests")
    return lost, [f"{kind} {number}" for kind in made for number in found[kind] if int(number) not in wanted[kind]]


def _present(product: Product, prefix: str) -> dict[str, dict[str, Any]]:
    """Return what the people's rows hold now, by kind and number."""
    said = product.manage("shell", "--verbosity", "0", "-c", _LIST.format(prefix=prefix))
    line = next(line for line in said.splitlines() if line.startswith("found "))
    return dict(json.loads(line.removeprefix("found ")))


def _acknowledged(people: list[Person]) -> dict[str, dict[int, Any]]:
    written = ["succeeded", *[CHARACTERS] * PASSAGES]
    return {
        "corpora": {number: name for person in people for number, name in person.kept.corpora.items()},
        "passages": {number: about for person in people for number, about in person.kept.passages.items()},
        "requests": {number: written for person in people for number in person.kept.requests},
    }
