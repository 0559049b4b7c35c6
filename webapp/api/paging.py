"""The paging of lists."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from ninja import Field, Schema

Item = TypeVar("Item")


class Paging(Schema):
    """Which page of a list is asked for."""

    page: int = Field(1, ge=1, le=1_000_000, description="From 1.")
    size: int = Field(20, ge=1, le=100, description="Items on a page.")


class Page(Schema, Generic[Item]):
    """One page of a list, the newest first. A page after the last one has no items."""

    items: list[Item]
    count: int = Field(description="Items on all pages together.")
    page: int
    pages: int


def number_of(rows: QuerySet[Any], column: str) -> Coalesce:
    """Return how many of the rows belong to each item of a list, as a column of the list's query.

    `column` is that of the rows which names the item. A `Count` of the list itself would lose the list's order.
    """
    counted = rows.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def page_of(found: QuerySet[Any] | list[Any], asked: Paging, shown: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a page of rows, each as `shown` returns it."""
    paginator = Paginator(found, asked.size)
    rows = paginator.page(asked.page).object_list if asked.page <= paginator.num_pages else []
    return {
        "items": [shown(row) for row in rows],
        "count": paginator.count,
        "page": asked.page,
        "pages": paginator.num_pages,
    }
