"""People, and what is allowed to each where it differs from the site's settings."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a name and a password; the email address is optional.

    A limit that is empty is the site's (docs/settings.md), 0 is none. `manage.py limits` shows and sets them.
    """

    running_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings at the same time.")
    waiting_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings in the queue.")
    stored_limit_mb = models.PositiveIntegerField(null=True, blank=True, help_text="Texts and models, megabytes.")
    minutes_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes of one training.")
