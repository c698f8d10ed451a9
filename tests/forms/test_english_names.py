"""What the national forms print has an English name for readers who know no Chinese."""

from __future__ import annotations

import pytest

from archive.forms.english import english
from archive.forms.loader import all_forms
from archive.forms.model import Form


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: form.name)
def test_every_place_of_a_form_has_an_english_name(form: Form) -> None:
    labels = {(*one.row.groups, one.row.label, one.column.label) for one in form.places.values()}
    assert not [one for one in labels if english(one) is None]


def test_a_name_is_put_together_of_what_the_form_prints_without_its_numbers() -> None:
    printed = ("三、本年度办理结果", "（三）不予公开", "1.属于国家秘密", "总计")
    assert english(printed) == "Results this year / Refused / state secrets / total"
    assert english((*printed, "某栏")) is None
