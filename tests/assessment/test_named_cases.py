"""The cases that a false verdict would come from, each told as it would happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fact_making import MINUTE, a_date, a_duty, a_life, a_look, a_page, a_scope, day, shown_by, some_facts, t, told

from archive.assessment.facts import DutyFacts, DutyRuling, KnownFinding, Sighting, UnresolvedLead, Validity
from archive.assessment.history import history, status_at
from storage.records import AgencyKind, Finding, LookOutcome, Severity, Status, StatusInterval

OWN, MAIN = "wenshang:own", "wenshang:main"


def at(facts: DutyFacts, when: str) -> StatusInterval:
    found = status_at(history(facts, t(when)), t(when))
    assert found is not None
    return found


def codes(interval: StatusInterval) -> set[str]:
    return {finding.code for finding in interval.findings}


def test_first_crawl_long_after_the_due_date_accuses_nobody() -> None:
    duty = a_duty(year=2019)
    never = some_facts(duty, looks=(a_look("2026-03-01 09:00"), a_look("2026-03-10 09:00")))
    found = at(never, "2026-04-01 00:00")
    assert told(found) == ("unknown", "none", 12)
    assert found.reason == "gone_or_never"
    look = a_look("2026-03-01 09:00", shows=True)
    dated = some_facts(
        duty,
        looks=(look,),
        sightings=(shown_by(look),),
        dates=(a_date("2020-01-20", "2026-03-01 09:01"), a_date("2020-01-20", "2026-03-01 09:00", "listing")),
    )
    assert told(at(dated, "2026-04-01 00:00")) == ("on_time", "claimed", 9)
    assert told(at(replace(dated, dates=()), "2026-04-01 00:00")) == ("undetermined", "none", 10)


def test_published_just_before_midnight_and_seen_in_the_morning_is_not_called_late() -> None:
    look = a_look("2026-02-01 08:00", shows=True)
    facts = some_facts(
        looks=(a_look("2026-01-25 09:00"), look),
        sightings=(shown_by(look),),
        dates=(a_date("2026-01-31", "2026-02-01 08:01"),),
    )
    assert told(at(facts, "2026-02-01 09:00")) == ("on_time", "claimed", 9)
    assert told(at(replace(facts, dates=()), "2026-02-01 09:00")) == ("undetermined", "none", 10)


def test_seen_on_a_partial_or_suspect_look_before_midnight_is_on_time() -> None:
    for more in ({"outcome": LookOutcome.PARTIAL}, {"suspect": True}):
        look = a_look("2026-01-31 23:30", shows=True, **more)
        facts = some_facts(looks=(look,), sightings=(shown_by(look),))
        assert told(at(facts, "2026-03-01 00:00")) == ("on_time", "proven", 3)


def test_an_agency_that_publishes_only_in_its_own_column() -> None:
    """The main column says nothing of it; its own, looked at late, shows the report."""
    main = tuple(a_look(when, MAIN) for when in ("2026-02-01 09:00", "2026-02-09 09:00", "2026-02-20 09:00"))
    unknown = some_facts(scope=(), looks=main)
    assert at(unknown, "2026-02-21 00:00").reason == "listing_unknown"
    own = a_look("2026-02-20 09:05", OWN, shows=True)
    found = some_facts(
        scope=(a_scope(OWN, reason="appeared", known_from=own.finished),),
        looks=(*main, own),
        sightings=(shown_by(own),),
        dates=(a_date("2026-01-15", "2026-02-20 09:06"),),
    )
    assert told(at(found, "2026-02-19 00:00"))[0] == "unknown"
    assert told(at(found, "2026-02-21 00:00")) == ("on_time", "claimed", 9)


def test_two_listings_in_scope_must_both_have_been_read() -> None:
    scope = (a_scope(OWN), a_scope(MAIN))
    main = tuple(a_look(when, MAIN) for when in ("2026-02-01 09:00", "2026-02-09 09:00"))
    facts = some_facts(scope=scope, looks=main)
    assert at(facts, "2026-03-01 00:00").reason == "never_crawled"
    own = tuple(a_look(when, OWN) for when in ("2026-02-02 09:00", "2026-02-11 09:00"))
    assert told(at(replace(facts, looks=main + own), "2026-03-01 00:00")) == ("missing", "proven", 13)
    apart = tuple(a_look(when, OWN) for when in ("2026-02-03 09:01", "2026-02-11 09:01"))
    assert at(replace(facts, looks=main + apart), "2026-03-01 00:00").reason == "not_together"


def test_shown_withdrawn_shown_again() -> None:
    first, again = a_look("2026-01-25 09:00", shows=True), a_look("2026-03-01 09:00", shows=True)
    gone = tuple(a_look(when) for when in ("2026-02-01 09:00", "2026-02-05 09:00", "2026-02-09 09:00"))
    facts = some_facts(looks=(first, *gone, again), sightings=(shown_by(first), shown_by(again)))
    assert codes(at(facts, "2026-02-08 00:00")) == set()
    assert codes(at(facts, "2026-02-10 00:00")) == {"withdrawn"}
    assert codes(at(facts, "2026-03-02 00:00")) == {"withdrawn", "returned"}
    for when in ("2026-02-08 00:00", "2026-02-10 00:00", "2026-03-02 00:00"):
        assert told(at(facts, when)) == ("on_time", "proven", 3)


def test_a_list_that_came_back_shortened_withdraws_no_single_report() -> None:
    first = a_look("2026-01-25 09:00", shows=True)
    gone = tuple(a_look(when, suspect=True, lost=40) for when in ("2026-02-01 09:00", "2026-02-09 09:00"))
    facts = some_facts(looks=(first, *gone), sightings=(shown_by(first),))
    assert codes(at(facts, "2026-03-01 00:00")) == set()
    alone = tuple(replace(look, lost=1) for look in gone)
    assert codes(at(replace(facts, looks=(first, *alone)), "2026-03-01 00:00")) == {"withdrawn"}


def test_a_report_that_moved_to_another_listing_is_not_withdrawn() -> None:
    first = a_look("2026-01-25 09:00", shows=True)
    moved = tuple(a_look(when, OWN, shows=True) for when in ("2026-02-01 10:00", "2026-02-09 09:10"))
    gone = tuple(a_look(when) for when in ("2026-02-01 09:00", "2026-02-09 09:00"))
    facts = some_facts(
        scope=(a_scope(), a_scope(OWN)),
        looks=(first, *gone, *moved),
        sightings=(shown_by(first), *(shown_by(look) for look in moved)),
    )
    assert codes(at(facts, "2026-03-01 00:00")) == set()


def test_a_revised_report_with_a_new_date_keeps_the_date_of_its_first_edition() -> None:
    look = a_look("2026-02-03 09:00", shows=True)
    facts = some_facts(
        looks=(look,),
        sightings=(shown_by(look),),
        dates=(
            a_date("2026-01-20", "2026-02-03 09:01"),
            a_date("2026-02-20", "2026-02-21 09:01"),
        ),
    )
    before, after = at(facts, "2026-02-04 00:00"), at(facts, "2026-03-01 00:00")
    assert told(before) == told(after) == ("on_time", "claimed", 9)
    assert after.declared == day("2026-01-20")


def test_a_correction_without_an_earlier_edition_voids_its_date() -> None:
    look = a_look("2026-03-03 09:00", shows=True)
    dates = (a_date("2026-03-01", "2026-03-03 09:01", corrected=True),)
    facts = some_facts(looks=(look,), sightings=(shown_by(look),), dates=dates)
    assert told(at(facts, "2026-04-01 00:00")) == ("undetermined", "none", 10)
    kept = replace(facts, dates=(replace(dates[0], corrected=False),))
    assert told(at(kept, "2026-04-01 00:00")) == ("late", "claimed", 8)


@pytest.mark.parametrize(
    "void",
    [
        a_date("2025-12-31", "2026-02-12 09:00"),
        a_date("2026-02-13", "2026-02-12 09:00"),
        a_date("2026-02-05", "2026-02-12 09:00", shared=True),
    ],
)
def test_dates_too_early_after_p_or_shared_by_a_migration_are_void(void: object) -> None:
    facts = some_facts(sightings=(a_page("2026-02-12 09:00"),), dates=(void,))
    found = at(facts, "2026-03-01 00:00")
    assert told(found) == ("undetermined", "none", 10)
    assert found.declared is None


def test_a_sharing_found_later_voids_the_date_from_then_on() -> None:
    date = a_date("2026-02-05", "2026-02-12 09:00", shared_from=t("2026-02-20 00:00"))
    facts = some_facts(sightings=(a_page("2026-02-12 09:00"),), dates=(date,))
    assert told(at(facts, "2026-02-19 00:00")) == ("late", "claimed", 8)
    assert told(at(facts, "2026-02-20 00:00")) == ("undetermined", "none", 10)


def test_a_void_page_date_lets_the_listing_date_spare_but_not_accuse() -> None:
    looks = (a_look("2026-01-25 09:00"), a_look("2026-02-01 09:00"))
    void = a_date("2026-02-20", "2026-02-12 09:00")
    spare = some_facts(
        sightings=(a_page("2026-02-12 09:00"),),
        looks=looks,
        dates=(void, a_date("2026-01-30", "2026-02-12 09:00", "listing")),
    )
    assert told(at(spare, "2026-03-01 00:00")) == ("undetermined", "conflict", 7)
    accuse = replace(spare, looks=(), dates=(void, a_date("2026-02-03", "2026-02-12 09:00", "listing")))
    assert told(at(accuse, "2026-03-01 00:00")) == ("undetermined", "none", 10)


def test_a_portal_down_over_the_due_date() -> None:
    down = tuple(
        a_look(when, outcome=LookOutcome.UNREACHABLE)
        for when in ("2026-02-01 09:00", "2026-02-02 09:00", "2026-02-09 09:00")
    )
    facts = some_facts(looks=(a_look("2026-01-25 09:00"), *down))
    assert at(facts, "2026-02-20 00:00").reason == "unreachable"
    up = a_look("2026-02-21 09:00", shows=True)
    back = replace(facts, looks=(*facts.looks, up), sightings=(shown_by(up),))
    assert told(at(back, "2026-02-22 00:00")) == ("undetermined", "none", 10)
    dated = replace(back, dates=(a_date("2026-01-28", "2026-02-21 09:01"),))
    assert told(at(dated, "2026-02-22 00:00")) == ("on_time", "claimed", 9)


def test_a_township_has_no_statutory_date() -> None:
    duty = a_duty(AgencyKind.TOWNSHIP)
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))
    facts = some_facts(duty, looks=looks)
    assert told(at(facts, "2026-01-31 23:00")) == ("not_yet_due", "none", 11)
    assert told(at(facts, "2026-02-02 00:00")) == ("not_found", "one_look", 14)
    assert told(at(facts, "2026-02-10 00:00")) == ("not_found", "proven", 13)
    shown = replace(facts, sightings=(a_page("2026-03-01 09:00"),), dates=(a_date("2026-02-20", "2026-03-01 09:00"),))
    assert told(at(shown, "2026-03-02 00:00"))[:2] == ("published", "proven")
    gone = replace(shown, validity=a_life(valid_to=day("2025-06-30")))
    assert told(at(gone, "2026-03-02 00:00")) == ("not_expected", "ruled", 1)
    ruled = replace(facts, rulings=(DutyRuling(ruling="r", known_from=t("2026-01-01 00:00"), status=Status.ELSEWHERE),))
    assert told(at(ruled, "2026-03-02 00:00")) == ("elsewhere", "ruled", 2)


def test_a_township_before_the_2019_reports_is_bound_by_31_march() -> None:
    duty = a_duty(AgencyKind.TOWNSHIP, 2018)
    facts = some_facts(duty, sightings=(a_page("2019-03-15 09:00"),), known_from=t("2019-01-01 00:00"))
    assert told(at(facts, "2019-05-01 00:00")) == ("on_time", "proven", 3)


@pytest.mark.parametrize(
    ("second", "rule"), [("2026-02-02 08:00", 6), ("2026-02-02 08:59", 6), ("2026-02-02 09:00", 4)]
)
def test_two_looks_23_or_24_hours_apart(second: str, rule: int) -> None:
    looks = (a_look("2026-02-01 09:00"), a_look(second))
    facts = some_facts(looks=looks, sightings=(a_page("2026-02-12 09:00"),))
    assert at(facts, "2026-02-12 09:00").rule == rule


def test_the_time_between_absences_runs_from_the_last_start_to_the_first() -> None:
    scope = (a_scope(OWN), a_scope(MAIN))
    looks = (
        a_look("2026-02-01 09:00", OWN),
        a_look("2026-02-01 15:00", MAIN),
        a_look("2026-02-02 14:00", OWN),
        a_look("2026-02-02 20:00", MAIN),
    )
    facts = some_facts(scope=scope, looks=looks, sightings=(a_page("2026-02-12 09:00"),))
    assert at(facts, "2026-02-12 09:00").rule == 6
    later = replace(facts, looks=(*looks[:2], a_look("2026-02-02 15:00", OWN), looks[3]))
    assert at(later, "2026-02-12 09:00").rule == 4


@pytest.mark.parametrize("reason", ["suspect", "voided", "unverified"])
def test_suspect_and_voided_looks_prove_nothing(reason: str) -> None:
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))
    flawed = tuple(replace(look, **{reason: True}) for look in looks)
    assert told(at(some_facts(looks=looks), "2026-02-15 12:00")) == ("missing", "proven", 13)
    assert told(at(some_facts(looks=(looks[0], flawed[1])), "2026-02-15 12:00")) == ("missing", "one_look", 14)
    assert at(some_facts(looks=flawed), "2026-02-15 12:00").reason == reason


def test_a_listing_that_ended_proves_nothing_after_and_is_not_asked_for() -> None:
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))
    ended = t("2026-02-05 00:00")
    only = some_facts(scope=(a_scope(ended_at=ended),), looks=looks)
    assert told(at(only, "2026-03-01 00:00")) == ("missing", "one_look", 14)
    followed = some_facts(
        scope=(a_scope(ended_at=ended), a_scope(OWN)),
        looks=(*looks, a_look("2026-02-01 09:30", OWN), a_look("2026-02-09 09:30", OWN)),
    )
    assert told(at(followed, "2026-03-01 00:00")) == ("missing", "proven", 13)


def test_an_end_that_became_known_later_changes_nothing_before() -> None:
    scope = (a_scope(ended_at=t("2026-02-05 00:00"), ended_known_from=t("2026-02-20 00:00")),)
    facts = some_facts(scope=scope, looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")))
    assert told(at(facts, "2026-02-19 00:00")) == ("missing", "proven", 13)
    assert told(at(facts, "2026-02-20 00:00")) == ("missing", "one_look", 14)


def test_an_addressed_listing_without_a_control_proves_nothing() -> None:
    whens = ("2026-02-01 09:00", "2026-02-09 09:00")
    scope = (a_scope(),)
    assert at(
        some_facts(scope=scope, looks=tuple(a_look(w, control=False) for w in whens)), "2026-03-01 00:00"
    ).reason == ("uncontrolled")
    assert told(at(some_facts(scope=scope, looks=tuple(a_look(w) for w in whens)), "2026-03-01 00:00"))[0] == "missing"


def test_an_unresolved_lead_keeps_the_verdict_open_until_it_is_resolved() -> None:
    lead = UnresolvedLead(url="http://x.gov.cn/9.html", resolved_at=t("2026-02-12 12:00"))
    looks = tuple(a_look(when, unresolved=(lead,)) for when in ("2026-02-01 09:00", "2026-02-09 09:00"))
    facts = some_facts(looks=looks)
    assert at(facts, "2026-02-12 11:59").reason == "unresolved_lead"
    assert told(at(facts, "2026-02-12 12:00")) == ("missing", "proven", 13)
    never = tuple(replace(look, unresolved=(replace(lead, resolved_at=None),)) for look in looks)
    assert at(some_facts(looks=never), "2026-06-01 00:00").reason == "unresolved_lead"


def test_a_lead_that_proves_to_be_the_report_counts_from_its_first_showing() -> None:
    """On the list since 31 January, its page fetched and read only on 3 February."""
    look = a_look("2026-01-31 20:00", shows=True)
    later = a_look("2026-02-02 09:00", shows=True)
    proof = t("2026-02-03 09:00")
    facts = some_facts(
        looks=(look, later), sightings=(shown_by(look, known_from=proof), shown_by(later, known_from=proof))
    )
    assert told(at(facts, "2026-02-01 12:00")) == ("unknown", "none", 12)
    assert at(facts, "2026-02-02 12:00").reason == "unresolved_lead"
    assert told(at(facts, "2026-02-03 09:00")) == ("on_time", "proven", 3)


def test_a_wrong_clock_proves_neither_absence_nor_time() -> None:
    looks = (a_look("2026-02-01 09:00", skewed=True), a_look("2026-02-09 09:00", skewed=True))
    assert at(some_facts(looks=looks), "2026-03-01 00:00").reason == "skewed"
    early = a_look("2026-01-31 23:50", shows=True, skewed=True)
    seen = some_facts(looks=(early,), sightings=(shown_by(early),))
    found = at(seen, "2026-03-01 00:00")
    assert told(found) == ("undetermined", "none", 10)
    assert found.reason == "no_time"


def test_absences_after_a_skewed_showing_do_not_make_it_late() -> None:
    early = a_look("2026-01-31 23:50", shows=True, skewed=True)
    gone = (a_look("2026-02-01 09:00"), a_look("2026-02-03 09:00"))
    again = a_look("2026-02-20 09:00", shows=True)
    facts = some_facts(looks=(early, *gone, again), sightings=(shown_by(early), shown_by(again)))
    assert told(at(facts, "2026-03-01 00:00")) == ("undetermined", "none", 10)


def test_a_hand_import_proves_existence_never_time() -> None:
    look_dates = (a_date("2026-01-28", "2026-03-01 09:00"),)
    imported = some_facts(
        looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")),
        sightings=(a_page("2026-03-01 09:00", imported=True),),
    )
    assert told(at(imported, "2026-02-28 00:00")) == ("missing", "proven", 13)
    assert told(at(imported, "2026-03-02 00:00")) == ("undetermined", "none", 10)
    assert told(at(replace(imported, dates=look_dates), "2026-03-02 00:00")) == ("undetermined", "conflict", 10)
    assert told(at(replace(imported, looks=(), dates=look_dates), "2026-03-02 00:00")) == ("on_time", "claimed", 9)
    early = some_facts(sightings=(a_page("2026-01-20 09:00", imported=True),))
    assert told(at(early, "2026-03-02 00:00")) == ("undetermined", "none", 10)


def test_an_agency_first_met_with_this_very_report_is_not_proven_late() -> None:
    """The column was in no scope before: the report may have stood where nobody looked."""
    late = a_look("2026-03-01 09:00", shows=True)
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"), late)
    met = a_scope(reason="appeared", known_from=late.finished)
    facts = some_facts(scope=(met,), looks=looks, sightings=(shown_by(late, known_from=late.finished),))
    assert told(at(facts, "2026-03-02 00:00")) == ("late", "one_look", 6)
    dated = replace(facts, dates=(a_date("2026-01-20", "2026-03-01 09:01"),))
    assert told(at(dated, "2026-03-02 00:00")) == ("undetermined", "conflict", 7)
    known = replace(facts, scope=(replace(met, known_from=t("2026-01-25 09:00")),))
    assert told(at(known, "2026-03-02 00:00")) == ("late", "proven", 4)


def test_a_sighting_by_a_voided_look_is_none() -> None:
    for voided, verdict in ((False, ("on_time", "proven", 3)), (True, ("missing", "one_look", 14))):
        look = a_look("2026-01-31 20:00", shows=True, voided=voided)
        facts = some_facts(looks=(look, a_look("2026-02-01 09:00")), sightings=(shown_by(look),))
        assert told(at(facts, "2026-02-15 12:00")) == verdict


def test_the_registry_speaks_from_when_it_was_written() -> None:
    lives = (
        Validity(known_from=t("2020-01-01 00:00")),
        Validity(known_from=t("2026-02-15 12:00"), valid_to=day("2025-06-30")),
    )
    facts = some_facts(looks=(a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")), validity=lives)
    assert told(at(facts, "2026-02-15 11:59")) == ("missing", "proven", 13)
    assert told(at(facts, "2026-02-15 12:00")) == ("not_expected", "ruled", 1)


def test_found_but_unreadable_keeps_its_status_and_says_so() -> None:
    unreadable = Finding(code="unreadable", severity=Severity.WARNING, zh="无法读取", en="unreadable")
    facts = some_facts(
        sightings=(a_page("2026-01-20 09:00"),),
        findings=(KnownFinding(known_from=t("2026-01-20 09:00"), finding=unreadable),),
    )
    assert codes(at(facts, "2026-01-19 00:00")) == set()
    found = at(facts, "2026-01-21 00:00")
    assert told(found) == ("on_time", "proven", 3)
    assert codes(found) == {"unreadable"}


def test_looks_after_the_report_was_seen_make_no_new_intervals() -> None:
    shows = [a_look(f"2026-{month:02d}-20 09:00", shows=True) for month in range(1, 13)]
    sightings: tuple[Sighting, ...] = tuple(shown_by(look) for look in shows)
    facts = some_facts(looks=tuple(shows), sightings=sightings)
    assert [told(i)[0] for i in history(facts, t("2027-06-01 00:00"))] == ["not_yet_due", "on_time"]


def test_a_duty_unknown_by_now_has_no_history() -> None:
    assert history(some_facts(known_from=t("2026-01-01 00:00")), t("2025-01-01 00:00")) == ()
    begun = history(some_facts(known_from=t("2026-03-01 00:00")), t("2026-03-01 00:00") + MINUTE)
    assert begun[0].since == t("2026-03-01 00:00")
    assert status_at(begun, t("2026-03-01 00:00") - timedelta(days=1)) is None


def test_a_look_is_known_only_once_it_is_finished() -> None:
    long = a_look("2026-02-01 09:00", finished=t("2026-02-01 11:00"))
    ruling = DutyRuling(ruling="r", known_from=t("2026-02-01 10:00"), status=None)
    facts = some_facts(looks=(long,), rulings=(ruling,))
    assert told(at(facts, "2026-02-01 10:30"))[0] == "unknown"
    assert told(at(facts, "2026-02-01 11:00"))[0] == "missing"


def test_a_look_begun_at_the_very_end_of_the_due_date_is_not_after_it() -> None:
    looks = (a_look("2026-01-31 23:59"), a_look("2026-02-01 00:00"))
    assert at(some_facts(looks=looks), "2026-02-02 00:00").reason == "not_since"


def test_a_look_that_runs_on_past_the_first_sighting_is_no_absence_before_it() -> None:
    over = a_look("2026-02-03 09:00", MAIN, finished=t("2026-02-03 10:00"))
    page = a_page("2026-02-03 09:30")
    facts = some_facts(scope=(a_scope(MAIN),), looks=(a_look("2026-01-25 09:00", MAIN), over), sightings=(page,))
    assert told(at(facts, "2026-02-04 00:00")) == ("undetermined", "none", 10)


def test_absences_on_both_sides_of_the_365_days_prove_it_missing() -> None:
    facts = some_facts(looks=(a_look("2026-02-10 09:00"), a_look("2027-04-01 09:00")))
    assert told(at(facts, "2027-05-01 00:00")) == ("missing", "proven", 13)


def test_the_absence_that_contradicts_a_date_is_part_of_the_evidence() -> None:
    look = a_look("2026-01-29 09:00")
    facts = some_facts(
        looks=(look,), sightings=(a_page("2026-02-12 09:00"),), dates=(a_date("2026-01-28", "2026-02-12 09:00"),)
    )
    assert at(facts, "2026-03-01 00:00").looks == (look.id,)


def test_a_proof_of_a_later_showing_does_not_leak_into_a_withdrawal_of_the_past() -> None:
    first = a_look("2026-01-20 09:00", shows=True)
    gone = (a_look("2026-01-22 09:00"), a_look("2026-01-30 09:00"))
    again = a_look("2026-02-02 09:00", shows=True)
    proof = t("2026-02-10 09:00")
    facts = some_facts(looks=(first, *gone, again), sightings=(shown_by(first), shown_by(again, known_from=proof)))
    assert codes(at(facts, "2026-02-05 00:00")) == {"withdrawn"}
    assert codes(at(facts, "2026-02-10 09:00")) == {"withdrawn", "returned"}


def test_a_revision_that_bears_an_earlier_date_does_not_rewrite_the_first() -> None:
    first, back_dated = a_date("2026-02-05", "2026-02-12 09:00"), a_date("2026-01-20", "2026-02-20 09:00")
    facts = some_facts(sightings=(a_page("2026-02-12 09:00"),), dates=(first, back_dated))
    assert told(at(facts, "2026-03-01 00:00")) == ("late", "claimed", 8)


def test_an_agency_is_a_guess_until_the_instant_that_attests_it() -> None:
    looks = (a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00"))
    facts = some_facts(a_duty(guessed=False), looks=looks, attested_from=t("2026-02-20 00:00"))
    assert told(at(facts, "2026-02-19 00:00")) == ("missing", "one_look", 13)
    assert told(at(facts, "2026-02-20 00:00")) == ("missing", "proven", 13)


def _after_a_change_of_the_system(**more: object) -> DutyFacts:
    """Two looks at the old column; it ended on 1 June, when the new one was first written down."""
    looks = [a_look("2026-02-01 09:00"), a_look("2026-02-09 09:00")]
    old = a_scope(ended_at=t("2026-06-01"))
    new = a_scope("wenshang:xin", known_from=t("2026-06-01"), listed_from=t("2026-06-01"))
    return some_facts(**{"scope": (old, new), "looks": tuple(looks), **more})


def test_what_was_seen_at_an_ended_listing_stays_evidence_when_another_takes_its_place() -> None:
    found = history(_after_a_change_of_the_system(), t("2026-07-01"))

    assert told(status_at(found, t("2026-05-31"))) == ("missing", "proven", 13)
    assert told(status_at(found, t("2026-06-02"))) == ("missing", "proven", 13)


def test_a_listing_that_was_overlooked_is_asked_for_at_all_times() -> None:
    known = (a_scope(), a_scope("wenshang:xin", known_from=t("2026-06-01"), listed_from=t("2026-06-01")))
    found = history(_after_a_change_of_the_system(scope=known), t("2026-07-01"))

    assert told(status_at(found, t("2026-05-31"))) == ("missing", "proven", 13)
    assert told(status_at(found, t("2026-06-02"))) == ("unknown", "none", 12)


def test_the_listing_that_first_showed_a_report_is_asked_for_though_it_came_later() -> None:
    look = a_look("2026-06-02 09:00", "wenshang:xin", shows=True)
    facts = _after_a_change_of_the_system()
    found = history(replace(facts, looks=(*facts.looks, look), sightings=(shown_by(look),)), t("2026-07-01"))

    assert told(status_at(found, t("2026-06-03"))) == ("undetermined", "none", 10)
