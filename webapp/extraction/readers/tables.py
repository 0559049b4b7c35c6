"""The reader of tables (.csv, .tsv): the text of one column, a row after the other."""

import csv
import io
import re
from collections.abc import Sequence

from trainer.contract.decoding import Decoded
from webapp.extraction import limits
from webapp.extraction.detection import TABLE_NAMES
from webapp.extraction.extracted import Extracted, Format, TextProblem
from webapp.extraction.paragraphs import tidy

_SEPARATORS = "\t;|,"  # the first one that makes rows of one length: commas stand in numbers and sentences too
_EXAMINED_ROWS = 200
_REGULAR_SHARE = 0.9  # of the rows that have as many cells as most
_SHOWN = 60  # characters of a column's name; a longer cell is no name
_SAID = re.compile(r"sep=([^\s\w])\r?\n", re.IGNORECASE)  # Excel's line that says the separator
_QUOTED = re.compile(r'(?m)^"')

Rows = list[list[str]]


def rows_of(name: str, text: str) -> Rows | None:
    """Return the rows if a file is a table, else None.

    The name has to say so too: many a poem has the same number of commas in each line.
    """
    if not name.lower().endswith(TABLE_NAMES):
        return None
    text = text.lstrip("\ufeff")
    said = _SAID.match(text)
    text, separators = (text[said.end() :], said[1]) if said else (text, _SEPARATORS)
    found = (rows for separator in separators if (rows := _parsed(text, separator)) and _is_regular(rows))
    return next(found, None) or _one_column(text)


def _one_column(text: str) -> Rows | None:
    """Return the rows of a table with one column. That it is one shows in its quotes: else it is lines of text."""
    rows = _parsed(text, ",") if _QUOTED.search(text) else None
    return rows if rows and all(len(row) == 1 for row in rows) else None


def _parsed(text: str, separator: str) -> Rows | None:
    csv.field_size_limit(limits.TEXT_BYTES)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    except csv.Error:
        return None


def _is_regular(rows: Rows) -> bool:
    examined = rows[:_EXAMINED_ROWS]
    width = len(examined[0])
    return width > 1 and sum(len(row) == width for row in examined) >= _REGULAR_SHARE * len(examined)


def read(decoded: Decoded, rows: Rows, column: int | None) -> Extracted:
    """Return the cells of a column, each as a paragraph; without a choice, of the column that has the most text.

    The first row is the columns' names, if none of its cells is a number, empty, long or twice there. Raises
    TextProblem for a column that is not there.
    """
    has_names = len(rows) > 1 and len(set(rows[0])) == len(rows[0]) and all(map(_is_name, rows[0]))
    cells = rows[1:] if has_names else rows
    width = min(len(rows[0]), limits.COLUMNS)
    names = [" ".join(name.split())[:_SHOWN] for name in rows[0][:width]] if has_names else _numbered(width)
    if column is not None and not 0 <= column < width:
        raise TextProblem(f"The table has {width} columns: choose one of them.")
    chosen = _fullest(cells, width) if column is None else column
    text = tidy("\n".join(row[chosen].strip() for row in cells if len(row) > chosen and row[chosen].strip()))
    if not text:
        raise TextProblem("This column of the table is empty: choose another one.")
    return Extracted(Decoded(text, decoded.encoding, decoded.replaced), Format.TABLE, [], names, chosen)


def _numbered(width: int) -> list[str]:
    return [f"column {number}" for number in range(1, width + 1)]


def _is_name(cell: str) -> bool:
    return 0 < len(cell.strip()) <= _SHOWN and not _is_number(cell)


def _is_number(cell: str) -> bool:
    return cell.strip().replace(".", "").replace(",", "").lstrip("+-").isdigit()


def _fullest(rows: Sequence[Sequence[str]], width: int) -> int:
    def letters(column: int) -> int:
        return sum(sum(map(str.isalpha, row[column])) for row in rows[:_EXAMINED_ROWS] if len(row) > column)

    return max(range(width), key=letters)
