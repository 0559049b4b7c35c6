"""The tables of looks inside a model, and of courses, the pages that explain a model with its own looks."""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from webapp.accounts import stored
from webapp.queue.models import Job
from webapp.studies.models import Study


class LookKind(models.TextChoices):
    """What is looked at."""

    GATES = "gates", _("the gates while it reads a text")
    UNITS = "units", _("what its units do")
    MEMORY = "memory", _("how far it remembers")
    ATTRIBUTION = "attribution", _("what a prediction hangs on")


class Look(models.Model):
    """One look inside a model: what was asked for, and what the trainer found.

    Its arrays, if it has any, are one file in the storage; `result` says what stands where. The trainer makes the same
    result of the same question to the same weights again, so a look is also the cache of its result.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="looks")
    study = models.ForeignKey(Study, models.CASCADE, related_name="looks")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="looks")
    kind = models.CharField(max_length=11, choices=LookKind)
    text = models.TextField(blank=True, help_text="What it reads; empty for a look at the model's own text.")
    place = models.PositiveIntegerField(null=True, help_text="The number of the predicted symbol in the text, from 0.")
    voices = models.JSONField(default=dict, blank=True, help_text="{name: share} in which it reads; empty for none.")
    created = models.DateTimeField(auto_now_add=True)
    model_sha256 = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True, help_text="The trainer's answer; null until it is there.")
    key = models.CharField(max_length=200, blank=True, help_text="Key of the file of its arrays, if it has any.")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Size of arrays and result.")

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["study", "kind"])]

    def __str__(self) -> str:
        return f"look {self.pk} at {self.kind} of {self.study_id}"

    @property
    def is_ready(self) -> bool:
        return self.result is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.is_ready or self.job is None or self.job.is_over

    @property
    def folder(self) -> str:
        """The prefix of the key of its arrays."""
        return self.key.rpartition("/")[0]


stored.count("models", Look, F("bytes"))


class Course(models.Model):
    """The pages that explain a model with somebody's looks. Whoever has the link may read them, while there is one."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="courses")
    study = models.ForeignKey(Study, models.CASCADE, related_name="courses")
    gates = models.ForeignKey(Look, models.SET_NULL, null=True, related_name="shown_gates")
    memory = models.ForeignKey(Look, models.SET_NULL, null=True, related_name="shown_memory")
    share_key = models.CharField(
        max_length=43, unique=True, null=True, blank=True, help_text="Who knows it may read it. None: nobody else."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "study"], name="one_course_of_a_model")]

    def __str__(self) -> str:
        return f"course of {self.study_id}"
