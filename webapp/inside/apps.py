"""The configuration of the app of looks inside models."""

from django.apps import AppConfig


class InsideConfig(AppConfig):
    name = "webapp.inside"
