"""The configuration of the app of groups."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "webapp.groups"
