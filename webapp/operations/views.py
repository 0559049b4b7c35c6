"""The operator's page and its buttons, and the figures for Prometheus."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from webapp.accounts import guessing
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import Invitation
from webapp.operations import job_logs, metrics, overview
from webapp.operations.forms import InvitationForm
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.studies import services as training

View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """Let only operators see a page (`manage.py operators`). Nobody else learns that it is there: it is a 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **names: object) -> HttpResponse:
        if not getattr(request.user, "is_staff", False):
            raise Http404
        return view(request, *args, **names)

    return guarded


@operators_only
@require_GET
def operator(request: HttpRequest) -> HttpResponse:
    return _page(request, InvitationForm())


def _page(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    context = {
        "invitations": Invitation.objects.open(),
        "form": form,
        "workers": overview.workers(),
        "queues": overview.queues(),
        "unfinished": overview.unfinished(),
        "failed": overview.failed(),
        "people": overview.people(),
        "disk": overview.disk(),
        "versions": overview.versions(),
    }
    return render(request, "operations/operator.html", context, status=422 if form.errors else 200)


@operators_only
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation, whose link then stands on the page."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    form.save()
    return redirect(f"{reverse('operator')}#invitations")


@operators_only
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation. Who has signed up by it keeps the account."""
    get_object_or_404(Invitation, pk=pk).delete()
    return redirect(f"{reverse('operator')}#invitations")


@operators_only
@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job: its worker, how it ended, and what the logs of this machine say of it."""
    found = get_object_or_404(overview.jobs(), pk=pk)
    return render(request, "operations/job.html", {"job": found, "lines": job_logs.lines(pk)})


@operators_only
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a job of anybody's. What it has learned or written so far stays."""
    transitions.cancel(get_object_or_404(Job, pk=pk))
    messages.success(request, _("The job was asked to stop. What it has done so far stays."))
    return redirect("operator")


@operators_only
@require_POST
def requeue(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a failed training again. It goes on from its last checkpoint."""
    job = get_object_or_404(Job, pk=pk, kind=Kind.TRAIN)
    if not training.can_resume(training.training(job.study)):
        messages.error(request, _("This training goes on already, or has ended well since."))
        return redirect("operator")
    try:
        training.resume(job.study)
    except LimitReached as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The training waits in the queue again."))
    return redirect("operator")


@guessing.limited
@login_not_required
@require_GET
def prometheus(request: HttpRequest) -> HttpResponse:
    """Answer with the figures, for whoever has METRICS_TOKEN. Without that setting there is no such page."""
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    if not wanted or kind.lower() != "bearer" or not constant_time_compare(given, wanted):
        raise Http404
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
