"""Find bodies that have fallen silent: others at the portal go on reporting, and they may have ended (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from archive.assessment.facts import Sighting, Unattested
from archive.projection.sightings import Report

_YEARS = 2  # reporting years without a report of a body, on which others have theirs: a reform may have ended it
_OTHERS = 2  # bodies that have


class Silence:
    """Who at a portal showed a report on which year, and since when. ``seen``: the sightings of each report."""

    def __init__(self, seen: Mapping[Report, Iterable[Sighting]]) -> None:
        self._shown: dict[str, dict[int, datetime]] = defaultdict(dict)  # agency → year → since when
        for (agency, year), sightings in seen.items():
            if known := [one.known_from for one in sightings]:
                self._shown[agency][year] = min(known)
        years = {year for own in self._shown.values() for year in own}
        self._first = {newest: self._first_from(newest + _YEARS) for newest in years}

    def of(self, agency: str, year: int) -> Unattested | None:
        """Return since and until when an agency is known to have been silent on a year and for two at least, while
        others have reports on them; None where it was not, or never showed a report before that year.
        """
        own = self._shown.get(agency, {})
        newest = max((shown for shown in own if shown < year), default=None)
        if newest is None:
            return None
        others = [known for known, other in self._first[newest] if other != agency]
        if len(others) < _OTHERS:
            return None
        again = min((known for shown, known in own.items() if shown >= year), default=None)
        return Unattested(reason="fallen_silent", known_from=others[_OTHERS - 1], known_until=again)

    def _first_from(self, year: int) -> list[tuple[datetime, str]]:
        """The agencies that were the first to show a report on a year or later, each with when that became known."""
        known = ((own, [at for shown, at in years.items() if shown >= year]) for own, years in self._shown.items())
        return sorted((min(at), agency) for agency, at in known if at)[: _OTHERS + 1]
