"""The page on which a document is edited: its text, the difference that the changes make, and saving them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora import services
from webapp.corpora.access import corpora_of, document_or_404
from webapp.corpora.forms import DocumentEditForm
from webapp.corpora.models import Document
from webapp.corpora.text_pages import TextPage, page_of
from webapp.differences import difference


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit one page of a text. A first form shows what would change, a second one saves it or goes back."""
    document = document_or_404(request, pk, Right.EDIT)
    shown = page_of(services.read(document), request.GET.get("page"))
    if request.method == "GET":
        initial = {"text": shown.text, "seen": document.sha256}
        return _edit_page(request, document, shown, DocumentEditForm(initial=initial))
    form = DocumentEditForm(request.POST)
    if not form.is_valid() or "again" in request.POST:
        return _edit_page(request, document, shown, form)
    try:
        return _change(request, document, shown, form)
    except Document.DoesNotExist:  # it was deleted in another window meanwhile
        raise Http404 from None
    except (services.NotEditable, LimitReached) as problem:
        form.add_error(None, str(problem))
        return _edit_page(request, document, shown, form)


def _change(request: HttpRequest, document: Document, shown: TextPage, form: DocumentEditForm) -> HttpResponse:
    """Show what the new text changes, or save it."""
    part, seen = form.cleaned_data["text"], form.cleaned_data["seen"]
    before, after = services.with_part(document, seen, shown.start, shown.end, part)
    if "save" not in request.POST:
        context = {"document": document, "corpora": corpora_of(request, document), "form": form}
        return render(request, "corpora/edit_difference.html", context | {"difference": difference(before, after)})
    services.edit(document, after)
    messages.success(request, _("The text was saved. Models that learned the old one keep their copy of it."))
    return redirect(f"{reverse('corpora:document', args=[document.pk])}?page={shown.page.number}")


def _edit_page(request: HttpRequest, document: Document, shown: TextPage, form: DocumentEditForm) -> HttpResponse:
    context = {"document": document, "corpora": corpora_of(request, document), "page": shown.page, "form": form}
    return render(request, "corpora/edit_document.html", context, status=422 if form.errors else 200)
