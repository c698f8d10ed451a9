"""Follow bodies to their successors: who answers for a body that ended, and whose last report carries into whose next.

A successor inherits no duty, no status and no report: only the requests that were still open, and only where the
registry names it as the one successor. What was divided among several is carried by nobody who can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from storage.records import Agency

_DAY = timedelta(days=1)


class Lineage:
    """Successors and predecessors among agencies, of one portal or several, as their rows name them."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self.agencies: Mapping[str, Agency] = {agency.id: agency for agency in agencies}
        self._before: dict[str, list[Agency]] = {}
        for agency in self.agencies.values():
            for one in agency.successors:
                self._before.setdefault(one, []).append(agency)

    def predecessors(self, agency: str) -> tuple[Agency, ...]:
        """The bodies that name this one as a successor, by the day they ended and id."""
        return tuple(sorted(self._before.get(agency, ()), key=lambda one: (one.valid_to or date.max, one.id)))

    def heirs(self, agency: str) -> tuple[str, ...]:
        """Whom to ask of a body that ended: the ids to which its successors lead, each living or leading no further.

        () if it names none. A circle leads nowhere: of it the ids are given at which it was entered.
        """
        ids: dict[str, None] = {}
        start = self.agencies.get(agency)
        self._follow(start.successors if start else (), {agency}, ids)
        return tuple(ids)

    def _follow(self, names: Iterable[str], visited: set[str], ids: dict[str, None]) -> None:
        for name in names:
            one = self.agencies.get(name)
            onward = [other for other in one.successors if other not in visited] if one else []
            if one is None or not one.successors or not onward:
                ids[name] = None
            elif name not in visited:
                self._follow(onward, visited | {name}, ids)

    def carried_from(self, agency: str, year: int, reported: Callable[[str], bool]) -> tuple[str, ...] | None:
        """Whose reports on the year before carry over, all together, into the report of ``agency`` on ``year``.

        ``reported``: whether a body's report on the year before is held. () if none does; None where nobody can say: a
        body that was divided came in, one has no day of its end, or one of them has no report.
        """
        predecessors = [(one, succession_day(one)) for one in self.predecessors(agency)]
        if any(day is None for _, day in predecessors):
            return None
        within = [one for one, day in predecessors if day is not None and day.year == year]
        own = (agency,) if reported(agency) else ()
        if not own and not within:
            return self._from_former_name(
                agency, [one for one, day in predecessors if day and day.year == year - 1], reported
            )
        if any(len(one.successors) > 1 for one in within):
            return None
        if within and not own and self._may_have_existed_before(agency, year):
            return None
        names = (*own, *(one.id for one in within))
        return names if all(map(reported, names)) else None

    def _from_former_name(
        self, agency: str, predecessors: Sequence[Agency], reported: Callable[[str], bool]
    ) -> tuple[str, ...] | None:
        """Of a body that took over in the year before and has no report on it: the former one's, if it began so."""
        if not predecessors:
            return ()
        row, predecessor = self.agencies.get(agency), predecessors[0]
        alone = len(predecessors) == 1 and len(predecessor.successors) == 1 and row is not None
        began = alone and row is not None and row.valid_from == succession_day(predecessor)
        return (predecessor.id,) if began and reported(predecessor.id) else None

    def _may_have_existed_before(self, agency: str, year: int) -> bool:
        """Whether a body had requests of its own to carry into ``year``: only one that began later surely had none."""
        row = self.agencies.get(agency)
        return row is None or row.valid_from is None or row.valid_from <= date(year - 1, 12, 31)


def succession_day(agency: Agency) -> date | None:
    """Return the day from which its successors answer for a body."""
    return None if agency.valid_to is None or agency.valid_to == date.max else agency.valid_to + _DAY
