"""A duty's status over all of as-of time: one pure function, whose answers are stored and looked up.

As-of t uses only what was known by t, so a history never changes for the past; it is made of a verdict at each
instant at which something became known, and at D_end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from archive.assessment.asof import instants, known_by
from archive.assessment.calendar import day_ends, year_over
from archive.assessment.cases import Verdict
from archive.assessment.dates import as_witnesses
from archive.assessment.facts import DutyFacts, LookFact, Sighting
from archive.assessment.presence import withdrawals
from archive.assessment.sentences import sentence, verdict_findings
from archive.assessment.statuses import SEARCHED, judge
from storage.records import DatedWitness, Duty, Finding, LookOutcome, StatusInterval


def history(facts: DutyFacts, now: datetime) -> tuple[StatusInterval, ...]:
    """Return the status of a duty for every as-of time from ``facts.known_from`` to ``now``.

    The intervals are half-open, follow each other without a gap, and neighbours differ in more than their times;
    the last has no end. Empty if the duty was not known by ``now``. The order of facts never matters.
    """
    found: list[StatusInterval] = []
    only_looks = _late_looks(facts)
    told: _Told | None = None
    for instant in sorted(_turns(facts, now)):
        if found and found[-1].reason == "gone_or_never" and instant in only_looks:
            continue
        before, told = told, _told(facts, instant)
        if told == before:  # most looks change nothing: they are spared their sentences
            continue
        interval = _interval(told, facts.agency_name, instant)
        if found and _same(found[-1], interval):
            continue
        if found:
            found[-1] = _until(found[-1], instant)
        found.append(interval)
    return tuple(found)


def status_at(intervals: Sequence[StatusInterval], as_of: datetime) -> StatusInterval | None:
    """Return the interval of a history that holds at ``as_of``, None before the duty was known."""
    return next(
        (
            interval
            for interval in reversed(intervals)
            if interval.since <= as_of and (interval.until is None or as_of < interval.until)
        ),
        None,
    )


def splice(parts: Sequence[tuple[datetime | None, Sequence[StatusInterval]]]) -> tuple[StatusInterval, ...]:
    """Put histories of one duty together: each holds until its instant (None: for good), from that of the one before.

    For facts that were told otherwise before some instant, such as whose report a document is before a ruling.
    """
    found: list[StatusInterval] = []
    since: datetime | None = None
    for until, intervals in parts:
        for interval in intervals:
            start = interval.since if since is None else max(interval.since, since)
            if (interval.until is not None and interval.until <= start) or (until is not None and start >= until):
                continue
            piece = replace(interval, since=start)
            if found and _same(found[-1], piece):
                continue
            if found:
                found[-1] = _until(found[-1], start)
            found.append(piece)
        since = until
    if found:
        found[-1] = _until(found[-1], None)
    return tuple(found)


def _due_ends(facts: DutyFacts) -> datetime:
    day = facts.duty.due or facts.duty.practice
    return year_over(facts.duty.year) if day is None else day_ends(day)


def _turns(facts: DutyFacts, now: datetime) -> set[datetime]:
    """Return the instants at which the verdict can change, none after ``now``, the first being ``known_from``."""
    looks, sightings = _telling(facts)
    end, start = _due_ends(facts), facts.known_from
    quiet = min([end, *(seen.known_from for seen in facts.sightings)])  # what is not owed yet, a look cannot change
    finished = {look.finished for look in looks if look.finished >= quiet}
    turns = instants(replace(facts, sightings=sightings)) | finished | {end, end + SEARCHED}
    return {turn for turn in turns if start < turn <= now} | ({start} if start <= now else set())


def _late_looks(facts: DutyFacts) -> set[datetime]:
    """Return when looks begun more than 365 days after D_end finished and nothing else became known.

    Once it is *gone or never*, such a look cannot make it anything else; duties of old years are spared judging at
    each look.
    """
    limit = _due_ends(facts) + SEARCHED
    late = {look.finished for look in facts.looks if look.started > limit}
    return late - {look.finished for look in facts.looks if look.started <= limit} - instants(facts)


def _telling(facts: DutyFacts) -> tuple[list[LookFact], tuple[Sighting, ...]]:
    """Return the looks and sightings that can change anything when they become known.

    Once the report is seen for good, a look matters only to its presence: where it shows the report anew, or fails
    to; and a visit that finds its page again only where a listing failed to show it before. This spares judging each
    report again at every look and visit of the years that follow.
    """
    flawed = {look.id for look in facts.looks if look.voided_at is not None or look.skewed}
    good = (s for s in facts.sightings if s.look not in flawed and not s.imported and not s.skewed)
    clean = min(good, key=lambda seen: (seen.known_from, seen.at), default=None)
    if clean is None:
        return list(facts.looks), facts.sightings
    shown_at = {look.listing for look in facts.looks if look.shows} | {seen.listing for seen in facts.sightings}
    showed_before: dict[str, bool] = {}
    telling, steady = [], {}
    for look in sorted(facts.looks, key=lambda look: (look.finished, look.started, look.id)):
        same = look.listing not in shown_at or (look.shows and showed_before.get(look.listing, False))
        showed_before[look.listing] = look.shows
        if same and look.finished > clean.known_from:
            steady[look.id] = look.finished
        else:
            telling.append(look)
    since = min([*(look.started for look in facts.looks if look.shows), *(seen.at for seen in facts.sightings)])
    gone = min((look.started for look in telling if _lacking(look, shown_at, since)), default=None)
    sightings = tuple(
        seen
        for seen in facts.sightings
        if seen.known_from <= clean.known_from
        or seen.at <= clean.at
        or (seen.known_from > steady[seen.look] if seen.look in steady else not _found_again(seen, gone))
    )
    return telling, sightings


def _lacking(look: LookFact, shown_at: set[str | None], since: datetime) -> bool:
    """Tell whether a look could say that a listing which showed the report ``since`` then did so no more."""
    sound = look.outcome is LookOutcome.OK and not look.shows
    return sound and look.listing in shown_at and look.started > since


def _found_again(seen: Sighting, gone: datetime | None) -> bool:
    """Tell whether a sighting is a visit that found the report's page when no listing had failed to show it yet."""
    return seen.look is None and seen.listing is None and (gone is None or seen.at <= gone)


class _Told(NamedTuple):
    """All that an interval says but its times. ``duty``: as it was known then."""

    duty: Duty
    verdict: Verdict
    witnesses: tuple[DatedWitness, ...]
    findings: tuple[Finding, ...]


def _told(facts: DutyFacts, instant: datetime) -> _Told:
    known = known_by(facts, instant)
    verdict = judge(known, instant)
    return _Told(known.duty, verdict, as_witnesses(known.dates), _findings(known, verdict))


def _interval(told: _Told, agency_name: str, instant: datetime) -> StatusInterval:
    duty, verdict = told.duty, told.verdict
    zh, en = sentence(verdict, duty, agency_name)
    return StatusInterval(
        agency=duty.agency,
        year=duty.year,
        since=instant,
        until=None,
        status=verdict.status,
        evidence=verdict.evidence,
        rule=verdict.rule,
        reason=verdict.reason,
        zh=zh,
        en=en,
        first_shown=verdict.first_shown,
        last_absent=verdict.last_absent,
        declared=verdict.declared,
        days_late=verdict.days_late,
        witnesses=told.witnesses,
        looks=verdict.looks,
        captures=verdict.captures,
        rulings=verdict.rulings,
        findings=told.findings,
    )


def _findings(known: DutyFacts, verdict: Verdict) -> tuple[Finding, ...]:
    found = list(verdict_findings(verdict, known.duty))
    found += [item for gone in withdrawals(known) for item in gone.findings]
    own = [*known.findings, *(dated.finding for dated in known.dated_findings)]
    found += sorted(own, key=lambda item: (item.code, item.zh, item.en))
    return tuple(dict.fromkeys(found))


def _same(one: StatusInterval, other: StatusInterval) -> bool:
    """Tell whether two intervals differ in their times only."""
    return _until(other, one.until, one.since) == one


def _until(interval: StatusInterval, until: datetime | None, since: datetime | None = None) -> StatusInterval:
    return replace(interval, until=until, since=since or interval.since)
