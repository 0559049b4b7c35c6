"""Pages of passages that were written: finding them again, reading, naming, sharing, keeping."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Length, Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from trainer.contract.documents import clean
from webapp.accounts.access import page_before
from webapp.accounts.limits import LimitReached
from webapp.passages import downloads, facts, repeating, services, writing
from webapp.passages.access import passage_or_404, passages, shared_or_404
from webapp.passages.forms import AgainForm, TitleForm
from webapp.passages.models import Passage
from webapp.passages.searching import LONGEST, Search
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
        "models": studies(request).filter(pk__in=mine.values("study")).only("name"),
    }
    return render(request, "passages/list.html", context)


def _search(request: HttpRequest) -> Search:
    model = request.GET.get("model", "")
    return Search(
        query=" ".join(clean(request.GET.get("q", ""))[:LONGEST].split()),
        starred=request.GET.get("starred") == "1",
        study=study_or_404(request, int(model) if model.isdecimal() and len(model) < 16 else 0) if model else None,
    )


def _beginnings(found: QuerySet[Passage]) -> QuerySet[Passage]:
    """A passage may be long: the list reads its beginning only."""
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


@never_cache  # a page that is gone back to would send its one submission again
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    context = {
        "passage": passage,
        "study": passage.study,
        "job": passage.job,
        "sentence": writing.sentence(passage.job) if passage.job else "",
        "settings": facts.settings(passage),
        "network": facts.network(passage),
        "again": AgainForm(),
        "outlook": repeating.outlook(passage),
        "outcome": repeating.outcome(passage),
        "link": _link(request, passage),
    }
    return render(request, "passages/detail.html", context)


def _link(request: HttpRequest, passage: Passage) -> str:
    """Return the address at which anybody may read it, if there is one."""
    return request.build_absolute_uri(reverse("shared", args=[passage.share_key])) if passage.share_key else ""


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    form = AgainForm(request.POST)
    try:
        job = services.write_again(passage, form.cleaned_data["submission"] if form.is_valid() else None)
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect(passage)
    return redirect(reverse("passages:write", args=[passage.study_id]) + f"?request={job.pk}")


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written and what it is, as a text file, or in Markdown (`?as=markdown`)."""
    passage = passage_or_404(request, pk)
    name = slugify(passage.title or f"{passage.study.name} {passage.pk}") or f"passage-{passage.pk}"
    if request.GET.get("as") == "markdown":
        content, kind, name = downloads.as_markdown(passage), "markdown", f"{name}.md"
    else:
        content, kind, name = downloads.as_text(passage), "plain", f"{name}.txt"
    response = HttpResponse(content, content_type=f"text/{kind}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    services.star(passage, request.POST.get("starred") == "1")
    if request.headers.get("HX-Request"):
        return render(request, "passages/_star.html", {"passage": passage})
    return redirect(page_before(request) or passage)


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    services.share(passage)
    return redirect(f"{passage.get_absolute_url()}#share")


@require_POST
def unshare(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    services.stop_sharing(passage)
    return redirect(f"{passage.get_absolute_url()}#share")


@login_not_required
@never_cache
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """The passage by itself, for whoever has its link: nothing here leads to anything else of its owner."""
    passage = shared_or_404(key)
    context = {
        "passage": passage,
        "settings": facts.settings(passage),
        "network": facts.network(passage),
        "unfinished": facts.unfinished(passage),
    }
    response = render(request, "passages/shared.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    form = TitleForm(request.POST or None, instance=passage)
    if request.method == "POST" and form.is_valid():
        services.rename(passage, form.cleaned_data["title"])
        return redirect(passage)
    return render(request, "passages/edit.html", {"form": form, "passage": passage})


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    passage = passage_or_404(request, pk)
    if request.method == "POST":
        services.delete(passage)
        messages.success(request, _("The passage was deleted."))
        return redirect("passages:list")
    return render(request, "passages/delete.html", {"passage": passage})
