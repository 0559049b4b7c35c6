"""The configuration of the app of passages."""

from django.apps import AppConfig


class PassagesConfig(AppConfig):
    name = "webapp.passages"
