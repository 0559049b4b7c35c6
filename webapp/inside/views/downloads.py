"""The views that send numbers as CSV: an array of a look, or the result of a look that has no arrays."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from webapp.inside import arrays, parts
from webapp.inside.access import look_or_404
from webapp.inside.models import Look, LookKind
from webapp.studies.losses import bits


class _Line:
    """What a CSV writer writes to: it returns each line."""

    def write(self, line: str) -> str:
        return line


@require_GET
def array(request: HttpRequest, pk: int, number: int) -> StreamingHttpResponse:
    """Send an array: a row for each symbol, a column for each unit."""
    look = look_or_404(request, pk)
    stored = arrays.numbered_or_404(look, number)
    symbols = (look.result or {})["symbols"]
    head = ["number", "symbol", *(f"unit {unit}" for unit in range(1, stored.shape[1] + 1))]
    rows = ([place, symbol, *values] for place, symbol, values in _numbered(symbols, arrays.rows(look, stored)))
    return _sent(look, f"{stored.name}-layer-{stored.layer + 1}", [head, *rows])


def _numbered(symbols: list[str], rows: list[list[float]]) -> Iterator[tuple[int, str, list[str]]]:
    for place, (symbol, values) in enumerate(zip(symbols, rows, strict=True), 1):
        yield place, symbol, [f"{value:.6g}" for value in values]


@require_GET
def next_symbols(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the likeliest next symbols after each symbol of a text, with their probabilities."""
    look = look_or_404(request, pk)
    stored = {one.name: one for one in arrays.all_of(look)}
    if not look.key or parts.NEXT_IDS not in stored:
        raise Http404
    ids, shares = (arrays.rows(look, stored[name]) for name in (parts.NEXT_IDS, parts.NEXT_PROBABILITIES))
    return _sent(look, "next", [["number", "symbol", "rank", "next", "probability"], *_next(look, ids, shares)])


def _next(look: Look, ids: list[list[float]], shares: list[list[float]]) -> Iterator[list[Any]]:
    found = look.result or {}
    for place, (symbol, *both) in enumerate(zip(found["symbols"], ids, shares, strict=True), 1):
        for rank, (one, share) in enumerate(zip(*both, strict=True), 1):
            yield [place, symbol, rank, found["spelling"].get(str(int(one)), "?"), f"{share:.6g}"]


@require_GET
def result(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the numbers of a look at memory, units or a prediction."""
    look = look_or_404(request, pk)
    if look.result is None or look.kind not in _TABLES:
        raise Http404
    return _sent(look, look.kind, _TABLES[LookKind(look.kind)](look.result))


def _memory(result: dict[str, Any]) -> Iterator[list[Any]]:
    yield ["what", "characters", "value"]
    for name, points in result["gradient"].items():
        for distance, size in points or []:
            yield [f"gradient, {name}", distance, size]
    for distance, nats in result["context"]:
        yield ["bits per character with this much context", distance, bits(nats)]


def _units(result: dict[str, Any]) -> Iterator[list[Any]]:
    yield ["layer", "unit", "feature", "r"]
    for one in result["units"]:
        sign = 1 if one["positive"] else -1
        yield [one["layer"] + 1, one["unit"] + 1, one["feature"], sign * one["strength"]]


def _attribution(result: dict[str, Any]) -> Iterator[list[Any]]:
    yield ["number", "shade"]
    yield from enumerate(result["shades"], 1)


_TABLES = {LookKind.MEMORY: _memory, LookKind.UNITS: _units, LookKind.ATTRIBUTION: _attribution}


def _sent(look: Look, what: str, rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    name = f"{slugify(f'{look.study.name} {what}') or what}.csv"
    lines = map(csv.writer(_Line()).writerow, rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
