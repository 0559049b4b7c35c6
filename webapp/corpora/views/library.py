"""The pages of corpora: the list, what a corpus holds, changing its name and lower case, and taking it along."""

import unicodedata
from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.contract.documents import PREVIEW_CHARACTERS
from webapp.accounts.access import person
from webapp.accounts.limits import storage_of
from webapp.accounts.rights import Right
from webapp.corpora import overlaps, services
from webapp.corpora.access import corpora, corpus_or_404, extractions_to_show, rights_to
from webapp.corpora.forms import CorpusEditForm, TextsForm, upload_limits
from webapp.corpora.models import Corpus, Place

_ON_A_PAGE = 20
_SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    found = Paginator(corpora(request, Right.READ).select_related("owner"), _ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": found, "extractions": extractions_to_show(request), "storage": storage_of(person(request))}
    return render(request, "corpora/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk, Right.READ)
    places = Paginator(corpus.in_order(), _ON_A_PAGE).get_page(request.GET.get("page"))
    beginnings = [(place, services.beginning(place, PREVIEW_CHARACTERS)) for place in places]
    context = {
        "corpus": corpus,
        "overlaps": overlaps.sentences(corpus.overlaps),
        "page": places,
        "beginnings": beginnings,
        "left_out": _left_out(corpus, places),
        "cast": [_sign(character) for character in corpus.cast],
        "off_stage": corpus.alphabet - len(corpus.cast),
        "studies": corpus.studies.filter(owner=request.user.pk).only("corpus", "name", "corpus_version", "created")[
            :10
        ],
        "extractions": extractions_to_show(request).filter(corpus=corpus),
        "form": TextsForm(),
        **rights_to(request, corpus),
        **upload_limits(person(request)),
    }
    return render(request, "corpora/detail.html", context)


def _left_out(corpus: Corpus, places: Iterable[Place]) -> set[int]:
    """Return the keys of those places whose documents are left out, since they stand twice."""
    if not corpus.switched_on.twice:
        return set()
    return {place.pk for place in places} - {place.pk for place in corpus.read_in_order()}


def _sign(character: str) -> str:
    """Return a visible sign for a character that stands alone. For an unprintable one it is the code point."""
    if character in _SIGNS:
        return _SIGNS[character]
    if not character.isprintable():
        return f"U+{ord(character):04X}"
    return "◌" + character if unicodedata.combining(character) else character


@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the notice about texts that were left out."""
    corpus = corpus_or_404(request, pk, Right.EDIT)
    services.put_away(corpus)
    return redirect(corpus)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk, Right.EDIT)
    form = CorpusEditForm(request.POST or None, instance=Corpus.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        services.change(corpus, form.cleaned_data["name"], form.cleaned_data["lowercase"])
        return redirect(corpus)
    return render(request, "corpora/edit.html", {"form": form, "corpus": corpus})


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a corpus as an archive that can be brought back, here or elsewhere; without its originals if asked so."""
    corpus = corpus_or_404(request, pk, Right.READ)
    file, name = services.packed(corpus, request.GET.get("originals") != "no"), f"{corpus.name}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
