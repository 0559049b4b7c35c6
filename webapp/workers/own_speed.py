"""The speed at which this worker trains, which a process measures that is like its trainers."""

import logging
import time

from django.conf import settings

from trainer.contract.events import SpeedMeasured
from webapp.workers.trainer_process import TrainerProcess

log = logging.getLogger(__name__)

_LONGEST_SECONDS = 300.0  # on a busy machine; it takes about ten
_TICK_SECONDS = 0.25
_LOW_PRIORITY = 10  # as trainers have


def measured() -> int | None:
    """Measure how many characters a second the network of reference trains here; None if that can't be measured."""
    end = time.monotonic() + _LONGEST_SECONDS
    log_path = settings.WORK_DIR / "speed.log"
    try:
        with TrainerProcess(["speed", "--json"], log_path, _LOW_PRIORITY) as trainer:
            while not trainer.has_ended and time.monotonic() < end:
                for event in trainer.events(_TICK_SECONDS):
                    if isinstance(event, SpeedMeasured):
                        return round(event.chars_per_s)
            log.warning("the speed of this worker could not be measured: %s", trainer.last_line())
    except OSError as problem:
        log.warning("the speed of this worker could not be measured: %s", problem)
    return None
