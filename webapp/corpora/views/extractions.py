"""The pages of one extraction: how far it is, stopping it, and putting away one that failed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from trainer.contract.encoding_choices import LABELS
from webapp import polls
from webapp.corpora import extraction_status, services
from webapp.corpora.access import extraction_or_404
from webapp.corpora.extraction_status import PageState, status_of
from webapp.corpora.models import Corpus, Extraction, Purpose
from webapp.queue.models import State


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an extraction is, or why it failed. From one that has succeeded, lead to what it has made."""
    now = extraction_status.current(pk)  # before the content, so that a change in between is noticed at the next poll
    extraction = extraction_or_404(request, pk)
    if extraction.job.state == State.SUCCEEDED:
        if extraction.purpose == Purpose.LOOK:
            if extraction.document:
                return redirect("corpora:document_doctor", extraction.document.pk)
            if extraction.corpus:
                return redirect("corpora:doctor", extraction.corpus.pk)
        elif extraction.document and extraction.codec:
            label = LABELS.get(extraction.codec, extraction.codec)
            messages.success(request, _("The file was read as %(encoding)s.") % {"encoding": label})
            return redirect("corpora:document_doctor", extraction.document.pk)
        elif extraction.document:
            messages.success(request, _("The text was extracted again."))
            return redirect(reverse("corpora:document", args=[extraction.document.pk]))
        elif extraction.corpus:
            tell_success(request, extraction.corpus, extraction.purpose)
            return redirect(extraction.corpus)
    return _rendered(request, extraction, now, "corpora/extraction.html")


def tell_success(request: HttpRequest, corpus: Corpus, purpose: str) -> None:
    """Tell that texts were added to a corpus. Of a new one that can't be trained on, its page says what is missing."""
    if purpose == Purpose.ADD:
        messages.success(request, corpus.named_in(_("Added to “{name}”.")))
    elif not corpus.problem:
        messages.success(request, corpus.named_in(_("“{name}” is ready to train on.")))


def _rendered(request: HttpRequest, extraction: Extraction, now: PageState | None, template: str) -> HttpResponse:
    page = polls.page_of(request)
    wait = polls.milliseconds(page, age=0)
    context = {"status": status_of(extraction), "seen": polls.mark(request, now), "page": page, "wait": wait}
    return render(request, template, context)


@polls.unless_unchanged(extraction_status.current)
@require_GET
def state(request: HttpRequest, pk: int, now: PageState | None) -> HttpResponse:
    """Send the state as a fragment. When it is over, send the browser to the page, which leads on."""
    if now is None:
        raise Http404
    extraction = extraction_or_404(request, pk)
    if now.is_over:
        return HttpResponseClientRedirect(extraction.get_absolute_url())
    return _rendered(request, extraction, now, "corpora/_extraction.html")


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    extraction = extraction_or_404(request, pk)
    services.stop(extraction)
    return redirect(extraction)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Put away one that failed, since its owner has read why."""
    services.forget(extraction_or_404(request, pk))
    return redirect("corpora:list")
