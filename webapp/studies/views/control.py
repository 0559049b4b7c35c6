"""The views of a training's buttons: stop, pause, resume, train further."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.studies import services
from webapp.studies.access import study_or_404
from webapp.studies.forms import FurtherForm, first_budget


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk, Right.EDIT)
    services.stop(study)
    return redirect(study)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk, Right.EDIT)
    services.pause(study)
    return redirect(study)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk, Right.EDIT)
    try:
        services.resume(study)
    except LimitReached as reached:
        messages.error(request, str(reached))
    return redirect(study)


@require_http_methods(["GET", "POST"])
def further(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk, Right.EDIT)
    if not services.can_train_further(study, services.training(study)):
        return redirect(study)  # it is training already or has no model, and its page says so
    form = FurtherForm(request.POST or None, initial=first_budget(study))
    if request.method == "POST" and form.is_valid():
        try:
            services.train_further(study, form.budget())
            return redirect(study)
        except LimitReached as reached:
            form.add_error(None, str(reached))
    context = {"study": study, "form": form}
    return render(request, "studies/further.html", context, status=422 if request.method == "POST" else 200)
