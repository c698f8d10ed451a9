"""When a report is due, and which listings speak for a duty, why, and since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fact_making import BORN, Appearance, a_look, a_scope, listing, scope, some_facts, t
from storage_making import sample

from archive.assessment.deadlines import due, duties, duty, local_due
from archive.assessment.statuses import judge_duty
from archive.projection.look_trust import spans_as_no_listing
from storage.records import PREVIEW, Agency, AgencyKind, Listing, Look, LookOutcome, Ruling, RulingKind, Status
from tests.case_tables import named_cases, read_cases

AGENCY = Agency(id="w/sfj", portal="w", name="汶上县司法局", kind=AgencyKind.DEPARTMENT, recorded_at=BORN)


def ruled_kind(at: str, name: str = "k", kind: str = "department", **decision: str | int | bool | None) -> Ruling:
    return replace(ruled(at, name), decision={"kind": kind, **decision})


def ruled(at: str, name: str = "r", **decision: str | int | bool | None) -> Ruling:
    given = {"agency": AGENCY.id, **decision}
    return sample(Ruling, id=name, made_at=t(at), kind=RulingKind.SCOPE, subject="w:main", decision=given)


def test_an_appearance_speaks_from_its_first_proof_on_and_not_for_other_years_folders() -> None:
    seen = [
        (("w:main", "w/sfj", 2024), t("2026-02-03 09:00")),
        (("w:main", "w/sfj", 2024), t("2026-01-25 09:00")),
        (("w:other", "w/else", 2024), t("2026-01-25 09:00")),
    ]
    (entry,) = scope(AGENCY, 2025, [listing(), listing("other")], seen)
    assert (entry.reason, entry.known_from, entry.reason_since) == (
        "appeared",
        t("2026-01-25 09:00"),
        t("2026-01-25 09:00"),
    )
    assert scope(AGENCY, 2025, [listing(year=2024)], seen) == ()


def test_a_ruling_adds_takes_away_and_minds_its_years() -> None:
    main = listing(covers=(AgencyKind.DEPARTMENT,))
    entries = scope(AGENCY, 2025, [main], (), [ruled("2026-02-10 12:00", covers=False)])
    assert [(e.reason, e.known_from, e.known_until) for e in entries] == [("structure", BORN, t("2026-02-10 12:00"))]
    assert [e.reason for e in scope(AGENCY, 2025, [listing()], (), [ruled("2026-02-10 12:00", covers=True)])] == [
        "ruling"
    ]
    years = [ruled("2026-02-10 12:00", covers=True, from_year=2019, to_year=2022)]
    assert scope(AGENCY, 2025, [listing()], (), years) == ()
    assert len(scope(AGENCY, 2020, [listing()], (), years)) == 1
    back = [ruled("2026-02-10 12:00", "a", covers=False), ruled("2026-02-20 12:00", "b", covers=True)]
    assert [(e.reason, e.known_from) for e in scope(AGENCY, 2025, [main], (), back)] == [
        ("structure", BORN),
        ("ruling", t("2026-02-20 12:00")),
    ]


def test_an_ended_listing_keeps_what_it_was_before_and_says_when_the_end_was_known() -> None:
    covers = (AgencyKind.DEPARTMENT,)
    rows = [
        listing(covers=covers),
        listing(covers=covers, ended_at=t("2026-02-05 00:00"), recorded_at=t("2026-02-20 00:00")),
    ]
    before, after = scope(AGENCY, 2025, rows)
    assert (before.ended_at, before.known_until) == (None, t("2026-02-20 00:00"))
    assert (after.ended_at, after.ended_known_from) == (t("2026-02-05 00:00"), t("2026-02-20 00:00"))
    assert scope(AGENCY, 2025, rows[::-1]) == scope(AGENCY, 2025, rows)


def test_a_ruling_on_a_kind_speaks_for_every_agency_of_it_that_none_names() -> None:
    def of(*rulings: Ruling, year: int = 2025, **row: object) -> list[tuple[str, bool]]:
        found = scope(AGENCY, year, [listing(**row)], (), rulings)
        return [(entry.reason, entry.known_until is None) for entry in found]

    yes = ruled_kind("2026-02-10 12:00", covers=True)
    assert of(yes) == [("ruling", True)]
    assert scope(AGENCY, 2025, [listing()], (), [yes])[0].known_from == t("2026-02-10 12:00")
    assert of(ruled_kind("2026-02-10 12:00", kind="township", covers=True)) == []
    assert of(ruled_kind("2026-02-10 12:00", covers=True, from_year=2019, to_year=2022)) == []
    assert of(ruled_kind("2026-02-10 12:00", covers=False), covers=(AgencyKind.DEPARTMENT,)) == [("structure", False)]
    no = ruled_kind("2026-02-20 12:00", "l", covers=False)
    assert of(yes, no) == [("ruling", False)]
    named = ruled("2026-02-05 12:00", covers=False)  # made before, and still the one that names the agency
    assert of(named, yes) == []
    assert of(yes, agency="w/other") == []


def test_the_folder_of_a_year_speaks_from_its_making_on_and_until_a_ruling() -> None:
    """A new folder that was not read to its end: the report may stand on it, though its agency was never seen there."""
    old = listing("old", covers=(AgencyKind.DEPARTMENT,))
    born = t("2026-01-15 09:00")
    (folder, _) = scope(AGENCY, 2025, [old, listing("new", column="2025年", recorded_at=born)])
    assert (folder.reason, folder.known_from, folder.listed_from) == ("structure", born, born)
    told = replace(ruled("2026-02-10 12:00", covers=False), subject="w:new")
    entries = scope(AGENCY, 2025, [old, listing("new", column="2025年")], (), [told])
    assert [(e.listing, e.known_until) for e in entries] == [("w:new", t("2026-02-10 12:00")), ("w:old", None)]


def test_what_is_no_listing_speaks_for_nobody_while_that_is_known() -> None:
    covers = listing(covers=(AgencyKind.DEPARTMENT,))
    seen = [(("w:main", AGENCY.id, 2024), t("2026-01-25 09:00"))]

    def look(at: str, outcome: LookOutcome, reason: str = "") -> Look:
        return sample(Look, listing="w:main", started=t(at), finished=t(at), outcome=outcome, reason=reason)

    spans = spans_as_no_listing([
        look("2026-02-01 09:00", LookOutcome.OK),
        look("2026-02-05 09:00", LookOutcome.CHANGED, PREVIEW),
        look("2026-02-06 09:00", LookOutcome.UNREACHABLE),
        look("2026-02-07 09:00", LookOutcome.CHANGED, PREVIEW),
        look("2026-02-09 09:00", LookOutcome.OK),
    ])  # fmt: skip
    known, ended, again = t("2026-01-25 09:00"), t("2026-02-05 09:00"), t("2026-02-09 09:00")
    for row, since in ((covers, BORN), (listing(), known)):
        entries = scope(AGENCY, 2025, [row], seen, no_listings=spans)
        assert (entries[0].known_from, entries[-2].known_until) == (since, ended)
        assert (entries[-1].known_from, entries[-1].known_until) == (again, None)
    (entry,) = scope(AGENCY, 2025, [covers], (), [ruled("2026-01-20 12:00", covers=True)], no_listings=spans)[1:]
    assert (entry.reason, entry.known_until) == ("ruling", None)


# ------------------------------------------------------------------------------------------------ what lists showed

NOW = t("2026-03-01 00:00")
MET = Agency(id="w/a", portal="w", name="汶上县司法局", kind=AgencyKind.DEPARTMENT, recorded_at=BORN)
KINDS = dict.fromkeys(("w/a", "w/b", "w/c"), AgencyKind.DEPARTMENT) | {
    "w/t": AgencyKind.TOWNSHIP,
    "w/g": AgencyKind.GOVERNMENT,
}


def described(text: str) -> Listing:
    key, *words = text.split()
    more: dict[str, Any] = dict(word.split("=", 1) for word in words)
    more |= {"year": int(more["year"])} if "year" in more else {}
    more |= {"covers": (AgencyKind(more["covers"]),)} if "covers" in more else {}
    return listing(key, **more)


def shown(text: str) -> list[Appearance]:
    key, agency, years, *since = text.split()
    at = t(f"{since[0] if since else '2026-01-05'} 09:00")
    return [((f"w:{key}", f"w/{agency}", int(year)), at) for year in years.split(",")]


@pytest.mark.parametrize("case", [*named_cases(Path(__file__).with_name("scope_cases.txt"))])
def test_what_lists_showed(case: str) -> None:
    given, _, expected = case.partition("=>")
    rows, seen, year = (part.strip() for part in given.split("|"))
    appearances = [one for text in filter(None, seen.split(";")) for one in shown(text)]
    entries = scope(MET, int(year), [described(text) for text in rows.split(";")], appearances, (), KINDS)
    held = [one for one in entries if one.known_from <= NOW and (one.known_until is None or one.known_until > NOW)]
    assert [entry.listing.removeprefix("w:") + ("" if entry.proves else "?") for entry in held] == expected.split()


def test_looks_at_listings_that_prove_nothing_are_no_absence() -> None:
    entry = a_scope("w:old", reason="appeared", proves=False)
    looks = tuple(a_look(at, "w:old") for at in ("2026-02-02 09:00", "2026-02-10 09:00"))
    known = some_facts(scope=(entry,), looks=looks)
    verdict = judge_duty(known, NOW)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "listing_unknown")
    assert judge_duty(replace(known, scope=(replace(entry, proves=True),)), NOW).status is Status.MISSING


# ------------------------------------------------------------------------------------------------ when a report is due


@pytest.mark.parametrize(("kind", "year", "day", "custom", "in_festival"), read_cases(__file__, "due_days"))
def test_the_day_of_the_law_or_of_custom_is_flagged_in_the_spring_festival_and_not_moved(
    kind: str, year: int, day: date | str, custom: date | str, in_festival: bool
) -> None:
    found = due(AgencyKind(kind), year)
    assert (found.due or "", found.practice or "", found.holiday is not None) == (day, custom, in_festival)
    assert found.basis
    assert found.source


def test_a_stricter_local_rule_stands_beside_the_law() -> None:
    (local,) = local_due("新野县", AgencyKind.DEPARTMENT, 2018)
    assert local.due == date(2019, 3, 25)
    assert local.source
    assert local_due("新野县", AgencyKind.DEPARTMENT, 2024) == ()
    assert local_due("汶上县", AgencyKind.DEPARTMENT, 2018) == ()


def test_duties_are_those_of_the_years_that_are_over_in_beijing() -> None:
    assert [d.year for d in duties([AGENCY], 2023, t("2025-12-31 23:59"))] == [2023, 2024]
    assert [d.year for d in duties([AGENCY], 2023, t("2026-01-01 00:00"))] == [2023, 2024, 2025]


def test_a_guess_is_no_guess_where_a_report_of_that_year_or_later_is_held() -> None:
    agency = replace(AGENCY, guessed=True)
    assert duty(agency, 2023).guessed
    assert not duty(agency, 2023, reports=[(agency.id, 2024)]).guessed
    assert not duty(agency, 2024, reports=[(agency.id, 2024)]).guessed
    assert duty(agency, 2025, reports=[(agency.id, 2024)]).guessed
    assert not duty(AGENCY, 2025).guessed
