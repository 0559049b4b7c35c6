"""Several times as much of everything that somebody has, for tests that count queries."""

from datetime import timedelta

from django.utils import timezone

from tests.support import model_files
from tests.support.events import record
from tests.support.factory import PROGRESS, a_corpus, a_model, a_request
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.groups import services as groups
from webapp.groups.models import Group, GroupLink
from webapp.inside.models import Look
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study


def much_more(owner: User, corpus: int, study: int, group: int) -> None:
    """Give somebody more in the same corpus, of the same model, in the same group, and beside them."""
    waiting = Job.objects.filter(kind=Kind.TRAIN, state=State.QUEUED)
    waiting.update(state=State.SUCCEEDED)  # else they would be claimed in place of the new ones
    of_model, in_group = Study.objects.get(pk=study), Group.objects.get(pk=group)
    texts = [(f"{number}.txt", b"Another text. " * (50 + number)) for number in range(4)]
    corpora.add_documents(Corpus.objects.get(pk=corpus), texts, [], None)
    learned = [{**PROGRESS, "step": step} for step in range(50, 54)]
    record(study, [*learned, *({"event": "sample", "step": step, "text": "Out, out"} for step in range(50, 54))])
    for number in range(3):
        text = a_corpus(owner, name=f"Text {number}")
        other = a_model(owner, corpus=text, name=f"Model {number}")
        model_files.store(other.model_key)
        a_request(owner, of_model, passages=2)
        tokens.make(owner, f"Script {number}", False)
        corpora.queue_corpus(owner, f"Book {number}", [("book.docx", b"PK\3\4")], False, [], None)
        groups.share(in_group, other, may_edit=False)
        groups.share(in_group, text, may_edit=False)
        groups.share(groups.make(owner, f"Group {number}"), other, may_edit=True)
        _one_more_member(in_group)
    Job.objects.filter(study__name__startswith="Model", kind=Kind.TRAIN).update(state=State.QUEUED)
    Job.objects.filter(state=State.QUEUED).update(created=timezone.now() - timedelta(hours=1))  # nobody takes them
    for look in Look.objects.all():
        for number in range(3):
            look.pk, look.text = None, f"Another text {number}"
            look.save()


def _one_more_member(group: Group) -> None:
    link = GroupLink.objects.create(group=group, places=9, expires=timezone.now() + timedelta(days=1))
    groups.join(User.objects.create_user(f"macduff{User.objects.count()}"), link.key)
