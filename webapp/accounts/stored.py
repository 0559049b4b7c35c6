"""The bytes that people store. The models of each app say here which of their rows count, as what, and how much.

All rows are summed by one query. It is compiled once: Django takes far longer to compile it than a database to sum.
"""

import functools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection, models
from django.db.models import F, Value
from django.db.models.expressions import Combinable

Kind = Literal["texts", "models", "passages"]


@dataclass(frozen=True)
class _Counted:
    """Rows of a model that count: as which kind, with how many bytes, and the name of the field with their owner."""

    kind: Kind
    model: type[models.Model]
    size: Combinable
    owner: str

    def rows(self) -> tuple[str, tuple[Any, ...]]:
        """Return a query of all such rows as (owner, kind, bytes), and its parameters."""
        kind = Value(self.kind, models.CharField())
        rows = self.model._base_manager.order_by().annotate(stored_by=F(self.owner), stored_as=kind, stored=self.size)
        columns = rows.values_list("stored_by", "stored_as", "stored")
        query: tuple[str, tuple[Any, ...]] = columns.query.sql_with_params()
        return query


_COUNTED: list[_Counted] = []


def count(kind: Kind, model: type[models.Model], size: Combinable, owner: str = "owner") -> None:
    """Count a model's rows as stored by their owners, with `size` bytes each."""
    _COUNTED.append(_Counted(kind, model, size, owner))


def sums(people: Collection[int]) -> dict[tuple[int, Kind], int]:
    """Return how many bytes people with these keys store, by person and kind. What nobody stores is left out."""
    if not people:
        return {}
    rows, parameters = _all_rows(connection.vendor)
    keys = ", ".join(["%s"] * len(people))
    chosen = f"FROM ({rows}) AS counted WHERE stored_by IN ({keys})"  # Django's SQL, and signs for parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT stored_by, stored_as, SUM(stored) {chosen} GROUP BY 1, 2", [*parameters, *people])
        return {(person, kind): int(size) for person, kind, size in cursor.fetchall()}


@functools.cache
def _all_rows(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Return the query of all rows in the SQL of a kind of database, the one in use, and its parameters."""
    queries, parameters = zip(*(counted.rows() for counted in _COUNTED), strict=True)
    return " UNION ALL ".join(queries), sum(parameters, ())
