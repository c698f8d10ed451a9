"""Find the absences of a report, and its withdrawals: what looks prove in which it is not shown.

An *absence* is one trustworthy look at every listing in scope and not ended then, all begun within 48 hours, none
of them showing the report or a lead that could be it. One listing left out, and nothing is proven.

*Withdrawn*: a listing showed the report, and since then no ok look at it for seven days did. The looks must be
sound: a list that came back shortened as a whole says nothing about one report, unless this report is all that it
lost. A report that another listing in scope goes on showing has moved, and is not withdrawn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from archive.assessment.facts import ALWAYS, DutyFacts, LookFact, ScopeEntry
from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.identity.addresses import UNLINKED, is_unlinked
from storage.records import Finding, LookOutcome

GONE_FOR = timedelta(days=7)
MAX_SPREAD = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Absence:
    """One look at each listing in scope, in order of their starts."""

    looks: tuple[LookFact, ...]

    @property
    def first_start(self) -> datetime:
        """When its first look began."""
        return self.looks[0].started

    @property
    def last_start(self) -> datetime:
        """When its last look began."""
        return self.looks[-1].started


def flaw(look: LookFact) -> str:
    """Return why ``look`` (as known at a time) proves no absence, as a reason code; "" if it does."""
    if look.voided:
        return "voided"
    if look.outcome is not LookOutcome.OK:
        return look.outcome.value
    if look.skewed:
        return "skewed"
    if look.unverified:
        return "unverified"
    if not look.control:
        return "uncontrolled"
    if unresolved := [lead for lead in look.unresolved if lead.resolved_at is None]:
        return UNLINKED if all(is_unlinked(lead.url) for lead in unresolved) else "unresolved_lead"
    if look.lost:
        return "suspect"
    return "shown" if look.shows else ""


class Ledger:
    """The looks that prove something, by listing, as known at one time. All questions are about half-open spans.

    ``after``: every look began later than it; ``before``: every look was finished by then (None: unbounded).
    """

    def __init__(self, scope: Sequence[ScopeEntry], looks: Iterable[LookFact], first_on: str | None = None) -> None:
        """Take what ``known_by`` gives; ``first_on``: the listing that first showed the report."""
        self._ends: dict[str, datetime | None] = dict.fromkeys(entry.listing for entry in scope)
        for entry in sorted(scope, key=lambda one: one.ended_at or ALWAYS, reverse=True):
            self._ends[entry.listing] = entry.ended_at or self._ends[entry.listing]
        self._proving = {entry.listing for entry in scope if entry.proves}
        self._listed = {
            entry.listing: entry.listed_from
            for entry in scope
            if entry.listed_from is not None and entry.reason != "ruling" and entry.listing != first_on
        }
        self._last_end = max((end for end in self._ends.values() if end is not None), default=None)
        self._looks: dict[str, list[LookFact]] = {listing: [] for listing in self._ends}
        for look in sorted(looks, key=lambda look: (look.started, look.finished, look.id)):
            if look.listing in self._ends and not self._has_ended(look.listing, look.started) and not flaw(look):
                self._looks[look.listing].append(look)

    def first(self, after: datetime | None = None, before: datetime | None = None) -> Absence | None:
        """Return the absence whose last look began earliest."""
        return next(self._absences(after, before), None)

    def last(
        self,
        after: datetime | None = None,
        before: datetime | None = None,
        without: Callable[[LookFact], bool] | None = None,
    ) -> Absence | None:
        """Return the absence whose first look began latest, using no look of which ``without`` is true."""
        return next(self._absences(after, before, backwards=True, without=without), None)

    def pair(
        self, gap: timedelta, after: datetime | None = None, before: datetime | None = None
    ) -> tuple[Absence, Absence] | None:
        """Return two absences at least ``gap`` apart, the earliest and the latest there are, or None."""
        first, last = self.first(after, before), self.last(after, before)
        if first is None or last is None or last.first_start - first.last_start < max(gap, timedelta(microseconds=1)):
            return None
        return first, last

    def _has_ended(self, listing: str, at: datetime) -> bool:
        end = self._ends[listing]
        return end is not None and end <= at

    def _came_later(self, listing: str, start: datetime) -> bool:
        """Whether the listing took the place of one that had not ended at ``start``: what was seen at that one stays
        evidence. A listing that was merely overlooked is asked for all the same.
        """
        listed = self._listed.get(listing) if self._ends[listing] is None else None
        return listed is not None and start < listed and self._last_end is not None and start < self._last_end

    def _absences(
        self,
        after: datetime | None,
        before: datetime | None,
        *,
        backwards: bool = False,
        without: Callable[[LookFact], bool] | None = None,
    ) -> Iterator[Absence]:
        """Give the tightest absence from each possible first look; both its starts only grow from one to the next."""
        looks = {
            listing: [
                look
                for look in row
                if (after is None or look.started > after)
                and (before is None or look.finished <= before)
                and not (without and without(look))
            ]
            for listing, row in self._looks.items()
        }
        starts = sorted({look.started for row in looks.values() for look in row}, reverse=backwards)
        return (absence for start in starts if (absence := self._absence_from(start, looks)) is not None)

    def _absence_from(self, start: datetime, looks: Mapping[str, Sequence[LookFact]]) -> Absence | None:
        chosen: list[LookFact] = []
        for listing, row in looks.items():
            if self._has_ended(listing, start) or self._came_later(listing, start):
                continue
            place = bisect_left(row, start, key=lambda look: look.started)
            if place == len(row) or row[place].started - start > MAX_SPREAD:
                return None
            chosen.append(row[place])
        chosen.sort(key=lambda look: (look.started, look.listing))
        is_from_start = bool(chosen) and chosen[0].started == start
        proves = any(look.listing in self._proving for look in chosen)
        return Absence(tuple(chosen)) if is_from_start and proves else None


# -------------------------------------------------------------------------------- withdrawals


def withdrawals(facts: DutyFacts) -> tuple[Finding, ...]:
    """Return what is known of the report's withdrawals, in time order: ``withdrawn``, ``still_online`` if its page was
    met since, and ``returned`` if it came back.
    """
    looks = {look.id: look for look in facts.looks if not look.voided}
    times: dict[str, set[datetime]] = defaultdict(set)  # by listing, when it showed the report
    for look in looks.values():
        if look.shows:
            times[look.listing].add(look.started)
    for sighting in facts.sightings:
        listing = sighting.listing or (looks[sighting.look].listing if sighting.look in looks else None)
        if listing is not None and not sighting.imported and (sighting.look is None or sighting.look in looks):
            times[listing].add(sighting.at)
    rows = [one for listing in sorted(times) for one in _withdrawals_at(facts, listing, times)]
    rows.sort(key=lambda one: one[:2])
    return tuple(finding for _, _, findings in rows for finding in findings)


def _withdrawals_at(
    facts: DutyFacts, listing: str, times_at: Mapping[str, Collection[datetime]]
) -> Iterator[tuple[datetime, str, list[Finding]]]:
    """Give each withdrawal from a listing: when it was first absent, the listing, and what is to be told of it.

    Of a report that is still gone the look is told which completed the seven days, so that a later look that finds
    nothing new changes nothing.
    """
    end = min((one.ended_at for one in facts.scope if one.listing == listing and one.ended_at), default=None)
    at_listing = sorted((one for one in facts.looks if one.listing == listing), key=lambda one: (one.started, one.id))
    # a look is sound, too, if this report is all that makes it suspect
    absent = [look for look in at_listing if not flaw(replace(look, lost=0) if look.lost == 1 else look)]
    for last_shown, back in pairwise([*sorted(times_at[listing]), None]):
        gap = [
            look
            for look in absent
            if (last_shown is None or look.started > last_shown)
            and (end is None or look.started < end)
            and (back is None or look.finished <= back)
        ]
        enough = next((look for look in gap if look.started - gap[0].finished >= GONE_FOR), None)
        others = [at for other, times in times_at.items() if other != listing for at in times]
        if enough is None or any(gap[0].started <= at <= enough.finished for at in others):
            continue
        first, last = gap[0], enough if back is None else gap[-1]
        every = (at for times in times_at.values() for at in times if at > enough.finished)
        returned = min(every, default=None) if back is None else back
        between = {"from": last_shown, "to": first.started, "before": first.id, "after": last.id}
        findings = [finding("withdrawn", in_words(between)), *_still_online(facts, first.started, returned)]
        if returned is not None:
            again = {"from": returned, "to": last.started, "before": last.id}
            findings.append(finding("returned", in_words(again)))
        yield first.started, listing, findings


def _still_online(facts: DutyFacts, since: datetime, until: datetime | None) -> Iterator[Finding]:
    """The last visit that found the report at an address of its own while no listing showed it."""
    visits = (one for one in facts.sightings if one.listing is None and one.look is None and not one.imported)
    met = [one for one in visits if one.at > since and (until is None or one.at < until)]
    if met:
        last = max(met, key=lambda one: (one.at, one.url))
        yield finding("still_online", in_words({"at": last.at, "url": last.url, "after": last.capture}))
