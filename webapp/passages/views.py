"""The pages of passages."""

from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def write(request: HttpRequest, study_pk: int) -> HttpResponse:
    return HttpResponse("")


def opening(request: HttpRequest, study_pk: int) -> HttpResponse:
    return HttpResponse("")


def request_text(request: HttpRequest, job_pk: int) -> HttpResponse:
    return HttpResponse("")


def stop(request: HttpRequest, job_pk: int) -> HttpResponse:
    return HttpResponse("")


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


download = edit = delete = detail
