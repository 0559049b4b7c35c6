"""The encodings that look like others: ISO-2022 and HZ, whose bytes are ASCII, and CESU-8, which is nearly UTF-8.

The web process imports this module, so it needs only the standard library.
"""

import re
from contextlib import suppress

_SHIFTS = {  # what a text in this encoding has before its first letter that is not ASCII
    "iso2022_jp_2": re.compile(rb"\x1b(?:\$[@AB]|\$\([CD]|\([IJ])"),
    "iso2022_kr": re.compile(rb"\x1b\$\)C"),
    "hz": re.compile(rb"~\{(?:[!-w][!-~])+~\}"),
}
_COMMON_IN_HZ = re.compile(rb"(?:[!-)0-W][!-~])*")  # signs, and the 3,755 frequent characters
_HZ_RUN = re.compile(rb"~\{([!-~]*)~\}")
_SURROGATE_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


def seven_bit_encoding(data: bytes) -> str | None:
    """Return Python's name of the encoding with shift sequences that ASCII data has; None if it is just ASCII."""
    if data.isascii():
        for codec, shift in _SHIFTS.items():
            if shift.search(data) and _reads(data, codec):
                return codec
    return None


def _reads(data: bytes, codec: str) -> bool:
    if codec == "hz":
        runs = _HZ_RUN.findall(data)
        common = sum(_COMMON_IN_HZ.fullmatch(run) is not None for run in runs)
        if common * 10 < len(runs) * 8:  # a program's text has such braces with other things between them
            return False
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return False
    return not text.isascii() and "\x1b" not in text


def from_cesu8(data: bytes) -> str | None:
    """Decode CESU-8: UTF-8 in which each character beyond U+FFFF is two surrogates. None if the data is not in it."""
    if _SURROGATE_PAIR.search(data):
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    return None
