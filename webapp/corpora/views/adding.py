"""The pages that add texts: a new corpus, more documents for a corpus, the sample."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora import services
from webapp.corpora.access import corpus_or_404
from webapp.corpora.forms import CorpusForm, TextsForm, upload_limits
from webapp.corpora.models import Corpus, Extraction, Purpose
from webapp.corpora.services import NothingToKeep
from webapp.corpora.uploads import cut_off
from webapp.corpora.views.extractions import tell_success


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _create_page(request, CorpusForm(initial=_tried_before(request)))
    form = CorpusForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        try:
            return _to(request, _created(request, form))
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
    return _create_page(request, form, _refusal_status(request, form))


def _tried_before(request: HttpRequest) -> dict[str, object]:
    """Return the name and the case of an attempt that failed, whose page leads back to the form."""
    given = request.GET
    return {"name": given.get("name", ""), "lowercase": given.get("lowercase") == "on"}


def _created(request: HttpRequest, form: CorpusForm) -> Corpus | Extraction:
    """Add the corpus now if that is quick. Otherwise queue the extraction of its texts."""
    owner, name, lowercase = person(request), form.cleaned_data["name"], form.cleaned_data["lowercase"]
    left_out, submission = form.left_out, form.submission_id()
    if not services.are_quick(form.uploads):
        return services.queue_corpus(owner, name, form.uploads, lowercase, left_out, submission)
    corpus = services.add_corpus(owner, name, form.uploads, lowercase, left_out=left_out, submission=submission)
    tell_success(request, corpus, Purpose.NEW)
    return corpus


def _to(request: HttpRequest, page: Corpus | Extraction) -> HttpResponse:
    """Send a browser to the page of what was made, also one whose script has sent the form."""
    return HttpResponseClientRedirect(page.get_absolute_url()) if _is_of_script(request) else redirect(page)


def _refusal_status(request: HttpRequest, form: TextsForm) -> int:
    """Return the status of a refused form. A script shows the answer only if it is 200."""
    return 200 if _is_of_script(request) else form.status()


def _is_of_script(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _create_page(request: HttpRequest, form: CorpusForm, status: int = 200) -> HttpResponse:
    context = {"form": form, **upload_limits(person(request))}
    return render(request, "corpora/create.html", context, status=status)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add texts to a corpus."""
    corpus = corpus_or_404(request, pk, Right.EDIT)
    if request.method == "GET":
        return _add_page(request, corpus, TextsForm())
    form = TextsForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        try:
            return _to(request, _added(request, corpus, form))
        except Corpus.DoesNotExist:  # it was deleted in another window while its texts were counted
            raise Http404 from None
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
    return _add_page(request, corpus, form, _refusal_status(request, form))


def _added(request: HttpRequest, corpus: Corpus, form: TextsForm) -> Corpus | Extraction:
    """Add the texts now if that is quick. Otherwise queue their extraction."""
    if not services.are_quick(form.uploads, corpus):
        return services.queue_documents(corpus, form.uploads, form.left_out, form.submission_id())
    services.add_documents(corpus, form.uploads, form.left_out, form.submission_id())
    tell_success(request, corpus, Purpose.ADD)
    return corpus


def _add_page(request: HttpRequest, corpus: Corpus, form: TextsForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "corpus": corpus, **upload_limits(person(request))}
    return render(request, "corpora/add.html", context, status=status)


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    try:
        return redirect(services.add_sample(person(request)))
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect("corpora:list")
