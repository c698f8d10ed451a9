"""For each form file: what is printed as text is read back or doubted, whatever stands in its cells.

Pages and files are read back in ``test_every_kind.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.forms.printer import PrintedTable
from archive.parser.reader import read
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
