"""The table of jobs. A job is one piece of queued work, and its row alone decides what happens to it.

A message in the broker only wakes a worker: no harm is done when it is lost or comes twice.
"""

import logging
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from webapp import log_context

log = logging.getLogger(__name__)


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    STARTING = "starting", _("starting")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("finished")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("stopped")


LIVE = (State.STARTING, State.RUNNING)
TERMINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Kind(models.TextChoices):
    TRAIN = "train", _("training")
    WRITE = "write", _("writing")
    EXTRACT = "extract", _("extraction")
    LOOK = "look", _("looking inside")


class Wish(models.TextChoices):
    """What the owner of a job has asked for while the job is not over."""

    NONE = "", ""
    STOP = "stop", _("stop and keep what it has learned")
    PAUSE = "pause", _("pause, to go on later")


# Only a job of the kind EXTRACT has no study. A constraint of the table makes this certain, and the code of extractions
# never reads the study. So mypy is not told that the study may be None.
_MAY_LACK: dict[str, Any] = {"null": True}


class Job(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=7, choices=Kind)
    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="jobs", **_MAY_LACK)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    wish = models.CharField(max_length=5, choices=Wish, default=Wish.NONE, blank=True)
    paused = models.BooleanField(default=False, help_text="Cancelled by a pause: it can be resumed.")
    gave_way = models.BooleanField(default=False, help_text="Queued again since others waited.")
    reason = models.CharField(max_length=500, blank=True)
    advice = models.CharField(max_length=500, blank=True)
    needs_gpu = models.BooleanField(default=False, help_text="Only a worker with a GPU takes it.")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    request_id = models.CharField(
        max_length=64, blank=True, default=log_context.request_id, help_text="The request that queued it, for the logs."
    )

    # The lease (docs/queue.md). Machines' clocks may disagree, so no time of day decides whether a lease is dead: the
    # reconciler watches whether `renewals` grows.
    claim_number = models.PositiveBigIntegerField(default=0, help_text="The number of its last claim, among all.")
    worker = models.CharField(max_length=120, blank=True)
    on_gpu = models.BooleanField(default=False, help_text="Whether the worker of its last claim has a GPU.")
    attempt = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    renewals = models.PositiveBigIntegerField(default=0)
    last_renewal = models.DateTimeField(null=True, help_text="For people: no decision looks at it.")
    lost_attempts = models.PositiveIntegerField(default=0, help_text="Lost attempts since the last checkpoint.")

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=["kind", "state", "owner"]), models.Index(fields=["study", "kind"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=Kind.EXTRACT, study=None) | models.Q(study__isnull=False),
                name="job_has_a_study",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} job {self.pk}, {self.state}"

    def save(self, *args: Any, **names: Any) -> None:
        """Save the row. The records that the request logs from here on name the new job."""
        is_new = self._state.adding
        super().save(*args, **names)
        if is_new:
            log_context.add(job=self.pk)
            pk, kind, state = self.pk, self.kind, self.state
            transaction.on_commit(lambda: log.info("job %s: %s, %s", pk, kind, state, extra={"job": pk}))

    @property
    def badge(self) -> str:
        """The state in one word."""
        return str(_("paused") if self.paused else self.get_state_display())

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class Worker(models.Model):
    """A worker that has announced itself, for the operator's page, the form and estimates. No claim looks at it."""

    name = models.CharField(max_length=120, unique=True, help_text="train@host")
    queues = models.CharField(max_length=60)
    device = models.CharField(max_length=120, help_text="What computes: a GPU, or the processor's model.")
    gpu = models.BooleanField(default=False, help_text="Whether a GPU computes.")
    cores = models.PositiveIntegerField()
    memory = models.PositiveBigIntegerField(help_text="Bytes that its processes may use.")
    versions = models.JSONField(default=dict, help_text="{package: version} of what trainings depend on.")
    speed = models.PositiveIntegerField(null=True, help_text="Characters per second of its newest training.")
    reference_speed = models.PositiveIntegerField(
        null=True,
        help_text="Characters per second of the network of reference: measured at its start, then by trainings.",
    )
    started = models.DateTimeField()
    heard = models.DateTimeField(help_text="When it last showed that it takes work.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
