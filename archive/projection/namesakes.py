"""Reports that stand under a similar name: an agency without one may be the body that published it.

Two agencies of the registry may be one body where no year has a report of both. The report of the one then keeps open
whether the other's is missing, until a year has both, or a person rules whose that report is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from archive.assessment.facts import LookFact, Sighting, UnresolvedLead
from archive.identity.matching import could_be_one
from archive.projection.binding import Bound
from archive.projection.truth import PortalTruth
from storage.records import Agency, RulingKind

Report = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Namesake:
    """A report of a body of a similar name, first shown at ``at``, on ``looks``; ``lead`` as one that could be ours."""

    lead: UnresolvedLead
    at: datetime
    looks: frozenset[str]

    def stands_on(self, look: LookFact) -> bool:
        """Whether it was published when ``look`` was made."""
        return look.id in self.looks or look.started >= self.at


class Namesakes:
    """Asked duty by duty. ``sightings``: of each report."""

    def __init__(
        self,
        truth: PortalTruth,
        sightings: Mapping[Report, Sequence[Sighting]],
        reports: Mapping[Report, Sequence[Bound]],
    ) -> None:
        self._truth = truth
        self._agencies = {agency.id: agency for agency in truth.agencies}
        self._sightings = sightings
        self._reports = reports
        self._known: dict[str, dict[int, datetime]] = {}
        for (who, year), seen in sightings.items():
            if seen:
                self._known.setdefault(who, {})[year] = min(one.known_from for one in seen)
        self._similar = cache(self._similar_to)

    def of(self, agency: Agency, year: int) -> tuple[Namesake, ...]:
        """Give the reports on ``year`` of bodies which ``agency`` could be, as far as that was ever open."""
        own = self._known.get(agency.id, {})
        if year in own:
            return ()
        found = []
        for other in self._similar(agency.id):
            theirs = self._known.get(other, {})
            if year not in theirs:
                continue
            latest = [max(own[both], theirs[both]) for both in own.keys() & theirs.keys()]
            latest += self._ruled((other, year))
            settled = min(latest, default=None)
            if settled is None or settled > theirs[year]:
                found.append(self._namesake((other, year), settled))
        return tuple(found)

    def _namesake(self, report: Report, settled: datetime | None) -> Namesake:
        seen = self._sightings[report]
        first = min(seen, key=lambda one: (one.at, one.url))
        looks = frozenset(one.look for one in seen if one.look is not None)
        return Namesake(UnresolvedLead(url=first.url, resolved_at=settled), first.at, looks)

    def _ruled(self, report: Report) -> Iterable[datetime]:
        """When a person said that the report is that body's."""
        for bound in self._reports.get(report, ()):
            held = bound.binding
            if held is not None and held.basis.get("agency") == "ruling":
                subjects = {held.document, held.url}
                yield from (
                    ruling.made_at
                    for ruling in self._truth.rulings
                    if ruling.kind is RulingKind.BINDING and ruling.subject in subjects
                )

    def _similar_to(self, agency: str) -> tuple[str, ...]:
        one, place = self._agencies.get(agency), self._truth.portal.place
        if one is None:
            return ()
        return tuple(
            other.id for other in self._truth.agencies if other.id != agency and could_be_one(one, other, place)
        )
