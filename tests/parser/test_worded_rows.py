"""Reports that print no table but a line of words for each row of the form."""

from __future__ import annotations

import random

import pytest

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import form, load_forms, tables_with_rows
from archive.forms.model import Form, RowPlan
from archive.parser.reader import read, read_pages_to_reading
from archive.parser.worded_rows import parse_worded_row
from storage.records import Reading
from tests import form_rendering as render

WORDINGS = pytest.mark.parametrize(
    ("pair", "between", "end"),
    [
        ("{}{}件", "，", "。"),
        ("{}：{}", "；", ""),
        ("{}为{}", "、", "；"),
        ("{} {} 件", "， ", "。"),
        ("{}{}", " ", ""),
    ],
)


def _line(row: RowPlan, texts: dict[str, str], pair: str, between: str) -> str:
    figures = [
        (pair if column.unit == "件" else pair.replace("件", "")).format(column.label, text)
        for column in row.columns
        if (text := texts.get(f"{row.id}.{column.id}"))
    ]
    return "".join(row.groups) + row.label + "：" + between.join(figures) if figures else ""


def _told(plan: Form, cells: render.Cells, pair: str, between: str, end: str) -> Reading:
    texts = render.printed(plan, cells)
    lines = [f"<meta charset=utf-8><title>{render.TITLE}</title><h1>{render.TITLE}</h1><p>一、总体情况</p>"]
    for heading, table in zip(render.HEADINGS, plan.tables, strict=True):
        lines.append(f"<p>{heading}</p>")
        lines += [f"<p>{line}{end}</p>" for row in table.rows if (line := _line(row, texts, pair, between))]
    return read("".join(lines).encode())


@WORDINGS
@pytest.mark.parametrize("name", [plan.name for plan in load_forms()])
def test_a_line_for_each_row(name: str, pair: str, between: str, end: str) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(21), 0.0)
    assert not render.differences(_told(plan, cells, pair, between, end), cells)


@pytest.mark.parametrize("worded_table", range(3))
@pytest.mark.parametrize("name", [plan.name for plan in load_forms()])
def test_one_table_in_words_beside_the_others_in_grids(name: str, worded_table: int) -> None:
    plan = form(name)
    for seed in (21, 22):  # the second document is placed as the first was, where both are printed alike
        cells = render._fill(plan, random.Random(seed), 0.0)
        texts = render.printed(plan, cells)
        blocks: list[Paragraph | Table] = [Paragraph(text=render.TITLE)]
        for at, (heading, table, printed) in enumerate(
            zip(render.HEADINGS, plan.tables, render.tables_of(plan, cells), strict=True)
        ):
            lines = [_line(row, texts, "{}{}件", "，") for row in table.rows]
            blocks.append(Paragraph(text=heading))
            blocks += [Paragraph(text=f"{line}。") for line in lines] if at == worded_table else [render.grid(printed)]
        assert not render.differences(read_pages_to_reading(Pages(kind="html", blocks=tuple(blocks)), "0" * 64), cells)


def test_a_sentence_about_a_table_that_is_printed_is_no_row_of_it() -> None:
    plan = form("2021")
    cells = render._fill(plan, random.Random(3), 0.0)
    blocks: list[Paragraph | Table] = [Paragraph(text=render.TITLE), Paragraph(text="（一）予以公开：自然人9999件。")]
    for heading, printed in zip(render.HEADINGS, render.tables_of(plan, cells), strict=True):
        blocks += [Paragraph(text=heading), render.grid(printed)]
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(blocks)), "0" * 64)
    assert not render.differences(reading, cells)
    assert not [found for found in reading.findings if found.code == "duplicate_differs"]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_out_of_a_line_is_no_figure(seed: int) -> None:
    plan = form("2021")
    cells = render._fill(plan, random.Random(seed), 0.3)
    reading = _told(plan, cells, "{}{}件", "，", "。")
    assert not render.lies(reading, cells)


@pytest.mark.parametrize(
    "text",
    [
        "本年新收政府信息公开申请12件，其中自然人10件，商业企业2件。",
        "（一）予以公开：自然人1件，公司2件，总计3件。",
        "（一）予以公开：自然人1件，自然人2件。",
        "（一）予以公开：自然人1件，商业企业2件，比上年增加1件。",
        "（一）予以公开：自然人约10件，总计12件。",
        "依申请公开：自然人1件，总计1件。",
        "其他：自然人1件，总计1件。",
        "（一）予以公开：3件",
        "规章：3",
        "（一）予以公开：" + "自然人1件，" * 200,
    ],
)
def test_sentences_are_none(text: str) -> None:
    assert parse_worded_row(text, tables_with_rows()) is None


def test_a_page_with_tables_is_read_by_them() -> None:
    plan = form("2021")
    cells = render._fill(plan, random.Random(22), 0.0)
    page = render.as_html(render.tables_of(plan, cells)).decode()
    line = "<p>（一）予以公开：自然人99件，商业企业1件，总计100件。</p>"
    assert not render.differences(read(page.replace("<table", line + "<table", 1).encode()), cells)
