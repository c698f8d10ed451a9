"""What a page shows of a line of an answer: the cells of its tables. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from archive.assessment.figures import Figure
from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import FigureLine, IndicatorLine
from archive.queries.results import PortalLine, RunLine
from archive.queries.search_answers import Snippet
from nianbao.language import Language
from nianbao.notes import notes_sentence
from nianbao.parameters import Lang
from nianbao.templates import shown
from nianbao.web.rendering import word
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
    """columns.toml, read once: question → label of a column → where its value stands."""
    return tomllib.loads(files("nianbao.web").joinpath("columns.toml").read_text("utf-8"))


def cells(question: str, line: Any, lang: Lang) -> list[Cell]:
    """The cells of a line of an answer."""
    return [_cell(path, line, lang) for path in columns()[question].values()]


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
        return Cell(
            text=", ".join(word(lang.value, group, one) for one in words if one is not None),
            sort=shown(value),
        )
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
