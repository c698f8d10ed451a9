"""Which looks may be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fact_making import MINUTE, t

from archive.assessment.suspicion import LookView, ShownLead, suspicion
from storage.records import Look, LookOutcome, Ruling, RulingKind

COLUMN = "wenshang:nianbao"


def reports(count: int, year: int = 2024, start: int = 0) -> tuple[ShownLead, ...]:
    return tuple(
        ShownLead(url=f"http://x.gov.cn/{year}/{n}.html", agency=f"w/{n}", year=year)
        for n in range(start, start + count)
    )


def view(
    at: str, leads: tuple[ShownLead, ...] = (), *, addressed: bool = False, entries: int | None = None, **more: object
) -> LookView:
    started = t(at)
    values = {
        "id": at,
        "run": f"r{at}",
        "portal": "wenshang",
        "listing": COLUMN,
        "started": started,
        "finished": started + MINUTE,
        "outcome": LookOutcome.OK,
    }
    return LookView(look=Look(**{**values, **more}), leads=leads, entries=entries, addressed=addressed)  # type: ignore[arg-type]


def ruling(kind: RulingKind, look: str, at: str, name: str = "r1") -> Ruling:
    return Ruling(id=name, made_at=t(at), by="somebody", kind=kind, subject=look, reason="seen by hand")


def seen(text: str) -> list[LookView]:
    """Looks as "1:30 2-:10+5p": the day of February (- a minute early), how many reports, from which one; partial."""
    views = []
    for one in text.split():
        day, _, shown = one.partition(":")
        count, _, start = shown.rstrip("ps").partition("+")
        more: dict[str, object] = {"outcome": LookOutcome.PARTIAL} if shown.endswith("p") else {}
        more |= {"clock_skew": 999.0} if shown.endswith("s") else {}
        hour = "08:59" if day.endswith("-") else "09:00"
        views.append(
            view(f"2026-02-{int(day.rstrip('-')):02} {hour}", reports(int(count), start=int(start or 0)), **more)
        )
    return views


def suspects(views: list[LookView], rulings: Sequence[Ruling] = ()) -> list[int]:
    """The days of the looks that are suspect."""
    return [judged.look.started.day for judged in suspicion(views, rulings) if judged.fact.suspect]


@pytest.mark.parametrize(
    ("looks", "suspect"),
    [
        # more than a tenth and at least two leads
        ("1:30 2:30", []),
        ("1:30 2:27", []),
        ("1:30 2:26", [2]),
        ("1:5 2:4", []),
        ("1:5 2:3", [2]),
        # a suspect look is no base for the next
        ("1:30 2:10 3:10", [2, 3]),
        ("1:30 2:10 3:10 4:30", [2, 3]),
        # the same reduced set in three looks over 14 days becomes the base
        ("1:30 2:10 9:10 16-:10", [2, 9, 16]),
        ("1:30 2:10 9:10 16:10 17:10", [2, 9]),
        ("1:30 2:10 9:10+5 16:10", [2, 9, 16]),
        # partial and skewed looks are neither suspect nor a base
        ("1:30 2:3p 3:3s 4:30", []),
    ],
)
def test_what_loses_too_much_is_suspect(looks: str, suspect: list[int]) -> None:
    assert suspects(seen(looks)) == suspect


def test_more_than_a_tenth_and_at_least_two_leads_gone_is_suspect() -> None:
    assert suspects(seen("1:30 2:26")) == [2]
    assert suspects([view("2026-02-01 09:00", reports(40) + reports(1, 2019)), *seen("2:40")]) == [2]  # a year gone


def test_reports_that_only_changed_their_addresses_are_not_gone() -> None:
    moved = tuple(replace(lead, url=lead.url.replace("x.gov", "y.gov")) for lead in reports(30))
    assert suspects([*seen("1:30"), view("2026-02-02 09:00", moved)]) == []


def test_the_same_reduced_set_in_three_looks_over_14_days_becomes_the_base() -> None:
    found = suspicion(seen("1:30 2:10 9:10 16:10 17:10"))
    assert [[one.code for one in judged.findings] for judged in found] == [[], [], [], ["listing_shrunk"], []]


def test_a_ruling_makes_the_base_and_a_voided_base_judges_nobody() -> None:
    base = ruling(RulingKind.NEW_BASE, "2026-02-02 09:00", "2026-02-20 12:00")
    assert suspects(seen("1:30 2:10 10:10"), [base]) == []
    found = suspicion(seen("1:30 2:10"), [ruling(RulingKind.VOID_LOOK, "2026-02-01 09:00", "2026-02-05 12:00")])
    assert [(one.fact.voided, one.fact.suspect) for one in found] == [(True, False), (False, False)]


def test_a_printed_total_that_was_not_reached_makes_a_look_partial() -> None:
    for total, entries, ended in ((12, 10, LookOutcome.PARTIAL), (12, 12, LookOutcome.OK), (None, 10, LookOutcome.OK)):
        (judged,) = suspicion([view("2026-02-01 09:00", reports(10), total=total, entries=entries)])
        assert judged.fact.outcome is ended
    blocked = view("2026-02-01 09:00", total=12, entries=0, outcome=LookOutcome.BLOCKED)
    assert suspicion([blocked])[0].fact.outcome is LookOutcome.BLOCKED


def test_a_clock_more_than_five_minutes_off_in_either_direction() -> None:
    for skew, wrong in ((None, False), (0.0, False), (300.0, False), (300.1, True), (-301.0, True)):
        assert suspicion([view("2026-02-01 09:00", clock_skew=skew)])[0].fact.skewed is wrong


def test_a_look_over_a_certificate_that_does_not_hold_proves_nothing_until_a_ruling_trusts_it() -> None:
    chain = "5a" * 32
    look = replace(view("2026-02-01 09:00", reports(10)), chains=frozenset({chain}))
    trusted = replace(ruling(RulingKind.CERTIFICATE, chain, "2026-02-20 12:00"), decision={"holds": True})
    distrusted = replace(trusted, id="r2", made_at=t("2026-02-25 12:00"), decision={"holds": False})
    other = replace(trusted, subject="6b" * 32)
    for rulings, unverified in (([], True), ([trusted], False), ([trusted, distrusted], True), ([other], True)):
        assert suspicion([look], rulings)[0].fact.unverified is unverified


def test_an_addressed_look_needs_its_control() -> None:
    assert not suspicion([view("2026-02-01 09:00", addressed=True)])[0].fact.control
    assert suspicion([view("2026-02-01 09:00", addressed=True, control="c1")])[0].fact.control
    assert suspicion([view("2026-02-01 09:00")])[0].fact.control


def test_the_order_of_looks_and_rulings_never_matters() -> None:
    looks = seen(" ".join(f"{day}:{30 if day % 7 < 3 else 8}" for day in range(1, 21)))
    rulings = [
        ruling(RulingKind.VOID_LOOK, "2026-02-02 09:00", "2026-02-11 12:00", "a"),
        ruling(RulingKind.NEW_BASE, "2026-02-05 09:00", "2026-02-12 12:00", "b"),
    ]
    assert suspicion(looks, rulings) == suspicion(looks[::-1], rulings[::-1])
