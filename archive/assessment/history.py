"""Compute a duty's status for every as-of time. The histories are stored, and questions look them up. Pure.

The status as of t uses only what was known by t, so the past of a history never changes. The duty is judged at each
instant at which something became known, and at D_end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime

from archive.assessment.absences import only_in_copies, withdrawals
from archive.assessment.facts import DutyFacts, LookFact, RuleVerdict, Sighting, instants, known_by
from archive.assessment.sentences import contradictions_of, sentence, verdict_findings
from archive.assessment.statuses import ABSENCE_WINDOW, as_witnesses, judge_duty
from storage.records import LookOutcome, StatusInterval

# fields of a verdict that only its sentences and findings use
_INTERNAL = frozenset({"conflict", "against", "where", "source"})


def history(facts: DutyFacts, now: datetime) -> tuple[StatusInterval, ...]:
    """Return the status of a duty (a report owed) for every as-of time from ``facts.known_from`` to ``now``. The
    intervals are half-open and follow each other without a gap, the last has no end, and neighbours differ in more than
    their times. Empty if the duty was not known by ``now``. The order of the facts does not matter.
    """
    intervals: list[StatusInterval] = []
    late_looks = _late_look_times(facts)
    for instant in sorted(_change_instants(facts, now)):
        if intervals and intervals[-1].reason == "gone_or_never" and instant in late_looks:
            continue  # a look so long after the due day cannot change this reason
        _append(intervals, _interval_from(facts, instant))
    return tuple(intervals)


def splice(parts: Sequence[tuple[datetime | None, Sequence[StatusInterval]]]) -> tuple[StatusInterval, ...]:
    """Join histories of one duty: each counts until its instant (None: for ever), from the instant of the one before.
    Needed where facts were different before some instant, as a document's agency is before a ruling on it.
    """
    spliced: list[StatusInterval] = []
    since: datetime | None = None
    for until, intervals in parts:
        for interval in intervals:
            start = interval.since if since is None else max(interval.since, since)
            is_over = interval.until is not None and interval.until <= start
            if not is_over and (until is None or start < until):
                _append(spliced, replace(interval, since=start))
        since = until
    if spliced:
        spliced[-1] = replace(spliced[-1], until=None)
    return tuple(spliced)


def _append(intervals: list[StatusInterval], new: StatusInterval) -> None:
    """Append an interval and end the one before; do nothing if the two differ only in their times."""
    last = intervals[-1] if intervals else None
    if last is not None and replace(new, since=last.since, until=last.until) == last:
        return
    if last is not None:
        intervals[-1] = replace(last, until=new.since)
    intervals.append(new)


def _interval_from(facts: DutyFacts, instant: datetime) -> StatusInterval:
    """Judge the duty from the facts known at ``instant``; return an interval that begins then and has no end yet."""
    current = known_by(facts, instant)
    verdict, duty = judge_duty(current, instant), current.duty
    other_findings = sorted((one.finding for one in current.findings), key=lambda one: (one.code, one.zh, one.en))
    if verdict.conflict:
        verdict = replace(verdict, against=contradictions_of(verdict, current))
    zh, en = sentence(verdict, duty, facts.agency_name)
    of_looks = (*withdrawals(current), *only_in_copies(current))
    return StatusInterval(
        agency=duty.agency,
        year=duty.year,
        since=instant,
        until=None,
        zh=zh,
        en=en,
        witnesses=as_witnesses(current.dates),
        findings=tuple(dict.fromkeys((*verdict_findings(verdict, duty), *of_looks, *other_findings))),
        **{field.name: getattr(verdict, field.name) for field in fields(RuleVerdict) if field.name not in _INTERNAL},
    )


# ---------------------------------------------------------------------------------- instants that can change anything


def _change_instants(facts: DutyFacts, now: datetime) -> set[datetime]:
    """Return the instants up to ``now`` at which the verdict can change; the first is ``facts.known_from``."""
    looks, sightings = _relevant_facts(facts)
    end, start = facts.due_end, facts.known_from
    # before the report is due, a look that does not show it changes nothing
    looks_count_from = min([end, *(sighting.known_from for sighting in facts.sightings)])
    look_ends = {look.finished for look in looks if look.finished >= looks_count_from}
    changes = instants(replace(facts, sightings=sightings)) | look_ends | {end, end + ABSENCE_WINDOW}
    return {instant for instant in changes if start < instant <= now} | ({start} if start <= now else set())


def _late_look_times(facts: DutyFacts) -> set[datetime]:
    """Return the instants at which nothing became known but a look that began more than 365 days after the due day
    (D_end). Such a look cannot change the reason *gone or never*, so duties of old years are not judged at each look.
    """
    limit = facts.due_end + ABSENCE_WINDOW
    late = {look.finished for look in facts.looks if look.started > limit}
    return late - {look.finished for look in facts.looks if look.started <= limit} - instants(facts)


def _relevant_facts(facts: DutyFacts) -> tuple[Collection[LookFact], tuple[Sighting, ...]]:
    """Return the looks (readings of lists) and sightings (times when the report was seen) that can change the verdict
    when they become known, so that a report is not judged again at every look and visit of later years. Once it was
    surely shown at a time, a look matters only if it changes whether its list shows the report, and a visit (fetch of
    its page) that meets it again only after a list failed to show it.
    """
    flawed = {look.id for look in facts.looks if look.voided or look.skewed}
    certain = (one for one in facts.sightings if one.look not in flawed and not one.imported and not one.skewed)
    first = min(certain, key=lambda sighting: (sighting.known_from, sighting.at), default=None)
    only_other_archives = all(one.source for one in facts.sightings)  # their copies come at any time, in any order
    if first is None or only_other_archives:
        return facts.looks, facts.sightings
    listings = {look.listing for look in facts.looks if look.shows} | {one.listing for one in facts.sightings}
    first_shown = min(one.at for one in facts.sightings)
    showing: set[str] = set()  # listings on which the latest look showed the report
    relevant, unchanged = [], {}
    gone_from: datetime | None = None  # start of the first look without the report after it had been shown
    for look in sorted(facts.looks, key=lambda look: (look.finished, look.started, look.id)):
        is_unchanged = look.listing not in listings or (look.shows and look.listing in showing)
        (showing.add if look.shows else showing.discard)(look.listing)
        if is_unchanged and look.finished > first.known_from:
            unchanged[look.id] = look.finished
            continue
        relevant.append(look)
        lacks_it = look.outcome is LookOutcome.OK and not look.shows and look.listing in listings
        if lacks_it and look.started > first_shown:
            gone_from = min(look.started, gone_from or look.started)

    def is_relevant(sighting: Sighting) -> bool:
        """True if a sighting can change the status; others repeat what is known."""
        if sighting.known_from <= first.known_from or sighting.at <= first.at:  # not later than the first certain one
            return True
        if sighting.look in unchanged:
            return sighting.known_from > unchanged[sighting.look]  # its document was bound only after the look
        is_visit = sighting.look is None and sighting.listing is None
        return not is_visit or (gone_from is not None and sighting.at > gone_from)

    return relevant, tuple(filter(is_relevant, facts.sightings))
