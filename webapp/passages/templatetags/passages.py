"""The template tags that show a passage's text, the sentence about what is copied, and how it was written."""

from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from trainer.contract.documents import OPENING_SYMBOLS
from webapp.passages import copied, description
from webapp.passages.copied import Copied
from webapp.passages.models import Passage

register = template.Library()


@register.simple_tag
def marked_text(passage: Passage, public: bool = False) -> str:
    """Return the text with a mark around each copied piece, followed by a link to its place in the model's text.

    The textContent is exactly the passage's text, since a click on a character cuts there: the style sheet draws the
    arrow of the link. A `public` page has the marks without the links.
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
    """Return the sentence that says how much is new, and quotes the longest copied run."""
    return copied.html_sentence(passage, public)


@register.simple_tag
def settings_line(passage: Passage) -> str:
    """Return the sampling options and the seed of a passage in one line."""
    return description.line(passage)


@register.simple_tag
def opening_limit() -> int:
    """Return how many characters or words a model reads of an opening, at most."""
    return OPENING_SYMBOLS
