"""An owner of one of everything, who uses the interface for programs."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.support import model_files
from tests.support.events import record
from tests.support.factory import SCORE, a_corpus, a_look, a_model, a_request
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.groups import services as groups
from webapp.groups.models import GroupLink
from webapp.passages.models import Passage
from webapp.queue.models import Job, State
from webapp.studies.models import Study

LINK_KEY = "k" * 43  # of the link into the group
_IN_FRENCH = "Ça n’a pas été facile, il était là à Noël.\nA plain line.\n" * 6


@dataclass(frozen=True)
class Owned:
    """The numbers of one of everything, a second model, and a token."""

    corpus: int
    document: int
    model: int
    other_model: int
    request: int
    passage: int
    upload: int
    guessed: int  # a document whose encoding was guessed
    look: int
    group: int
    share: int
    member: int  # somebody else in the group
    link: int  # into the group
    sha256: str  # of the document's text
    secret: str

    def of(self, path: str) -> int | None:
        """Return the number that stands in a path, by what the path begins with."""
        if path.endswith("/encoding"):
            return self.guessed
        kind = path.removeprefix("/api/v1/").split("/")[0]
        known = {"corpora": self.corpus, "documents": self.document, "models": self.model}
        known |= {"requests": self.request, "passages": self.passage, "uploads": self.upload}
        known |= {"looks": self.look, "groups": self.group}
        return known.get(kind)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}


def one_of_everything(owner: User) -> Owned:
    """Make a corpus, two models of it that have finished, and a passage that is written."""
    corpus = a_corpus(owner)
    model, other = a_model(owner, corpus=corpus), a_model(owner, corpus=corpus, name="Fleance")
    for study in (model, other):
        model_files.store(study.model_key)
    begun = {"event": "started", "step": 0, "recipe": model_files.recipe(), "vocabulary": 28, "parameters": 6_000}
    learned = [
        {"event": "progress", "step": 20, "chars": 2_000, "train_loss": 1.5},
        {"event": "evaluated", "step": 20, "chars": 2_000, "carried": 1.4, "cold": 1.6, "best": 1.4},
        {"event": "sample", "step": 20, "text": "Out, out"},
        {"event": "finished", "best_step": 40, "score": SCORE},
    ]
    record(model.pk, [begun, *learned])
    job = a_request(owner, model)
    Passage.objects.filter(job=job).update(text="brief candle! Life's but", complete=True)
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED)
    _token, secret = tokens.make(owner, "A script", False)
    upload = corpora.queue_corpus(owner, "Book", [("book.docx", b"PK\3\4")], False, [], None)
    document, passage = corpus.documents.get(), job.passages.get()
    old = corpora.add_corpus(owner, "Old", [("old.txt", _IN_FRENCH.encode("cp1252"))], False).documents.get()
    numbers = (corpus.pk, document.pk, model.pk, other.pk, job.pk, passage.pk, upload.pk, old.pk)
    look = a_look(owner, model).pk
    return Owned(*numbers, look=look, **_a_group(owner, model), sha256=document.sha256, secret=secret)


def _a_group(owner: User, shared: Study) -> dict[str, int]:
    """Make a group with a model in it, a second member, and a link that leads into it."""
    group, member = groups.make(owner, "Macbeth's"), User.objects.create_user("macduff")
    link = GroupLink.objects.create(group=group, key=LINK_KEY, places=9, expires=timezone.now() + timedelta(days=1))
    groups.join(member, link.key)
    share = groups.share(group, shared, may_edit=True)
    membership = group.memberships.get(person=member)
    return {"group": group.pk, "share": share.pk, "member": membership.pk, "link": link.pk}


class Program:
    """A program with a token. It gives JSON, and gets the answer."""

    def __init__(self, secret: str) -> None:
        self._client, self._headers = Client(), {"authorization": f"Bearer {secret}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data, kind = ("", "application/octet-stream") if body is None else (json.dumps(body), "application/json")
        sent = {**self._headers, **headers}
        return self._client.generic(method, f"/api/v1{path}", data, kind, headers=sent)

    def send(self, path: str, form: dict[str, Any], **headers: str) -> Any:
        """Send a form, with files."""
        return self._client.post(f"/api/v1{path}", form, headers={**self._headers, **headers})
