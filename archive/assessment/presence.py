"""Find withdrawals: a listing that showed a report no longer does, and may show it again later.

*Withdrawn*: a listing showed the report, and since then no ok look at it for seven days did. The looks must be
sound: a list that came back shortened as a whole says nothing about one report, unless this report is all that it
lost. A report that another listing in scope goes on showing has moved, and is not withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from archive.assessment.absences import flaw
from archive.assessment.facts import DutyFacts, LookFact, Sighting
from archive.assessment.sentences import in_words
from archive.findings import finding
from storage.records import Finding

GONE_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Shown at ``listing`` last at ``last_shown``, absent from ``first_absent`` to ``last_absent``, back at
    ``returned``. ``online``: the last visit while no listing showed it that found it at its address still.
    """

    listing: str
    last_shown: datetime
    first_absent: datetime
    last_absent: datetime
    looks: tuple[str, str]
    returned: datetime | None = None
    online: Sighting | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The finding ``withdrawn``, ``still_online`` if its page was met since, and, if it came back, ``returned``."""
        before, after = self.looks
        between = {"from": self.last_shown, "to": self.first_absent, "before": before, "after": after}
        findings = [finding("withdrawn", in_words(between))]
        if self.online is not None:
            where = {"at": self.online.at, "url": self.online.url, "after": self.online.capture}
            findings.append(finding("still_online", in_words(where)))
        if self.returned is None:
            return tuple(findings)
        again = {"from": self.returned, "to": self.last_absent, "before": after}
        return *findings, finding("returned", in_words(again))


def withdrawals(known: DutyFacts) -> tuple[Withdrawal, ...]:
    """Return the report's withdrawals as far as ``known`` (``asof.known_by``) tells, in time order.

    ``last_absent`` of a report that is still gone is that of the look which completed the seven days, so that a
    later look that finds nothing new changes nothing.
    """
    shown = _times_shown(known)
    found = (gone for listing in sorted(shown) for gone in _withdrawals_at(known, listing, shown))
    return tuple(sorted(found, key=lambda gone: (gone.first_absent, gone.listing)))


def _times_shown(known: DutyFacts) -> dict[str, list[datetime]]:
    """Return for each listing when it showed the report, in time order."""
    looks = {look.id: look for look in known.looks if look.voided_at is None}
    times: dict[str, set[datetime]] = {}
    for look in looks.values():
        if look.shows:
            times.setdefault(look.listing, set()).add(look.started)
    for sighting in known.sightings:
        listing = sighting.listing or (looks[sighting.look].listing if sighting.look in looks else None)
        if listing is not None and not sighting.imported and (sighting.look is None or sighting.look in looks):
            times.setdefault(listing, set()).add(sighting.at)
    return {listing: sorted(instants) for listing, instants in times.items()}


def _withdrawals_at(known: DutyFacts, listing: str, shown: dict[str, list[datetime]]) -> Iterator[Withdrawal]:
    end = min((one.ended_at for one in known.scope if one.listing == listing and one.ended_at), default=None)
    absent = sorted(
        (look for look in known.looks if look.listing == listing and _lacks_report(look)),
        key=lambda look: (look.started, look.id),
    )
    here: list[datetime | None] = [*shown[listing], None]
    for last_shown, back in pairwise(here):
        assert last_shown is not None
        gap = [
            look
            for look in absent
            if look.started > last_shown
            and (end is None or look.started < end)
            and (back is None or look.finished <= back)
        ]
        enough = next((look for look in gap if look.started - gap[0].finished >= GONE_FOR), None)
        if enough is None or _elsewhere(shown, listing, gap[0].started, enough.finished):
            continue
        first, last = gap[0], gap[-1] if back is not None else enough
        returned = back if back is not None else _back_elsewhere(shown, enough.finished)
        yield Withdrawal(
            listing=listing,
            last_shown=last_shown,
            first_absent=first.started,
            last_absent=last.started,
            looks=(first.id, last.id),
            returned=returned,
            online=_online(known, first.started, returned),
        )


def _online(known: DutyFacts, since: datetime, until: datetime | None) -> Sighting | None:
    """The last visit that found the report at an address of its own."""
    visits = (one for one in known.sightings if one.listing is None and one.look is None and not one.imported)
    met_visits = [one for one in visits if one.at > since and (until is None or one.at < until)]
    return max(met_visits, key=lambda one: (one.at, one.url), default=None)


def _lacks_report(look: LookFact) -> bool:
    """Tell whether a sound look lacks the report; a look is sound, too, if this report is all that makes it
    suspect.
    """
    return not flaw(replace(look, suspect_spans=()) if look.lost == 1 else look)


def _elsewhere(shown: dict[str, list[datetime]], listing: str, since: datetime, until: datetime) -> bool:
    return any(since <= at <= until for other, times in shown.items() if other != listing for at in times)


def _back_elsewhere(shown: dict[str, list[datetime]], after: datetime) -> datetime | None:
    return min((at for times in shown.values() for at in times if at > after), default=None)
