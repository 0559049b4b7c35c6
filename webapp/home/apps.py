"""The configuration of the app of the home page."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "webapp.home"
