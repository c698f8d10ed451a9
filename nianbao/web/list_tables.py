"""Convert the lines of an answer to the table of a web page: headings, cells with links, and the order of lines.

The order is part of a page's address: ``?sort=year`` is ascending, ``?sort=-year`` descending.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from archive.assessment.figures import FigureState
from archive.assessment.measures import cells_of
from archive.exports.formats.columns import display_rules
from archive.exports.plain_values import cell_text
from archive.forms.loader import known_form
from archive.queries.bounds import QueryError
from archive.queries.figure_answers import FigureLine
from archive.queries.find import gloss, place_in_pinyin
from archive.queries.results import AgencyLine
from nianbao.answer_tables import rows_of_lines
from nianbao.answer_words import column_value, columns_to_show, figure_words, rows_in_words
from nianbao.language import Language
from nianbao.messages import say
from nianbao.questions import Question
from nianbao.sentences import indicator_words
from storage.records import Status

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHeading:
    """The heading of a column. ``link``: the address that sorts by this column, "" if that is impossible; ``sorted``:
    ``ascending`` or ``descending`` if the table is sorted by this column.
    """

    text: str
    column: str = ""
    link: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrder:
    """The column by which a table is sorted, and whether its greatest value comes first."""

    column: str
    is_descending: bool = False

    def __str__(self) -> str:
        """Return the order as the value of ``sort`` in an address."""
        return f"-{self.column}" if self.is_descending else self.column

    def arrange(self, items: Iterable[Item], value_of: Callable[[Item], object]) -> list[Item]:
        """Sort items by the value that ``value_of`` returns; items with None come last in both directions."""
        valued = [(value_of(item), item) for item in items]
        keyed = [(_sort_key(value), item) for value, item in valued if value is not None]
        keyed.sort(key=itemgetter(0), reverse=self.is_descending)
        return [item for _, item in keyed] + [item for value, item in valued if value is None]


def list_order(text: object, columns: Sequence[str]) -> ListOrder | None:
    """Read the value of ``sort`` in an address; None if it is empty. Raises QueryError for other than ``columns``."""
    if not text:
        return None
    order = ListOrder(column=str(text).removeprefix("-"), is_descending=str(text).startswith("-"))
    if order.column not in columns:
        every = ", ".join(columns)
        raise QueryError(code="query.no_choice", name="sort", every=every)
    return order


def heading(text: str, column: str, order: ListOrder | None, query: Mapping[str, Any]) -> ColumnHeading:
    """Return a heading that links to the table sorted by its column, or in reverse; the link keeps ``query``."""
    by_it = order if order is not None and order.column == column else None
    turned = ListOrder(column=column, is_descending=by_it is not None and not by_it.is_descending)
    others = {key: value for key, value in query.items() if key not in {"sort", "cursor", "page"}}
    state = "" if by_it is None else "descending" if by_it.is_descending else "ascending"
    link = f"?{urlencode({**others, 'sort': str(turned)}, doseq=True)}"
    return ColumnHeading(text=text, column=column, link=link, sorted=state)


def _sort_key(value: Any) -> tuple[int, Any]:
    """Return the sort key of a value; of text its bytes in GB 18030, which orders common characters by pinyin."""
    if isinstance(value, (int, Decimal)):
        return 0, value
    if isinstance(value, datetime):
        return 1, value.astimezone(UTC).isoformat()
    return (1, value.isoformat()) if isinstance(value, date) else (2, cell_text(value).encode("gb18030", "replace"))


# ---------------------------------------------------------------------------------------------- cells


_IN_OWN_ORDER = frozenset({"rank", "series"})
_NO_ORDER = frozenset({"sentence", "hosts", "forms", "marks", "component", "score"})
_FIELD = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    """A cell of a table. ``link``: its address, of a sentence the beginning of those of ids in it; ``sort``: its CSS
    class; ``status``: shown as a badge with a letter; ``note``: a caution to the reader, or a Chinese name in English;
    ``parts``: linked texts in place of one; ``below``: shown below the other cells of its row, as wide as the table.
    """

    text: str = ""
    link: str = ""
    sort: str = ""
    status: Status | None = None
    note: str = ""
    parts: tuple[ShownCell, ...] = ()
    below: bool = False


def arrange_lines(question: Question, order: ListOrder, lines: Sequence[object]) -> list[object]:
    """Sort the lines of an answer by a column; whole rows are made only if the lines do not have it themselves."""
    if order.column == "year" and all(hasattr(line, "year") for line in lines):
        return order.arrange(lines, attrgetter("year"))
    pairs = zip(rows_of_lines(question, lines), lines, strict=True)
    return [line for _, line in order.arrange(pairs, lambda pair: column_value(order.column, pair[0]))]


def sortable_columns(question: Question) -> list[str]:
    """Return the columns by which a list can be sorted; none if it is ranked, a series, or fetched page by page."""
    if question.windowed or question.name in _IN_OWN_ORDER:
        return []
    return [name for name in columns_to_show(question) if name not in _NO_ORDER]


def list_table(
    question: Question, lines: Sequence[object], lang: Language, *,
    order: ListOrder | None = None, query: Mapping[str, Any] | None = None, without: Collection[str] = (),
) -> tuple[list[ColumnHeading], list[list[ShownCell]]]:  # fmt: skip
    """Return the headings and rows of a list for people; columns that are empty in every line are left out.

    ``order``: the order of ``lines``; ``query``: parameters of the page's address, kept in links that sort (None: the
    table cannot be sorted); ``without``: further columns to leave out.
    """
    heads, rows = rows_in_words(question, rows_of_lines(question, lines), lang, is_short=True)
    names = [
        name for name in heads if name not in without and (not rows or any(cell_text(words[name]) for words, _ in rows))
    ]
    sortable = [] if query is None else sortable_columns(question)
    headings = [
        heading(heads[name], name, order, query or {})
        if name in sortable
        else ColumnHeading(text=heads[name], column=name)
        for name in names
    ]
    return headings, [[_cell(question.name, name, words, row, lang) for name in names] for words, row in rows]


def _cell(
    question: str, name: str, words: Mapping[str, object], row: Mapping[str, Any], lang: Language
) -> ShownCell:  # fmt: skip
    """Return a cell of a list; ``words``: the values of its row in words; ``row``: the values themselves."""
    text = cell_text(words[name])
    if name == "sentence":
        layout = display_rules("layout").get(f"{question}.{name}", {})
        return ShownCell(text=text, link=f"/{lang}/capture/", sort="why", below=layout.get("below", False))
    value = column_value(name, row)
    if f"{question}.{name}" == "check.cells":
        path, query = f"/{lang}/cell/{quote(row['agency_id'])}/{row['year']}", urlencode({"edition": row["edition"]})
        links = {one: f"{path}/{quote(one)}?{query}" for one in value}
        return ShownCell(parts=tuple(ShownCell(text=indicator_words(one, lang), link=links[one]) for one in value))
    link = _link(question, name, row, lang) if text else ""
    if name == "status":
        return ShownCell(status=value, link=link)
    if name.endswith("value"):
        return ShownCell(text=text, sort="no-number" if value is None else "number", link=link)
    sort = "number" if isinstance(value, (int, Decimal)) and name != "year" else ""
    note = say("web", lang, "column.before_due") if name == "declared" and _is_before_due(row) else ""
    if name == "agency" and lang is Language.EN:
        note = gloss(text, row["place"])
    if name == "place" and "agency" not in row and lang is Language.EN:
        note = place_in_pinyin(text)
    return ShownCell(text=text, link=link, sort=value.value if isinstance(value, StrEnum) else sort, note=note)


def _is_before_due(row: Mapping[str, Any]) -> bool:
    """True if looks prove a report late although the date on the site is not after the due date."""
    declared, due = row["declared"], row["due"]
    return row["status"] is Status.LATE and declared is not None and due is not None and declared <= due


def _link(question: str, name: str, row: Mapping[str, Any], lang: Language) -> str:
    """Return the address to which a cell links, "" for none: both editions of a change, a figure's cell, the proof of a
    measure that is 0, else the page that ``[people.links]`` names.
    """
    if name in {"change", "cells_changed"} and (pair := _changed_editions(row)):
        query = urlencode(dict(zip("ab", pair, strict=True)))
        return f"/{lang}/diff/{quote(row['agency_id'])}/{row['year']}?{query}"
    if name == "value" and "form" in row:
        return _figure_link(row["agency_id"], row["year"], row["indicator"], row["state"], row["form"], lang)
    links = display_rules("links")
    if name == "score" and row["score"] is False:
        links = {name: display_rules("proofs").get(row["why"])}
    path = links.get(f"{question}.{name}", links.get(name))
    fields = _FIELD.findall(path or "")
    if path is None or not row.keys() >= {*fields}:
        return ""
    return f"/{lang}/" + _FIELD.sub(lambda field: quote(str(row[field[1]])), path)


def _changed_editions(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the editions before and after a change; None if the row is not about a change between two editions."""
    before, after = row.get("before"), row.get("after")
    if "editions" in row and row.get("status") is None and len(row["editions"]) == 2:
        before, after = row["editions"]  # rows of the question ``news``
    return (before, after) if before and after and before != after else None


def by_agency(lines: Sequence[FigureLine], lang: Language) -> tuple[list[int], list[tuple[AgencyLine, dict[int, Any]]]]:
    """Return all years, and for each agency a mapping year → (cell with a figure, its marks), for one indicator.

    Each cell links to the source of its figure, or to the page that says why there is none.
    """
    rows: dict[str, tuple[AgencyLine, dict[int, Any]]] = {}
    for line in lines:
        agency, figure = line.agency, line.figure
        text = figure_words(figure.value, figure.state, figure.n, None, lang)
        sort = "no-number" if figure.value is None else "number"
        cell = ShownCell(text=text, sort=sort, link=figure_link(line, lang))
        rows.setdefault(agency.id, (agency, {}))[1][line.year] = (cell, line.marks)
    return sorted({line.year for line in lines}), [*rows.values()]


def figure_link(line: FigureLine, lang: Language) -> str:
    """Return the address for a figure: its cell in the report, else the report, else the status of the report."""
    return _figure_link(line.agency.id, line.year, line.indicator, line.figure.state, line.form, lang)


def _figure_link(
    agency: str, year: int, indicator: str, state: FigureState, form_name: str | None, lang: Language
) -> str:  # fmt: skip
    """Return the path of the page on a figure's source: its cell, its report (on form ``form_name``) or its status."""
    if state is not FigureState.PRINTED or known_form(form_name) is None or indicator.startswith("derived."):
        return f"/{lang}/duty/{quote(agency)}/{year}"
    cells = cells_of(indicator, form_name)  # in a report on an older form the cell has another id
    if len(cells) == 1:
        return f"/{lang}/cell/{quote(agency)}/{year}/{quote(cells[0])}"
    return f"/{lang}/report/{quote(agency)}/{year}" + (f"#{quote(cells[0])}" if cells else "")
