"""Rates with their bounds: what is unknown may be either, so no rate is one number."""

from __future__ import annotations

from datetime import date

import pytest

from archive.queries.rates import rate_rows
from archive.queries.results import AgencyLine, DutyLine
from storage.records import AgencyKind, EvidenceGrade, Status

DEPARTMENT, TOWNSHIP, OTHER = AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP, AgencyKind.OTHER


def lines(
    counts: dict[str, int], year: int = 2024, kind: AgencyKind = DEPARTMENT, *, dated: bool = True
) -> list[DutyLine]:
    """Duties of ``kind``: how many of each status, written ``late`` or ``late one_look``."""
    made = []
    day = date(year + 1, 1, 31)
    practice = None if dated or kind is OTHER else day
    for text, number in counts.items():
        status, _, grade = text.partition(" ")
        for at in range(number):
            name = f"a/{kind}{status}{grade}{at}"
            who = AgencyLine(id=name, name=name, kind=kind, portal="a", place="甲县", division="370830")
            made.append(
                DutyLine(
                    agency=who, year=year, due=day if dated else None, practice=practice,
                    status=Status(status), evidence=EvidenceGrade(grade or "proven"), reason="", zh="", en="",
                    first_shown=None, last_absent=None, declared=None, days_late=None,
                    absent_as_of=None,
                )
            )  # fmt: skip
    return made


def bounds(found: object) -> tuple[float, float]:
    return (round(found.low, 3), round(found.high, 3))  # type: ignore[attr-defined]


def test_the_unknown_may_be_either() -> None:
    [row] = rate_rows(lines({"on_time": 60, "late": 20, "missing": 8, "undetermined": 2, "unknown": 10}))
    assert (row.group, row.year, row.due) == ("statutory", 2024, 100)
    assert bounds(row.rates["on_time"]) == (0.6, 0.72)  # undetermined were seen, nobody knows whether in time
    assert bounds(row.rates["late"]) == (0.2, 0.32)
    assert bounds(row.rates["missing"]) == (0.08, 0.18)
    assert bounds(row.rates["published"]) == (0.82, 0.92)
    assert (row.rates["on_time"].count, row.rates["on_time"].unknown, row.rates["on_time"].unknown_share) == (
        60,
        12,
        0.12,
    )


def test_what_is_not_owed_is_in_no_rate() -> None:
    [row] = rate_rows(lines({"on_time": 1, "not_expected ruled": 5, "not_yet_due none": 4}))
    assert (row.due, row.not_counted) == (1, 9)
    assert bounds(row.rates["on_time"]) == (1.0, 1.0)
    [none] = rate_rows(lines({"not_yet_due none": 2}))
    assert (none.due, none.rates) == (0, {})


def test_published_elsewhere_is_published_and_nobody_knows_when() -> None:
    [row] = rate_rows(lines({"on_time": 1, "elsewhere ruled": 1}))
    assert bounds(row.rates["on_time"]) == (0.5, 1.0)
    assert bounds(row.rates["published"]) == (1.0, 1.0)


def test_townships_and_bodies_without_a_day_are_apart() -> None:
    rows = rate_rows(
        lines({"on_time": 3})
        + lines({"published": 1, "not_found": 1, "unknown none": 2}, kind=TOWNSHIP, dated=False)
        + lines({"published": 1, "unknown none": 1}, kind=OTHER, dated=False)
    )
    by_group = {row.group: row for row in rows}
    assert [row.group for row in rows] == ["statutory", "townships", "others"]
    assert set(by_group["townships"].rates) == {"published", "not_found"}
    assert bounds(by_group["townships"].rates["not_found"]) == (0.25, 0.75)
    assert bounds(by_group["others"].rates["published"]) == (0.5, 1.0)
    assert set(by_group["others"].rates) == {"published"}


def test_townships_stay_apart_where_a_statute_dates_them() -> None:
    old = lines({"late": 1, "on_time": 1}, year=2017, kind=TOWNSHIP)
    new = lines({"published": 2}, year=2019, kind=TOWNSHIP, dated=False)
    pooled = rate_rows([*old, *new])[-1]
    assert (pooled.group, pooled.year, pooled.due) == ("townships", None, 4)
    assert pooled.rates["late"].population == 2  # only those that had a date
    assert pooled.rates["published"].population == 4


def test_years_stand_for_themselves_and_together() -> None:
    rows = rate_rows(lines({"on_time": 1}, 2023) + lines({"late": 1}, 2024))
    assert [row.year for row in rows] == [2023, 2024, None]
    assert rows[-1].rates["late"].low == 0.5


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("late", (0.25, 1.0)), ("on_time", (0.0, 0.75)), ("missing", (0.0, 0.25)), ("published", (0.75, 1.0))],
)
def test_what_is_founded_otherwise_is_not_taken_for_known(rate: str, expected: tuple[float, float]) -> None:
    found = lines({"late": 1, "late claimed": 1, "on_time claimed": 1, "missing one_look": 1})
    [row] = rate_rows(found, {EvidenceGrade.PROVEN})
    assert bounds(row.rates[rate]) == expected


def test_nothing_has_no_rate() -> None:
    assert rate_rows([]) == ()
