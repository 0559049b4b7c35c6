"""The view that asks what one prediction hangs on. The viewer of gates sends it, and then waits for the look."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from webapp.accounts.limits import LimitReached
from webapp.inside import services
from webapp.inside.access import readable_or_404
from webapp.inside.forms import AttributionForm
from webapp.inside.models import LookKind
from webapp.inside.services import Wanted


@require_POST
def attribution(request: HttpRequest, pk: int) -> JsonResponse:
    """Queue the look, and return the address of its state; a sentence instead, where that can't be done."""
    study, form = readable_or_404(request, pk), AttributionForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"sentence": " ".join(str(error) for errors in form.errors.values() for error in errors)})
    wanted = Wanted(LookKind.ATTRIBUTION, form.cleaned_data["text"], form.cleaned_data["place"])
    try:
        look = services.look(study, wanted)
    except LimitReached as reached:
        return JsonResponse({"sentence": str(reached)})
    return JsonResponse({"address": reverse("inside:look", args=[look.pk])})
