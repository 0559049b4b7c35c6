"""The sentences about writing a passage again: whether the same text is expected, and whether it was written."""

from django.utils.translation import gettext as _

from webapp.passages.models import Passage
from webapp.studies import services as studies


def outlook(passage: Passage) -> str:
    """Return a sentence that says whether the present model is expected to write the same text."""
    study = passage.study
    if passage.model_sha256 != study.model_sha256:
        return _("The model has learned since this was written: expect another text.")
    if not studies.training(study).is_over:
        return _("The model is being trained: once it has learned more, expect another text.")
    return _("The model is as it was: expect the same text, letter for letter.")


def outcome(passage: Passage) -> str:
    """Return a sentence that compares a passage with the earlier one that it repeats; empty until it is complete."""
    before = passage.again_of
    if before is None or not passage.complete:
        return ""
    if passage.text == before.text:
        return _("The same, letter for letter.")
    if not before.complete and passage.text.startswith(before.text):
        return _("The same as far as that one goes, which is half written.")
    if passage.model_sha256 != before.model_sha256:
        return _("Another text: the model has learned in between.")
    return _(
        "Another text, though model and settings are the same: another machine or version of the trainer wrote it."
    )
