"""The configuration of the app of the workers."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "webapp.workers"
