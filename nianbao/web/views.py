"""A page for all: its frame and menu, and what it shows of a line of an answer, the cells of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse

from archive.assessment.figures import Figure
from archive.queries.figure_answers import FigureLine
from archive.queries.search import Snippet
from archive.queries.words import CHINA
from nianbao.files import lines_for_people
from nianbao.paging import Page
from nianbao.parameters import Lang
from nianbao.people_tables import figure_words
from nianbao.questions import QUESTIONS, Question
from nianbao.templates import shown, templates_of, words_of
from nianbao.templates import word as word_of
from storage.records import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table. ``link``: where it leads; ``sort``: its class; ``status``: shown with its letter."""

    text: str = ""
    link: str = ""
    sort: str = ""
    status: Status | None = None


#: questions whose lists have a page of their own: all that help shows but those that are no plain list, and two more
LISTS = frozenset(
    one.name for one in QUESTIONS if one.item is not None and (one.group or one.name in {"portals", "runs"})
) - {"coverage", "table"}


def table(question: Question, found: Page, lang: Lang) -> tuple[list[str], list[list[Cell]]]:
    """The headings of a page of a list, and its rows: the columns of the question that a reader wants."""
    heads, lines = lines_for_people(question, found.lines, lang.value)
    names = [name for name in heads if not lines or any(shown(words[name]) for words, _ in lines)]
    return [heads[name] for name in names], [[_cell(name, words, row, lang) for name in names] for words, row in lines]


def _cell(name: str, words: Mapping[str, object], row: Mapping[str, Any], lang: Lang) -> Cell:
    text = shown(words[name])
    if name == "status":
        return Cell(status=row[name])
    if name == "sentence":
        return Cell(text=text, sort="why")
    if name.endswith("value"):
        return Cell(text=text, sort="no-number" if row[name] is None else "number")
    link = ""
    if name == "agency_name":
        link = duty_link(row["agency_id"], row["year"], lang)
    elif name == "name" and "last_ok_look" in row:
        link = f"/{lang.value}/portal/{quote(row[name])}"
    elif name == "id" and "unit" in row:
        link = f"/{lang.value}/ask/series?indicator={quote(row[name])}"
    value = row[name]
    if isinstance(value, StrEnum):
        return Cell(text=text, link=link, sort=value.value)
    return Cell(text=text, link=link, sort="number" if isinstance(value, (int, Decimal)) and name != "year" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByBody:
    """Figures with a row for each body: its name, and of each of ``years`` a cell and the words beside it."""

    years: tuple[int, ...]
    rows: tuple[tuple[str, Mapping[int, tuple[Cell, Sequence[str]]]], ...]


def by_body(lines: Sequence[FigureLine], lang: Lang) -> ByBody:
    """Figures on one indicator, a row a body; each leads to where it stands, or to why there is none."""
    rows: dict[str, tuple[str, dict[int, tuple[Cell, Sequence[str]]]]] = {}
    for line in lines:
        cell = figure_cell(line.figure, lang)
        place = f"cell/{quote(line.agency.id)}/{line.year}/{quote(line.indicator)}"
        is_printed = (
            line.figure.value is not None and line.edition is not None and not line.indicator.startswith("derived.")
        )
        link = f"/{lang.value}/{place}" if is_printed else duty_link(line.agency.id, line.year, lang)
        marks = [word(lang.value, "mark", mark) for mark in line.marks]
        rows.setdefault(line.agency.id, (line.agency.name, {}))[1][line.year] = (replace(cell, link=link), marks)
    return ByBody(years=tuple(sorted({line.year for line in lines})), rows=tuple(rows.values()))


def figure_cell(figure: Figure, lang: Lang) -> Cell:
    """A figure, or in words why there is none: a blank is never shown as 0."""
    text = figure_words(figure.value, figure.state, figure.n, None, lang.value)
    return Cell(text=text, sort="no-number" if figure.value is None else "number")


def pieces(one: Snippet) -> list[tuple[str, bool]]:
    """The text around a hit, in pieces that are marked and pieces that are not."""
    found, end = [], 0
    for begin, until in one.marks:
        found += [(one.text[end:begin], False), (one.text[begin:until], True)]
        end = until
    return [*found, (one.text[end:], False)]


def duty_link(agency: str, year: int, lang: Lang) -> str:
    """The page of a duty."""
    return f"/{lang.value}/duty/{quote(agency)}/{year}"


_CATALOGUE = "web"
#: the menu: name of an entry → its address within a language
MENU = (
    ("overview", ""),
    *((name, f"ask/{name}") for name in ("missing", "late", "search", "series")),
    ("compare", "compare"),
    ("rollup", "rollup"),
    *((name, f"ask/{name}") for name in ("rank", "check", "revisions", "news", "portals")),
    ("method", "method"),
    ("data", "data"),
)

word = partial(word_of, _CATALOGUE)  #: a word of a vocabulary in the reader's language
_TEMPLATES = templates_of("nianbao.web")


def render(template: str, lang: Lang, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A page."""
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    frame = {"lang": lang.value, "other": other.value, "menu": MENU, "zone": CHINA}
    text = _TEMPLATES.get_template(template).render({**frame, **words_of(_CATALOGUE, lang), **values})
    return HTMLResponse(text, status)
