"""What must hold of every history, whatever was seen in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from fact_making import a_duty, a_scope, some_facts, status_at, t
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.assessment import history as history_module
from archive.assessment.absences import SAME_ROUND, Ledger, find_flaw
from archive.assessment.calendar import day_ends
from archive.assessment.facts import (
    CoveredBy,
    DateFact,
    DutyFacts,
    DutyRuling,
    LookFact,
    ScopeEntry,
    Sighting,
    UnresolvedLead,
    known_by,
)
from archive.assessment.history import history
from storage.records import AgencyKind, EvidenceGrade, LookOutcome, Status

EPOCH = t("2026-01-20 00:00")
NOW = t("2027-06-01 00:00")
LISTINGS = ("p:a", "p:b")
ACCUSING = {Status.LATE, Status.MISSING, Status.NOT_FOUND}

# hours since EPOCH: dense around the due date, some far beyond a year
hours = st.one_of(st.integers(0, 24 * 40), st.integers(24 * 370, 24 * 400))
instants_ = hours.map(lambda h: EPOCH + timedelta(hours=h))
later = st.one_of(st.none(), st.integers(0, 24 * 30).map(lambda h: timedelta(hours=h)))
days = st.integers(-25, 40).map(lambda n: (EPOCH + timedelta(days=n)).date())


@st.composite
def looks(draw: st.DrawFn) -> LookFact:
    started = draw(instants_)
    wait = draw(later)
    lead = (UnresolvedLead(url="u", resolved_at=None if wait is None else started + wait),)
    return LookFact(
        id=f"l{draw(st.integers(0, 10**9))}",
        listing=draw(st.sampled_from(LISTINGS)),
        started=started,
        finished=started + timedelta(minutes=draw(st.integers(0, 90))),
        outcome=draw(st.sampled_from([LookOutcome.OK] * 6 + [LookOutcome.PARTIAL, LookOutcome.BLOCKED])),
        lost=draw(st.sampled_from([0] * 9 + [1, 2])),
        skewed=draw(st.integers(0, 19)) == 0,
        unverified=draw(st.integers(0, 9)) == 0,
        voided=draw(st.integers(0, 9)) == 0,
        unresolved=lead if draw(st.integers(0, 5)) == 0 else (),
        shows=draw(st.integers(0, 9)) == 0,
        others_from=started + timedelta(hours=draw(st.integers(0, 48))) if draw(st.booleans()) else None,
    )


@st.composite
def facts(draw: st.DrawFn) -> DutyFacts:
    found = draw(st.lists(looks(), max_size=9, unique_by=lambda look: look.id))
    sightings = []
    for look in found:
        if look.shows:
            proof = look.started + (draw(later) or timedelta(0))
            sightings.append(Sighting(at=look.started, known_from=proof, url="u", look=look.id, listing=look.listing))
    for at in draw(st.lists(instants_, max_size=2)):
        sightings.append(Sighting(at=at, known_from=at, url="u", capture=str(at), imported=draw(st.booleans())))
    dates = [
        DateFact(
            origin=origin,
            day=draw(days),
            text="",
            known_from=draw(instants_),
            declared=origin in {"metadata", "listing"},
            shared_from=EPOCH if draw(st.integers(0, 5)) == 0 else None,
        )
        for origin in draw(st.lists(st.sampled_from(["metadata", "listing", "url"]), max_size=3, unique=True))
    ]
    rulings = [
        DutyRuling(
            ruling=f"r{n}", known_from=at, status=draw(st.sampled_from([Status.NOT_EXPECTED, Status.ELSEWHERE, None]))
        )
        for n, at in enumerate(draw(st.lists(instants_, max_size=draw(st.integers(0, 2)))))
    ]
    ended = draw(st.one_of(st.none(), st.none(), instants_))
    scope = [a_scope(LISTINGS[0])]
    if draw(st.booleans()):
        scope.append(
            a_scope(LISTINGS[1], known_from=draw(st.one_of(st.just(t("2020-01-01 00:00")), instants_)), ended_at=ended)
        )
    kind = draw(st.sampled_from([AgencyKind.DEPARTMENT] * 3 + [AgencyKind.TOWNSHIP, AgencyKind.OTHER]))
    covers = [CoveredBy(edition="e", known_from=at) for at in draw(st.lists(instants_, max_size=1))]
    return some_facts(
        a_duty(kind, guessed=draw(st.integers(0, 4)) == 0),
        known_from=EPOCH - timedelta(days=1),
        scope=tuple(scope),
        looks=tuple(found),
        sightings=tuple(sightings),
        dates=tuple(dates),
        rulings=tuple(rulings),
        covered_by=tuple(covers) if draw(st.integers(0, 9)) == 0 else (),
    )


def shuffled(given_facts: DutyFacts, seed: int) -> DutyFacts:
    random = Random(seed)
    fields = ("scope", "looks", "sightings", "dates", "rulings", "covered_by")
    mixed = {name: tuple(random.sample(getattr(given_facts, name), len(getattr(given_facts, name)))) for name in fields}
    return replace(given_facts, **mixed)


@given(facts(), st.integers())
@settings(max_examples=60, deadline=None)
def test_the_order_of_storing_never_matters(some: DutyFacts, seed: int) -> None:
    assert history(shuffled(some, seed), NOW) == history(some, NOW)


@given(facts())
@settings(max_examples=60, deadline=None)
def test_intervals_partition_time_and_neighbours_differ(some: DutyFacts) -> None:
    found = history(some, NOW)
    assert found[0].since == some.known_from
    assert found[-1].until is None
    for one, other in pairwise(found):
        assert one.until == other.since
        assert one.since < other.since
        assert replace(one, since=other.since, until=other.until) != other


@given(facts(), instants_)
@settings(max_examples=60, deadline=None)
def test_as_of_a_time_only_what_was_known_by_then_counts(some: DutyFacts, when: datetime) -> None:
    whole = [i for i in history(some, NOW) if i.since <= when]
    whole[-1] = replace(whole[-1], until=None)
    assert tuple(whole) == history(some, when)
    assert status_at(history(known_by(some, when), when), when) == replace(
        status_at(history(some, when), when),
        since=status_at(history(known_by(some, when), when), when).since,  # type: ignore[union-attr, type-var]
    )


@given(facts())
@settings(max_examples=60, deadline=None)
def test_nobody_is_accused_without_a_sound_look_after_the_due_date_or_the_sites_own_word(some: DutyFacts) -> None:
    for interval in history(some, NOW):
        if interval.status not in ACCUSING:
            continue
        end = day_ends(some.duty.due or some.duty.practice)  # type: ignore[arg-type]
        if interval.evidence is EvidenceGrade.CLAIMED:
            assert interval.declared is not None
            assert interval.declared > some.duty.due  # type: ignore[operator]
            continue
        known = known_by(some, interval.since)
        sound = [look for look in known.looks if look.started > end and not find_flaw(look)]
        assert {look.listing for look in sound} >= {e.listing for e in known.scope if e.ended_at is None}
        assert set(interval.looks) & {look.id for look in sound}
        if interval.evidence is EvidenceGrade.PROVEN and interval.rule in {4, 13}:
            assert len(sound) >= 2
        assert interval.status is not Status.LATE or some.duty.due is not None
        assert interval.evidence is not EvidenceGrade.PROVEN or not some.duty.guessed


@given(facts())
@settings(max_examples=60, deadline=None)
def test_leaving_out_what_cannot_matter_loses_nothing(some: DutyFacts) -> None:
    lean = history(some, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_module, "_relevant_facts", lambda facts: (list(facts.looks), facts.sightings))
        patch.setattr(history_module, "_late_look_times", lambda facts: set())
        assert history(some, NOW) == lean


# ------------------------------------------------------------------------------------------------ absences


def brute_force_pair(scope: tuple[ScopeEntry, ...], sound: list[LookFact], gap: timedelta) -> bool:
    """Try every choice of looks for two absences."""
    sets: list[tuple[LookFact, ...]] = [()]
    for entry in scope:
        sets = [(*chosen, look) for chosen in sets for look in sound if look.listing == entry.listing]
    valid = [s for s in sets if s and max(x.started for x in s) - min(x.started for x in s) <= SAME_ROUND]
    return any(
        not set(one) & set(two) and min(x.started for x in two) - max(x.started for x in one) >= gap
        for one in valid
        for two in valid
    )


@given(st.lists(looks(), max_size=10, unique_by=lambda look: look.id), st.sampled_from([1, 24, 48, 168]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_two_absences_are_found_exactly_where_there_are_two(found: list[LookFact], hours_: int, both: bool) -> None:
    scope = (a_scope(LISTINGS[0]), a_scope(LISTINGS[1])) if both else (a_scope(LISTINGS[0]),)
    known = [look for look in known_by(some_facts(looks=tuple(found)), NOW).looks if not find_flaw(look)]
    gap = timedelta(hours=hours_)
    pair = Ledger(scope, known).pair(gap)
    assert (pair is not None) == brute_force_pair(scope, known, gap)
    if pair is not None:
        assert not set(pair[0]) & set(pair[1])
        assert pair[1][0].started - pair[0][-1].started >= gap
