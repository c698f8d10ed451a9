"""Find withdrawals: a listing that showed a report no longer does, and may show it again later.

*Withdrawn*: a listing showed the report, and since then no ok look at it for seven days did. The looks must be
sound: a list that came back shortened as a whole says nothing about one report, unless this report is all that it
lost. A report that another listing in scope goes on showing has moved, and is not withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from archive.assessment.absences import flaw
from archive.assessment.facts import DutyFacts, LookFact
from archive.assessment.sentences import in_words
from archive.findings import finding
from storage.records import Finding

GONE_FOR = timedelta(days=7)
Times = Mapping[str, Sequence[datetime]]


def withdrawals(known: DutyFacts) -> tuple[Finding, ...]:
    """Return what is known of the report's withdrawals, in time order: ``withdrawn``, ``still_online`` if its page was
    met since, and ``returned`` if it came back.
    """
    shown = _times_shown(known)
    found = [one for listing in sorted(shown) for one in _withdrawals_at(known, listing, shown)]
    found.sort(key=lambda one: one[:2])
    return tuple(finding for _, _, findings in found for finding in findings)


def _times_shown(known: DutyFacts) -> Times:
    """Return for each listing when it showed the report, in time order."""
    looks = {look.id: look for look in known.looks if not look.voided}
    times: dict[str, set[datetime]] = defaultdict(set)
    for look in looks.values():
        if look.shows:
            times[look.listing].add(look.started)
    for sighting in known.sightings:
        listing = sighting.listing or (looks[sighting.look].listing if sighting.look in looks else None)
        if listing is not None and not sighting.imported and (sighting.look is None or sighting.look in looks):
            times[listing].add(sighting.at)
    return {listing: sorted(instants) for listing, instants in times.items()}


def _withdrawals_at(
    known: DutyFacts, listing: str, shown: Times
) -> Iterator[tuple[datetime, str, tuple[Finding, ...]]]:
    """Give each withdrawal from a listing: when it was first absent, the listing, and what is to be told of it.

    Of a report that is still gone the look is told which completed the seven days, so that a later look that finds
    nothing new changes nothing.
    """
    end = min((one.ended_at for one in known.scope if one.listing == listing and one.ended_at), default=None)
    absent = [look for look in known.looks if look.listing == listing and _lacks_report(look)]
    absent = sorted(absent, key=lambda look: (look.started, look.id))
    for last_shown, back in pairwise([*shown[listing], None]):
        gap = [
            look
            for look in absent
            if (last_shown is None or look.started > last_shown)
            and (end is None or look.started < end)
            and (back is None or look.finished <= back)
        ]
        enough = next((look for look in gap if look.started - gap[0].finished >= GONE_FOR), None)
        others = [at for other, times in shown.items() if other != listing for at in times]
        if enough is None or any(gap[0].started <= at <= enough.finished for at in others):
            continue
        first, last = gap[0], enough if back is None else gap[-1]
        every = (at for times in shown.values() for at in times if at > enough.finished)
        returned = min(every, default=None) if back is None else back
        between = {"from": last_shown, "to": first.started, "before": first.id, "after": last.id}
        findings = [finding("withdrawn", in_words(between)), *_still_online(known, first.started, returned)]
        if returned is not None:
            again = {"from": returned, "to": last.started, "before": last.id}
            findings.append(finding("returned", in_words(again)))
        yield first.started, listing, tuple(findings)


def _still_online(known: DutyFacts, since: datetime, until: datetime | None) -> Iterator[Finding]:
    """The last visit that found the report at an address of its own while no listing showed it."""
    visits = (one for one in known.sightings if one.listing is None and one.look is None and not one.imported)
    met = [one for one in visits if one.at > since and (until is None or one.at < until)]
    if met:
        last = max(met, key=lambda one: (one.at, one.url))
        yield finding("still_online", in_words({"at": last.at, "url": last.url, "after": last.capture}))


def _lacks_report(look: LookFact) -> bool:
    """Whether a sound look lacks the report; a look is sound, too, if this report is all that makes it suspect."""
    return not flaw(replace(look, suspect=False) if look.lost == 1 else look)
