"""The view that asks what one prediction in the text of a look hangs on. The viewer of gates waits for the answer."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.inside import services
from webapp.inside.access import look_or_404
from webapp.inside.forms import AttributionForm
from webapp.inside.models import LookKind
from webapp.inside.services import Wanted
from webapp.studies.access import readable_or_404


@require_POST
def attribution(request: HttpRequest, pk: int) -> JsonResponse:
    """Queue the look, and return the address of its state; a sentence instead, where that can't be done."""
    shown, form = look_or_404(request, pk), AttributionForm(request.POST)
    study = readable_or_404(request, shown.study_id)
    if not form.is_valid():
        return JsonResponse({"sentence": " ".join(str(error) for errors in form.errors.values() for error in errors)})
    wanted = Wanted(LookKind.ATTRIBUTION, shown.text, form.cleaned_data["place"], shown.voices)
    try:
        look = services.look(person(request), study, wanted)
    except LimitReached as reached:
        return JsonResponse({"sentence": str(reached)})
    return JsonResponse({"address": reverse("inside:look", args=[look.pk])})
