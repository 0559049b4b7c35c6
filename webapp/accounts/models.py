"""The table of people, with the limits of those for whom they differ from the site's settings."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a name and a password; the email address is optional.

    An empty limit means that the site's applies (docs/settings.md), and 0 means no limit. `manage.py limits` shows and
    sets them.
    """

    running_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings at the same time.")
    waiting_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings in the queue.")
    stored_limit_mb = models.PositiveIntegerField(null=True, blank=True, help_text="Texts and models, megabytes.")
    minutes_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes of one training.")
