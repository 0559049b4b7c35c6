"""The configuration of the app of corpora."""

from django.apps import AppConfig


class CorporaConfig(AppConfig):
    name = "webapp.corpora"
