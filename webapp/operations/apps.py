"""The configuration of the app of the operator's pages."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "webapp.operations"
