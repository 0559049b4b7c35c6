"""Pages of texts."""

import unicodedata

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.text import PREVIEW_CHARACTERS, TextProblem
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.corpora import overlaps, services
from webapp.corpora.access import corpus_or_404, document_or_404
from webapp.corpora.forms import CorpusEditForm, CorpusForm, too_large
from webapp.corpora.models import Corpus
from webapp.corpora.uploads import is_too_large
from webapp.studies import services as studies

_ON_A_PAGE = 20
_SIGNS = {" ": "␣", "\n": "¶", "\t": "⇥"}
_DOCUMENT_CHARACTERS = 20_000  # of a long document, a page at a time


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    corpora = Paginator(Corpus.objects.filter(owner=request.user.pk), _ON_A_PAGE)
    return render(request, "corpora/list.html", {"page": corpora.get_page(request.GET.get("page"))})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _form_page(request, CorpusForm())
    form = CorpusForm(request.POST, request.FILES, cut_off=is_too_large(request))
    if form.is_valid():
        try:
            corpus = services.add_corpus(
                person(request), form.chosen_name(), form.uploads(), form.cleaned_data["lowercase"]
            )
        except (TextProblem, LimitReached) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("“%(name)s” is ready to train on.") % {"name": corpus.name})
            return redirect(corpus)
    return _form_page(request, form, status=413 if form.cut_off else 422)


def _form_page(request: HttpRequest, form: CorpusForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "limit": settings.UPLOAD_LIMIT_BYTES, "too_large": too_large()}
    return render(request, "corpora/create.html", context, status=status)


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    try:
        return redirect(services.add_sample(person(request)))
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect("corpora:list")


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk)
    documents = Paginator(corpus.documents.all(), _ON_A_PAGE).get_page(request.GET.get("page"))
    beginnings = [(document, services.beginning(document, PREVIEW_CHARACTERS)) for document in documents]
    context = {
        "corpus": corpus,
        "overlaps": overlaps.sentences(corpus.overlaps),
        "page": documents,
        "beginnings": beginnings,
        "cast": [_sign(character) for character in corpus.cast],
        "off_stage": corpus.alphabet - len(corpus.cast),
        "studies": corpus.studies.all()[:10],
    }
    return render(request, "corpora/detail.html", context)


def _sign(character: str) -> str:
    """Return what can be seen of a character when it stands alone; of an invisible one its number."""
    if character in _SIGNS:
        return _SIGNS[character]
    if not character.isprintable():
        return f"U+{ord(character):04X}"
    return "◌" + character if unicodedata.combining(character) else character


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request, pk)
    text = services.read(document)
    parts = Paginator(range(max(1, len(text))), _DOCUMENT_CHARACTERS)
    page = parts.get_page(request.GET.get("page"))
    shown = text[page.start_index() - 1 : page.end_index()]
    return render(request, "corpora/document.html", {"document": document, "text": shown, "page": page})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk)
    form = CorpusEditForm(request.POST or None, instance=Corpus.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        services.change(corpus, form.cleaned_data["name"], form.cleaned_data["lowercase"])
        return redirect(corpus)
    return render(request, "corpora/edit.html", {"form": form, "corpus": corpus})


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk)
    learned = corpus.studies.all()
    if request.method == "POST":
        studies.delete_corpus(corpus, with_models="with_models" in request.POST)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": corpus.name})
        return redirect("corpora:list")
    context = {"corpus": corpus, "studies": learned, "is_busy": studies.is_busy(learned)}
    return render(request, "corpora/delete.html", context)
