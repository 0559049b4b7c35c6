"""What several tests of pages and of the interface for programs share."""

import pytest

from tests.support.api import Owned, Program, one_of_everything
from webapp.accounts.models import User


@pytest.fixture
def owned(alice: User) -> Owned:
    """One of everything of alice."""
    return one_of_everything(alice)


@pytest.fixture
def program(owned: Owned) -> Program:
    """A program of alice's, with a token."""
    return Program(owned.secret)
