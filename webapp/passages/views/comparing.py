"""The page that compares two models: the same opening, seed and settings, side by side."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.passages import description, request_status, services
from webapp.passages.access import writing_or_404
from webapp.passages.comparison import MODELS, CompareForm, SideForm, first_voices
from webapp.passages.forms import again
from webapp.queue.models import Job
from webapp.studies.access import studies, study_or_404
from webapp.studies.models import Study
from webapp.studies.recipe_labels import recipe_name


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest) -> HttpResponse:
    """Show the form and send it. `?a=1&b=2` chooses two models, `?requests=12,13` shows the texts of two requests."""
    readable = studies(request, Right.READ).exclude(model_key="")
    if request.method == "POST":
        return _submit(request, readable)
    jobs = _shown(request)
    asked = [job.study for job in jobs] or _asked(request, request.GET)
    of_voices = first_voices(jobs)
    asked = asked if of_voices else list(dict.fromkeys(asked))  # one model writes the same twice, but for its voice
    choices = again(jobs[0]) if jobs else {}
    form = CompareForm(readable, initial=choices | _first_models(asked, readable), voices=of_voices)
    return render(request, "passages/compare.html", _context(form, jobs))


@require_GET
def voices(request: HttpRequest) -> HttpResponse:
    """Send the voices of the model that was chosen for a side (`?a=12`), as a part of the page."""
    for name, study in _named(request, request.GET).items():
        return render(request, "passages/_side_voices.html", {"side": SideForm(name, study)})
    return HttpResponse(status=204)


def _submit(request: HttpRequest, readable: QuerySet[Study]) -> HttpResponse:
    _asked(request, request.POST)
    form = CompareForm(readable, request.POST)
    if not form.is_valid():
        return render(request, "passages/compare.html", _context(form, []), status=422)
    try:
        jobs = services.compare(person(request), form.sides(), form.cleaned_data["submission"])
    except LimitReached as reached:
        form.add_error(None, str(reached))
        return render(request, "passages/compare.html", _context(form, []), status=422)
    return redirect(f"{reverse('passages:compare')}?requests={','.join(str(job.pk) for job in jobs)}")


def _asked(request: HttpRequest, given: QueryDict) -> list[Study]:
    """Return the models that the form or the address names. Somebody else's is a 404."""
    return list(_named(request, given).values())


def _named(request: HttpRequest, given: QueryDict) -> dict[str, Study]:
    numbers = {name: addresses.number(given.get(name)) for name in MODELS}
    return {name: study_or_404(request, number, Right.READ) for name, number in numbers.items() if number is not None}


def _shown(request: HttpRequest) -> list[Job]:
    """Return the two requests that the address names, or none. Anything that is not two requests is a 404."""
    given = request.GET.get("requests")
    if given is None:
        return []
    found = [addresses.number(part) for part in given.split(",")]
    one, other = found if len(found) == 2 else (None, None)
    if one is None or other is None or one == other:
        raise Http404
    return [writing_or_404(request, number) for number in (one, other)]


def _first_models(asked: list[Study], readable: QuerySet[Study]) -> dict[str, Study]:
    """Return the two models that the form shows first: those that were asked for, then the newest others."""
    chosen = [study for study in asked if study.is_readable]
    others = readable.exclude(pk__in=[study.pk for study in chosen])[: len(MODELS)]
    return dict(zip(MODELS, [*chosen, *others], strict=False))


def _context(form: CompareForm, jobs: list[Job]) -> dict[str, Any]:
    sides = [_side(job) for job in jobs]
    texts = [[document["sha256"] for document in job.study.documents] for job in jobs]
    return {
        "form": form,
        "sides": sides,
        "is_over": all(job.is_over for job in jobs),
        "is_touched": any(side["held"] for side in sides),
        "is_one_text": all(text and text == texts[0] for text in texts),
    }


def _side(job: Job) -> dict[str, Any]:
    passages = list(job.passages.select_related("study", "job", "opening").order_by("index"))
    return {
        "job": job,
        "study": job.study,
        "recipe_name": recipe_name(job.study),
        "passages": passages,
        "held": description.held(passages[0]) if passages else "",
        "sentence": request_status.sentence(job),
    }
