"""The pages of units and of memory, in what they share: the look that they show, and how one is asked for."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.inside import look_state, services, text_choice
from webapp.inside.access import look_or_404
from webapp.inside.models import Look, LookKind
from webapp.inside.services import Wanted
from webapp.passages import voices
from webapp.passages.voices_form import VoicesForm
from webapp.studies.access import readable_or_404
from webapp.studies.models import Study

Page = Callable[[HttpRequest, int, VoicesForm | None, str], HttpResponse]


def asked(request: HttpRequest, pk: int, kind: LookKind, page: Page) -> HttpResponse:
    """Queue a look in the voice that was chosen, and lead to it. `page` shows why that can't be done."""
    study = readable_or_404(request, pk)
    form, problem = VoicesForm(request.POST, voices=study.voice_names), text_choice.missing(study)
    if not problem and form.is_valid():
        try:
            look = services.look(person(request), study, Wanted(kind, voices=form.cleaned_data["voices"]))
            return redirect(f"{reverse(f'inside:{kind}', args=[pk])}?look={look.pk}")
        except LimitReached as reached:
            problem = str(reached)
    return page(request, pk, form, problem)


def context(
    request: HttpRequest, study: Study, kind: LookKind, form: VoicesForm | None = None, problem: str = ""
) -> dict[str, Any]:
    """Return what both pages show."""
    look, names = _shown(request, study, kind), study.voice_names
    first = voices.in_fields(names, look.voices if look else {})
    kept = services.measured(person(request), study, kind).exclude(pk=look.pk) if look and names else []
    return {
        "study": study,
        "look": look,
        "sentence": look_state.sentence(look) if look else "",
        "problem": problem,
        "form": form or VoicesForm(initial=first, voices=names),
        "voice": voices.told(look.voices) if look else "",
        "voice_query": voices.in_query(names, look.voices) if look else "",
        "kept": [(one.pk, voices.told(one.voices)) for one in kept],
        "tab": str(kind),
    }


def _shown(request: HttpRequest, study: Study, kind: LookKind) -> Look | None:
    """Return the look that the address names (`?look=12`); without one, the newest."""
    if not study.is_readable:
        return None
    number = addresses.number(request.GET.get("look"))
    if number is None:
        return services.newest(person(request), study, kind)
    look = look_or_404(request, number)
    return look if look.study_id == study.pk and look.kind == kind else None
