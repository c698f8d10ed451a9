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


@pytest.mark.parametrize(
    ("code", "base", "expected", "how"),
    [
        ("370830", 2010, "370830", "same"),
        ("371202", 2024, "370116", "successor"),  # 莱芜市莱城区 → 济南市莱芜区
        ("371203", 2018, "370117", "successor"),
        ("370116", 2017, "371202", "predecessor"),
        ("220381", 2024, "220184", "successor"),  # 公主岭 from 四平 to 长春
        ("320602", 2024, "320613", "successor"),  # 崇川 and 港闸 became one
        ("320611", 2024, "320613", "successor"),
        ("320613", 2019, None, "divided"),  # … so that before there was no such code
        ("130421", 2024, None, "divided"),  # 邯郸县 went to two districts
        ("999999", 2020, None, "unknown"),
        ("370830", FIRST_YEAR - 1, None, "no_list"),
        ("370830", LAST_YEAR + 1, None, "no_list"),
    ],
)
def test_a_code_in_the_codes_of_another_year(code: str, base: int, expected: str | None, how: str) -> None:
    found = code_in(code, base)
    assert (found.code, found.how) == (expected, how)


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
