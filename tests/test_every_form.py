"""What is printed of a form is read back, whatever stands in its cells: as text or doubted, in files every cell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.forms.printer import PrintedTable
from archive.parser.reader import read
from imitation.documents.kinds import WRITERS
from imitation.wording import Block, SectionHeading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("form", load_forms(), ids=lambda form: form.name)
MODEST = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a failure says enough without shrinking hundreds of cells
)
TEXTS: dict[str, Callable[[tuple[PrintedTable, ...]], str]] = {
    "tabs_merged": render.as_tabs,
    "cell_lines": render.as_cell_lines,
    "pipe_list": render.as_pipe_list,
}


@FORMS
@pytest.mark.parametrize("shape", TEXTS)
@MODEST
@given(data=st.data())
def test_a_text_with_all_its_figures_is_read_back(form: Form, shape: str, data: st.DataObject) -> None:
    cells = data.draw(render.filled(form, blanks=False))
    reading = read(TEXTS[shape](render.tables_of(form, cells)).encode())
    assert render.differences(reading, cells) == {}


@FORMS
@pytest.mark.parametrize("shape", [*TEXTS, "markdown"])
@MODEST
@given(data=st.data())
def test_a_text_with_blanks_is_read_back_or_doubted(form: Form, shape: str, data: st.DataObject) -> None:
    cells = data.draw(render.filled(form))
    shown = {**TEXTS, "markdown": render.as_markdown}[shape]
    reading = read(shown(render.tables_of(form, cells)).encode())
    assert render.lies(reading, cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_lines_that_lost_their_blanks_are_right_or_doubted(form: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(form))
    reading = read(render.as_lines(render.tables_of(form, cells)).encode())
    assert render.lies(reading, cells) == {}


#: without lines, without the blank cells at a sheet's edges, or in pieces: what is blank may be past knowing, and told
LOSING = {"text-tabs", "pdf-unruled", "xls", "xls-apart", "xlsx", "xlsx-apart", "zip-parts"}


def blocks(form: Form, cells: render.Cells) -> list[Block]:
    made: list[Block] = [SectionHeading("一、总体情况"), "我局按照规定编制本报告，统计期限自1月1日起至12月31日止。"]
    for heading, table in zip(render.HEADINGS, render.tables_of(form, cells), strict=True):
        made += [SectionHeading(heading), table]
    return [
        *made,
        SectionHeading("五、存在的主要问题及改进情况"),
        "公开内容还不够细。",
        SectionHeading("六、其他需要报告的事项"),
        "无。",
    ]


@pytest.mark.parametrize("kind", WRITERS)
@settings(MODEST, max_examples=4)
@given(data=st.data())
def test_a_written_report_is_read_back(kind: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(load_forms()))
    cells = data.draw(render.filled(form))
    reading = read(WRITERS[kind](render.TITLE, blocks(form, cells)))
    assert reading.kind == kind.partition("-")[0]
    assert reading.is_report
    assert reading.form == form.name or kind in LOSING
    differing = render.lies if kind in LOSING else render.differences
    assert differing(reading, cells) == {}
    assert all(cell.locator for cell in reading.cells.values() if cell.raw or kind not in LOSING)
    assert [section.key for section in reading.sections if section.key][:1] == ["overview"]
