"""The pages of one passage: its text, its settings, its copied runs, its trace; and writing it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.passages import description, repeating, request_status, services, traces
from webapp.passages.access import passage_or_404
from webapp.passages.forms import AgainForm
from webapp.passages.models import Passage, Trace
from webapp.studies.access import study_or_404


@never_cache  # a page that the browser keeps would send the same submission id again
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    context = {
        "passage": passage,
        "study": passage.study,
        "job": passage.job,
        "sentence": request_status.sentence(passage.job) if passage.job else "",
        "settings": description.settings(passage),
        "network": description.network(passage),
        "again": AgainForm(),
        "outlook": repeating.outlook(passage),
        "outcome": repeating.outcome(passage),
        "link": _link(request, passage),
    }
    return render(request, "passages/detail.html", context)


def _link(request: HttpRequest, passage: Passage) -> str:
    """Return the address at which anybody may read the passage, or an empty text."""
    return request.build_absolute_uri(reverse("shared", args=[passage.share_key])) if passage.share_key else ""


@require_GET
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the text with marks around its copied pieces, and the notices about it, as a fragment."""
    return render(request, "passages/_reading.html", {"passage": passage_or_404(request, pk)})


@require_GET
def trace(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the trace of a passage (see `traces`). It is empty while the passage is being written."""
    found = Trace.objects.filter(passage=passage_or_404(request, pk)).first()
    symbols = traces.as_json(found.data) if found else b"[]"
    return HttpResponse(b'{"symbols":%b}' % symbols, content_type="application/json")


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    study_or_404(request, passage.study_id, Right.READ)  # it may be shared no longer
    form = AgainForm(request.POST)
    try:
        job = services.write_again(passage, form.cleaned_data["submission"] if form.is_valid() else None)
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect(passage)
    return redirect(reverse("passages:write", args=[passage.study_id]) + f"?request={job.pk}")
