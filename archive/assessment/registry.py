"""Read the registry's rows of agencies: successors, sources, and doubts where rows contradict each other. Pure.

A successor inherits no duty, status or report. It inherits only the requests that were still open, and only if it is
the one successor in the registry; what was divided among several successors cannot be followed.

A doubt accuses nobody and changes nothing: a person corrects the row, or rules that it is right as it stands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from archive.assessment.calendar import local_day
from archive.assessment.data_files import data_file, in_both_languages
from archive.identity.divisions import FIRST_YEAR, LAST_YEAR, code_in, division
from archive.identity.names import normalise
from storage.records import Agency, AgencyEnd, Portal, ReportKey


class Lineage:
    """Successors and predecessors among the agencies of one or several portals, from their registry rows."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self.agencies: Mapping[str, Agency] = {agency.id: agency for agency in agencies}
        self._predecessors: dict[str, list[Agency]] = defaultdict(list)
        for agency in self.agencies.values():
            for successor in agency.successors:
                self._predecessors[successor].append(agency)

    def predecessors(self, agency: str) -> tuple[Agency, ...]:
        """Return the agencies that name this one as a successor, by the day on which they ended and by id."""
        return tuple(sorted(self._predecessors.get(agency, ()), key=lambda one: (one.valid_to or date.max, one.id)))

    def heirs(self, agency: str) -> tuple[str, ...]:
        """Return the ids at the ends of all chains of successors of ``agency``: whom to ask today instead of it. () if
        it has no successor. A chain that comes back to itself ends where it would repeat.
        """
        start = self.agencies.get(agency)
        return tuple(dict.fromkeys(self._chain_ends(start.successors if start else (), {agency})))

    def _chain_ends(self, ids: Iterable[str], visited: set[str]) -> Iterator[str]:
        """Yield the ids at the ends of the chains of successors from ``ids``; ``visited``: those before in a chain."""
        for name in ids:
            agency = self.agencies.get(name)
            onward = [other for other in agency.successors if other not in visited] if agency else []
            if not onward:
                yield name
            elif name not in visited:
                yield from self._chain_ends(onward, visited | {name})

    def carried_from(self, agency: str, year: int, reports: Container[ReportKey]) -> tuple[str, ...] | None:
        """Return the agencies whose reports on the year before together carry over into this report on ``year``.
        ``reports``: (agency, year) of the reports in the archive. () if no report carries over. None if that is not
        known: a divided agency was merged in, a predecessor has no end day, or one of the reports is lacking.
        """
        predecessors = [(one, succession_day(one)) for one in self.predecessors(agency)]
        if any(day is None for _, day in predecessors):
            return None
        within = [one for one, day in predecessors if day is not None and day.year == year]
        own = (agency,) if (agency, year - 1) in reports else ()
        if not own and not within:
            ended_before = [one for one, day in predecessors if day and day.year == year - 1]
            return self._from_former_name(agency, ended_before, year, reports) if ended_before else ()
        if any(len(one.successors) > 1 for one in within):
            return None
        row = self.agencies.get(agency)
        # only an agency that began later certainly had no requests of its own to carry into the year
        began_later = row is not None and row.valid_from is not None and row.valid_from > date(year - 1, 12, 31)
        if within and not own and not began_later:
            return None
        names = (*own, *(one.id for one in within))
        return names if all((one, year - 1) in reports for one in names) else None

    def _from_former_name(
        self, agency: str, ended_before: Sequence[Agency], year: int, reports: Container[ReportKey]
    ) -> tuple[str, ...] | None:
        """Return the predecessor that ``agency`` alone replaced at once the year before, if it has a report, else None
        (not known). ``ended_before``: predecessors that ended that year; ``reports``: (agency, year) in the archive.
        """
        row, predecessor = self.agencies.get(agency), ended_before[0]
        if row is None or len(ended_before) > 1 or len(predecessor.successors) > 1:
            return None
        is_same = row.valid_from == succession_day(predecessor)
        return (predecessor.id,) if is_same and (predecessor.id, year - 1) in reports else None


def succession_day(agency: Agency) -> date | None:
    """Return the day from which the successors of an agency take its place; None if its end is not known."""
    return None if agency.valid_to in (None, date.max) else agency.valid_to + timedelta(days=1)


# -------------------------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A source that names an agency. ``rank``: 1 is trusted most; ``attests``: it proves that the agency exists.
    ``said``: the source's own words; ``since``: when the archive recorded it (None for reports); ``years``: if the
    source is the agency's own reports in the archive, their years.
    """

    kind: str
    rank: int
    attests: bool
    zh: str
    en: str
    said: str = ""
    since: date | None = None
    years: tuple[int, ...] = ()


def kind_of(source: str) -> str:
    """Return the kind of a row's source text: the first kind in ``sources.toml`` with a pattern that occurs in it."""
    rows = data_file("sources.toml")["source"]
    return next(str(row["key"]) for row in rows if any(re.search(pattern, source) for pattern in row["patterns"]))


def attestations(rows: Iterable[Agency], published: Collection[int] = ()) -> tuple[Attestation, ...]:
    """Return every source in an agency's ``rows``, and its reports in the archive (``published``: years); best first. A
    row that is marked as guessed attests nothing, whatever its source says.
    """
    kinds = {row["key"]: row for row in data_file("sources.toml")["source"]}

    def source(kind: str, **more: Any) -> Attestation:
        of_kind = {name: kinds[kind][name] for name in ("rank", "attests", "zh", "en")}
        return Attestation(kind=kind, **of_kind, **more)

    by_source: dict[tuple[str, str], Attestation] = {}
    for row in sorted(rows, key=lambda one: one.recorded_at):
        kind = "guessed" if row.guessed else kind_of(row.source)
        by_source.setdefault((kind, row.source), source(kind, said=row.source, since=local_day(row.recorded_at)))
    if published:
        by_source.setdefault(("published", ""), source("published", years=tuple(sorted(set(published)))))
    return tuple(sorted(by_source.values(), key=lambda one: (one.rank, one.since or date.min, one.said)))


# -------------------------------------------------------------------------------- doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A doubt about a row. ``subject``: the agency's id or the portal's name; ``others``: ids of other agencies."""

    code: str
    portal: str
    subject: str
    name: str
    zh: str
    en: str
    others: tuple[str, ...] = ()


def doubts(portal: Portal, agencies: Sequence[Agency], lineage: Lineage | None = None) -> tuple[Doubt, ...]:
    """Return all doubts about a portal and its ``agencies``, by agency: an outdated division code; two agencies of one
    name or code on the same day; successors and parents that are lacking or do not fit in time. ``lineage``: over all
    portals' agencies; None: only over these.
    """
    lineage = lineage or Lineage(agencies)
    rows = [*_division_doubts(portal)]
    by_name, by_code = defaultdict[str, set[Agency]](set), defaultdict[str, set[Agency]](set)
    for agency in agencies:
        for name in {normalise(name) for name in (agency.name, *agency.aliases)} - {""}:
            by_name[name].add(agency)
        if agency.code:
            by_code[agency.code.upper()].add(agency)
    for agency in sorted(agencies, key=lambda one: one.id):
        # of agencies with one name only the first by id gets a doubt, and this doubt names the others
        for code, groups in (("same_name", by_name), ("same_code", by_code)):
            same = {other for group in groups.values() if agency in group for other in group if other.id > agency.id}
            if others := sorted((other for other in same if _coexist(agency, other)), key=lambda other: other.id):
                rows.append(_doubt(code, agency, others))
        rows += _successor_doubts(agency, lineage)
        rows += _parent_doubts(agency, lineage)
    return tuple(rows)


def doubt_codes() -> tuple[str, ...]:
    """Return every code that a doubt can have."""
    return tuple(data_file("doubts.toml"))


def _coexist(one: Agency, other: Agency) -> bool:
    """True if there is a day on which both agencies exist."""
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return begins <= min(one.valid_to or date.max, other.valid_to or date.max)


def _doubt(code: str, agency: Agency, others: Sequence[Agency] = (), **words: object) -> Doubt:
    """Return a doubt with its sentences; ``words``: further values that they need."""
    values = {"other": "、".join(one.name for one in others), "code": agency.code or "", **words}
    zh, en = in_both_languages(data_file("doubts.toml")[code], values)
    ids = tuple(one.id for one in others)
    return Doubt(code=code, portal=agency.portal, subject=agency.id, name=agency.name, zh=zh, en=en, others=ids)


def _successor_doubts(agency: Agency, lineage: Lineage) -> Iterator[Doubt]:
    """Yield the doubts about an agency's end and successors: no day, an unknown successor, a gap or overlap in time."""
    if (agency.ended or agency.successors) and agency.valid_to is None:
        yield _doubt("end_without_day", agency)
    day = succession_day(agency)
    for name in agency.successors:
        heir = lineage.agencies.get(name)
        if heir is None:
            yield _doubt("successor_missing", agency, other=name)
        elif day is not None and heir.valid_from is not None:
            days = (heir.valid_from - day).days
            if days > 0:
                yield _doubt("gap", agency, [heir], days=days)
            elif days < 0 and agency.ended is AgencyEnd.RENAMED:
                yield _doubt("overlap", agency, [heir], days=-days)


def _parent_doubts(agency: Agency, lineage: Lineage) -> Iterator[Doubt]:
    """Yield a doubt if an agency's parent is not in the registry, or ended before the agency."""
    parent = lineage.agencies.get(agency.parent or "")
    if agency.parent is not None and parent is None:
        yield _doubt("parent_missing", agency, other=agency.parent)
    elif parent is not None and (parent.valid_to or date.max) < (agency.valid_to or date.max):
        yield _doubt("parent_ended", agency, [parent])


def _division_doubts(portal: Portal) -> Iterator[Doubt]:
    """Yield a doubt if the portal's division code (GB/T 2260) is unknown or out of date; none without a code."""
    code = portal.division
    now = None if code is None else code_in(code, LAST_YEAR)
    if code is None or now is None or now.how == "same":
        return
    is_unknown = now.how == "unknown" and division(code) is None
    key = "division_unknown" if is_unknown else "division_former"
    other = f"{FIRST_YEAR}-{LAST_YEAR}" if is_unknown else now.code or "、".join(now.candidates) or "?"
    zh, en = in_both_languages(data_file("doubts.toml")[key], {"code": code, "other": other})
    yield Doubt(code=key, portal=portal.name, subject=portal.name, name=portal.place, zh=zh, en=en)
