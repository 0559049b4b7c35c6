"""The views of the link by which anybody may read a passage, and of the page to which it leads."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts import guessing
from webapp.passages import description, services
from webapp.passages.access import passage_or_404, shared_or_404


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


@guessing.limited
@login_not_required
@never_cache
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """Show a passage to anybody who has its link. The page has no links to other things of its owner."""
    passage = shared_or_404(key)
    context = {
        "passage": passage,
        "settings": description.settings(passage, public=True),
        "network": description.network(passage),
        "unfinished": description.unfinished(passage),
    }
    response = render(request, "passages/shared.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
