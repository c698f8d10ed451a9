"""Compute a duty's status for every as-of time: one pure function, whose answers are stored and looked up.

As-of t uses only what was known by t, so a history never changes for the past; it is made of a verdict at each
instant at which something became known, and at D_end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import NamedTuple

from archive.assessment.asof import instants, known_by
from archive.assessment.calendar import day_ends, year_over
from archive.assessment.dates import as_witnesses
from archive.assessment.facts import DutyFacts, LookFact, Sighting
from archive.assessment.presence import withdrawals
from archive.assessment.sentences import sentence, verdict_findings
from archive.assessment.status_inputs import Verdict
from archive.assessment.statuses import ABSENCE_WINDOW, judge
from storage.records import DatedWitness, Duty, Finding, LookOutcome, StatusInterval

_UNTOLD = frozenset({"conflict", "where"})  # fields of a verdict that only its sentences and findings tell


def history(facts: DutyFacts, now: datetime) -> tuple[StatusInterval, ...]:
    """Return the status of a duty for every as-of time from ``facts.known_from`` to ``now``.

    The intervals are half-open, follow each other without a gap, and neighbours differ in more than their times;
    the last has no end. Empty if the duty was not known by ``now``. The order of facts never matters.
    """
    intervals: list[StatusInterval] = []
    late_looks = _late_look_times(facts)
    judgement: _Judgement | None = None
    for instant in sorted(_change_instants(facts, now)):
        if intervals and intervals[-1].reason == "gone_or_never" and instant in late_looks:
            continue
        before, judgement = judgement, _judge_at(facts, instant)
        if judgement == before:  # most looks change nothing: they are spared their sentences
            continue
        interval = _interval(judgement, facts.agency_name, instant)
        if intervals and _differ_in_times_only(intervals[-1], interval):
            continue
        if intervals:
            intervals[-1] = replace(intervals[-1], until=instant)
        intervals.append(interval)
    return tuple(intervals)


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

    For facts that were judged otherwise before some instant, such as whose report a document is before a ruling.
    """
    spliced: list[StatusInterval] = []
    since: datetime | None = None
    for until, intervals in parts:
        for interval in intervals:
            start = interval.since if since is None else max(interval.since, since)
            if (interval.until is not None and interval.until <= start) or (until is not None and start >= until):
                continue
            piece = replace(interval, since=start)
            if spliced and _differ_in_times_only(spliced[-1], piece):
                continue
            if spliced:
                spliced[-1] = replace(spliced[-1], until=start)
            spliced.append(piece)
        since = until
    if spliced:
        spliced[-1] = replace(spliced[-1], until=None)
    return tuple(spliced)


def _due_ends(facts: DutyFacts) -> datetime:
    day = facts.duty.due or facts.duty.practice
    return year_over(facts.duty.year) if day is None else day_ends(day)


def _change_instants(facts: DutyFacts, now: datetime) -> set[datetime]:
    """Return the instants at which the verdict can change, none after ``now``, the first being ``known_from``."""
    looks, sightings = _relevant_facts(facts)
    end, start = _due_ends(facts), facts.known_from
    # before the report is due, a look that does not show it changes nothing
    effective_from = min([end, *(sighting.known_from for sighting in facts.sightings)])
    finished = {look.finished for look in looks if look.finished >= effective_from}
    changes = instants(replace(facts, sightings=sightings)) | finished | {end, end + ABSENCE_WINDOW}
    return {instant for instant in changes if start < instant <= now} | ({start} if start <= now else set())


def _late_look_times(facts: DutyFacts) -> set[datetime]:
    """Return when looks begun more than 365 days after D_end finished and nothing else became known.

    Once it is *gone or never*, such a look cannot make it anything else; duties of old years are spared judging at
    each look.
    """
    limit = _due_ends(facts) + ABSENCE_WINDOW
    late = {look.finished for look in facts.looks if look.started > limit}
    return late - {look.finished for look in facts.looks if look.started <= limit} - instants(facts)


def _relevant_facts(facts: DutyFacts) -> tuple[list[LookFact], tuple[Sighting, ...]]:
    """Return the looks and sightings that can change anything when they become known.

    Once a sighting beyond doubt is known, a look matters only where it changes whether its listing shows the report,
    and a visit that finds the report's page again only after a listing failed to show it. This spares judging each
    report again at every look and visit of the years that follow.
    """
    flawed = {look.id for look in facts.looks if look.voided_at is not None or look.skewed}
    sound = (s for s in facts.sightings if s.look not in flawed and not s.imported and not s.skewed)
    first_sound = min(sound, key=lambda sighting: (sighting.known_from, sighting.at), default=None)
    if first_sound is None:
        return list(facts.looks), facts.sightings
    shown_at = {look.listing for look in facts.looks if look.shows} | {sighting.listing for sighting in facts.sightings}
    showed_before: dict[str, bool] = {}
    relevant, unchanged = [], {}
    for look in sorted(facts.looks, key=lambda look: (look.finished, look.started, look.id)):
        is_unchanged = look.listing not in shown_at or (look.shows and showed_before.get(look.listing, False))
        showed_before[look.listing] = look.shows
        if is_unchanged and look.finished > first_sound.known_from:
            unchanged[look.id] = look.finished
        else:
            relevant.append(look)
    first_shown = min(
        [*(look.started for look in facts.looks if look.shows), *(sighting.at for sighting in facts.sightings)]
    )
    first_gone = min(
        (look.started for look in relevant if _may_show_withdrawal(look, shown_at, first_shown)), default=None
    )
    sightings = tuple(
        sighting
        for sighting in facts.sightings
        if sighting.known_from <= first_sound.known_from
        or sighting.at <= first_sound.at
        or (
            sighting.known_from > unchanged[sighting.look]
            if sighting.look in unchanged
            else not _is_plain_revisit(sighting, first_gone)
        )
    )
    return relevant, sightings


def _may_show_withdrawal(look: LookFact, shown_at: set[str | None], since: datetime) -> bool:
    """Tell whether a look may show that a listing no longer lists a report that it listed at ``since``."""
    sound = look.outcome is LookOutcome.OK and not look.shows
    return sound and look.listing in shown_at and look.started > since


def _is_plain_revisit(sighting: Sighting, first_gone: datetime | None) -> bool:
    """Tell whether a sighting is a visit to the report's page before any listing failed to show the report."""
    return sighting.look is None and sighting.listing is None and (first_gone is None or sighting.at <= first_gone)


class _Judgement(NamedTuple):
    """Everything an interval holds except its times. ``duty``: as it was known then."""

    duty: Duty
    verdict: Verdict
    witnesses: tuple[DatedWitness, ...]
    findings: tuple[Finding, ...]


def _judge_at(facts: DutyFacts, instant: datetime) -> _Judgement:
    known = known_by(facts, instant)
    verdict = judge(known, instant)
    found = [*verdict_findings(verdict, known.duty)]
    found += [item for withdrawal in withdrawals(known) for item in withdrawal.findings]
    found += sorted((one.finding for one in known.findings), key=lambda item: (item.code, item.zh, item.en))
    return _Judgement(known.duty, verdict, as_witnesses(known.dates), tuple(dict.fromkeys(found)))


def _interval(judgement: _Judgement, agency_name: str, instant: datetime) -> StatusInterval:
    duty, verdict = judgement.duty, judgement.verdict
    zh, en = sentence(verdict, duty, agency_name)
    told = {field.name: getattr(verdict, field.name) for field in fields(Verdict) if field.name not in _UNTOLD}
    return StatusInterval(
        agency=duty.agency,
        year=duty.year,
        since=instant,
        until=None,
        zh=zh,
        en=en,
        witnesses=judgement.witnesses,
        findings=judgement.findings,
        **told,
    )


def _differ_in_times_only(one: StatusInterval, other: StatusInterval) -> bool:
    """Tell whether two intervals differ in their times only."""
    return replace(other, since=one.since, until=one.until) == one
