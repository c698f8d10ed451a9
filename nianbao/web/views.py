"""A page for all: its frame and menu, and what it shows of a line of an answer, the cells of its tables."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse

from archive.assessment.figures import Figure
from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import FigureLine, IndicatorLine
from archive.queries.results import PortalLine, RunLine
from archive.queries.search import Snippet
from archive.queries.words import CHINA
from nianbao.files import slim_sheet
from nianbao.language import Language
from nianbao.messages import say
from nianbao.paging import Page
from nianbao.parameters import Lang
from nianbao.questions import QUESTIONS, Question
from nianbao.sentences import notes_sentence
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


@cache
def columns() -> Mapping[str, Mapping[str, str]]:
    """columns.toml, read once: question → label of a column → where its value stands. Lists that have neither columns
    there nor words of their own on a terminal are shown with the columns that a reader wants: theirs are empty here.
    """
    plain: dict[str, Mapping[str, str]] = {
        one.name: {} for one in QUESTIONS if one.group and one.is_list and not one.terminal
    }
    return plain | tomllib.loads(files("nianbao.web").joinpath("columns.toml").read_text("utf-8"))


def table(question: Question, found: Page, lang: Lang) -> tuple[list[str], list[list[Cell]]]:
    """The headings of a page of a list, and its rows."""
    declared = columns()[question.name]
    if declared:
        heads = [say("web", lang.value, f"column.{name}") for name in declared]
        return heads, [[_cell(path, line, lang) for path in declared.values()] for line in found.lines]
    sheet = slim_sheet(question, found.answer, lang.value)
    heads = [one.zh if lang is Lang.ZH else one.en for one in sheet.columns]
    return heads, [[Cell(text=shown(row[one.name])) for one in sheet.columns] for row in sheet.rows]


def _cell(path: str, line: Any, lang: Lang) -> Cell:
    group, _, place = path.rpartition(":")
    if place == "why":
        return Cell(text=shown(line.zh if lang is Lang.ZH else line.en), sort="why")
    value = _at(line, place)
    if place == "note" and isinstance(line, RunLine):
        return Cell(text=shown(notes_sentence(line.notes, Language(lang.value)) or line.note), sort="why")
    if place == "id" and isinstance(line, IndicatorLine):
        return Cell(text=shown(value), link=f"/{lang.value}/ask/series?indicator={quote(value)}")
    if place.endswith("agency"):
        owner = _at(line, place.rpartition(".")[0]) if "." in place else line
        return Cell(text=shown(value.name), link=duty_link(value.id, owner.year, lang))
    if isinstance(value, Figure):
        return figure_cell(value, lang)
    if isinstance(value, Status):
        return Cell(status=value)
    if place == "name" and isinstance(line, PortalLine):
        return Cell(text=shown(value), link=f"/{lang.value}/portal/{quote(value)}")
    if place == "url" and str(value).startswith(("http://", "https://")):
        return Cell(text=shown(value))
    if group:
        words = value if isinstance(value, (tuple, list)) else [value]
        return Cell(text=", ".join(word(lang.value, group, one) for one in words if one is not None), sort=shown(value))
    sort = "number" if isinstance(value, (int, float)) and place != "year" else ""
    return Cell(text=shown(value), sort=sort)


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
    if figure.value is None:
        return Cell(text=word(lang.value, "state", figure.state), sort="no-number")
    return Cell(text=figure_text(figure), sort="number")


def figure_text(figure: Figure) -> str:
    """A figure that is known, as people read it: of a rate the percentage and its cases."""
    if figure.n is None:
        return shown(figure.value)
    return f"{percent(figure.value)} n={number(figure.n)}"


def pieces(one: Snippet) -> list[tuple[str, bool]]:
    """The text around a hit, in pieces that are marked and pieces that are not."""
    found, end = [], 0
    for begin, until in one.marks:
        found += [(one.text[end:begin], False), (one.text[begin:until], True)]
        end = until
    return [*found, (one.text[end:], False)]


def _at(line: Any, path: str) -> Any:
    for name in path.split("."):
        line = getattr(line, name)
    return line


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
