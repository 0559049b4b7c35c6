"""What an answer of the site says: its HTML, its words in one line, and the address that its page polls."""

from html import unescape
from typing import Any


def html_of(response: Any) -> str:
    """Return the HTML of an answer."""
    return str(response.content.decode())


def said(response: Any) -> str:
    """Return the HTML of an answer in one line, in which a sentence is found however its template is broken."""
    return " ".join(html_of(response).split())


def polled_address(html: str) -> str:
    """Return the address that the first part of a page polls."""
    return unescape(html.partition('hx-get="')[2].partition('"')[0])
