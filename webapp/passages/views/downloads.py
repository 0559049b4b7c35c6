"""The view that sends a passage as a file."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from webapp.passages import downloads
from webapp.passages.access import passage_or_404


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the text and how it was written, as plain text or as Markdown (`?as=markdown`)."""
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
