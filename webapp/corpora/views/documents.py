"""The pages of one document: reading it, and removing it from its corpus."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from webapp.corpora import services
from webapp.corpora.access import document_or_404

_CHARACTERS_ON_A_PAGE = 20_000


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request, pk)
    text = services.read(document)
    parts = Paginator(range(max(1, len(text))), _CHARACTERS_ON_A_PAGE)
    page = parts.get_page(request.GET.get("page"))
    shown = text[page.start_index() - 1 : page.end_index()]
    return render(request, "corpora/document.html", {"document": document, "text": shown, "page": page})


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to remove a document from its corpus, and remove it."""
    document = document_or_404(request, pk)
    if request.method == "POST":
        services.remove(document)
        return redirect(document.corpus)
    return render(request, "corpora/remove.html", {"document": document, "corpus": document.corpus})
