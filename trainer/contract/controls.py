"""The removal of control characters and formatting codes from a text. Words that they separate stay separate.

docs/trainer.md says what each of them becomes. Only the standard library: the web process imports this module.
"""

import re
import unicodedata

from trainer.contract.marks import bounded

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")

# NUL and DEL were fillers on paper tape. A byte order mark is inside a file if the file was joined from several. A lone
# surrogate is half a character, which no file can hold.
_FILL = re.compile("[\x00\x7f\ufeff\ud800-\udfff]+")
_LINE_END = re.compile("[\x85\u2028\u2029]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]+")  # databases have no place for NUL, and UTF-8 none for surrogates
_BREAKS = "\x0b\x0c\x1c\x1d\x1e"  # vertical tab, form feed; separators of files, groups and records
_BREAK = re.compile(f"[{_BREAKS}](?:[ \t\n]*[{_BREAKS}])*")
_STRAY = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f]+")  # including the unit separator (0x1f)
_ODD = re.compile("[\x00\x01\x04-\x07\x10\x12\x14\x15\x17-\x19]")  # a text has hardly any of these
_OPENING, _CLOSING = "([{<«“‘¿¡", ")]}>»”’.,;:!?…"

# Windows-1252 has quotation marks and dashes at the numbers of Unicode's C1 controls. So a C1 control is usually such
# a mark, in a file that was once read with the wrong encoding.
_C1 = re.compile("[\x80-\x9f]")
_MISREAD = {chr(point): mark for point in range(0x80, 0xA0) if (mark := bytes([point]).decode("cp1252", "ignore"))}

# IRC: colours with their numbers, bold, reverse and reset. Also the shifts to another character set, and the codes that
# stop and start a teletype. The codes for italic, strikethrough and underline (0x1d to 0x1f) are also separators.
_IRC = re.compile(
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?|[\x02\x0e\x0f\x11\x13\x16]"
)
_SURELY_IRC = re.compile("\x03[0-9]|[\x0f\x16]|\x02[^\n\x02\x03]*\x02")
_SWITCH = re.compile("[\x1d-\x1f]")
_SWITCHED_ON_AND_OFF = re.compile(
    # A formatting code is around words; a separator is between them.
    r"(?<![^\s(\[{<])([\x1d-\x1f])([^\n\x1d-\x1f]*)\1(?![^\s)\]}>.,;:!?…])"
)

# Terminals (ECMA-48 and xterm). Strings come first: titles and hyperlinks, with their content. A one-character form
# from C1 counts only if a number follows, because it may be a mark of Windows-1252 (see above).
_TERMINAL = re.compile(
    r"""(?:\x1b[\]PX^_k]|\x9d[0-9]+;)[^\n\x07\x1b\x9c\x9d]*(?:\x07|\x1b\\|\x9c)
    | (?:\x1b\[|\x9b(?=[0-9]))[0-?]*[ -/]*(?:(?P<down>[ABEFHdef])|(?P<across>[CDG`a])|[@-~])?
    | \x1b[()*+\-./][ -/]?[0-?A-Z`] | \x1b\$[()*+]?[@-D] | \x1b[#%][0-9@G] | \x1b\ [FGLMN]    # character sets
    | \x1b(?:(?P<line>[DEM])|[0-_c|}~])""",
    re.VERBOSE,
)


def storable(text: str) -> str:
    r"""Return a text with \n at its line ends, and without NULs and lone surrogates. Other controls stay."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return _LINE_END.sub("\n", _UNSTORABLE.sub("", text)) if _CONTROL.search(text) else text


def has_controls(text: str) -> bool:
    """Whether `plain` changes a text that `storable` has returned."""
    return bool(_CONTROL.search(text))


def plain(text: str) -> str:
    r"""Return a text with \n at its line ends and no other control than \n and \t.

    A second call changes nothing.
    """
    text = storable(text)
    if not has_controls(text):
        return text
    text = _FILL.sub("", text)
    text = _C1.sub(lambda sign: _MISREAD.get(sign[0], sign[0]), without_codes(text))
    return _BREAK.sub(_line_break, _STRAY.sub(_blank, text))


def without_codes(text: str) -> str:
    """Return a text without formatting codes and overstrikes. Separators and other controls stay."""
    return _without_overstrikes(_TERMINAL.sub(_moved, _without_irc(text)))


def odd_controls(text: str) -> int:
    """Count the controls that are neither separators nor parts of formatting codes."""
    return _ODD.subn("", without_codes(text))[1] if _ODD.search(text) else 0


def can_be_seen(text: str) -> bool:
    """Whether a text has a visible character (a letter, a digit, a sign). Blanks, joiners and marks are not visible."""
    return any(map(_shows, set(text[:1000]))) or any(map(_shows, set(text)))


_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # empty Hangul letters and a braille pattern without dots look like blanks


def _shows(character: str) -> bool:
    is_visible = unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Mn", "Mc", "Me", "Zs", "Zl", "Zp")
    return is_visible and character not in _FILLERS


def _moved(code: re.Match[str]) -> str:
    """Return the separator for a code that moves the cursor, and nothing for a code that only changes the look."""
    if code["down"] or code["line"]:
        return "\x0b"
    return "\x1f" if code["across"] else ""


def _without_irc(text: str) -> str:
    if _SWITCH.search(text):
        if _SURELY_IRC.search(text):
            text = "\n".join(_without_switches(line) for line in text.split("\n"))
        for _kind in "italic", "strikethrough", "underline":  # each may be inside another
            text = _SWITCHED_ON_AND_OFF.sub(r"\2", text)
    return _IRC.sub("", text)


def _without_switches(line: str) -> str:
    return _SWITCH.sub("", line) if _SURELY_IRC.search(line) else line


def _blank(strays: re.Match[str]) -> str:
    """Return a blank where controls separate two words, and nothing where something else separates them too."""
    text, start, end = strays.string, strays.start(), strays.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before.isspace() or after.isspace() or before in _OPENING or after in _CLOSING:  # "" is in both
        return ""
    return " "


def _line_break(breaks: re.Match[str]) -> str:
    r"""Turn one separator into \n, and several into a blank line.

    Next to a line end, and at the beginning or the end of the text, separators add nothing.
    """
    text, start, end = breaks.string, breaks.start(), breaks.end()
    while start and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    between, several = re.subn(f"[{_BREAKS}]", "", breaks[0])
    if "\n" in text[max(0, start - 1) : end + 1] or start == 0 or end == len(text):
        return between
    return "\n" * min(2, several) + between


# Overstriking ------------------------------------------------------------------------------------

_STEP_BACK = re.compile("(?P<back>\b+)(?P<then>[^\b]*)")


def _without_overstrikes(text: str) -> str:
    r"""Replace overstrikes, such as N\bN for bold and _\bN for underlined in manual pages, by the plain characters."""
    if "\b" not in text:
        return text
    return "\n".join(_once(line) if "\b" in line else line for line in bounded(text).split("\n"))


def _once(line: str) -> str:
    columns = _columns(line[: line.index("\b")])
    for step in _STEP_BACK.finditer(line):
        start, new = _place_before(columns, len(step["back"])), _columns(step["then"])
        old = columns[start:]
        struck = [_of_both(*pair) for pair in zip(old, new, strict=False)]
        if old and len(struck) == len(old) and None not in struck:
            columns[start:] = [column for column in struck if column is not None] + new[len(old) :]
        else:
            columns += ["\b", *new]  # this is no overstrike, so \b stays as an ordinary control
    return "".join(columns)


def _place_before(columns: list[str], back: int) -> int:
    """Return the column of the print head after `back` steps to the left. It is never inside a wide character."""
    start = len(columns) - back
    if start < 0:
        return len(columns)
    return start - (columns[start : start + 1] == [""])


def _columns(text: str) -> list[str]:
    """Return the content of each column. Marks are with their letter; a wide character's second column is empty."""
    columns: list[str] = list(text) if text.isascii() else []
    for character in "" if columns else text:
        if columns and unicodedata.combining(character):
            columns[-1 - (columns[-1] == "")] += character
        else:
            columns += [character, ""] if unicodedata.east_asian_width(character) in "WF" else [character]
    return columns


def _of_both(old: str, new: str) -> str | None:
    """Return the character that two characters printed over each other mean, or None if they mean none."""
    if new == "_" or old == new:
        return old
    if old == "_" or (old, new) == ("+", "o"):  # + and o together are a bullet
        return new
    return None
