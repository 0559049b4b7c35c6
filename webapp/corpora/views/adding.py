"""The pages that add texts: a new corpus, more documents for a corpus, the sample."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.corpora import services
from webapp.corpora.access import corpus_or_404
from webapp.corpora.forms import CorpusForm, TextsForm, upload_limits
from webapp.corpora.models import Corpus
from webapp.corpora.services import NothingToKeep
from webapp.corpora.uploads import cut_off


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _create_page(request, CorpusForm())
    form = CorpusForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        name, lowercase = form.cleaned_data["name"], form.cleaned_data["lowercase"]
        try:
            corpus = services.add_corpus(
                person(request), name, form.uploads, lowercase, left_out=form.left_out, submission=form.submission_id()
            )
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
        else:
            if not corpus.problem:
                messages.success(request, corpus.named_in(_("“{name}” is ready to train on.")))
            return _to(request, corpus)
    return _create_page(request, form, _refusal_status(request, form))


def _to(request: HttpRequest, corpus: Corpus) -> HttpResponse:
    """Send a browser to the page of a corpus, also one whose script has sent the form."""
    return HttpResponseClientRedirect(corpus.get_absolute_url()) if _is_of_script(request) else redirect(corpus)


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
    corpus = corpus_or_404(request, pk)
    if request.method == "GET":
        return _add_page(request, corpus, TextsForm())
    form = TextsForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        try:
            services.add_documents(corpus, form.uploads, form.left_out, form.submission_id())
        except Corpus.DoesNotExist:  # it was deleted in another window while its texts were counted
            raise Http404 from None
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
        else:
            messages.success(request, corpus.named_in(_("Added to “{name}”.")))
            return _to(request, corpus)
    return _add_page(request, corpus, form, _refusal_status(request, form))


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
