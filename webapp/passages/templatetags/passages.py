"""The text of a passage as its pages show it."""

from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from webapp.passages import copied
from webapp.passages.copied import Copied
from webapp.passages.models import Passage

register = template.Library()


@register.simple_tag
def marked_text(passage: Passage, public: bool = False) -> str:
    """Show what was written, with a mark around each piece that is copied, and behind it the way to its source.

    Its textContent is exactly the passage's text: the link's arrow is drawn by the style sheet, so that a click on a
    character can cut there. A `public` page has the marks, and leads nowhere.
    """
    return format_html_join("", "{}", ((piece,) for piece in _pieces(passage, public)))


def _pieces(passage: Passage, public: bool) -> Iterator[str]:
    end = 0
    for span in copied.spans(passage):
        yield passage.text[end : span.start]
        yield _mark(span, public)
        end = span.end
    yield passage.text[end:]


def _mark(span: Copied, public: bool) -> str:
    if public:
        return format_html('<mark class="copied">{}</mark>', span.text)
    title = _("Stands in {place}").format(place=span.place)
    link = format_html('<a href="{}" title="{}" aria-label="{}"></a>', span.address, title, title)
    return format_html('<mark class="copied">{}{}</mark>', span.text, link)


@register.simple_tag
def copied_sentence(passage: Passage, public: bool = False) -> str:
    """Say how much is new, and quote the longest run that is copied."""
    return copied.html_sentence(passage, public)
