"""The tables of pages: what each cell shows of a line of an answer, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from archive.assessment.figures import Figure
from archive.queries.figure_answers import FigureLine
from nianbao.files import lines_for_people
from nianbao.language import Language
from nianbao.people_tables import figure_words
from nianbao.questions import QUESTIONS, Question
from nianbao.templates import value_text
from storage.records import Status

#: questions whose lists have a page of their own: all that help shows but those that are no plain list, and two more
LISTS = frozenset(
    one.name for one in QUESTIONS if one.is_list and not one.table and (one.group or one.name in {"portals", "runs"})
) - {"coverage", "table"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table. ``link``: where it leads; ``sort``: its class; ``status``: shown with its letter."""

    text: str = ""
    link: str = ""
    sort: str = ""
    status: Status | None = None


def list_table(question: Question, lines: Sequence[object], lang: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return the headings of a page of a list, and its rows: the columns that a reader wants and any line fills."""
    heads, rows = lines_for_people(question, lines, lang)
    names = [name for name in heads if not rows or any(value_text(words[name]) for words, _ in rows)]
    return [heads[name] for name in names], [[_cell(name, words, row, lang) for name in names] for words, row in rows]


def _cell(name: str, words: Mapping[str, object], row: Mapping[str, Any], lang: Language) -> Cell:
    text, value = value_text(words[name]), row.get(name)
    if name == "status":
        return Cell(status=value)
    if name == "sentence":
        return Cell(text=text, sort="why")
    if name.endswith("value"):
        return Cell(text=text, sort="no-number" if value is None else "number")
    sort = "number" if isinstance(value, (int, Decimal)) and name != "year" else ""
    return Cell(text=text, link=_link(name, row, lang), sort=value.value if isinstance(value, StrEnum) else sort)


def _link(name: str, row: Mapping[str, Any], lang: Language) -> str:
    """Return where a cell leads: an agency to its duty, a portal to its page, an indicator to its figures."""
    if name == "agency_name":
        return duty_link(row["agency_id"], row["year"], lang)
    if name == "name" and "last_ok_look" in row:
        return f"/{lang}/portal/{quote(row[name])}"
    return f"/{lang}/ask/series?indicator={quote(row[name])}" if name == "id" and "unit" in row else ""


def by_body(lines: Sequence[FigureLine], lang: Language) -> tuple[list[int], list[tuple[str, dict[int, Any]]]]:
    """Return years, and of each body its name and by year the figure on one indicator and its marks.

    Each figure leads to where it stands, or to why there is none.
    """
    rows: dict[str, tuple[str, dict[int, Any]]] = {}
    for line in lines:
        agency, figure = line.agency, line.figure
        is_printed = figure.value is not None and line.edition is not None
        if is_printed and not line.indicator.startswith("derived."):
            link = f"/{lang}/cell/{quote(agency.id)}/{line.year}/{quote(line.indicator)}"
        else:
            link = duty_link(agency.id, line.year, lang)
        cell = replace(figure_cell(figure, lang), link=link)
        rows.setdefault(agency.id, (agency.name, {}))[1][line.year] = (cell, line.marks)
    return sorted({line.year for line in lines}), [*rows.values()]


def figure_cell(figure: Figure, lang: Language) -> Cell:
    """Return a figure, or in words why there is none: a blank is never shown as 0."""
    text = figure_words(figure.value, figure.state, figure.n, None, lang)
    return Cell(text=text, sort="no-number" if figure.value is None else "number")


def duty_link(agency: str, year: int, lang: Language) -> str:
    """Return the address of the page of a duty."""
    return f"/{lang}/duty/{quote(agency)}/{year}"
