"""Reports on a form of another year: told by the years of the form files, and only where the year is known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.forms.loader import form, old_form
from archive.forms.printer import tables
from archive.parser.combining import combine
from archive.parser.form_years import era, of_another_year
from archive.parser.reader import read
from imitation.documents.html import page
from imitation.wording import Heading
from storage.records import Reading, Severity

CODE = "form_of_other_year"


def report(name: str, year: int | None) -> Reading:
    plan = form(name)
    title = f"测试县司法局{f'{year}年' if year else ''}政府信息公开工作年度报告"
    return read(page(title, list(tables(plan, dict.fromkeys(plan.ids, Decimal(0))))))


@pytest.mark.parametrize(
    ("name", "year", "told"),
    [
        ("2019", 2019, False),
        ("2019", 2020, False),
        ("2019", 2023, True),
        ("2019", 2018, True),
        ("2021", 2020, True),
        ("2021", 2021, False),
        ("2021", 2099, False),
        ("2021", None, False),
        ("pre2019", 2018, False),
        ("pre2019", 2019, True),
        (None, 2019, False),
        ("1999", 2019, False),
    ],
)
def test_a_form_that_was_not_yet_or_no_more_there_is_told(name: str | None, year: int | None, told: bool) -> None:
    found = list(of_another_year(name, year))
    assert [one.code for one in found] == [CODE] * told
    assert all(one.severity is Severity.INFO and one.found == str(year) for one in found)


def test_a_report_says_so_and_keeps_its_cells() -> None:
    for name, year in (("2019", 2023), ("2021", 2019)):
        reading = report(name, year)
        assert reading.form == name
        assert set(reading.cells) == set(form(name).ids)
        assert [one.code for one in reading.findings if one.code == CODE] == [CODE]
    assert CODE not in {one.code for one in report("2019", None).findings}


def test_it_is_said_of_the_whole_once_where_the_table_is_attached() -> None:
    text = read(page("测试县司法局2023年政府信息公开工作年度报告", [Heading("一、总体情况"), "我局认真做好工作。"]))
    whole = combine(text, [("附件.html", report("2019", None))])
    assert [one.found for one in whole.findings if one.code == CODE] == ["2023"]
    again = combine(report("2019", 2023), [("附件.html", report("2019", 2023))])
    assert [one.found for one in again.findings if one.code == CODE] == ["2023"]


def test_the_form_meant_for_a_year_goes_first() -> None:
    assert era(2020).forms[0] == "2019"
    assert era(2020).later == {"2021"}
    assert era(2022).forms[0] == era(None).forms[0] == "2021"
    assert era(2022).later == frozenset()
    assert era(2010).later == {"2019", "2021"}
    assert old_form().name not in era(2015).forms
