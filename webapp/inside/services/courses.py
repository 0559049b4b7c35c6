"""The services of courses: their looks, their link, and the model that learns the sample."""

import secrets

from django.db import transaction

from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.inside.models import Course, LookKind
from webapp.inside.services.looking import Wanted, look
from webapp.passages.voices import Shares
from webapp.studies import services as studies
from webapp.studies.models import Study

_SHARE_KEY_BYTES = 32  # 43 letters
LINE = 160  # characters of the text with which the course shows the gates, at most
_SAMPLE_RECIPE = {"recipe": "quick", "minutes": 2}


def course_of(owner: User, study: Study) -> Course | None:
    return Course.objects.filter(owner=owner, study=study).select_related("gates__job", "memory__job").first()


def draw(owner: User, study: Study, text: str, voices: Shares | None = None) -> Course:
    """Queue the looks that a person's course of a study shows: the gates while it reads, and how far it remembers.

    It reads in these voices, or in none.

    Raises LimitReached.
    """
    with transaction.atomic():
        course, _ = Course.objects.get_or_create(owner=owner, study=study)
        course.gates = look(owner, study, Wanted(LookKind.GATES, text[:LINE], voices=voices or {}))
        course.memory = look(owner, study, Wanted(LookKind.MEMORY, voices=voices or {})) if study.has_text else None
        course.save(update_fields=["gates", "memory"])
    return course


def share(study: Study) -> None:
    """Make the link by which anybody may read the owner's course. A course that has a link keeps it."""
    course, _ = Course.objects.get_or_create(owner=study.owner, study=study)
    Course.objects.filter(pk=course.pk, share_key=None).update(share_key=secrets.token_urlsafe(_SHARE_KEY_BYTES))


def stop_sharing(study: Study) -> None:
    """Take the link back. A later link has another address."""
    Course.objects.filter(owner=study.owner, study=study).update(share_key=None)


def sample_study(owner: User, name: str) -> Study:
    """Return the person's model of the sample, which is trained now if there is none.

    Raises LimitReached.
    """
    corpus = corpora.add_sample(owner)
    known = owner.studies.filter(corpus=corpus, deleting=False).order_by("model_key", "-pk").last()
    return known or studies.submit(owner, corpus, dict(_SAMPLE_RECIPE), name)
