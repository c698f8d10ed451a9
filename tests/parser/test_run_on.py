"""Tables whose rows ran together in one line, cells parted by pipes or tabs: every cell as printed, or told."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.documents import text
from archive.documents.joined_lines import run_together_lines
from archive.documents.pages import Paragraph, Table
from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.parser.reader import read
from imitation.documents import flat
from imitation.wording import Block, Heading
from tests import form_rendering as render
from tests.adding_up import adding_up

FORMS = pytest.mark.parametrize("plan", [form for form in load_forms() if form.tables], ids=lambda plan: plan.name)
SEPARATORS = pytest.mark.parametrize("separator", [" | ", "|", "\t"])
BROKEN = pytest.mark.parametrize("broken", [False, True])
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


def _blocks(form: Form, cells: render.Cells) -> list[Block]:
    made: list[Block] = ["根据《条例》编制本报告。", Heading("一、总体情况"), "2023年，我局有序公开。"]
    for heading, table in zip(render.HEADINGS, render.tables_of(form, cells), strict=True):
        made += [Heading(heading), table]
    return [*made, Heading("五、存在的主要问题及改进情况"), "还不够细。", Heading("六、其他需要报告的事项"), "无。"]


@FORMS
@SEPARATORS
@BROKEN
def test_a_report_whose_rows_ran_together_is_read(plan: Form, separator: str, broken: bool) -> None:
    cells = adding_up(plan, random.Random(f"{plan.name}{broken}"))
    title = "汶上县水利局2023年政府信息公开工作年度报告"
    reading = read(flat.run_on(title, _blocks(plan, cells), separator, broken=broken))
    assert (reading.is_report, reading.form, reading.title) == (True, plan.name, title)
    assert render.differences(reading, cells) == {}
    assert [section.key for section in reading.sections if section.key][:1] == ["overview"]


@FORMS
@SEPARATORS
@BROKEN
@FEW
@given(data=st.data())
def test_no_blank_cell_among_them_moves_a_figure(plan: Form, separator: str, broken: bool, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    reading = read(flat.run_on(render.TITLE, _blocks(plan, cells), separator, broken=broken))
    assert render.lies(reading, cells) == {}


def test_a_row_a_line_stays_a_table() -> None:
    source = "第二十条第（五）项\n信息内容 | 本年处理决定数量\n行政许可 | 12\n"
    wide = "一、本年新收 | 1 | 0 | 0 | 0 | 0 | 0 | 1\n二、上年结转 | 0 | 0 | 0 | 0 | 0 | 0 | 0\n"
    assert run_together_lines((source + wide).split("\n")) == frozenset()
    assert [type(block) for block in text.read((source + wide).encode()).blocks] == [Paragraph, Table]


def test_captions_with_their_headings_and_figures_in_a_line_each() -> None:
    lines = (
        "第二十条第（一）项 | 信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 | 规章 | 0 | 0 | 0"
        " | 行政规范性文件 | 1 | 0 | 3",
        "第二十条第（五）项 | 信息内容 | 本年处理决定数量 | 行政许可 | 12",
        "第二十条第（六）项 | 信息内容 | 本年处理决定数量 | 行政处罚 | 7 | 行政强制 | 0",
    )
    reading = read("\n".join(["汶上县水利局2023年政府信息公开工作年度报告", *lines]).encode())
    read_values = {
        name: reading.cells[f"proactive.{name}"].value for name in ("normative.issued", "admin_license.decided")
    }
    assert read_values == {"normative.issued": Decimal(1), "admin_license.decided": Decimal(12)}
    assert len(reading.cells) == 9


@pytest.mark.parametrize("separator", ["|", "\t"])
def test_words_in_a_table_alone_are_not_nothing(separator: str) -> None:
    assert read(f"汶上县{separator}水利局{separator}机关".encode()).reason != "empty"


@pytest.mark.parametrize("parting", [" ", "。"])
def test_a_title_that_ran_together_with_the_first_paragraph(parting: str) -> None:
    title, opening = "汶上县水利局2023年政府信息公开工作年度报告", "根据《条例》的要求,认真总结了一年来的各项工作。" * 3
    reading = read(f"{title}{parting}{opening}\n一、总体情况\n有序。\n二、主动公开政府信息情况\n有序。".encode())
    assert (reading.title == title) is (parting == " ")
