"""Reports before 2019: their table is recognised in every shape, kept as text, and its certain figures are taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.forms.loader import load_forms, old_form
from archive.forms.printer import tables
from archive.parser.reader import read
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.documents.portable import Style, pdf
from imitation.documents.word import docx
from imitation.wording import Block, Heading

TITLE = "测试县司法局2016年政府信息公开工作年度报告"
HEADER = ("统计指标", "单位", "统计数")
WRITERS: dict[str, Callable[[str, list[Block]], bytes]] = {
    "html": page,
    "word_html": lambda title, blocks: page(title, blocks, variant="word"),
    "docx": docx,
    "pdf": pdf,
    "unruled_pdf": lambda title, blocks: pdf(title, blocks, style=Style(ruled=False)),
    "lines": lambda title, blocks: "\n".join([title, *_lines(blocks)]).encode(),
    "run_together": lambda title, blocks: (
        title + "\n本报告由测试县司法局编制。" + "".join(_lines(blocks)).replace("\t", "")
    ).encode(),
}


def _lines(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            lines.append(block.text)
        elif isinstance(block, str):
            lines.append(block)
        else:
            rows = {cell.row for cell in block.cells}
            lines += ["\t".join(cell.text for cell in block.cells if cell.row == row) for row in sorted(rows)]
    return lines


def report(figures: dict[str, str] | None = None) -> list[Block]:
    given = figures or {}
    rows = [(row.label, row.unit or "——", given.get(row.label, "0" if row.unit else "——")) for row in old_form().rows]
    return [
        Heading("一、概述"),
        "2016年，我局认真做好政府信息公开工作。",
        Heading("二、主动公开政府信息情况"),
        "全年主动公开政府信息69条。",
        Heading("三、依申请公开政府信息情况"),
        "2016年度未收到政府信息公开申请。",
        Heading("四、复议、诉讼和申诉情况"),
        "无。",
        Heading("五、咨询处理、收费和支出情况"),
        "无。",
        Heading("六、政府信息公开情况统计表"),
        plain_table([HEADER, *rows]),
    ]


NAMED = {"（一）主动公开政府信息数": "2069", "4.信函申请数": "37", "（一）收到申请数": "37"}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_old_table_is_kept_as_text_and_gives_its_own_cells(writer: str) -> None:
    reading = read(WRITERS[writer](TITLE, report(NAMED)))
    assert (reading.is_report, reading.form) == (True, "pre2019")
    codes = [found.code for found in reading.findings]
    assert "pre2019_table" in codes
    assert not {"tables_absent", "row_unplaced", "count_mismatch", "rows_missing", "identity_broken"} & set(codes)
    assert "2069" in reading.text
    assert "37" in reading.text
    assert "信函申请数" in reading.text
    if writer == "run_together":
        assert reading.cells == {}
        assert "pre2019_unsure" in codes
        return
    assert "pre2019_unsure" not in codes
    assert set(reading.cells) == {name for name in old_form().plan.ids if name.endswith(".year")}
    told = {name: cell.value for name, cell in reading.cells.items() if cell.value}
    assert told == {
        "pre2019.proactive.items.year": 2069,
        "pre2019.applications.received.year": 37,
        "pre2019.applications.by_letter.year": 37,
    }


def test_rows_of_a_grid_stay_together() -> None:
    reading = read(page(TITLE, report({"（一）主动公开政府信息数": "2069"})))
    assert "（一）主动公开政府信息数\t条\t2069" in reading.text
    assert [part.key for part in reading.sections if part.key] == ["overview", "proactive", "applications", "remedies"]


def test_labels_and_ids_of_the_old_table_are_of_no_national_form() -> None:
    assert not set(old_form().plan.ids) & {name for form in load_forms() for name in form.ids}
    places = {row.label for form in load_forms() for table in form.tables for row in table.rows}
    assert not places & {row.label for row in old_form().rows}


def test_free_headings_without_a_table_are_of_before_2019_too() -> None:
    blocks = [block for block in report() if isinstance(block, (str, Heading))][:-1]
    reading = read(page(TITLE, blocks))
    assert reading.form == "pre2019"
    assert {found.code for found in reading.findings} & {"pre2019_table", "tables_absent"} == set()


@pytest.mark.parametrize("form", load_forms(), ids=lambda form: form.name)
def test_national_tables_under_old_headings_are_read(form: object) -> None:
    plan = next(one for one in load_forms() if one is form)
    grids = tables(plan, dict.fromkeys(plan.ids, 0))
    blocks = [block for block in report() if isinstance(block, (str, Heading))][:-1]
    reading = read(page(TITLE.replace("2016", "2019"), [*blocks, *grids]))
    assert reading.form == plan.name
    assert set(reading.cells) == set(plan.ids)
    assert "pre2019_table" not in {found.code for found in reading.findings}


def test_figures_in_paragraphs_only_stay_text() -> None:
    title = "测试县司法局2022年政府信息公开工作年度报告"
    blocks: list[Block] = [
        Heading("一、总体情况"),
        "2022年，我局主动公开政府信息46条，收到政府信息公开申请7件，办结7件。",
        Heading("二、主动公开政府信息情况"),
        Heading("三、收到和处理政府信息公开申请情况"),
        "本年新收政府信息公开申请7件，予以公开5件，部分公开2件。",
        Heading("四、政府信息公开行政复议、行政诉讼情况"),
        "行政复议3件，行政诉讼0件。",
        Heading("五、存在的主要问题及改进情况"),
        Heading("六、其他需要报告的事项"),
        "无",
    ]
    for write in (page, docx, pdf):
        reading = read(write(title, blocks))
        assert (reading.is_report, reading.cells) == (True, {})
        assert "tables_absent" in {found.code for found in reading.findings}
