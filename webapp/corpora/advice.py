"""The advice of the doctor: what can be expected of a text, and which documents are unlike the others."""

import html
from collections.abc import Sequence

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from webapp.doctor.profile import Profile, Unlike, unlike
from webapp.doctor.rare import RARE, Rarities

#: least number of characters → what can be expected of so much text, the most first
_EXPECTED = (
    (
        5_000_000,
        gettext_lazy("This is a lot of text. Give a training an hour or more, or it will not have read all of it."),
    ),
    (
        1_000_000,
        gettext_lazy("This is enough for sentences that mostly hold together, and for a manner that one recognises."),
    ),
    (
        100_000,
        gettext_lazy(
            "This is enough for real words, names and the manner of the text. Sentences seldom make sense for long. A "
            "million characters would do better."
        ),
    ),
    (
        20_000,
        gettext_lazy(
            "This is little text. The model learns words and the look of the lines, and soon knows the text by heart. "
            "Lower-casing everything helps, and more text helps most."
        ),
    ),
    (
        0,
        gettext_lazy(
            "This is very little text: too little to judge a model by, and it will mostly repeat pieces of it. From "
            "20,000 characters on it gets better."
        ),
    ),
)
_WIDTHS = {
    "long": gettext_lazy("long lines"),
    "middle": gettext_lazy("lines of a page"),
    "short": gettext_lazy("short lines"),
}
_CAPITALS = {
    "all": gettext_lazy("only capitals"),
    "some": gettext_lazy("capitals and small letters"),
    "none": gettext_lazy("no capitals"),
}


def expected(characters: int) -> str:
    """Return what can be expected of a text of this length."""
    return next(str(sentence) for least, sentence in _EXPECTED if characters >= least)


def of_rarities(rarities: Rarities) -> str:
    """Return a sentence about the share of rare characters; an empty one where there are none."""
    if not rarities.kinds:
        return ""
    sentence = ngettext(
        "%(n)d character stands in it fewer than %(rare)d times and is on no plain keyboard.",
        "%(n)d different characters stand in it fewer than %(rare)d times and are on no plain keyboard.",
        rarities.kinds,
    )
    share = _(
        "All rare characters together are %(share)s %% of the text. A model can’t learn them, but writes them now and "
        "then."
    )
    figures = {"n": rarities.kinds, "rare": RARE, "share": percent(rarities.share)}
    return f"{sentence % figures} {share % figures}"


def percent(share: float) -> str:
    """Return a share as a number of percent, with two digits that count."""
    return f"{100 * share:.2g}" if share >= 0.0001 else _("less than 0.01")


def of_documents(names: Sequence[str], profiles: Sequence[Profile]) -> list[SafeString]:
    """Return a sentence for each document that is unlike the others."""
    return [_of_unlike(names[found.document], found) for found in unlike(profiles)]


def _of_unlike(name: str, found: Unlike) -> SafeString:
    if found.trait == "language":
        sentence = _("“{name}” is written in another language: {here}, where most are in {elsewhere}.")
        return _filled(sentence, name, language_name(found.here), language_name(found.elsewhere))
    words = _WIDTHS if found.trait == "lines" else _CAPITALS
    sentence = _("“{name}” is laid out otherwise: it has {here}, where most have {elsewhere}.")
    return _filled(sentence, name, words[found.here], words[found.elsewhere])


def _filled(sentence: str, name: str, here: object, elsewhere: object) -> SafeString:
    return format_html(sentence, name=format_html("<bdi>{}</bdi>", name), here=here, elsewhere=elsewhere)


def without_marks(sentence: str) -> str:
    """Return a sentence as plain text, for whom it is not shown on a page."""
    return html.unescape(strip_tags(sentence)) if isinstance(sentence, SafeString) else sentence


def language_name(code: str) -> str:
    """Return the name of a language, or of a script where the language is not known; empty for no letters."""
    if not code:
        return ""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return str(_OTHERS.get(code) or _("%(script)s script") % {"script": code.capitalize()})


#: languages that Django does not name
_OTHERS = {
    "am": gettext_lazy("Amharic"),
    "bo": gettext_lazy("Tibetan"),
    "gu": gettext_lazy("Gujarati"),
    "la": gettext_lazy("Latin"),
    "lo": gettext_lazy("Lao"),
    "or": gettext_lazy("Odia"),
    "si": gettext_lazy("Sinhala"),
    "zh": gettext_lazy("Chinese"),
}
