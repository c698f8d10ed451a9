"""Every row of the status table with concrete instants: a department's duty for 2025, due 31 January 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fact_making import a_date, a_duty, a_life, a_look, a_page, a_scope, day, shown_by, some_facts, t, told

from archive.assessment.facts import CoveredBy, DateFact, DutyFacts, DutyRuling, LookFact, UnresolvedLead
from archive.assessment.history import history, status_at
from storage.records import AgencyKind, LookOutcome, Status, StatusInterval

D_END = t("2026-02-01 00:00")


def at(facts: DutyFacts, when: str) -> StatusInterval:
    found = status_at(history(facts, t(when)), t(when))
    assert found is not None
    return found


def seen(page: str, *absent: str, **more: object) -> DutyFacts:
    return some_facts(sightings=(a_page(page),), looks=tuple(a_look(when) for when in absent), **more)


# ---------------------------------------------------------------------------------------------------- rows 1, 2


@pytest.mark.parametrize(
    ("life", "status"),
    [
        ({"valid_from": day("2025-01-02")}, "not_expected"),
        ({"valid_to": day("2025-12-30")}, "not_expected"),
        ({"valid_to": day("2026-01-30")}, "not_expected"),
        ({"valid_from": day("2026-01-01")}, "not_expected"),
        ({}, "missing"),
        ({"valid_from": day("2025-01-01"), "valid_to": day("2026-01-31")}, "missing"),
    ],
)
def test_row_1_not_valid_throughout_the_year_or_on_the_due_date(life: dict[str, date], status: str) -> None:
    facts = some_facts(looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")), validity=a_life(**life))
    assert told(at(facts, "2026-03-01 00:00"))[0] == status


def test_row_1_by_ruling_holds_from_the_ruling_on_and_can_be_taken_back() -> None:
    rulings = (
        DutyRuling(ruling="r1", known_from=t("2026-02-10 12:00"), status=Status.NOT_EXPECTED),
        DutyRuling(ruling="r2", known_from=t("2026-02-20 12:00"), status=None),
    )
    facts = some_facts(rulings=rulings, looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")))
    assert told(at(facts, "2026-02-10 11:59")) == ("missing", "proven", 13)
    ruled = at(facts, "2026-02-10 12:00")
    assert told(ruled) == ("not_expected", "ruled", 1)
    assert ruled.rulings == ("r1",)
    assert told(at(facts, "2026-02-20 12:00")) == ("missing", "proven", 13)


def test_row_2_elsewhere_by_ruling_or_by_a_report_that_covers_it() -> None:
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))
    ruling = DutyRuling(ruling="r1", known_from=t("2026-02-10 12:00"), status=Status.ELSEWHERE, where="市级平台")
    ruled = at(some_facts(rulings=(ruling,), looks=looks), "2026-02-11 00:00")
    assert told(ruled) == ("elsewhere", "ruled", 2)
    assert "市级平台" in ruled.zh
    cover = CoveredBy(edition="wenshang/zf/2025@abcdef", known_from=t("2026-02-10 12:00"))
    covered = some_facts(covered_by=(cover,), looks=looks)
    assert told(at(covered, "2026-02-10 11:00")) == ("missing", "proven", 13)
    assert told(at(covered, "2026-02-10 12:00")) == ("elsewhere", "ruled", 2)


def test_row_2_gives_way_to_the_report_itself() -> None:
    ruling = DutyRuling(ruling="r1", known_from=t("2026-01-10 12:00"), status=Status.ELSEWHERE, where="市级平台")
    facts = some_facts(rulings=(ruling,), sightings=(a_page("2026-01-20 09:00"),))
    assert told(at(facts, "2026-01-19 00:00")) == ("elsewhere", "ruled", 2)
    assert told(at(facts, "2026-01-21 00:00")) == ("on_time", "proven", 3)


# ---------------------------------------------------------------------------------------------------- rows 3 to 10

LATE = (a_date("2026-02-05", "2026-02-12 09:00"),)
EARLY = (a_date("2026-01-28", "2026-02-12 09:00"),)
BEFORE, AFTER, NEXT = "2026-01-25 09:00", "2026-02-01 09:00", "2026-02-02 09:00"
SHOWN = "2026-02-12 09:00"
LISTED_LATE = a_date("2026-02-06", SHOWN, "listing")
URL, URL_SHARED = a_date("2026-02-03", SHOWN, "url"), a_date("2026-02-03", SHOWN, "url", shared=True)


@pytest.mark.parametrize(
    ("page", "absent", "dates", "expected"),
    [
        # row 3, and the year must be over
        ("2026-01-01 00:00", (), (), ("on_time", "proven", 3)),
        ("2026-01-31 23:59", (), (), ("on_time", "proven", 3)),
        ("2026-02-01 00:00", (), (), ("on_time", "proven", 3)),
        ("2025-12-31 23:59", (), (), ("undetermined", "none", 10)),
        # row 4: whatever the site says
        (SHOWN, (AFTER, NEXT), (), ("late", "proven", 4)),
        (SHOWN, (AFTER, NEXT), LATE, ("late", "proven", 4)),
        (SHOWN, (AFTER, NEXT), EARLY, ("late", "proven", 4)),
        # row 5, of one look if it is the first ok one at the listing; rows 6 and 7
        (SHOWN, (BEFORE, AFTER), LATE, ("late", "proven", 5)),
        (SHOWN, (AFTER,), LATE, ("late", "one_look", 5)),
        (SHOWN, (BEFORE, AFTER), (), ("late", "one_look", 6)),
        (SHOWN, (BEFORE, AFTER), EARLY, ("undetermined", "conflict", 7)),
        # rows 8 and 9: by the site's own word
        (SHOWN, (), LATE, ("late", "claimed", 8)),
        (SHOWN, (BEFORE,), EARLY, ("on_time", "claimed", 9)),
        # row 10: an absence after the declared day, dates on two sides, no date
        (SHOWN, ("2026-01-29 09:00",), EARLY, ("undetermined", "conflict", 10)),
        (SHOWN, ("2026-01-28 09:00",), EARLY, ("on_time", "claimed", 9)),
        (SHOWN, (), (*EARLY, LISTED_LATE), ("undetermined", "conflict", 10)),
        (SHOWN, (BEFORE,), (), ("undetermined", "none", 10)),
    ],
)
def test_rows_3_to_10(
    page: str, absent: tuple[str, ...], dates: tuple[DateFact, ...], expected: tuple[str, str, int]
) -> None:
    found = at(seen(page, *absent, dates=dates), "2026-03-01 00:00")
    assert told(found) == expected
    conflict = (expected[2] == 4 and dates == EARLY) or expected[1] == "conflict"
    assert ("date_conflict" in {f.code for f in found.findings}) is conflict
    assert (found.first_shown, found.captures) == (t(page), (f"c@{page}",))
    assert found.last_absent == max(map(t, absent), default=None)


def test_a_verdict_names_its_looks_and_days() -> None:
    found = at(seen(SHOWN, AFTER, NEXT), SHOWN)
    assert found.looks == (f"wenshang:nianbao@{AFTER}", f"wenshang:nianbao@{NEXT}")
    late = at(seen(SHOWN, dates=LATE), SHOWN)
    assert (late.days_late, late.declared, "5天" in late.zh) == (5, day("2026-02-05"), True)


@pytest.mark.parametrize(("witness", "row"), [(URL, 10), (URL_SHARED, 9)])
def test_row_10_a_witness_after_the_due_date(witness: DateFact, row: int) -> None:
    assert at(seen(SHOWN, dates=(*EARLY, witness)), SHOWN).rule == row


PARTIAL = {"outcome": LookOutcome.PARTIAL, "others_from": t("2026-02-03 09:01")}


def listed_later(*looks: LookFact, dates: tuple = EARLY) -> DutyFacts:
    """A report that the column first shows on 12 February, after ``looks``."""
    shows = a_look("2026-02-12 09:00", shows=True)
    return some_facts(sightings=(shown_by(shows),), looks=(*looks, shows), dates=dates)


def test_row_10_others_shown_and_not_this_one_between_the_due_date_and_p() -> None:
    found = at(listed_later(a_look("2026-02-03 09:00", **PARTIAL)), "2026-02-12 09:01")
    assert told(found) == ("undetermined", "conflict", 10)
    assert found.looks == ("wenshang:nianbao@2026-02-03 09:00", "wenshang:nianbao@2026-02-12 09:00")
    assert "date_conflict" in {f.code for f in found.findings}


@pytest.mark.parametrize(
    "look",
    [
        a_look("2026-02-03 09:00", outcome=LookOutcome.PARTIAL),
        a_look("2026-02-03 09:00", **PARTIAL, unresolved=(UnresolvedLead(url="http://x.gov.cn/2.html"),)),
        a_look("2026-02-03 09:00", **PARTIAL, voided=True),
        a_look("2026-01-30 09:00", **PARTIAL),
        a_look("2026-02-03 09:00", "wenshang:other", **PARTIAL),
    ],
    ids=["shows nobody", "could show it", "voided", "before the due date", "another listing"],
)
def test_row_9_holds_where_no_look_passed_the_report_over(look: LookFact) -> None:
    assert told(at(listed_later(look), "2026-02-12 09:01")) == ("on_time", "claimed", 9)


def test_row_9_holds_until_it_is_known_that_a_look_showed_others() -> None:
    look = a_look("2026-02-03 09:00", outcome=LookOutcome.PARTIAL, others_from=t("2026-02-20 09:00"))
    assert told(at(listed_later(look), "2026-02-19 09:00")) == ("on_time", "claimed", 9)
    assert told(at(listed_later(look), "2026-02-20 09:00")) == ("undetermined", "conflict", 10)


def test_row_8_needs_no_look_that_passed_the_report_over() -> None:
    look = a_look("2026-02-03 09:00", **PARTIAL)
    assert told(at(listed_later(look, dates=LATE), "2026-02-12 09:01")) == ("late", "claimed", 8)


# ---------------------------------------------------------------------------------------------------- rows 11 to 14


def test_row_11_ends_with_the_due_date() -> None:
    facts = some_facts(looks=(a_look("2026-01-25 09:00"),))
    assert told(at(facts, "2026-01-31 23:59")) == ("not_yet_due", "none", 11)
    assert told(at(facts, "2026-02-01 00:00")) == ("unknown", "none", 12)


def test_row_12_gone_or_never_begins_where_365_days_end() -> None:
    first = D_END + timedelta(days=365)
    look = a_look("2027-02-01 00:00")
    assert look.started == first
    assert told(at(some_facts(looks=(look,)), "2027-03-01 00:00")) == ("missing", "one_look", 14)
    later = some_facts(looks=(a_look("2027-02-01 00:01"), a_look("2027-03-01 00:00")))
    found = at(later, "2027-04-01 00:00")
    assert told(found) == ("unknown", "none", 12)
    assert found.reason == "gone_or_never"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"outcome": LookOutcome.UNREACHABLE}, "unreachable"),
        ({"outcome": LookOutcome.BLOCKED}, "blocked"),
        ({"outcome": LookOutcome.SCRIPT_ONLY}, "script_only"),
        ({"outcome": LookOutcome.ROBOTS}, "robots"),
        ({"outcome": LookOutcome.PARTIAL}, "partial"),
        ({"outcome": LookOutcome.CHANGED}, "changed"),
        ({"suspect": True}, "suspect"),
        ({"skewed": True}, "skewed"),
        ({"unverified": True}, "unverified"),
        ({"control": False}, "uncontrolled"),
    ],
)
def test_row_12_names_what_kept_the_looks_from_proving(more: dict[str, object], reason: str) -> None:
    facts = some_facts(looks=tuple(a_look(when, **more) for when in ("2026-02-01 09:00", "2026-02-09 09:00")))
    found = at(facts, "2026-03-01 00:00")
    assert told(found) == ("unknown", "none", 12)
    assert found.reason == reason
    assert "汶上县司法局" in found.zh
    assert "汶上县司法局" in found.en


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (some_facts(scope=()), "listing_unknown"),
        (some_facts(), "never_crawled"),
        (some_facts(looks=(a_look("2026-01-25 09:00"),)), "not_since"),
        (some_facts(scope=(a_scope(ended_at=t("2026-01-01 00:00")),)), "listing_ended"),
        (
            some_facts(
                scope=(a_scope("a"), a_scope("b")),
                looks=(a_look("2026-02-01 09:00", "a"), a_look("2026-02-05 09:00", "b")),
            ),
            "not_together",
        ),
        (  # read once since, and gone now: another look finds that again
            some_facts(
                scope=(a_scope("a"), a_scope("b")),
                looks=(
                    a_look("2026-02-01 09:00", "a"),
                    a_look("2026-02-05 09:00", "a", outcome=LookOutcome.CHANGED),
                    a_look("2026-02-05 09:00", "b"),
                ),
            ),
            "changed",
        ),
        (
            some_facts(
                scope=(a_scope("a"), a_scope("b")),
                looks=(
                    a_look("2026-02-01 09:00", "a"),
                    a_look("2026-02-05 09:00", "a", outcome=LookOutcome.UNREACHABLE),
                    a_look("2026-02-05 09:00", "b"),
                ),
            ),
            "not_together",
        ),
    ],
)
def test_row_12_names_what_was_not_done(facts: DutyFacts, reason: str) -> None:
    assert at(facts, "2026-03-01 00:00").reason == reason


@pytest.mark.parametrize(
    ("second", "expected"),
    [("2026-02-08 09:00", ("missing", "proven", 13)), ("2026-02-08 08:59", ("missing", "one_look", 14))],
)
def test_rows_13_and_14_two_absences_seven_days_apart_or_not(second: str, expected: tuple[str, str, int]) -> None:
    found = at(some_facts(looks=(a_look(AFTER), a_look(second))), "2026-02-09 00:00")
    assert (told(found), found.last_absent) == (expected, t(second))


# ---------------------------------------------------------------------------------------------------- who


def test_a_government_has_two_months_more() -> None:
    duty = a_duty(AgencyKind.GOVERNMENT)
    facts = some_facts(duty, looks=(a_look("2026-02-01 09:00"), a_look("2026-04-01 09:00"), a_look("2026-04-08 09:00")))
    assert told(at(facts, "2026-03-31 23:59")) == ("not_yet_due", "none", 11)
    assert told(at(facts, "2026-04-01 10:00")) == ("missing", "one_look", 14)
    assert told(at(facts, "2026-04-08 10:00")) == ("missing", "proven", 13)


def test_a_body_without_any_day_is_never_called_missing() -> None:
    duty = a_duty(AgencyKind.OTHER)
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"), a_look("2026-04-09 09:00"))
    found = at(some_facts(duty, looks=looks), "2026-05-01 00:00")
    assert told(found) == ("unknown", "none", 12)
    assert found.reason == "no_due_date"
    assert told(at(some_facts(duty, sightings=(a_page("2026-05-01 00:00"),)), "2026-05-02 00:00"))[0] == "published"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (some_facts(a_duty(guessed=True), looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))), "missing"),
        (
            some_facts(
                a_duty(guessed=True),
                looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")),
                sightings=(a_page("2026-02-12 09:00"),),
            ),
            "late",
        ),
    ],
)
def test_a_guessed_duty_is_never_proven(facts: DutyFacts, expected: str) -> None:
    status, evidence, _ = told(at(facts, "2026-03-01 00:00"))
    assert (status, evidence) == (expected, "one_look")


def test_a_guess_is_proven_once_a_source_attests_it() -> None:
    facts = some_facts(
        a_duty(guessed=True),
        looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")),
        attested_from=t("2026-02-20 00:00"),
    )
    assert told(at(facts, "2026-02-19 00:00")) == ("missing", "one_look", 13)
    assert told(at(facts, "2026-02-20 00:00")) == ("missing", "proven", 13)


def test_a_due_date_in_a_holiday_is_flagged_and_stands() -> None:
    duty = a_duty(year=2024)
    facts = some_facts(duty, sightings=(shown_by(a_look("2025-02-01 08:00", shows=True)),))
    found = at(facts, "2025-02-02 00:00")
    assert found.status is not Status.ON_TIME
    assert "holiday_deadline" in {f.code for f in found.findings}
