"""The pages that ask a model for passages, and show the text while it is written."""

import random
import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from webapp import addresses, polls
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.passages import openings, request_status, services
from webapp.passages.access import passages, writing_or_404
from webapp.passages.forms import WriteForm, again, as_address, first_choices, in_address
from webapp.passages.models import Passage
from webapp.passages.request_status import RequestState
from webapp.queue.models import Job
from webapp.studies.access import study_or_404
from webapp.studies.models import Study

_HAVE = re.compile(r"\b(\d{1,15}):(\d{1,9})\b")
_OPENINGS = ("random", "end")


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, study_pk: int) -> HttpResponse:
    study = study_or_404(request, study_pk, Right.READ)
    if request.method == "POST":
        return _submit(request, study)
    job = _shown(request, study)
    initial = first_choices(study) | (again(job) if job else {}) | in_address(request.GET, study)
    if job and "seed" in initial and job.passages.filter(seed=initial["seed"]).exists():
        del initial["seed"]  # the shown text was written with this seed, and the next text shall be another one
    if request.GET.get("opening") in _OPENINGS:
        initial |= {"prompt": _opening(study, request.GET["opening"])}
    form = WriteForm(initial=initial, study=study)
    return render(request, "passages/write.html", _context(study, form, job))


def _shown(request: HttpRequest, study: Study) -> Job | None:
    """Return the request whose text the page shows, if any."""
    number = addresses.number(request.GET.get("request"))
    job = writing_or_404(request, number) if number is not None else None
    return job if job and job.study_id == study.pk else None


def _submit(request: HttpRequest, study: Study) -> HttpResponse:
    """Queue the request of the form. Answer htmx with the part of the page that shows the text, others with a page."""
    form = WriteForm(request.POST, study=study)
    job, place = None, reverse("passages:write", args=[study.pk])
    if form.is_valid() and study.is_readable:
        wanted = form.wanted(_goes_on_from(request, study, form))
        try:
            job = services.write(person(request), study, wanted, form.cleaned_data["submission"])
            place += "?" + urlencode({"request": job.pk} | as_address(wanted, study))
        except LimitReached as reached:
            form.add_error(None, str(reached))
    if request.headers.get("HX-Request"):
        return _answer_script(request, study, form, job, place)
    if job or not study.is_readable:
        return redirect(place)
    return render(request, "passages/write.html", _context(study, form, None), status=422)


def _goes_on_from(request: HttpRequest, study: Study, form: WriteForm) -> Passage | None:
    """Return the passage that is continued; None when it was deleted meanwhile (its text is in the opening anyway)."""
    number = form.cleaned_data["goes_on_from"]
    return passages(request).filter(pk=number, study=study).first() if number else None


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
        context |= {"passages": _passages_of(job), "sentence": request_status.sentence(job)}
    return context


def _passages_of(job: Job) -> list[Any]:
    found = job.passages.select_related("study", "job", "opening", "goes_on_from").order_by("index")
    return list(found.defer(*(f"goes_on_from__{name}" for name in ("text", "recipe", "copied"))))


def _opening(study: Study, which: str) -> str:
    if not study.has_text:
        return ""
    if which == "end":
        return openings.last_lines(study)
    return openings.random_opening(study, random.SystemRandom())


@never_cache
@require_GET
def opening(request: HttpRequest, study_pk: int) -> JsonResponse:
    """Send a random opening from the model's text, or the text's last lines (`?opening=end`)."""
    study = study_or_404(request, study_pk, Right.READ)
    return JsonResponse({"text": _opening(study, request.GET.get("opening", "random"))})


@never_cache
@polls.unless_unchanged(request_status.current)
@require_GET
def news(request: HttpRequest, job_pk: int, now: RequestState | None) -> JsonResponse:
    """Send the new text. `?have=7:120,8:80` says how many characters the page has of passages 7 and 8."""
    job = writing_or_404(request, job_pk)
    found = _HAVE.findall(request.GET.get("have", ""))
    new = request_status.news(job, {int(number): int(characters) for number, characters in found})
    return JsonResponse({**new, "seen": polls.mark(request, now)})


@require_POST
def stop(request: HttpRequest, job_pk: int) -> HttpResponse:
    job = writing_or_404(request, job_pk)
    services.stop(job)
    return redirect(reverse("passages:write", args=[job.study_id]) + f"?request={job.pk}")
