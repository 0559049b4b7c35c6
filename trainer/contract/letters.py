"""The plausibility of letters and marks: which of them stand where no language has them.

Text that was decoded with the wrong encoding has signs inside words, capitals after small letters, and letters that its
language does not have. The web process imports this module, so it needs only the standard library.
"""

import re
from collections import Counter
from itertools import pairwise

#: Letters beyond ASCII, in small, of languages in Latin script, with those of frequent foreign names and loanwords.
_ALPHABETS = {
    "br": "âêîôûùüñé",
    "cs": "áčďéěíňóřšťúůýžöü",
    "cy": "âêîôûŵŷáéíóúïë",
    "da": "æøåéáäö",
    "de": "äöüßéàè",
    "en": "éèêëïîñöôçàâáíóúüæœåø",
    "es": "áéíñóúüçºª",
    "et": "äõöüšžé",
    "fi": "äöåšžé",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "ga": "áéíóú",
    "hr": "čćđšž",
    "hu": "áéíóöőúüűäà",
    "id": "éè",
    "is": "áéíóúýþæðö",
    "it": "àèéìíîòóùúºª",
    "lt": "ąčęėįšųūžéóá",
    "lv": "āčēģīķļņšūžōŗ",
    "ms": "éè",
    "nl": "äëïöüéèêáíóúàç",
    "no": "æøåéòóôàäö",
    "pl": "ąćęłńóśźżé",
    "pt": "àáâãçéêíóôõúüºª",
    "ro": "ăâîșțşţéá",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšžćđáéí",
    "sv": "åäöéàü",
    "tr": "çğıöşüâîûi̇",
}

_LETTER = r"[^\W\d_]"
_LATIN = "[A-Za-z\u00c0-\u024f]"
_OTHER_SCRIPT = "[\u0370-\u0e7f]"
_MISPLACED = re.compile(
    "|".join(
        (
            "[\x80-\x9f\ue000-\uf8ff\ufffd\u2500-\u259f]",  # controls, private characters, parts of frames
            "[¤¦¨¯´¸¬ˇ˘˙˛˝ˆ˜‗]",  # accents and signs that prose does not have
            rf"(?<={_LETTER})[¿¡„‚«‹‘£€¥¢°¼½¾](?!\s*$)",  # what does not follow a letter
            rf"(?<={_LETTER})•(?=[\s.,;:!?])",  # a bullet, which stands before words: ò in encodings of DOS
            rf"[”»›£€¥¢¼½¾‰](?={_LETTER})",  # what no letter follows
            rf"(?<={_LETTER})[∞∩≡≥≤≠≈∙√ⁿ⌠⌡■◊∑∏∫∂∆]",  # formulas, which have no words
            rf"(?<={_LETTER})[“©®™§¶†‡•±×÷–](?={_LETTER})",  # what is not inside a word
            r"[¿¡„‚‹](?=\s)|(?<=\s)[“”‘’](?=\s)|(?<![\d ])‰",
            r"(?<=\d)[\u00c0-\u052f]|[\u00c0-\u052f](?=\d)",
            rf"(?<={_LATIN}){_OTHER_SCRIPT}|{_OTHER_SCRIPT}(?={_LATIN})",
            rf"(?<!{_LETTER}|[\u0300-\u036f])[\u0300-\u036f]",  # a mark without its letter
        )
    )
)
_BEYOND_ASCII = re.compile("[\u00c0-\u024fªºﬁﬂ\u0370-\u0e7f]")  # letters of words in Latin script, and of other ones
_FOREIGN = 0.5  # a letter of another language counts as half a misplaced one, since names and quotations have them


def misplaced(text: str, language: str | None) -> float:
    """Return the share of a text's non-ASCII characters that are where they should not be, from 0 to 1.

    `language` is an ISO 639 code. Without a known one, letters of any language are in their place.
    """
    odd = sum(not character.isascii() for character in text)
    wrong = len(_MISPLACED.findall(text)) + _turned_capitals(text) + _FOREIGN * _foreign(text, language)
    return min(1.0, wrong / max(1, odd))


def _turned_capitals(text: str) -> int:
    """Count the non-ASCII capitals right after a small letter, and the capitals after a small non-ASCII one.

    They are many if KOI8-R was read as Windows-1251 or the reverse: small letters of one are capitals of the other.
    """
    return sum(
        second.isupper() and first.islower() and not (first + second).isascii() for first, second in pairwise(text)
    )


def _foreign(text: str, language: str | None) -> int:
    alphabet = _ALPHABETS.get(language or "")
    if alphabet is None:
        return 0
    letters = Counter(_BEYOND_ASCII.findall(text.lower()))
    return sum(times for letter, times in letters.items() if letter not in alphabet)
