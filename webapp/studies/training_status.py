"""The status of a training: its state in words, and what its owner may do now. Only rows decide both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.queue.models import Job, State, Wish
from webapp.studies import services, waits
from webapp.studies.models import Study
from webapp.studies.page_state import SILENT_SECONDS, age, silent_seconds
from webapp.studies.templatetags.figures import about


@dataclass(frozen=True)
class TrainingStatus:
    """The present status of a study and its newest training job."""

    study: Study
    job: Job
    place: int | None  # in the queue, from 1; None while its owner has reached the limit of running trainings
    wait: float | None  # about how many seconds until it starts
    lacks_worker: bool

    @property
    def is_over(self) -> bool:
        return self.job.is_over

    @property
    def can_stop(self) -> bool:
        return not self.is_over and not self.job.wish

    @property
    def can_pause(self) -> bool:
        return self.job.is_live and not self.job.wish

    @property
    def can_resume(self) -> bool:
        return services.can_resume(self.job)

    @property
    def can_train_further(self) -> bool:
        return services.can_train_further(self.study, self.job)

    @property
    def is_stopping(self) -> bool:
        return not self.is_over and bool(self.job.wish)

    @property
    def is_scoring(self) -> bool:
        """Whether the training has reached its last step, and its score is being measured."""
        return self.job.state == State.RUNNING and self.done >= 1

    @property
    def is_working(self) -> bool:
        return self.job.is_live

    @property
    def silent_seconds(self) -> float:
        """How many seconds ago its worker renewed the lease."""
        return silent_seconds(self.job.state, self.job.last_renewal)

    @property
    def has_failed(self) -> bool:
        return self.job.state == State.FAILED

    @property
    def done(self) -> float:
        """The share of the training that is done, 0 to 1."""
        return float((self.study.progress or {}).get("done", 0))

    @property
    def progress(self) -> dict[str, Any] | None:
        """The newest progress; None when the training is not running or is being scored."""
        return self.study.progress if self.job.state == State.RUNNING and not self.is_scoring else None

    @property
    def device_change(self) -> str:
        """What it means that the training went on on another device; empty where it did not."""
        devices = self.study.devices
        if len(devices) < 2:
            return ""
        return _(
            "It was trained on %(devices)s. So its weights are no longer the same bytes as those of a training on "
            "one of them: two devices round in different ways."
        ) % {"devices": _(", then on ").join(devices)}

    @property
    def age(self) -> float:
        """The age of the training in seconds, by which its page polls."""
        return age(self.job.state, (self.study.progress or {}).get("seconds"))

    @property
    def key(self) -> str:
        """A key of all on which the page's buttons depend: when it changes, they are shown anew."""
        return f"{self.job.pk}-{self.job.state}-{self.job.wish}-{int(self.study.is_readable)}"

    @property
    def badge(self) -> str:
        """The state in a word or two."""
        if self.is_stopping:
            return _("pausing") if self.job.wish == Wish.PAUSE else _("stopping")
        if self.study.uploaded:
            return _("uploaded")
        return _("scoring") if self.is_scoring else self.job.badge

    @property
    def headline(self) -> str:
        """The state in a sentence."""
        return _SENTENCES[State(self.job.state)](self)

    def queued_sentence(self) -> str:
        if self.lacks_worker and self.job.needs_gpu:
            return _("Waiting for a worker with a GPU. It starts by itself as soon as one is there.")
        if self.lacks_worker:
            return _("Waiting for a worker. It starts by itself as soon as one is there.")
        if self.place is None:
            return _("As many of your trainings run as may at once: it waits until one of them is done.")
        place = _("Next in the queue.") if self.place == 1 else _("Place %(n)s in the queue.") % {"n": self.place}
        place = place if self.wait is None else f"{place} {_('It starts in %(time)s.') % {'time': about(self.wait)}}"
        if self.job.needs_gpu:
            place = f"{place} {_('It waits for a worker with a GPU.')}"
        if self.job.gave_way:
            return f"{_('Others wait, so it gave way to them. It goes on by itself, from exactly here.')} {place}"
        if self.job.attempt:
            return _(
                "The machine it ran on went away. It goes on from its last checkpoint: place %(n)s in the queue."
            ) % {"n": self.place}
        return place

    def live_sentence(self) -> str:
        if self.silent_seconds > SILENT_SECONDS:
            return ngettext(
                "Its worker has not been heard of for %(n)d second. If it is gone, the training goes on by itself, "
                "from its last checkpoint.",
                "Its worker has not been heard of for %(n)d seconds. If it is gone, the training goes on by itself, "
                "from its last checkpoint.",
                int(self.silent_seconds),
            ) % {"n": self.silent_seconds}
        if self.is_stopping:
            if self.job.wish == Wish.PAUSE:
                return _("Pausing: a checkpoint is written.")
            return _("Stopping. What it has learned so far is kept.")
        if self.is_scoring:
            return _("Trained. Now it is measured how well it predicts text that it has never seen.")
        return _("Starting.") if self.job.state == State.STARTING else _("Learning.")

    def succeeded_sentence(self) -> str:
        if self.study.uploaded:
            return _("It was trained elsewhere, and came here as a file.")
        return _("Finished.")

    def cancelled_sentence(self) -> str:
        if self.job.paused:
            return _("Paused. It goes on from exactly here when you say so.")
        if self.study.is_readable:
            return _("Stopped. What it had learned is kept, and can be read.")
        return _("Stopped before it had learned anything.")


_SENTENCES: dict[State, Callable[[TrainingStatus], str]] = {
    State.QUEUED: TrainingStatus.queued_sentence,
    State.STARTING: TrainingStatus.live_sentence,
    State.RUNNING: TrainingStatus.live_sentence,
    State.SUCCEEDED: TrainingStatus.succeeded_sentence,
    State.FAILED: lambda status: _("The training failed."),
    State.CANCELLED: TrainingStatus.cancelled_sentence,
}


def status_of(study: Study, queue: waits.Queue | None = None) -> TrainingStatus:
    """Return the status of a study's newest training. Those that are shown together share a `queue`."""
    job, queue = services.training(study), queue or waits.Queue()
    place = queue.place(job) if job.state == State.QUEUED else None
    wait = queue.seconds_until_start(job) if place else None
    return TrainingStatus(study, job, place, wait, place is not None and queue.lacks_worker(job))
