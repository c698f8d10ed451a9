"""The order of a table as the address of its page says it: ``?sort=year``, ``?sort=-year`` for the greatest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from archive.queries.bounds import QueryError
from nianbao.templates import value_text

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of a table. ``link``: where the table is sorted by it, "" where it cannot be; ``sorted``:
    ``ascending`` or ``descending`` where it is.
    """

    text: str
    link: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrder:
    """The column by which a table is sorted, and whether its greatest value comes first."""

    column: str
    is_descending: bool = False

    def __str__(self) -> str:
        """The order as an address bears it."""
        return f"-{self.column}" if self.is_descending else self.column

    def arrange(self, items: Iterable[Item], value_of: Callable[[Item], object]) -> list[Item]:
        """Sort items by a value of each; those without one come last in both directions."""
        valued = [(value_of(item), item) for item in items]
        keyed = [(_sort_key(value), item) for value, item in valued if value is not None]
        keyed.sort(key=itemgetter(0), reverse=self.is_descending)
        return [item for _, item in keyed] + [item for value, item in valued if value is None]


def list_order(text: object, columns: Sequence[str]) -> ListOrder | None:
    """The order that an address asks for; None where it asks for none. Raises QueryError for an unknown column."""
    if not text:
        return None
    order = ListOrder(column=str(text).removeprefix("-"), is_descending=str(text).startswith("-"))
    if order.column not in columns:
        every = ", ".join(columns)
        raise QueryError(f"sort must be one of {every}", code="query.no_choice", name="sort", every=every)
    return order


def heading(text: str, column: str, order: ListOrder | None, query: Mapping[str, Any]) -> Heading:
    """A heading whose link sorts by its column, or turns the order round; ``query``: what else the address says."""
    by_it = order if order is not None and order.column == column else None
    turned = ListOrder(column=column, is_descending=by_it is not None and not by_it.is_descending)
    others = {key: value for key, value in query.items() if key not in {"sort", "cursor", "page"}}
    state = "" if by_it is None else "descending" if by_it.is_descending else "ascending"
    return Heading(text=text, link=f"?{urlencode({**others, 'sort': str(turned)}, doseq=True)}", sorted=state)


def _sort_key(value: Any) -> tuple[int, Any]:
    """What values are compared by: numbers, days and instants as such; words as GB 18030 orders them, which is by
    pinyin for the characters in common use.
    """
    if isinstance(value, (int, Decimal)):
        return 0, value
    if isinstance(value, datetime):
        return 1, value.astimezone(UTC).isoformat()
    return (1, value.isoformat()) if isinstance(value, date) else (2, value_text(value).encode("gb18030", "replace"))
