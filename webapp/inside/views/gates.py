"""The page that shows all gates and states of a model while it reads a text."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.inside import look_state, services, text_choice
from webapp.inside.access import look_or_404
from webapp.inside.forms import TextForm
from webapp.inside.models import Look, LookKind
from webapp.inside.services import Wanted
from webapp.passages import voices
from webapp.passages.access import passage_or_404, passages
from webapp.studies.access import readable_or_404, studies, study_or_404
from webapp.studies.models import Study

_OFFERED = 5  # passages, and other models


@require_http_methods(["GET", "POST"])
def gates(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form and a look (`?look=12`), or ask for one. `?passage=7` fills the form with that passage."""
    study = study_or_404(request, pk, Right.READ)
    if request.method == "POST":
        return _submit(request, pk)
    look = _shown(request, study)
    form = TextForm(initial=_first(request, study, look), voices=study.voice_names)
    return render(request, "inside/gates.html", _context(request, study, form, look))


def _submit(request: HttpRequest, pk: int) -> HttpResponse:
    study = readable_or_404(request, pk)
    form = TextForm(request.POST, voices=study.voice_names)
    if form.is_valid():
        wanted = Wanted(LookKind.GATES, form.cleaned_data["text"], voices=form.cleaned_data["voices"])
        try:
            look = services.look(person(request), study, wanted)
            return redirect(f"{reverse('inside:gates', args=[pk])}?look={look.pk}")
        except LimitReached as reached:
            form.add_error(None, str(reached))
    return render(request, "inside/gates.html", _context(request, study, form, None), status=422)


def _shown(request: HttpRequest, study: Study) -> Look | None:
    """Return the look that the address names; without one, and without a passage, the newest one."""
    number = addresses.number(request.GET.get("look"))
    if number is not None:
        look = look_or_404(request, number)
        return look if look.study_id == study.pk and look.kind == LookKind.GATES else None
    if "passage" in request.GET or not study.is_readable:
        return None
    return services.newest(person(request), study, LookKind.GATES)


def _first(request: HttpRequest, study: Study, look: Look | None) -> dict[str, Any]:
    """Return what the form shows first: the text, and the voice in which it is read."""
    number = addresses.number(request.GET.get("passage"))
    if look:
        text, shares = look.text, look.voices
    elif number is not None:
        passage = passage_or_404(request, number)
        text, shares = text_choice.of_passage(passage), passage.voices
    else:
        text, shares = text_choice.of_study(study) if study.is_readable else "", {}
    return {"text": text} | voices.in_fields(study.voice_names, shares)


def _context(request: HttpRequest, study: Study, form: TextForm, look: Look | None) -> dict[str, object]:
    written = passages(request).filter(study=study).exclude(text="").select_related("opening")[:_OFFERED]
    return {
        "study": study,
        "form": form,
        "look": look,
        "sentence": look_state.sentence(look) if look else "",
        "voice": voices.told(look.voices) if look else "",
        "voice_query": voices.in_query(study.voice_names, look.voices) if look else "",
        "passages": written if study.is_readable else [],
        "others": studies(request, Right.READ).exclude(model_key="").exclude(pk=study.pk)[:_OFFERED] if look else [],
        "tab": "gates",
    }
