"""Which reports changed after they were first seen, over all agencies: in content, in address, on listings, in date."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from archive.assessment.sentences import values_of
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.change_answers import RevisionLine, Revisions
from archive.queries.overview import check_year
from archive.queries.page_events import PageEvent, page_events
from archive.queries.reports import changes
from archive.queries.stored import editions_of_reports, open_projections
from archive.queries.where import Chosen, Where, choose
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.mapping import shape
from storage.projections import ProjectionStore
from storage.records import Edition, Finding

#: Changes that begin an edition, by what stands with it, and those that histories tell (docs/statuses.md).
OF_EDITIONS = ("silent_revision", "announced_revision", "former_content", "other_shape")
OF_HISTORIES = (
    *("moved", "replaced", "withdrawn", "returned"),
    *("page_gone", "page_back", "part_gone", "backdated", "redated"),
)
CHANGES = (*OF_EDITIONS, *OF_HISTORIES)


def revisions(
    home: Home,
    where: Where | None = None,
    *,
    year: int | None = None,
    since: datetime | None = None,
    codes: Collection[str] = CHANGES,
    as_of: datetime | None = None,
) -> Revisions:
    """List what changed of the chosen agencies' reports (on ``year``) and was known from ``since`` on and by ``as_of``.

    ``codes``: the changes wanted. Raises :class:`NotKnownError` where a place or year of which nothing is known is
    named. Of a report of which a ruling withholds anything, only the number of changes is given.
    """
    as_of = instant_of_question(home, as_of)
    if since is not None:
        instant_of_question(home, since)  # a day that has not come is told as such
    chosen = choose(home, where)
    years = None if year is None else [bounds.reporting_year(year)]
    with open_projections(home) as store:
        found = _FoundRevisions(store, chosen, outgoing(home), as_of)
        revised = [
            one
            for one in found.revised(codes, years)
            if (since is None or one.line.known >= since) and found.gives_out(one)
        ]
        lines = [*found.counted(revised)]
        reports, once = _count_held(store, chosen, years, as_of)
    if year is not None and not reports:
        check_year(home, chosen, year)
    return Revisions(
        as_of=as_of,
        since=since,
        lines=tuple(sorted(lines, key=lambda line: (line.known, line.agency.id, line.year, line.change))),
        withheld=found.hidden,
        reports=reports,
        met_once=once,
    )


def revision_lines(
    home: Home, store: ProjectionStore, chosen: Chosen, codes: Collection[str], since: datetime, until: datetime
) -> tuple[list[RevisionLine], int]:
    """Give what changed and was known after ``since`` and by ``until``, its cells and lines not counted; and how many
    more a ruling withholds.
    """
    found = _FoundRevisions(store, chosen, outgoing(home), until)
    lines = [one.line for one in found.revised(codes, None) if one.line.known > since and found.gives_out(one)]
    return lines, found.hidden


@dataclass(frozen=True, slots=True)
class _Revised:
    """A change; ``pair``: the two editions between which it lies, None where it lies between no two; ``secret``: a
    ruling withholds something of the report.
    """

    line: RevisionLine
    pair: tuple[Edition, Edition] | None
    secret: bool


class _FoundRevisions:
    """The changes of one answer; ``hidden`` counts those that are not given out."""

    def __init__(self, store: ProjectionStore, chosen: Chosen, out: Outgoing, as_of: datetime) -> None:
        self._store, self._chosen, self._out, self._as_of = store, chosen, out, as_of
        self._held: Mapping[tuple[str, int], Sequence[Edition]] = {}
        self.hidden = 0

    def gives_out(self, one: _Revised) -> bool:
        """Whether a change is given out; counts it if not."""
        self.hidden += one.secret
        return not one.secret

    def counted(self, revised: Sequence[_Revised]) -> Iterator[RevisionLine]:
        """The lines of changes, each with how much differs between its two editions if both are read."""
        pairs = [one.pair for one in revised if one.pair is not None]
        with closing(changes(self._store, pairs, self._out)) as compared:
            for one in revised:
                differing = next(compared) if one.pair is not None else None
                if differing is None:
                    yield one.line
                else:
                    cells, text = differing
                    lines = sum(max(len(run.before), len(run.after)) for run in text)
                    yield replace(one.line, cells=len(cells), lines=lines)

    def revised(self, codes: Collection[str], years: Collection[int] | None) -> Iterator[_Revised]:
        """Every change of ``codes`` that was known by then, in no order."""
        of_editions, of_histories = set(codes) & set(OF_EDITIONS), set(codes) & set(OF_HISTORIES)
        changed = _changed_editions(self._store, self._chosen, years, self._as_of) if of_editions else []
        events = [*page_events(self._store, self._chosen, of_histories, years=years, as_of=self._as_of)]
        reports = {(one.agency, one.year) for one in changed} | {(one.agency, one.year) for one in events}
        self._held = editions_of_reports(self._store, reports)
        for edition in changed:
            for finding in dict.fromkeys(edition.findings):
                if finding.code in of_editions:
                    yield self._of_edition(edition, finding)
        for event in events:
            yield self._of_history(event)

    def _of_edition(self, edition: Edition, finding: Finding) -> _Revised:
        report = (edition.agency, edition.year)
        former = next((one for one in self._held[report] if one.id == edition.former), None)
        return self._revised(
            report,
            finding,
            (former, edition),
            known=edition.first_seen,
            between=(edition.former_last_seen, edition.first_seen),
            address=edition.track,
        )

    def _of_history(self, event: PageEvent) -> _Revised:
        held = self._held[event.agency, event.year]
        named = values_of(event.finding)
        code = event.finding.code
        shown = {capture: edition for edition in held for capture in edition.captures}
        newest = next((edition for edition in reversed(held) if edition.first_seen <= event.known), None)
        before, after = shown.get(str(named.get("before"))), shown.get(str(named.get("after")))
        if code in {"withdrawn", "returned"}:
            before, after = (newest, None) if code == "withdrawn" else (None, newest)
        elif code in {"backdated", "redated", "part_gone", "replaced"}:
            before, after = before or newest, after or newest
        elif code == "moved":  # what shows that it has gone may be a list, or a page that is no report
            before = after = before or after or newest
        ends = ("to", "from") if code == "returned" else ("from", "to")  # its sentence names the return first
        first, last = (_instant(named, key) for key in ends)
        return self._revised(
            (event.agency, event.year),
            event.finding,
            (before, after),
            known=event.known,
            between=(first, last),
            address=_address(named, before or after or newest),
        )

    def _revised(
        self,
        report: tuple[str, int],
        finding: Finding,
        editions: tuple[Edition | None, Edition | None],
        *,
        known: datetime,
        between: tuple[datetime | None, datetime | None],
        address: str,
    ) -> _Revised:
        (agency, year), (before, after) = report, editions
        named = values_of(finding)
        pair = (before, after) if before is not None and after is not None and before.id != after.id else None
        show = ["status", agency, str(year)]
        if pair is not None:
            show = ["diff", agency, str(year), "--from", pair[0].id, "--to", pair[1].id]
        line = RevisionLine(
            agency=self._chosen.line(agency),
            year=year,
            change=finding.code,
            last_before=between[0],
            first_after=between[1],
            known=known,
            address=self._out.address(address),
            before=before.id if before else None,
            after=after.id if after else None,
            cells=None,
            lines=None,
            zh=self._out.text(finding.zh),
            en=self._out.text(finding.en),
            evidence=tuple(str(named[key]) for key in ("before", "after") if key in named),
            hint=shlex.join(["nianbao", *show]),
        )
        ruled = self._out.ruled
        return _Revised(line, pair, report in ruled.reports or any(map(ruled.hides, self._held[report])))


def _changed_editions(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> list[Edition]:
    """The editions that took the place of another, known by ``as_of``."""
    table = store.tables.editions
    query = select(table).where(
        table.c.portal.in_(list(chosen.portals)), table.c.former.is_not(None), table.c.first_seen <= as_of
    )
    if years is not None:
        query = query.where(table.c.year.in_(sorted(set(years))))
    with store.read() as connection:
        rows = connection.execute(query).mappings()
        return [shape(Edition).record(row) for row in rows if row["agency"] in chosen.agencies]


def _count_held(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> tuple[int, int]:
    """How many reports were held by ``as_of``, and how many of them were met at one instant only, to this day."""
    table = store.tables.editions
    query = (
        select(table.c.agency, func.min(table.c.first_seen).label("first"), func.max(table.c.last_seen).label("last"))
        .where(table.c.portal.in_(list(chosen.portals)))
        .group_by(table.c.agency, table.c.year)
        .having(func.min(table.c.first_seen) <= as_of)
    )
    if years is not None:
        query = query.where(table.c.year.in_(sorted(set(years))))
    with store.read() as connection:
        rows = [row for row in connection.execute(query) if row.agency in chosen.agencies]
    return len(rows), sum(row.first == row.last for row in rows)


def _instant(named: Mapping[str, object], key: str) -> datetime | None:
    found = named.get(key)
    return found if isinstance(found, datetime) else None


def _address(named: Mapping[str, object], edition: Edition | None) -> str:
    """The address that a finding speaks of, else that of the edition."""
    said = (str(named.get(key, "")) for key in ("old", "new"))
    own = edition.track if edition else ""
    return next((one for one in said if "://" in one), own)
