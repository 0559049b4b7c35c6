"""The workers that were heard of lately: what they can do, for the form and for estimates. No claim looks at them."""

from datetime import timedelta
from statistics import median

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from webapp.queue.models import Kind, Worker

SILENT = timedelta(minutes=2)  # a worker announces itself four times in it


def trainers(with_gpu: bool = False) -> QuerySet[Worker]:
    """Return the workers that train and were heard of lately: all, or those with a GPU."""
    found = Worker.objects.filter(queues__contains=Kind.TRAIN.value, heard__gte=timezone.now() - SILENT)
    return found.filter(gpu=True) if with_gpu else found


def may_ask_for_gpu() -> bool:
    """Whether a training may ask for a GPU: there is a worker with one, or the operator says that there will be."""
    return bool(settings.GPU_WORKERS) or trainers(with_gpu=True).exists()


def speed(with_gpu: bool = False) -> float | None:
    """Return the speed of the workers with or without a GPU; None if none of them has measured its own.

    It is the median of their characters per second with the network of reference (`trainer.contract.pace`). A training
    that asks for no GPU may get one. Its estimate does not count on that, unless all workers have one.
    """
    measured = list(trainers().values_list("gpu", "reference_speed"))
    found = [speed for gpu, speed in measured if speed and gpu == with_gpu]
    found = found or [speed for _gpu, speed in measured if speed and not with_gpu]
    return float(median(found)) if found else None
