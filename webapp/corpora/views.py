"""Pages of texts."""

import unicodedata

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.contract.documents import PREVIEW_CHARACTERS
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached, room_left
from webapp.corpora import overlaps, services
from webapp.corpora.access import corpus_or_404, document_or_404
from webapp.corpora.forms import CorpusEditForm, CorpusForm, TextsForm, no_room, too_large, too_many
from webapp.corpora.models import Corpus
from webapp.corpora.services import NothingToKeep
from webapp.corpora.uploads import cut_off
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
        return _create_page(request, CorpusForm())
    form = CorpusForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        name, lowercase = form.cleaned_data["name"], form.cleaned_data["lowercase"]
        try:
            corpus = services.add_corpus(
                person(request), name, form.uploads, lowercase, left_out=form.left_out, submission=form.sending()
            )
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
        else:
            if not corpus.problem:
                messages.success(request, _about(_("“{name}” is ready to train on."), corpus))
            return redirect(corpus)
    return _create_page(request, form, form.status())


def _create_page(request: HttpRequest, form: CorpusForm, status: int = 200) -> HttpResponse:
    context = {"form": form, **_limits(request)}
    return render(request, "corpora/create.html", context, status=status)


def _limits(request: HttpRequest) -> dict[str, object]:
    """Return what the page itself checks before it sends files, and what it says then."""
    limit, sentence = settings.UPLOAD_LIMIT_BYTES, too_large()
    room = room_left(person(request))
    if room is not None and room < limit:
        limit, sentence = room, no_room(room)
    files = settings.UPLOAD_LIMIT_FILES
    return {"limit": limit, "too_large": sentence, "most_files": files, "too_many": too_many()}


def _about(sentence: str, corpus: Corpus) -> str:
    """Put a corpus's name into a sentence that is read in its own direction."""
    return format_html(sentence, name=format_html("<bdi>{}</bdi>", corpus.name))


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """More texts for a corpus."""
    corpus = corpus_or_404(request, pk)
    if request.method == "GET":
        return _add_page(request, corpus, TextsForm())
    form = TextsForm(request.POST, request.FILES, cut_off=cut_off(request))
    if form.is_valid():
        try:
            services.add_documents(corpus, form.uploads, form.left_out, form.sending())
        except Corpus.DoesNotExist:  # in another window, while its text was counted
            raise Http404 from None
        except (NothingToKeep, LimitReached) as problem:
            form.refuse(problem)
        else:
            messages.success(request, _about(_("Added to “{name}”."), corpus))
            return redirect(corpus)
    return _add_page(request, corpus, form, form.status())


def _add_page(request: HttpRequest, corpus: Corpus, form: TextsForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "corpus": corpus, **_limits(request)}
    return render(request, "corpora/add.html", context, status=status)


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
        "form": TextsForm(),
        **_limits(request),
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
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """One document out of its corpus."""
    document = document_or_404(request, pk)
    if request.method == "POST":
        services.remove(document)
        return redirect(document.corpus)
    return render(request, "corpora/remove.html", {"document": document, "corpus": document.corpus})


@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of what was left out."""
    corpus = corpus_or_404(request, pk)
    services.put_away(corpus)
    return redirect(corpus)


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
        messages.success(request, _about(_("“{name}” was deleted."), corpus))
        return redirect("corpora:list")
    context = {"corpus": corpus, "studies": learned, "is_busy": studies.is_busy(learned)}
    return render(request, "corpora/delete.html", context)
