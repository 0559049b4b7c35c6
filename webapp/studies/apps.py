"""The configuration of the app of models and their trainings."""

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "webapp.studies"
