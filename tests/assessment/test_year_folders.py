"""Folders of a year, known by what they showed, and lists that newer ones took the place of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fact_making import BORN, Appearance, a_look, a_scope, listing, scope, some_facts, t

from archive.assessment.facts import ScopeEntry
from archive.assessment.statuses import judge
from storage.records import Agency, AgencyKind, Listing, Status

NOW = t("2026-03-01 00:00")
AGENCY = Agency(id="w/a", portal="w", name="汶上县司法局", kind=AgencyKind.DEPARTMENT, recorded_at=BORN)
KINDS = {"w/a": AgencyKind.DEPARTMENT, "w/b": AgencyKind.DEPARTMENT, "w/t": AgencyKind.TOWNSHIP}


def shown(key: str, agency: str, *years: int, at: str = "2026-01-05 09:00") -> list[Appearance]:
    return [((f"w:{key}", f"w/{agency}", year), t(at)) for year in years]


def found(rows: list[Listing], seen: list[Appearance], year: int = 2025, at: datetime = NOW) -> dict[str, bool]:
    """Give for each listing in scope at a time whether it proves something by itself."""
    entries: tuple[ScopeEntry, ...] = scope(AGENCY, year, rows, seen, (), KINDS)
    held = [one for one in entries if one.known_from <= at and (one.known_until is None or at < one.known_until)]
    return {entry.listing: entry.proves for entry in held}


def test_lists_of_one_year_each_that_share_an_agency_speak_for_no_other_year() -> None:
    rows = [listing("x"), listing("y")]
    seen = [*shown("x", "a", 2023), *shown("y", "a", 2024)]
    assert found(rows, seen) == {}
    assert found(rows, seen, 2023) == {"w:x": True}
    assert found(rows, [*shown("x", "a", 2023), *shown("y", "b", 2024)]) == {"w:x": True}  # two bodies, each its own
    assert found(rows, [*shown("x", "t", 2023), *shown("x", "a", 2023), *shown("y", "t", 2024)]) == {"w:x": True}


def test_a_list_that_shows_a_further_year_is_no_folder_from_then_on() -> None:
    rows = [listing("x"), listing("y", year=2023)]
    seen = [*shown("x", "a", 2024), *shown("y", "a", 2023), *shown("x", "b", 2025, at="2026-02-05 09:00")]
    assert found(rows, seen, at=t("2026-02-01 00:00")) == {}
    assert found(rows, seen) == {"w:x": True}


def test_a_column_of_the_past_speaks_for_no_later_year() -> None:
    """Where the column of today was overlooked, all its reports were called missing."""
    seen = shown("x", "a", 2020, 2021, 2022)
    for label in ("年报>2022年及以前年度报告", "2019-2022年年报", "2022年前"):
        assert found([listing("x", column=label)], seen) == {}
        assert found([listing("x", column=label)], seen, 2022) == {"w:x": True}
        assert found([listing("x", column=label)], shown("x", "a", 2020, 2021), 2022) == {}  # published until then
    assert found([listing("x", column="年报>历史年报")], seen) == {"w:x": False}
    assert found([listing("x", column="年报>历年年报")], seen) == {"w:x": True}


def test_a_list_of_several_on_which_nobody_published_for_years_was_left() -> None:
    seen = [one for who in "abt" for one in shown("x", who, 2021, 2022)]
    assert found([listing("x")], seen) == {"w:x": False}
    assert found([listing("x")], [*seen, *shown("x", "t", 2024)]) == {"w:x": True}
    assert found([listing("x")], seen[:4]) == {"w:x": True}  # two bodies may have stopped
    assert found([listing("x", agency="w/a")], seen) == {"w:x": True}


def test_a_lone_list_speaks_for_a_new_year_unless_label_or_address_name_the_old_one() -> None:
    seen = shown("x", "a", 2024)
    assert found([listing("x")], seen) == {"w:x": True}
    assert found([listing("x", url="http://x/nb/n2024n.htm")], seen) == {}
    assert found([listing("x", url="http://x/2024/nb.htm")], seen) == {"w:x": True}  # where it was made
    assert found([listing("x", column="年报>2024年")], seen) == {}
    assert found([listing("x", column="年报(2024年以来)")], [*seen, *shown("x", "b", 2025)]) == {"w:x": True}
    assert found([listing("x", column="2024年部门", covers=(AgencyKind.DEPARTMENT,))], []) == {}


def test_a_list_whose_agencies_publish_elsewhere_since_proves_nothing_by_itself() -> None:
    rows = [listing("old"), listing("new")]
    seen = [*shown("old", "a", 2021, 2022), *shown("old", "b", 2021, 2022), *shown("new", "b", 2023, 2024)]
    assert found(rows, seen) == {"w:old": False}
    assert found(rows, seen, 2022) == {"w:old": True}
    assert found(rows, [*seen, *shown("old", "b", 2025)]) == {"w:old": True}
    others = [*shown("old", "a", 2021, 2022), *shown("old", "t", 2022), *shown("new", "t", 2023)]
    assert found(rows, others) == {"w:old": True}  # bodies of another kind


def test_the_years_folder_speaks_for_whom_its_sisters_showed_once_one_of_its_kind_stands_there() -> None:
    rows = [listing("o", year=2024), listing("n", column="2025年")]
    old = [*shown("o", "a", 2024), *shown("o", "b", 2024), *shown("o", "t", 2024)]
    assert found(rows, old) == {}
    assert found(rows, [*old, *shown("n", "b", 2025)]) == {"w:n": True}
    assert found(rows, [*old, *shown("n", "t", 2025)]) == {}  # perhaps the townships' folder
    assert found([rows[0], listing("n")], [*old, *shown("n", "b", 2025)]) == {"w:n": True}  # nothing calls it so
    unseen = [*shown("o", "b", 2024), *shown("n", "b", 2025)]
    assert found(rows, unseen) == {}


def test_a_folder_beside_other_lists_is_asked_for_but_proves_nothing_alone() -> None:
    rows = [listing("main", covers=(AgencyKind.DEPARTMENT,)), listing("n", column="2025年")]
    assert found(rows, []) == {"w:main": True, "w:n": False}


def test_looks_at_listings_that_prove_nothing_are_no_absence() -> None:
    entry = a_scope("w:old", reason="appeared", proves=False)
    looks = tuple(a_look(at, "w:old") for at in ("2026-02-02 09:00", "2026-02-10 09:00"))
    known = some_facts(scope=(entry,), looks=looks)
    verdict = judge(known, NOW)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "listing_unknown")
    assert judge(replace(known, scope=(replace(entry, proves=True),)), NOW).status is Status.MISSING
