"""Which looks may be trusted, and what lists tell of which nobody knows the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from small_archive import at

from archive.projection.look_trust import END_UNKNOWN, JudgedLook, ReportLinks, first_complete_year, look_fact
from archive.projection.look_trust import judge_listing as judge
from storage.records import Look, LookOutcome, Ruling, RulingKind
from tests.case_tables import read_cases


def reports(count: int, year: int = 2024, start: int = 0) -> ReportLinks:
    return {f"http://x.gov.cn/{year}/{n}.html": (f"w/{n}", year) for n in range(start, start + count)}


View = tuple[Look, ReportLinks, dict[str, Any], tuple[date | None, ...]]


def view(when: str, shown: ReportLinks | None = None, days: tuple[date | None, ...] = (), **more: object) -> View:
    of_fact = {name: more.pop(name) for name in ("entries", "control", "chains") if name in more}
    values = {"id": when, "run": when, "portal": "w", "listing": "w:nb", "outcome": LookOutcome.OK, **more}
    look = Look(started=at(when), finished=at(when) + timedelta(minutes=1), **values)  # type: ignore[arg-type]
    return look, shown or {}, of_fact, days


def judge_listing(views: Sequence[View], rulings: Sequence[Ruling] = ()) -> list[JudgedLook]:
    looks = [
        JudgedLook(look=look, fact=look_fact(look, rulings, **of_fact), report_links=shown, days=days)
        for look, shown, of_fact, days in views
    ]
    return judge(looks, rulings)


def ruling(kind: RulingKind, subject: str, when: str, name: str = "r1", **decision: bool) -> Ruling:
    more = {"by": "somebody", "reason": "seen by hand", "decision": decision}
    return Ruling(id=name, made_at=at(when), kind=kind, subject=subject, **more)  # type: ignore[arg-type]


def seen(text: str) -> list[View]:
    """Looks as "1:30 2-:10+5p": the day of February (- a minute early), how many reports, from which one; partial."""
    views = []
    for one in text.split():
        day, _, shown = one.partition(":")
        count, _, start = shown.rstrip("ps").partition("+")
        more: dict[str, object] = {"outcome": LookOutcome.PARTIAL} if shown.endswith("p") else {}
        more |= {"clock_skew": 999.0} if shown.endswith("s") else {}
        hour = "08:59" if day.endswith("-") else "09:00"
        leads = reports(int(count), start=int(start or 0))
        views.append(view(f"2026-02-{int(day.rstrip('-')):02} {hour}", leads, **more))
    return views


def suspects(views: list[View], rulings: Sequence[Ruling] = ()) -> list[int]:
    """The days of the looks that are suspect."""
    return [judged.look.started.day for judged in judge_listing(views, rulings) if judged.fact.lost]


@pytest.mark.parametrize(("looks", "suspect"), read_cases(__file__, "suspect_looks"))
def test_what_loses_too_much_is_suspect(looks: str, suspect: tuple[int, ...]) -> None:
    assert suspects(seen(looks)) == [*suspect]


def test_reports_that_only_changed_their_addresses_are_not_gone() -> None:
    moved = {url.replace("x.gov", "y.gov"): report for url, report in reports(30).items()}
    assert suspects([*seen("1:30"), view("2026-02-02 09:00", moved)]) == []
    assert suspects([view("2026-02-01 09:00", {**reports(40), **reports(1, 2019)}), *seen("2:40")]) == [2]


def test_the_same_reduced_set_in_three_looks_over_14_days_becomes_the_base() -> None:
    looks = seen("1:30 2:10 9:10 16:10 17:10")
    assert suspects(looks) == [2, 9]
    assert [judged.new_base and judged.new_base.code for judged in judge_listing(looks)][3:] == ["listing_shrunk", None]


def test_a_ruling_makes_the_base_and_a_voided_base_judges_nobody() -> None:
    base = ruling(RulingKind.NEW_BASE, "2026-02-02 09:00", "2026-02-20 12:00")
    assert suspects(seen("1:30 2:10 10:10"), [base]) == []
    void = ruling(RulingKind.VOID_LOOK, "2026-02-01 09:00", "2026-02-05 12:00")
    found = judge_listing(seen("1:30 2:10"), [void])
    assert [(one.fact.voided, one.fact.lost) for one in found] == [(True, 0), (False, 0)]
    assert judge_listing(seen("2:10 1:30"), [void, base]) == judge_listing(seen("1:30 2:10"), [base, void])


def test_a_printed_total_that_was_not_reached_makes_a_look_partial() -> None:
    for total, entries, ended in ((12, 10, LookOutcome.PARTIAL), (12, 12, LookOutcome.OK), (None, 10, LookOutcome.OK)):
        (judged,) = judge_listing([view("2026-02-01 09:00", reports(10), total=total, entries=entries)])
        assert judged.fact.outcome is ended


def test_a_clock_more_than_five_minutes_off_in_either_direction() -> None:
    for skew, wrong in ((None, False), (300.0, False), (300.1, True), (-301.0, True)):
        assert judge_listing([view("2026-02-01 09:00", clock_skew=skew)])[0].fact.skewed is wrong


def test_a_look_over_a_certificate_that_does_not_hold_proves_nothing_until_a_ruling_trusts_it() -> None:
    chain = "5a" * 32
    look = view("2026-02-01 09:00", reports(10), chains=frozenset({chain}))
    trusted = ruling(RulingKind.CERTIFICATE, chain, "2026-02-20 12:00", holds=True)
    distrusted = ruling(RulingKind.CERTIFICATE, chain, "2026-02-25 12:00", "r2", holds=False)
    for rulings, unverified in (([], True), ([trusted], False), ([trusted, distrusted], True)):
        assert judge_listing([look], rulings)[0].fact.unverified is unverified


# ------------------------------------------------------------------------------------------------ lists without an end


def days(*years: int, each: int = 5) -> tuple[date, ...]:
    """So many entries a year, newest first, all of January."""
    return tuple(date(year, 1, 28) - timedelta(days=n) for year in years for n in range(each))


@pytest.mark.parametrize(
    ("shown", "year"),
    [
        (days(2026, 2025, 2024, 2023), 2024),  # the oldest are of 2023: reports for 2024 came in 2025
        (days(2026, 2021, each=10), 2022),  # nothing between, and still in order
        (days(2026, 2025, each=10), None),  # a report for 2025 that names a day of 2025 may be behind the end
        (days(2026, 2024, each=4), None),  # eight entries are no order
        (days(2026, 2025, 2023)[:-3], None),  # two old entries may be two wrong days
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
    end_unknown = {"outcome": LookOutcome.PARTIAL, "reason": END_UNKNOWN, "days": days(2026, 2025, 2024, 2023)}
    new, old = reports(20, 2025), reports(9, 2020)
    less = dict([*new.items()][:15])
    looks = [
        view("2026-02-01 09:00", {**new, **old}, **end_unknown | {"outcome": LookOutcome.OK, "reason": ""}),
        view("2026-02-02 09:00", new, **end_unknown),
        view("2026-02-03 09:00", new, **end_unknown | {"reason": "19_of_20"}),
        view("2026-02-04 09:00", new, **end_unknown | {"clock_skew": 900.0}),
        view("2026-02-05 09:00", less, **end_unknown),  # it lost what it showed
    ]
    assert [judged.fact.whole_from for judged in judge_listing(looks)] == [None, 2024, None, None, None]
    assert [replace(one.fact).of_year(2025).outcome for one in judge_listing(looks)][1] is LookOutcome.OK
