"""Find the absences and the withdrawals of a report: what is proven by looks that do not show it.

An *absence* is one trustworthy look at every listing in scope that had not ended by then, all begun within 48 hours,
none of them showing the report or a lead that could be it. Without a look at one of the listings nothing is proven.

A report is *withdrawn* if a listing showed it, and then no sound look at this listing showed it for seven days. A list
that lost many entries at once is not sound: it proves nothing about one report, unless this report is all that it
lost. If another listing in scope still shows the report, it has moved and is not withdrawn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from archive.assessment.calendar import local_day
from archive.assessment.facts import ALWAYS, DutyFacts, LookFact, ScopeEntry
from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.identity.addresses import UNLINKED, is_unlinked
from storage.records import Finding, LookOutcome

GONE_FOR = timedelta(days=7)  # counted in days of the calendar, as weekly looks may begin some seconds early
#: Looks and visits within this time belong together: those of an absence, and what a link led to.
SAME_ROUND = timedelta(hours=48)


#: One look at each listing in scope, ordered by their starts; together they prove that the report was not there.
Absence = tuple[LookFact, ...]


def find_flaw(look: LookFact) -> str:
    """Return why a ``look`` (reading of a list) proves no absence: a code (docs/status-rules.md, A2), "" if it does."""
    if look.voided:
        return "voided"
    if look.outcome is not LookOutcome.OK:
        return look.outcome.value
    if look.skewed:  # a clock was wrong
        return "skewed"
    if look.unverified:  # over a certificate that does not hold
        return "unverified"
    if not look.control:  # no known-good address answered, so the site itself may have failed
        return "uncontrolled"
    if unresolved := [lead for lead in look.unresolved if lead.resolved_at is None]:
        return UNLINKED if all(is_unlinked(lead.url) for lead in unresolved) else "unresolved_lead"
    if look.lost:  # many reports that the list showed before are gone from it at once
        return "suspect"
    return "shown" if look.shows else ""


class Ledger:
    """The looks of one duty that can prove an absence, by listing, as known at one as-of time.
    Its methods search a span: every look began later than ``after`` and was finished by ``before`` (None: no bound).
    """

    def __init__(self, scope: Sequence[ScopeEntry], looks: Iterable[LookFact], first_on: str | None = None) -> None:
        """Keep, by listing (a portal's list), the looks (readings of it) that can prove the report absent: without a
        flaw, and begun before the listing ended. ``scope`` (the listings where the report should stand) and ``looks``
        are from ``known_by``; ``first_on``: the listing that first showed the report, if any. An absence needs a look
        at one of ``_proving``: absence from the others proves nothing by itself.
        """
        self._ends: dict[str, datetime | None] = dict.fromkeys(entry.listing for entry in scope)
        for entry in sorted(scope, key=lambda one: one.ended_at or ALWAYS, reverse=True):
            self._ends[entry.listing] = entry.ended_at or self._ends[entry.listing]
        self._proving = {entry.listing for entry in scope if entry.proves}
        self._listed_from = {  # since when a list that was added later counts, unless a ruling added it
            entry.listing: entry.listed_from
            for entry in scope
            if entry.listed_from is not None and entry.reason != "ruling" and entry.listing != first_on
        }
        self._last_end = max((end for end in self._ends.values() if end is not None), default=ALWAYS)
        self._looks: dict[str, list[LookFact]] = {listing: [] for listing in self._ends}
        for look in sorted(looks, key=lambda look: (look.started, look.finished, look.id)):
            if look.listing in self._ends and not self._has_ended(look.listing, look.started) and not find_flaw(look):
                self._looks[look.listing].append(look)

    def first(self, after: datetime | None = None, before: datetime | None = None) -> Absence | None:
        """Return the absence whose last look began earliest, by looks between ``after`` and ``before`` if given."""
        return next(self._absences(after, before), None)

    def last(
        self,
        after: datetime | None = None,
        before: datetime | None = None,
        leave_out: Callable[[LookFact], bool] | None = None,
    ) -> Absence | None:
        """Return the latest proof of absence by looks between ``after`` and ``before`` but those to ``leave_out``."""
        return next(self._absences(after, before, backwards=True, leave_out=leave_out), None)

    def pair(
        self, gap: timedelta, after: datetime | None = None, before: datetime | None = None
    ) -> tuple[Absence, Absence] | None:
        """Return the earliest and latest proof that the report was absent, if they are ``gap`` apart; else None."""
        first, last = self.first(after, before), self.last(after, before)
        if first is None or last is None or last[0].started - first[-1].started < max(gap, timedelta(microseconds=1)):
            return None
        return first, last

    def _has_ended(self, listing: str, at: datetime) -> bool:
        end = self._ends[listing]
        return end is not None and end <= at

    def _replaced_a_former_list(self, listing: str, absence_start: datetime) -> bool:
        """True if the listing was added after an absence began, and another that was open then has ended since: then
        the absence needs no look at the new one, as looks at the old one stay evidence.
        """
        list_start = self._listed_from.get(listing) if self._ends[listing] is None else None
        # a list in scope that ended only after the absence began was still open then
        return list_start is not None and absence_start < min(list_start, self._last_end)

    def _absences(
        self,
        after: datetime | None,
        before: datetime | None,
        *,
        backwards: bool = False,
        leave_out: Callable[[LookFact], bool] | None = None,
    ) -> Iterator[Absence]:
        """Yield the proofs of absence (a look at each listing in scope, within 48 hours), ordered by the start of their
        first look (``backwards``: latest first). A look counts if it began later than ``after``, was finished by
        ``before`` and is not one to ``leave_out`` (None: all count).
        """
        looks = {
            listing: [
                look
                for look in row
                if (after is None or look.started > after)
                and (before is None or look.finished <= before)
                and not (leave_out and leave_out(look))
            ]
            for listing, row in self._looks.items()
        }
        starts = sorted({look.started for row in looks.values() for look in row}, reverse=backwards)
        return (absence for start in starts if (absence := self._absence_from(start, looks)) is not None)

    def _absence_from(self, start: datetime, looks: Mapping[str, Sequence[LookFact]]) -> Absence | None:
        """Return the proof of absence whose first look began at ``start``: this and the next look at each other listing
        in scope (where the report should stand) that had not ended then. None if one had none within 48 hours, or if
        none proves anything by itself. ``looks``: by listing, oldest first, only such as did not show the report.
        """
        chosen: list[LookFact] = []
        for listing, row in looks.items():
            if self._has_ended(listing, start) or self._replaced_a_former_list(listing, start):
                continue
            index = bisect_left(row, start, key=lambda look: look.started)
            if index == len(row) or row[index].started - start > SAME_ROUND:
                return None
            chosen.append(row[index])
        chosen.sort(key=lambda look: (look.started, look.listing))
        is_from_start = bool(chosen) and chosen[0].started == start
        proves = any(look.listing in self._proving for look in chosen)
        return tuple(chosen) if is_from_start and proves else None


# -------------------------------------------------------------------------------- withdrawals


def withdrawals(facts: DutyFacts) -> tuple[Finding, ...]:
    """Return the findings about the report's withdrawals (no sound look, or reading of a list, showed it for seven days
    where it had stood), in time order: ``withdrawn``, ``still_online`` if its page was fetched meanwhile, ``returned``
    if shown again. Looks that a ruling voided and sightings (when it was seen) from other archives do not count.
    """
    looks = {look.id: look for look in facts.looks if not look.voided}
    shown_at = defaultdict[str, dict[datetime, str | None]](dict)  # listing → when it showed the report → the look
    for look in looks.values():
        if look.shows:
            shown_at[look.listing][look.started] = look.id
    for sighting in facts.sightings:
        listing = sighting.listing or (looks[sighting.look].listing if sighting.look in looks else None)
        if listing is not None and not sighting.imported and (sighting.look is None or sighting.look in looks):
            shown_at[listing].setdefault(sighting.at, sighting.look)
    rows = [row for listing in sorted(shown_at) for row in _withdrawals_from(facts, listing, shown_at)]
    rows.sort(key=lambda row: row[:2])
    by_day = {local_day(at): findings for at, _, findings in reversed(rows)}  # once, if several lists lost it at a time
    return tuple(finding for day in sorted(by_day) for finding in by_day[day])


def only_in_copies(facts: DutyFacts) -> Iterator[Finding]:
    """Yield a finding on a report that captures of another archive show, while two of our looks at all its lists, seven
    days apart and after these captures, did not show it. It is no withdrawal, as we never saw the report there.
    """
    copies = [one for one in facts.sightings if one.source]
    if not copies or len(copies) < len(facts.sightings):
        return
    last = max(copies, key=lambda one: (one.at, one.source))
    if pair := Ledger(facts.scope, facts.looks).pair(GONE_FOR, after=last.at):
        (first, *_), (*_, confirming) = pair
        between = {"from": last.at, "to": first.started, "before": first.id, "after": confirming.id}
        yield finding("only_in_copies", in_words(between), source=last.source)


def is_withdrawn(codes: Sequence[str]) -> bool:
    """Whether a report with findings of these codes, each as often as it was found, is gone from the lists: it was
    withdrawn once more than it was shown again.
    """
    return codes.count("withdrawn") > codes.count("returned")


def _withdrawals_from(
    facts: DutyFacts, listing: str, shown_at: Mapping[str, Mapping[datetime, str | None]]
) -> Iterator[tuple[datetime, str, list[Finding]]]:
    """Yield each withdrawal from a listing: when the report was first absent, the listing, and the findings. The report
    is withdrawn if no sound look (reading of the list) showed it for seven days, and no other listing showed it in that
    time. While it is gone, the finding names the look that completed the seven days, so that later looks do not change
    the finding. Looks after the listing ended do not count. ``shown_at``: by listing, when it showed the report, and in
    which look.
    """
    end = min((entry.ended_at for entry in facts.scope if entry.listing == listing and entry.ended_at), default=None)
    own_looks = sorted((one for one in facts.looks if one.listing == listing), key=lambda one: (one.started, one.id))
    # a look is also sound if it is suspect only because this report is gone
    absent = [look for look in own_looks if not find_flaw(replace(look, lost=0) if look.lost == 1 else look)]
    for last_shown, shown_again in pairwise([*sorted(shown_at[listing]), None]):
        gap = [
            look
            for look in absent
            if (last_shown is None or look.started > last_shown)
            and (end is None or look.started < end)
            and (shown_again is None or look.finished <= shown_again)
        ]
        confirming = next((one for one in gap if local_day(one.started) - local_day(gap[0].started) >= GONE_FOR), None)
        elsewhere = [at for other, times in shown_at.items() if other != listing for at in times]
        if confirming is None or any(gap[0].started <= at <= confirming.finished for at in elsewhere):
            continue
        first = gap[0]
        last = confirming if shown_again is None else gap[-1]
        later = (at for times in shown_at.values() for at in times if at > confirming.finished)
        returned = min(later, default=None) if shown_again is None else shown_again
        last_look = None if last_shown is None else shown_at[listing][last_shown]
        between = {"from": last_shown, "to": first.started, "shown": last_look, "before": first.id, "after": last.id}
        findings = [finding("withdrawn", in_words(between)), *_still_online(facts, first.started, returned)]
        if returned is not None:
            again = next((times[returned] for times in shown_at.values() if times.get(returned)), None)
            between = {"from": returned, "to": last.started, "before": last.id, "after": again}
            findings.append(finding("returned", in_words(between)))
        yield first.started, listing, findings


def _still_online(facts: DutyFacts, since: datetime, until: datetime | None) -> Iterator[Finding]:
    """Yield a finding on the last fetch of the report's own page after ``since`` and before ``until`` (None: now)."""
    visits = (one for one in facts.sightings if one.listing is None and one.look is None and not one.imported)
    within = [visit for visit in visits if visit.at > since and (until is None or visit.at < until)]
    if within:
        last = max(within, key=lambda visit: (visit.at, visit.url))
        yield finding("still_online", in_words({"at": last.at, "url": last.url, "after": last.capture}))
