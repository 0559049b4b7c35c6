"""The pages of refused requests: each is a page of the site, with a sentence that says what to do."""

import pytest
from allauth.core.internal.ratelimit import respond_429
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from webapp.accounts.models import User
from webapp.urls import handler400, urlpatterns

pytestmark = pytest.mark.django_db


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@login_not_required
def mailing(request: HttpRequest) -> HttpResponse:
    raise ConnectionRefusedError("the mail server is away")


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


class WithBrokenPages:
    """The addresses of the site, and three more whose views fail."""

    urlpatterns = [*urlpatterns, path("broken/", broken), path("forbidden/", forbidden), path("mailing/", mailing)]
    handler400 = handler400


@pytest.fixture
def visitor(settings: object) -> Client:
    settings.ROOT_URLCONF = WithBrokenPages  # type: ignore[attr-defined]
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize("logged_in", [True, False])
def test_an_address_that_does_not_exist(visitor: Client, alice: User, logged_in: bool) -> None:
    if logged_in:
        visitor.force_login(alice)
    response = visitor.get("/corpora/no-such-page/")
    assert response.status_code == 404
    assert "There is nothing here." in response.content.decode()


def test_a_form_without_its_token(visitor: Client, alice: User) -> None:
    visitor.force_login(alice)
    response = visitor.post("/corpora/sample/")
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()
    assert not alice.corpora.exists()


def test_what_is_not_allowed(visitor: Client) -> None:
    response = visitor.get("/forbidden/")
    assert response.status_code == 403
    assert "not yours to do" in response.content.decode()


def test_our_own_mistake(visitor: Client) -> None:
    response = visitor.get("/broken/")
    assert response.status_code == 500
    assert "went wrong on our side" in response.content.decode()
    assert "/static/css/base.css" in response.content.decode()


def test_a_host_that_is_not_ours(visitor: Client) -> None:
    response = visitor.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "could not be understood" in response.content.decode()


def test_far_too_many_files_at_once(visitor: Client, alice: User, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2  # type: ignore[attr-defined]
    visitor.force_login(alice)
    visitor.get("/corpora/new/")
    documents = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(3)]
    response = visitor.post("/corpora/new/", {"documents": documents})
    assert response.status_code == 413
    assert "100 files at a time" in response.content.decode()


def test_too_many_tries(rf: RequestFactory) -> None:
    response = respond_429(rf.get("/"))
    assert response.status_code == 429
    assert "Wait a few minutes" in response.content.decode()


def test_what_is_no_stored_file_is_not_called_one(visitor: Client) -> None:
    answer = visitor.get("/mailing/")
    assert answer.status_code == 500
    assert "went wrong on our side" in answer.content.decode()
