from django.apps import AppConfig


class InsideConfig(AppConfig):
    name = "webapp.inside"
