"""What several tests of pages and of the interface for programs share."""

import shutil

import pytest
from django.test import Client

from tests.support.api import Owned, Program, one_of_everything
from tests.support.environment import DATA
from webapp.accounts.models import User


@pytest.fixture(autouse=True)
def no_files_of_other_tests() -> None:
    """Rows go with their test; their files would stay, and tests ask whether any are there."""
    shutil.rmtree(DATA / "files", ignore_errors=True)


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    """The client of alice, who is logged in."""
    client.force_login(alice)
    return client


@pytest.fixture
def owned(alice: User) -> Owned:
    """One of everything of alice."""
    return one_of_everything(alice)


@pytest.fixture
def program(owned: Owned) -> Program:
    """A program of alice's, with a token."""
    return Program(owned.secret)
