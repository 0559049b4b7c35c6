"""The pages of all models: the list, renaming, and deleting a model, or a corpus or document with its models."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from webapp.accounts.access import person
from webapp.accounts.models import User
from webapp.accounts.rights import Right
from webapp.corpora.access import corpora, corpus_or_404, document_or_404
from webapp.names import renaming
from webapp.studies import services
from webapp.studies.access import studies, study_or_404
from webapp.studies.forms import NameForm
from webapp.studies.models import Study

_ON_A_PAGE = 20


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    found = Paginator(services.with_trainings(studies(request, Right.READ).select_related("owner")), _ON_A_PAGE)
    return render(request, "studies/list.html", {"page": found.get_page(request.GET.get("page"))})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk, Right.EDIT)
    form = NameForm(request.POST or None, instance=study)
    return renaming(request, form, services.rename, "studies/edit.html")


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    if request.method == "POST":
        name = study.name
        services.delete(study)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": name})
        return redirect("studies:list")
    is_busy = services.is_busy(studies(request).filter(pk=pk))
    context = {"study": study, "passages": study.passages.count(), "is_busy": is_busy}
    context["of_others"] = study.passages.exclude(owner=request.user.pk).count()
    return render(request, "studies/delete.html", context)


@require_http_methods(["GET", "POST"])
def delete_corpus(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a corpus, alone or with its models. The app of corpora knows no models, so the view is in this one."""
    corpus = corpus_or_404(request, pk)
    if request.method == "POST":
        services.delete_corpus(corpus, with_models="with_models" in request.POST)
        messages.success(request, corpus.named_in(_("“{name}” was deleted.")))
        return redirect("corpora:list")
    elsewhere = corpora(request).exclude(pk=pk).values("documents")
    others = corpus.studies.exclude(owner=request.user.pk).filter(deleting=False)
    context = {
        "corpus": corpus,
        "of_others": others.count(),
        "staying": corpus.documents.filter(pk__in=elsewhere).count(),
    }
    context |= _dependents(person(request), services.learned_corpus(corpus))
    return render(request, "corpora/delete.html", context)


@require_http_methods(["GET", "POST"])
def delete_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a document from all its corpora, alone or with the models that learned from it."""
    document = document_or_404(request, pk)
    if request.method == "POST":
        services.delete_document(document, with_models="with_models" in request.POST)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": document.name})
        return redirect("corpora:list")
    context = {
        "document": document,
        "corpora": document.corpora.all(),
        "of_others": services.learned_by_others(document),
    }
    context |= _dependents(person(request), services.learned_document(document))
    return render(request, "corpora/delete_document.html", context)


def _dependents(owner: User, learned: list[Study]) -> dict[str, Any]:
    """Return what a page says of the models that learned from a text, and of their passages."""
    passages = owner.passages.filter(study__in=learned)
    return {
        "studies": learned,
        "passages": passages.count(),
        "shared": passages.filter(share_key__isnull=False).count(),
        "is_busy": services.is_busy(owner.studies.filter(pk__in=[study.pk for study in learned])),
    }
