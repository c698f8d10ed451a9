"""When a report is due: by law, by custom, by a stricter local rule, in a holiday."""

from __future__ import annotations

from datetime import date

import pytest
from fact_making import t

from archive.assessment.deadlines import due, duties, duty, local_due
from storage.records import Agency, AgencyKind
from tests.case_tables import read_cases


@pytest.mark.parametrize(("kind", "year", "expected"), read_cases(__file__, "statutory"))
def test_the_statutory_day(kind: str, year: int, expected: date | str) -> None:
    found = due(AgencyKind(kind), year)
    assert (found.due or "") == expected
    assert found.basis
    assert found.source


def test_custom_stands_where_no_statute_does() -> None:
    assert due(AgencyKind.TOWNSHIP, 2025).practice == date(2026, 1, 31)
    assert due(AgencyKind.TOWNSHIP, 2018).practice is None
    assert due(AgencyKind.OTHER, 2025).practice is None


@pytest.mark.parametrize(("year", "flagged"), [(2019, True), (2020, False), (2021, True), (2023, False), (2024, True)])
def test_a_due_date_in_the_spring_festival_is_flagged_and_not_moved(year: int, flagged: bool) -> None:
    found = due(AgencyKind.DEPARTMENT, year)
    assert (found.holiday is not None) is flagged
    assert found.due == date(year + 1, 1, 31)


def test_a_stricter_local_rule_stands_beside_the_law() -> None:
    (local,) = local_due("新野县", AgencyKind.DEPARTMENT, 2018)
    assert local.due == date(2019, 3, 25)
    assert local.source
    assert due(AgencyKind.DEPARTMENT, 2018).due == date(2019, 3, 31)
    assert local_due("新野县", AgencyKind.DEPARTMENT, 2024) == ()
    assert local_due("汶上县", AgencyKind.DEPARTMENT, 2018) == ()


def _agency(**more: object) -> Agency:
    values = {
        "id": "wenshang/sfj",
        "portal": "wenshang",
        "name": "汶上县司法局",
        "kind": AgencyKind.DEPARTMENT,
        "recorded_at": t("2026-01-01 00:00"),
    }
    return Agency(**{**values, **more})  # type: ignore[arg-type]


def test_duties_are_those_of_the_years_that_are_over_in_beijing() -> None:
    assert [d.year for d in duties([_agency()], 2023, t("2025-12-31 23:59"))] == [2023, 2024]
    assert [d.year for d in duties([_agency()], 2023, t("2026-01-01 00:00"))] == [2023, 2024, 2025]


def test_a_guess_is_no_guess_where_a_report_of_that_year_or_later_is_held() -> None:
    agency = _agency(guessed=True)
    assert duty(agency, 2023).guessed
    assert not duty(agency, 2023, reports=[(agency.id, 2024)]).guessed
    assert not duty(agency, 2024, reports=[(agency.id, 2024)]).guessed
    assert duty(agency, 2025, reports=[(agency.id, 2024)]).guessed
    assert not duty(_agency(), 2025).guessed
