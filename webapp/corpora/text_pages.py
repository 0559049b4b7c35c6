"""The pages of a long text: reading and editing show the same parts of it."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from webapp.doctor import graphemes

_CHARACTERS_ON_A_PAGE = 20_000


@dataclass(frozen=True)
class TextPage:
    """A part of a text: characters `start` to `end`. `page` is for the links to its neighbours."""

    text: str
    start: int
    end: int
    page: Page[int]


def page_of(text: str, number: str | None) -> TextPage:
    """Return the page with this number; the first or the last one where there is none."""
    page = Paginator(range(max(1, len(text))), _CHARACTERS_ON_A_PAGE).get_page(number)
    start, end = graphemes.cut(text, page.start_index() - 1), graphemes.cut(text, page.end_index())
    return TextPage(text[start:end], start, end, page)
