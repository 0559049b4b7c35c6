"""The configuration of the app of the queue."""

from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "webapp.queue"
    label = "jobs"  # as migrations and tables know it
