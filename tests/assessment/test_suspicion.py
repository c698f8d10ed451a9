"""Which looks may be trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from fact_making import MINUTE, t

from archive.assessment.suspicion import LookJudgement, LookView, ShownLead, suspicion
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


def suspects(found: tuple[LookJudgement, ...]) -> list[str]:
    return [judgement.look.id for judgement in found if judgement.fact.suspect]


def test_more_than_a_tenth_and_at_least_two_leads_gone_is_suspect() -> None:
    base = view("2026-02-01 09:00", reports(30))
    for left, suspect in ((30, False), (28, False), (27, False), (26, True)):
        assert bool(suspects(suspicion([base, view("2026-02-02 09:00", reports(left))]))) is suspect
    assert not suspects(suspicion([view("2026-02-01 09:00", reports(5)), view("2026-02-02 09:00", reports(4))]))
    assert suspects(suspicion([view("2026-02-01 09:00", reports(5)), view("2026-02-02 09:00", reports(3))]))


def test_a_year_of_which_nothing_is_left_is_suspect() -> None:
    base = view("2026-02-01 09:00", reports(40) + reports(1, 2019))
    assert suspects(suspicion([base, view("2026-02-02 09:00", reports(40))])) == ["2026-02-02 09:00"]


def test_reports_that_only_changed_their_addresses_are_not_gone() -> None:
    moved = tuple(
        ShownLead(url=lead.url.replace("x.gov", "y.gov"), agency=lead.agency, year=lead.year) for lead in reports(30)
    )
    assert not suspects(suspicion([view("2026-02-01 09:00", reports(30)), view("2026-02-02 09:00", moved)]))


def test_a_suspect_look_is_no_base_for_the_next() -> None:
    looks = [
        view("2026-02-01 09:00", reports(30)),
        view("2026-02-02 09:00", reports(10)),
        view("2026-02-03 09:00", reports(10)),
    ]
    assert suspects(suspicion(looks)) == ["2026-02-02 09:00", "2026-02-03 09:00"]
    assert suspects(suspicion([*looks, view("2026-02-04 09:00", reports(30))])) == [
        "2026-02-02 09:00",
        "2026-02-03 09:00",
    ]


def test_the_same_reduced_set_in_three_looks_over_14_days_becomes_the_base() -> None:
    looks = [
        view("2026-02-01 09:00", reports(30)),
        view("2026-02-02 09:00", reports(10)),
        view("2026-02-09 09:00", reports(10)),
    ]
    early = suspicion([*looks, view("2026-02-16 08:59", reports(10))])
    assert suspects(early) == ["2026-02-02 09:00", "2026-02-09 09:00", "2026-02-16 08:59"]
    found = suspicion([*looks, view("2026-02-16 09:00", reports(10)), view("2026-02-17 09:00", reports(10))])
    assert suspects(found) == ["2026-02-02 09:00", "2026-02-09 09:00"]
    assert [f.code for j in found for f in j.findings] == ["listing_shrunk"]
    assert found[3].findings
    other = view("2026-02-09 09:00", reports(10, start=5))
    assert len(suspects(suspicion([looks[0], looks[1], other, view("2026-02-16 09:00", reports(10))]))) == 3


def test_a_ruling_makes_the_base() -> None:
    looks = [
        view("2026-02-01 09:00", reports(30)),
        view("2026-02-02 09:00", reports(10)),
        view("2026-02-10 09:00", reports(10)),
    ]
    assert suspects(suspicion(looks, [ruling(RulingKind.NEW_BASE, "2026-02-02 09:00", "2026-02-20 12:00")])) == []


def test_a_voided_base_judges_nobody() -> None:
    looks = [view("2026-02-01 09:00", reports(30)), view("2026-02-02 09:00", reports(10))]
    found = suspicion(looks, [ruling(RulingKind.VOID_LOOK, "2026-02-01 09:00", "2026-02-05 12:00")])
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


def test_partial_blocked_and_skewed_looks_are_neither_suspect_nor_a_base() -> None:
    looks = [
        view("2026-02-01 09:00", reports(30)),
        view("2026-02-02 09:00", reports(3), outcome=LookOutcome.PARTIAL),
        view("2026-02-03 09:00", reports(3), clock_skew=999.0),
        view("2026-02-04 09:00", reports(30)),
    ]
    assert suspects(suspicion(looks)) == []


def test_the_order_of_looks_and_rulings_never_matters() -> None:
    start = t("2026-02-01 09:00")
    times: list[datetime] = [start + timedelta(days=n) for n in range(20)]
    looks = [view(when.strftime("%Y-%m-%d %H:%M"), reports(30 if n % 7 < 3 else 8)) for n, when in enumerate(times)]
    rulings = [
        ruling(RulingKind.VOID_LOOK, "2026-02-02 09:00", "2026-02-11 12:00", "a"),
        ruling(RulingKind.NEW_BASE, "2026-02-05 09:00", "2026-02-12 12:00", "b"),
    ]
    assert suspicion(looks, rulings) == suspicion(looks[::-1], rulings[::-1])
