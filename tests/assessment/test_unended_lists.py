"""Lists of which nobody knows the end: what their order tells, and what not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fact_making import MINUTE, a_scope, some_facts, status_at, t

from archive.assessment.history import history
from archive.assessment.suspicion import ENDLESS, LookView, ShownLead, first_complete_year, suspicion
from storage.records import Look, LookOutcome, Status

COLUMN = "wenshang:nianbao"


def days(*years: int, each: int = 5) -> tuple[date, ...]:
    """So many entries a year, newest first, all of January."""
    return tuple(date(year, 1, 28) - timedelta(days=n) for year in years for n in range(each))


def endless(at: str, shown: tuple[date | None, ...], leads: tuple[ShownLead, ...] = (), **more: object) -> LookView:
    values: dict[str, object] = {"id": at, "run": f"r{at}", "portal": "wenshang", "listing": COLUMN, "started": t(at)}
    values |= {"finished": t(at) + MINUTE, "outcome": LookOutcome.PARTIAL, "reason": ENDLESS}
    return LookView(look=Look(**{**values, **more}), leads=leads, days=shown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "year"),
    [
        (days(2026, 2025, 2024, 2023), 2024),  # the oldest are of 2023: reports for 2024 came in 2025
        (days(2026, 2021, each=10), 2022),  # nothing between, and still in order
        (days(2026, 2025, each=10), None),  # a report for 2025 that names a day of 2025 may be behind the end
        (days(2026, each=20), None),  # cut within one January
        (days(2026, 2024, each=4), None),  # eight entries are no order
        (days(2026, 2025, 2023)[:-3], None),  # two old entries may be two wrong days
        (tuple(reversed(days(2026, 2025, 2024, 2023))), None),
        ((date(2023, 1, 5), *days(2026, 2025, 2024, 2023)), None),  # one was put on top
        ((*days(2026, 2025, 2024, 2023), None), None),  # one has no day
        (days(2026, 2025, 2024) + days(2026, 2025, 2024), None),  # two lists side by side
        ((date(2026, 1, 9),) * 10 + (date(2022, 1, 9),) * 10, None),  # two days are no order
        ((), None),
    ],
)
def test_what_an_ordered_list_tells_does_not_hang_on_its_end(shown: tuple[date | None, ...], year: int | None) -> None:
    assert first_complete_year(shown) == year


def test_only_looks_that_nothing_else_is_wrong_with_tell_by_their_order() -> None:
    shown = days(2026, 2025, 2024, 2023)
    looks = [
        endless("2026-02-01 09:00", shown),
        endless("2026-02-02 09:00", shown, reason="19_of_20"),
        endless("2026-02-03 09:00", shown, outcome=LookOutcome.OK),
        endless("2026-02-04 09:00", shown, clock_skew=900.0),
    ]
    assert [judged.fact.complete_from for judged in suspicion(looks)] == [2024, None, None, None]


def test_a_list_that_lost_what_it_showed_tells_nothing_by_its_order() -> None:
    leads = tuple(ShownLead(url=f"http://x.gov.cn/{n}.html", agency=f"w/{n}", year=2025) for n in range(20))
    old = tuple(ShownLead(url=f"http://x.gov.cn/o{n}.html", agency=f"w/{n}", year=2020) for n in range(9))
    shown = days(2026, 2025, 2024, 2023)
    whole = endless("2026-02-01 09:00", shown, leads + old, outcome=LookOutcome.OK, reason="")
    again = endless("2026-02-02 09:00", shown, leads)
    less = endless("2026-02-03 09:00", shown, leads[:15])
    assert [judged.fact.complete_from for judged in suspicion([whole, again, less])] == [None, 2024, None]


def test_a_report_of_a_year_that_an_ordered_list_tells_of_is_missing_and_of_another_unknown() -> None:
    shown = days(2026, 2025, 2024, 2023)
    looks = suspicion([endless("2026-02-02 09:00", shown), endless("2026-02-10 09:00", shown)])
    now = t("2026-02-11 09:00")
    for year, status in ((2025, Status.MISSING), (2023, Status.UNKNOWN)):
        facts = some_facts(scope=(a_scope(COLUMN),), looks=tuple(look.fact.of_year(year) for look in looks))
        verdict = status_at(history(facts, now), now)
        assert verdict is not None
        assert verdict.status is status
