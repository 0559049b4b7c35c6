"""The tables of people, with their own limits where they have some, of invitations, and of tokens."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class User(AbstractUser):
    """A person with a name and a password; the email address is optional.

    An empty limit means that the site's applies (docs/settings.md), and 0 means no limit. `manage.py limits` shows and
    sets them.
    """

    running_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings at the same time.")
    waiting_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Trainings in the queue.")
    stored_limit_mb = models.PositiveIntegerField(null=True, blank=True, help_text="Texts and models, megabytes.")
    minutes_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes of one training.")


def new_key() -> str:
    return secrets.token_urlsafe(24)


class LinkQuerySet(models.QuerySet[Any]):
    def open(self) -> "LinkQuerySet":
        """Return those that still have a place and time."""
        return self.filter(used__lt=F("places"), expires__gt=timezone.now())

    def take(self, key: str) -> bool:
        """Take one of the places of the link with this key. Return False when there is none."""
        return self.filter(key=key).update(used=F("used") + 1) == 1


class LimitedLink(models.Model):
    """A link that lets in as many people as it has places, until it expires."""

    key = models.CharField(max_length=43, unique=True, default=new_key)
    places = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    expires = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        abstract = True


class Invitation(LimitedLink):
    """A link by which as many people as it has places can sign up, also where registration is closed."""

    note = models.CharField(max_length=120, blank=True, help_text="For whom it is: the operator's own words.")

    class Meta:
        ordering = ("-created", "-pk")
        constraints = [models.CheckConstraint(condition=Q(used__lte=F("places")), name="no_more_than_its_places")]

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"


class ApiToken(models.Model):
    """A token by which a program uses the site in a person's name: see `tokens`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    read_only = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, unique=True)
    beginning = models.CharField(max_length=20, help_text="By which its owner recognises it.")
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created", "-pk")

    def __str__(self) -> str:
        return self.name
