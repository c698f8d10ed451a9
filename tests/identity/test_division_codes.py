"""Division codes of one year in those of another, over known changes; nothing is guessed where an area was divided."""

from __future__ import annotations

import pytest

from archive.identity.divisions import (
    FIRST_YEAR,
    LAST_YEAR,
    code_in,
    division,
    divisions,
    level_of,
    prefixes,
    redrawn,
)
from tests.case_tables import read_cases


@pytest.mark.parametrize(("code", "base", "expected", "how"), read_cases(__file__, "codes"))
def test_a_code_in_the_codes_of_another_year(code: str, base: int, expected: str, how: str) -> None:
    found = code_in(code, base)
    assert (found.code or "", found.how) == (expected, how)


def test_every_former_code_comes_to_a_code_in_force_or_says_that_it_was_divided() -> None:
    former = {
        one.code for one in divisions() if level_of(one.code) == "county" and division(one.code, LAST_YEAR) is None
    }
    assert len(former) > 300
    for code in former:
        found = code_in(code, LAST_YEAR)
        assert found.how in {"successor", "divided"}
        for now in (found.code,) if found.code else found.candidates:
            assert division(now, LAST_YEAR) is not None


def test_a_changed_area_is_told_and_a_mere_new_code_is_not() -> None:
    assert redrawn("330110", 2020, 2024) == (2021,)  # 余杭 gave 临平
    assert redrawn("330110", 2021, 2024) == ()
    assert redrawn("320613", 2019, 2024) == (2020,)
    assert redrawn("370116", 2017, 2024) == ()
    assert redrawn("370830", FIRST_YEAR, LAST_YEAR) == ()


def test_divisions_are_found_by_name_and_know_their_level() -> None:
    for name, code in {"济宁市": "3708", "济宁": "3708", "山东省": "37", "吉林市": "2202", "襄樊市": "4206"}.items():
        assert prefixes(name) == (code,)
    for none in ("吉林", "朝阳", "汶上县"):  # a province and a city in it; a city and a district; a county
        assert prefixes(none) == ()
    assert [level_of(code) for code in ("370000", "370800", "370830")] == ["province", "prefecture", "county"]
