"""The page that compares two models: the same opening, seed and settings, side by side."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.passages import services, writing
from webapp.passages.access import writing_or_404
from webapp.passages.forms import WriteForm, again
from webapp.queue.models import Job
from webapp.studies.access import studies, study_or_404
from webapp.studies.forms import RECIPES
from webapp.studies.models import Study
from webapp.studies.templatetags.figures import quality

_MODELS = ("a", "b")  # as the form and the address call them
_TWO_REQUESTS = re.compile(r"(\d{1,15}),(\d{1,15})")
_OWN_PLACE = (*_MODELS, "prompt")  # fields that the page sets apart


class _ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own is not generic at run time
    def label_from_instance(self, obj: Study) -> str:
        """Names may be alike: the figure tells them apart."""
        return ", ".join(part for part in (obj.name, quality(obj)) if part)


class CompareForm(WriteForm):
    """What two models are to write. Takes the models to choose from, then what every form takes."""

    a = _ModelField(Study.objects.none(), label=gettext_lazy("One model"), empty_label=None)
    b = _ModelField(Study.objects.none(), label=gettext_lazy("The other"), empty_label=None)

    def __init__(self, readable: QuerySet[Study], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _MODELS:
            self.fields[name].queryset = readable  # type: ignore[attr-defined]
        self.has_choice = readable.count() > 1

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("a") and self.cleaned_data["a"] == self.cleaned_data.get("b"):
            self.add_error("b", _("This is the same model: it would write the same. Choose another one."))
        return self.cleaned_data

    def models(self) -> list[Study]:
        return [self.cleaned_data[name] for name in _MODELS]

    def settings(self) -> list[forms.BoundField]:
        """How they are to write: all that is no model and no opening."""
        return [field for field in self.visible_fields() if field.name not in _OWN_PLACE]


@never_cache  # a page that is gone back to would send its one submission again
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest) -> HttpResponse:
    """`?a=1&b=2` chooses two models; `?requests=12,13` shows what two of them wrote or are writing."""
    readable = studies(request).exclude(model_key="")
    if request.method == "POST":
        return _take(request, readable)
    jobs = _shown(request)
    asked = [job.study for job in jobs] or _asked(request, request.GET)
    choices = again(jobs[0]) if jobs else {}
    form = CompareForm(readable, initial=choices | _first_models(asked, readable))
    return render(request, "passages/compare.html", _context(form, jobs))


def _take(request: HttpRequest, readable: QuerySet[Study]) -> HttpResponse:
    _asked(request, request.POST)
    form = CompareForm(readable, request.POST)
    if not form.is_valid():
        return render(request, "passages/compare.html", _context(form, []), status=422)
    try:
        jobs = services.compare(person(request), form.models(), form.wanted(), form.cleaned_data["submission"])
    except LimitReached as reached:
        form.add_error(None, str(reached))
        return render(request, "passages/compare.html", _context(form, []), status=422)
    return redirect(f"{reverse('passages:compare')}?requests={','.join(str(job.pk) for job in jobs)}")


def _asked(request: HttpRequest, given: QueryDict) -> list[Study]:
    """Return the models that are named. Somebody else's is a 404."""
    named = [str(given.get(name, "")) for name in _MODELS]
    return [study_or_404(request, int(number)) for number in named if _is_number(number)]


def _shown(request: HttpRequest) -> list[Job]:
    """Return the two requests that are named, if any. Anything else in their place is a 404."""
    given = request.GET.get("requests")
    if given is None:
        return []
    found = _TWO_REQUESTS.fullmatch(given)
    if not found or int(found[1]) == int(found[2]):
        raise Http404
    return [writing_or_404(request, int(number)) for number in found.groups()]


def _is_number(given: str) -> bool:
    return given.isdecimal() and len(given) < 16


def _first_models(asked: list[Study], readable: QuerySet[Study]) -> dict[str, Study]:
    """Return what the form begins with: the models that were asked for, and the newest of the others."""
    chosen = [study for study in asked if study.is_readable]
    others = readable.exclude(pk__in=[study.pk for study in chosen])[: len(_MODELS)]
    return dict(zip(_MODELS, [*chosen, *others], strict=False))


def _context(form: CompareForm, jobs: list[Job]) -> dict[str, Any]:
    texts = [[document["sha256"] for document in job.study.documents] for job in jobs]
    return {
        "form": form,
        "sides": [_side(job) for job in jobs],
        "is_over": all(job.is_over for job in jobs),
        "is_one_text": all(text == texts[0] for text in texts),
    }


def _side(job: Job) -> dict[str, Any]:
    return {
        "job": job,
        "study": job.study,
        "recipe_name": dict(RECIPES).get(job.study.recipe.get("recipe", ""), ""),
        "passages": list(job.passages.select_related("study", "job", "opening").order_by("index")),
        "sentence": writing.sentence(job),
    }
