"""People."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with a name and a password; the email address is optional."""
