"""Pages that write: asking for passages, watching them being written."""

import random
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from webapp.accounts.access import person
from webapp.jobs.models import Job
from webapp.passages import openings, services, writing
from webapp.passages.access import writing_or_404
from webapp.passages.forms import WriteForm, again, first_choices
from webapp.studies.access import study_or_404
from webapp.studies.models import Study


@never_cache  # a page that is gone back to would send its one submission again
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, study_pk: int) -> HttpResponse:
    study = study_or_404(request, study_pk)
    if request.method == "POST":
        return _take(request, study)
    job = _shown(request, study)
    initial = first_choices(study) | (again(job) if job else {})
    if request.GET.get("opening") in _OPENINGS:
        initial |= {"prompt": _opening(study, request.GET["opening"])}
    return render(request, "passages/write.html", _context(study, WriteForm(initial=initial), job))


def _shown(request: HttpRequest, study: Study) -> Job | None:
    """Return the request whose text the page shows, if any."""
    number = request.GET.get("request", "")
    job = writing_or_404(request, int(number)) if number.isdecimal() and len(number) < 16 else None
    return job if job and job.study_id == study.pk else None


def _take(request: HttpRequest, study: Study) -> HttpResponse:
    """Take an order: to a script the text's place in the page comes back, to a plain form the page."""
    form = WriteForm(request.POST)
    is_valid = form.is_valid() and study.is_readable
    job = services.write(person(request), study, form.wanted(), form.cleaned_data["submission"]) if is_valid else None
    place = reverse("passages:write", args=[study.pk]) + (f"?request={job.pk}" if job else "")
    if request.headers.get("HX-Request"):
        return _answer_script(request, study, form, job, place)
    if job or not study.is_readable:
        return redirect(place)
    return render(request, "passages/write.html", _context(study, form, None), status=422)


def _answer_script(request: HttpRequest, study: Study, form: WriteForm, job: Job | None, place: str) -> HttpResponse:
    if job is None:
        answer = render(request, "passages/_form.html", _context(study, form, None))
        answer["HX-Retarget"], answer["HX-Reswap"] = "#write-form", "outerHTML"
        return answer
    answer = render(request, "passages/_written.html", _context(study, WriteForm(), job))
    answer["HX-Push-Url"] = place
    return answer


def _context(study: Study, form: WriteForm, job: Job | None) -> dict[str, Any]:
    context: dict[str, Any] = {"study": study, "form": form, "job": job}
    if job:
        context |= {"passages": _of(job), "sentence": writing.sentence(job)}
    return context


def _of(job: Job) -> list[Any]:
    return list(job.passages.select_related("study", "job").order_by("index"))


_OPENINGS = ("random", "end")


def _opening(study: Study, which: str) -> str:
    if which == "end":
        return openings.last_lines(study)
    return openings.random_opening(study, random.Random())


@never_cache
@require_GET
def opening(request: HttpRequest, study_pk: int) -> JsonResponse:
    """A random opening out of the text that was learned, or its last lines (`?opening=end`)."""
    study = study_or_404(request, study_pk)
    return JsonResponse({"text": _opening(study, request.GET.get("opening", "random"))})


@never_cache
@require_GET
def news(request: HttpRequest, job_pk: int) -> JsonResponse:
    """What was written since: `?since=120,80` are the characters that the page has of each passage."""
    job = writing_or_404(request, job_pk)
    since = [int(n) if n.isdecimal() and len(n) < 10 else 0 for n in request.GET.get("since", "").split(",")]
    return JsonResponse(writing.news(job, since))


@require_POST
def stop(request: HttpRequest, job_pk: int) -> HttpResponse:
    job = writing_or_404(request, job_pk)
    services.stop(job)
    return redirect(reverse("passages:write", args=[job.study_id]) + f"?request={job.pk}")
