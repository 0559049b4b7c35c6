"""The pages of one document: reading it, its original file, extracting it again, and removing it from its corpus."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.contract.controls import has_controls
from webapp import files
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora import services
from webapp.corpora.access import corpora_of, document_or_404, documents, place_or_404
from webapp.corpora.forms import ColumnForm
from webapp.corpora.models import Document
from webapp.corpora.text_pages import page_of
from webapp.doctor.treatments import Name


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request, pk, Right.READ)
    text, choices = services.read(document), document.switched_on
    shown = page_of(text, request.GET.get("page"))
    context = {"document": document, "corpora": corpora_of(request, document), "text": shown.text, "page": shown.page}
    context |= {"is_mine": document.owner_id == request.user.pk}
    loses_controls = Name.CONTROLS in choices.on and has_controls(text)
    context |= {"is_read_otherwise": bool(choices.switches) or loses_controls}
    context |= {"may_edit": documents(request, Right.EDIT).filter(pk=pk).exists()}
    return render(request, "corpora/document.html", {**context, "form": ColumnForm(document)})


@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file that was uploaded, in pieces and never to be shown by the browser itself."""
    document = document_or_404(request, pk, Right.READ)
    if not document.has_original:
        raise Http404
    file, kind = files.opened(document.file_key), document.media_type
    response = FileResponse(file, as_attachment=True, filename=document.file_name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def extract(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue another extraction of the text from the original, of a table from the column that was chosen."""
    document = document_or_404(request, pk, Right.EDIT)
    form = ColumnForm(document, request.POST)
    if not document.has_original or not form.is_valid():
        raise Http404
    try:
        return redirect(services.queue_again(document, form.cleaned_data["column"]))
    except Document.DoesNotExist:  # it was removed in another window meanwhile
        raise Http404 from None
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect(reverse("corpora:document", args=[pk]))


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to remove a document from a corpus, and remove it."""
    place = place_or_404(request, pk, Right.EDIT)
    if request.method == "POST":
        services.remove(place)
        return redirect(place.corpus)
    others = corpora_of(request, place.document).exclude(pk=place.corpus_id)
    return render(
        request, "corpora/remove.html", {"document": place.document, "corpus": place.corpus, "others": others}
    )
