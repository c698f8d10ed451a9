"""A duty's status over all of as-of time: one pure function, whose answers are stored and looked up.

As-of t uses only what was known by t, so a history never changes for the past; it is made of a verdict at each
instant at which something became known, and at D_end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.asof import instants, known_by
from archive.assessment.calendar import day_ends, year_over
from archive.assessment.cases import Verdict
from archive.assessment.dates import as_witnesses
from archive.assessment.facts import DutyFacts, LookFact
from archive.assessment.presence import withdrawals
from archive.assessment.sentences import sentence, verdict_findings
from archive.assessment.statuses import SEARCHED, judge
from storage.records import Finding, StatusInterval


def history(facts: DutyFacts, now: datetime) -> tuple[StatusInterval, ...]:
    """Return the status of a duty for every as-of time from ``facts.known_from`` to ``now``.

    The intervals are half-open, follow each other without a gap, and neighbours differ in more than their times;
    the last has no end. Empty if the duty was not known by ``now``. The order of facts never matters.
    """
    found: list[StatusInterval] = []
    for instant in sorted(_turns(facts, now)):
        interval = _interval(facts, instant)
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


def _turns(facts: DutyFacts, now: datetime) -> set[datetime]:
    """Return the instants at which the verdict can change, none after ``now``, the first being ``known_from``."""
    duty = facts.duty
    day = duty.due or duty.practice
    end = year_over(duty.year) if day is None else day_ends(day)
    turns = instants(facts) | {look.finished for look in _telling(facts)} | {end, end + SEARCHED}
    start = facts.known_from
    return {turn for turn in turns if start < turn <= now} | ({start} if start <= now else set())


def _telling(facts: DutyFacts) -> list[LookFact]:
    """Return the looks that can change anything when they finish.

    Once the report is seen for good, a look matters only to its presence: where it shows the report anew, or fails
    to. This saves judging each report again at every look of the years that follow.
    """
    voided = {look.id for look in facts.looks if look.voided_at is not None}
    seen_from = min((seen.known_from for seen in facts.sightings if seen.look not in voided), default=None)
    showed_before: dict[str, bool] = {}
    telling = []
    for look in sorted(facts.looks, key=lambda look: (look.finished, look.started, look.id)):
        steady = look.shows and showed_before.get(look.listing, False)
        showed_before[look.listing] = look.shows
        if seen_from is None or look.finished <= seen_from or not steady:
            telling.append(look)
    return telling


def _interval(facts: DutyFacts, instant: datetime) -> StatusInterval:
    known = known_by(facts, instant)
    verdict = judge(known, instant)
    zh, en = sentence(verdict, known.duty, known.agency_name)
    return StatusInterval(
        agency=known.duty.agency,
        year=known.duty.year,
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
        witnesses=as_witnesses(known.dates),
        looks=verdict.looks,
        captures=verdict.captures,
        rulings=verdict.rulings,
        findings=_findings(known, verdict),
    )


def _findings(known: DutyFacts, verdict: Verdict) -> tuple[Finding, ...]:
    found = list(verdict_findings(verdict, known.duty))
    found += [item for gone in withdrawals(known) for item in gone.findings]
    own = [*known.findings, *(dated.finding for dated in known.dated_findings)]
    found += sorted(own, key=lambda item: (item.code, item.zh, item.en))
    return tuple(dict.fromkeys(found))


def _same(one: StatusInterval, other: StatusInterval) -> bool:
    return _until(other, one.until, one.since) == one


def _until(interval: StatusInterval, until: datetime | None, since: datetime | None = None) -> StatusInterval:
    return replace(interval, until=until, since=since or interval.since)
