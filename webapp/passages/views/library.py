"""The pages of all passages: the list and its search, naming, starring and deleting."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Length, Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.contract.documents import clean
from webapp import addresses
from webapp.accounts.access import page_before
from webapp.accounts.rights import Right
from webapp.names import renaming
from webapp.passages import services
from webapp.passages.access import passage_or_404, passages
from webapp.passages.forms import TitleForm
from webapp.passages.models import Passage
from webapp.passages.search import Search
from webapp.studies.access import studies, study_or_404

_ON_A_PAGE = 20
_SHOWN_IN_LIST = 200


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    search = _search(request)
    mine = passages(request)
    page = Paginator(_beginnings(search.among(mine)), _ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(passage, search) for passage in page],
        "search": search,
        "models": studies(request, Right.READ).filter(pk__in=mine.values("study")).only("name"),
    }
    return render(request, "passages/list.html", context)


def _search(request: HttpRequest) -> Search:
    model = request.GET.get("model", "")
    return Search(
        query=" ".join(clean(request.GET.get("q", ""))[: Search.LONGEST].split()),
        starred=request.GET.get("starred") == "1",
        study=study_or_404(request, addresses.number(model) or 0, Right.READ) if model else None,
    )


def _beginnings(found: QuerySet[Passage]) -> QuerySet[Passage]:
    """Read only the beginnings of the passages for the list, since a passage may be long."""
    return (
        found.defer("text")
        .select_related("study", "job")
        .annotate(
            given=Coalesce(Substr("opening__text", 1, _SHOWN_IN_LIST), Value(""), output_field=TextField()),
            beginning=Substr("text", 1, _SHOWN_IN_LIST),
            written=Length("text"),
        )
    )


def _row(passage: Any, search: Search) -> dict[str, Any]:
    excerpt = search.excerpt(passage.whole) if search.query else []
    return {"passage": passage, "title": search.marked(passage.title), "excerpt": excerpt}


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    services.star(passage, request.POST.get("starred") == "1")
    if request.headers.get("HX-Request"):
        return render(request, "passages/_star.html", {"passage": passage})
    return redirect(page_before(request) or passage)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    form = TitleForm(request.POST or None, instance=passage)
    return renaming(request, form, services.rename, "passages/edit.html")


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    if request.method == "POST":
        services.delete(passage)
        messages.success(request, _("The passage was deleted."))
        return redirect("passages:list")
    return render(request, "passages/delete.html", {"passage": passage})
