"""Figures printed with the heading of their column, as lists print them, are placed by it."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from archive.forms.loader import form, load_forms
from archive.forms.model import ColumnPlan, Form
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("name", [plan.name for plan in load_forms()])
Figure = Callable[[str, str], str]


def _behind_colon(head: str, text: str) -> str:
    return f"<dd>{head}：{text}</dd>"


def _below(head: str, text: str) -> str:
    return f"<dt>{head}</dt><dd>{text}</dd>"


def _on_card(head: str, text: str) -> str:
    return f"<li><label>{head}</label><span>{text}</span></li>"


def _in_cell(head: str, text: str) -> str:
    return f"<td>{head}：{text}</td>"


def _row(label: str, figures: str, own: Figure) -> str:
    if own is _in_cell:
        return f"<table><tr><td>{label}</td>{figures}</tr></table>"
    if own is _on_card:
        return f"<div class='card'><h4>{label}</h4><ul>{figures}</ul></div>"
    return f"<dl><dt>{label}</dt>{figures}</dl>"


def _listed(plan: Form, cells: render.Cells, figure: Figure, order: Callable[[list[ColumnPlan]], None]) -> Reading:
    texts = render.printed(plan, cells)
    parts = [f"<meta charset=utf-8><title>{render.TITLE}</title><h1>{render.TITLE}</h1><p>一、总体情况</p>"]
    for heading, table in zip(render.HEADINGS, plan.tables, strict=True):
        parts.append(f"<p>{heading}</p>")
        group: tuple[str, ...] = ()
        for row in table.rows:
            columns = list(row.columns)
            order(columns)
            own = figure if len(columns) > 1 or figure is _on_card else _behind_colon
            figures = "".join(own(c.label, texts.get(f"{row.id}.{c.id}") or "") for c in columns)
            if table.layout == "strip":
                parts.append(f"<h4>{''.join(row.groups)}{row.label}</h4><dl>{figures}</dl>")
                continue
            parts += [f"<h5>{name}</h5>" for name in row.groups if name not in group]
            group = row.groups
            parts.append(_row(row.label, figures, own))
    return read("".join(parts).encode())


@FORMS
@pytest.mark.parametrize("figure", [_behind_colon, _below, _on_card])
def test_a_list_for_each_row(name: str, figure: Figure) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(11), 0.0)
    assert not render.differences(_listed(plan, cells, figure, lambda _: None), cells)


@FORMS
def test_headings_tell_the_columns_in_any_order_and_blank_ones_too(name: str) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(12), 0.4)
    reading = _listed(plan, cells, _behind_colon, lambda columns: random.Random(5).shuffle(columns))
    assert not render.differences(reading, cells)


def test_a_table_that_prints_them_in_its_cells() -> None:
    plan = form("2021")
    cells = render._fill(plan, random.Random(13), 0.1)
    reading = _listed(plan, cells, _in_cell, lambda _: None)
    assert not render.lies(reading, cells)
    rows = {row.id for table in plan.tables if table.layout == "matrix" for row in table.rows}
    placed = {place: cells[place] for place in cells if place.rpartition(".")[0] in rows}
    assert {place: reading.cells[place].value for place in placed} == placed


def test_one_heading_twice_or_a_text_that_holds_a_figure_is_never_blank() -> None:
    page = (
        f"<meta charset=utf-8><h1>{render.TITLE}</h1><p>{render.HEADINGS[0]}</p><p>第二十条第（一）项</p>"
        "<p>规章</p><p>本年制发件数：3</p><p>本年制发件数：4</p><p>行政规范性文件</p><p>共有12件规范性文件</p>"
        "<p>行政许可</p><p>8</p><p>行政处罚</p><p>5</p><p>行政强制</p><p>0</p><p>行政事业性收费</p><p>0</p>"
    )
    reading = read(page.encode())
    assert reading.cells["proactive.admin_license.decided"].value == Decimal(8)
    assert "count_mismatch" in reading.cells["proactive.rules.issued"].flags
    assert "proactive.normative.issued" not in reading.cells


@FORMS
@pytest.mark.parametrize("seed", range(4))
def test_blank_figures_on_cards_are_blank_or_told(name: str, seed: int) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(seed), 0.3)
    assert not render.lies(_listed(plan, cells, _on_card, lambda _: None), cells)


def test_labels_alone_are_no_table() -> None:
    """Nobody knows whether their figures are blank, or were lost: they are not printed."""
    plan = form("2021")
    whole = _listed(plan, render._fill(plan, random.Random(14), 0.0), _behind_colon, lambda _: None)
    _, applications, _ = plan.tables
    labels = "".join(f"<p>{row.label}</p>" for row in applications.rows)
    first = (
        "<p>第二十条第（一）项</p><p>规章</p><p>本年制发件数：3</p><p>本年废止件数：0</p><p>现行有效件数：9</p>"
        "<p>行政许可</p><p>8</p><p>行政处罚</p><p>5</p>"
    )
    page = f"<meta charset=utf-8><h1>{render.TITLE}</h1><p>{render.HEADINGS[0]}</p>{first}"
    reading = read(f"{page}<p>{render.HEADINGS[1]}</p>{labels}".encode())
    assert len(whole.cells) == len(plan.places)
    assert not [name for name in reading.cells if name.startswith(f"{applications.key}.")]
    assert "table_missing" in {found.code for found in reading.findings}
