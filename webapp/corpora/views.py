"""Pages of texts."""

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.text import PREVIEW_CHARACTERS, TextProblem
from webapp.accounts.access import person
from webapp.corpora import services
from webapp.corpora.access import corpus_or_404, document_or_404
from webapp.corpora.forms import CorpusEditForm, CorpusForm, too_large
from webapp.corpora.models import Corpus

_ON_A_PAGE = 20
_DOCUMENT_CHARACTERS = 20_000  # of a long document, a page at a time


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    corpora = Paginator(Corpus.objects.filter(owner=request.user.pk), _ON_A_PAGE)
    return render(request, "corpora/list.html", {"page": corpora.get_page(request.GET.get("page"))})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "corpora/create.html", {"form": CorpusForm()})
    try:
        form = CorpusForm(request.POST, request.FILES)
    except RequestDataTooBig:
        return _refuse_too_large(request)
    if request.META.get("understudy.upload_too_large"):
        return _refuse_too_large(request)
    if form.is_valid():
        try:
            corpus = services.add_corpus(
                person(request), form.chosen_name(), form.uploads(), form.cleaned_data["lowercase"]
            )
        except TextProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("“%(name)s” is ready to train on.") % {"name": corpus.name})
            return redirect(corpus)
    return render(request, "corpora/create.html", {"form": form}, status=422)


def _refuse_too_large(request: HttpRequest) -> HttpResponse:
    form = CorpusForm({})
    form.errors.clear()
    form.add_error(None, too_large())
    return render(request, "corpora/create.html", {"form": form}, status=413)


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    return redirect(services.add_sample(person(request)))


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk)
    documents = list(corpus.documents.all())
    preview = services.texts(corpus)[0][1][:PREVIEW_CHARACTERS] if documents else ""
    studies = corpus.studies.all()[:10]
    context = {"corpus": corpus, "documents": documents, "preview": preview, "studies": studies}
    return render(request, "corpora/detail.html", context)


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
    if request.method == "POST":
        services.delete(corpus)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": corpus.name})
        return redirect("corpora:list")
    return render(request, "corpora/delete.html", {"corpus": corpus, "studies": corpus.studies.all()})
