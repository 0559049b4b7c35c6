"""Figures for Prometheus. Those of the queue are read from the database at each scrape, so all processes give the same.

Those of requests are the web server's own: see `request_times`.
"""

from collections.abc import Iterator
from itertools import accumulate

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from webapp.accounts.models import User
from webapp.operations import overview
from webapp.operations.request_times import BUCKETS, times
from webapp.queue.models import LIVE, Job, Kind, State


class Figures(Collector):
    """The figures of the queue, the workers, the trainings and the disk."""

    def collect(self) -> Iterator[Metric]:
        yield from self._queues()
        yield from self._workers()
        yield _request_times()
        yield _one("understudy_people", "Accounts.", User.objects.count())
        disk = overview.disk()
        yield _one("understudy_disk_free_bytes", "Free on the disk of the data folder.", disk["free"] * 1e9)
        yield _one("understudy_disk_bytes", "Size of the disk of the data folder.", disk["all"] * 1e9)

    def _queues(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("understudy_jobs", "Jobs by kind and state.", labels=["kind", "state"])
        wait = GaugeMetricFamily("understudy_oldest_wait_seconds", "How long the oldest job waits.", labels=["kind"])
        for queue in overview.queues():
            for state, number in (("waiting", queue.waiting), ("live", queue.live), ("failed", queue.failed)):
                jobs.add_metric([queue.kind.value, state], number)
            waited = (timezone.now() - queue.oldest).total_seconds() if queue.oldest else 0.0
            wait.add_metric([queue.kind.value], max(0.0, waited))
        yield jobs
        yield wait
        lost = sum(Job.objects.filter(state__in=(State.QUEUED, *LIVE)).values_list("lost_attempts", flat=True))
        yield _one("understudy_lost_attempts", "Lost attempts of unfinished jobs since their last checkpoint.", lost)

    def _workers(self) -> Iterator[Metric]:
        shown = overview.workers()
        up = GaugeMetricFamily("understudy_worker_up", "1 if the worker was heard of lately.", labels=["worker"])
        speed = GaugeMetricFamily(
            "understudy_training_characters_per_second", "Speed of the worker's training.", labels=["worker"]
        )
        for one in shown:
            up.add_metric([one.worker.name], 0 if one.is_silent else 1)
            training = one.job and one.job.kind == Kind.TRAIN and one.job.study.progress
            if training:
                speed.add_metric([one.worker.name], training["chars_per_s"])
        yield up
        yield speed


def _request_times() -> Metric:
    family = HistogramMetricFamily(
        "understudy_request_seconds", "How long answers took, by route and status.", labels=["route", "status"]
    )
    ends = [*map(str, BUCKETS), "+Inf"]
    for key, (*numbers, total) in sorted(times.together().items()):
        family.add_metric(list(key), buckets=list(zip(ends, accumulate(numbers), strict=True)), sum_value=total)
    return family


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def text() -> bytes:
    """Return all figures in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(Figures())
    return generate_latest(registry)
