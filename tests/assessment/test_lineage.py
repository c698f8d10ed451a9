"""Bodies that ended: whom to ask, in circles too, and whose last report carries into whose next one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.assessment.lineage import Lineage, succession_day
from storage.records import Agency, AgencyKind

AT = datetime(2026, 1, 1, tzinfo=UTC)


def body(name: str, *successors: str, valid_to: str | None = None, valid_from: str | None = None) -> Agency:
    return Agency(
        id=name, portal="p", name=name, kind=AgencyKind.DEPARTMENT, successors=successors, recorded_at=AT,
        valid_to=date.fromisoformat(valid_to) if valid_to else None,
        valid_from=date.fromisoformat(valid_from) if valid_from else None,
    )  # fmt: skip


def carried(*bodies: Agency, reported: str, year: int = 2025) -> tuple[str, ...] | None:
    return Lineage(bodies).carried_from("new", year, lambda one: one in reported.split())


def test_whom_to_ask_is_who_stands_at_the_end() -> None:
    line = Lineage([body("a", "b", "c"), body("b", "d"), body("c"), body("d"), body("e", "gone"), body("f")])
    assert line.heirs("a") == ("d", "c")
    assert line.heirs("e") == ("gone",)
    assert line.heirs("f") == line.heirs("unheard of") == ()
    assert [one.id for one in line.predecessors("d")] == ["b"]


def test_a_circle_leads_nowhere() -> None:
    assert Lineage([body("a", "b"), body("b", "c"), body("c", "a")]).heirs("a") == ("c",)


def test_a_body_without_predecessors_carries_over_its_own() -> None:
    assert carried(body("new"), reported="new") == ("new",)
    assert carried(body("new"), reported="") == ()


def test_a_renamed_body_carries_over_what_the_former_name_reported() -> None:
    old, new = body("old", "new", valid_to="2025-03-31"), body("new", valid_from="2025-04-01")
    assert carried(old, new, reported="old") == ("old",)
    assert carried(old, new, reported="") is None
    # it took over in the year before and had no report of its own: the former name's was published late
    earlier = body("old", "new", valid_to="2024-11-30")
    assert carried(earlier, body("new", valid_from="2024-12-01"), reported="old") == ("old",)
    assert carried(earlier, body("new", valid_from="2024-12-01"), reported="old new") == ("new",)


def test_a_merger_carries_over_all_or_nobody_can_say() -> None:
    parts = [body("one", "new", valid_to="2025-06-30"), body("two", "new", valid_to="2025-06-30")]
    began = body("new", valid_from="2025-07-01")
    assert carried(*parts, began, reported="one two") == ("one", "two")
    assert carried(*parts, began, reported="one") is None
    stood = body("new", valid_from="2019-01-01")  # took two others in: its own belong to it as well
    assert carried(*parts, stood, reported="one two new") == ("new", "one", "two")
    assert carried(*parts, stood, reported="one two") is None
    assert carried(*parts, body("new"), reported="one two") is None  # nobody knows whether it stood before


def test_the_last_day_of_a_year_is_taken_over_in_the_next() -> None:
    old = body("old", "new", valid_to="2024-12-31")
    assert succession_day(old) == date(2025, 1, 1)
    assert carried(old, body("new", valid_from="2019-01-01"), reported="old new") == ("new", "old")
    assert carried(old, body("new", valid_from="2019-01-01"), reported="old new", year=2026) == ("new",)


@pytest.mark.parametrize("old", [body("old", "new", "other", valid_to="2025-03-31"), body("old", "new")])
def test_what_was_divided_or_has_no_day_is_carried_by_nobody_who_can_be_named(old: Agency) -> None:
    assert carried(old, body("new"), reported="old new") is None
