"""Which reports changed after they were first seen, over all agencies: in content, in address, on listings, in date.

Changes of content begin an edition. The others are findings of the stored histories, each known from an instant.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from archive.assessment.sentences import values_of
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.frames import Result
from archive.queries.overview import check_years
from archive.queries.reports import changes
from archive.queries.results import AgencyLine
from archive.queries.stored import editions_of_reports, histories, of_chosen, open_projections, records
from archive.queries.where import Chosen, Where, choose
from archive.queries.withheld_content import Outgoing, outgoing
from archive.queries.withholding import Report
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import Edition, Finding, StatusInterval

#: Changes that begin an edition, by what stands with it, and those that histories tell (docs/statuses.md).
OF_EDITIONS = ("silent_revision", "announced_revision", "former_content", "other_shape")
OF_HISTORIES = (
    *("moved", "replaced", "withdrawn", "returned"),
    *("page_gone", "page_back", "part_gone", "backdated", "redated"),
)
CHANGES = (*OF_EDITIONS, *OF_HISTORIES)
#: Told again in other words when a later look adds to it, and never twice for one occurrence: they are counted.
_COUNTED = frozenset({"withdrawn", "returned"})
_CODE = '"code":"{}"'  # as findings lie in their column
Event = tuple[Report, datetime, Finding]  #: whose report, from when it was known, what happened


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionLine(Result):
    """One change of a report after it was first seen; ``change`` is a code of docs/statuses.md.

    ``last_before`` and ``first_after``: between which answers it lies (None where that is not recorded); ``known``:
    from when this archive knew; ``evidence``: the captures (for ``withdrawn`` and ``returned`` the looks) that show
    both sides. ``before`` and ``after``: the editions that stood then, None where none did. ``cells`` and ``lines``:
    how many places of the form and lines of text differ between the two; None where there are not two, or one is
    unread. ``hint``: the command that shows what differs.
    """

    agency: AgencyLine
    year: int
    change: str
    last_before: datetime | None
    first_after: datetime | None
    known: datetime
    address: str
    before: str | None
    after: str | None
    cells: int | None
    lines: int | None
    zh: str
    en: str
    evidence: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions(Result):
    """Changes by when they were known. ``withheld``: how many are left out because a ruling withholds the report.

    ``reports``: how many were held by then; ``met_once``: how many of them were to this day never met a second time, so
    that nobody knows whether they changed.
    """

    as_of: datetime
    since: datetime | None
    lines: tuple[RevisionLine, ...]
    withheld: int
    reports: int
    met_once: int


def revisions(
    home: Home,
    where: Where | None = None,
    *,
    year: int | None = None,
    since: datetime | None = None,
    change: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> Revisions:
    """List what changed of the chosen agencies' reports (on ``year``) and was known from ``since`` on and by ``as_of``.

    ``change``: those wanted (None: all). Raises :class:`NotKnownError` where a place or year is named of which nothing
    is known. Of a report of which a ruling withholds anything, only the number of changes is given.
    """
    as_of = instant_of_question(home, as_of)
    if unknown := sorted(set(change or ()) - set(CHANGES)):
        every = ", ".join(CHANGES)
        raise bounds.QueryError(code="query.no_change", text=unknown[0], every=every)
    if since is not None:
        instant_of_question(home, since)  # a day that has not come is told as such
    chosen, out = choose(home, where), outgoing(home)
    years = None if year is None else [bounds.reporting_year(year)]
    with open_projections(home) as store:
        every_change = _changes(store, chosen, out, change or CHANGES, years, as_of)
        found = [one for one in every_change if since is None or one.line.known >= since]
        lines = [*_counted(store, out, [one for one in found if not one.secret])]
        reports, once = _count_held(store, chosen, years, as_of)
    if year is not None and not reports:
        check_years(home, chosen, [year])
    return Revisions(
        as_of=as_of,
        since=since,
        lines=tuple(sorted(lines, key=lambda line: (line.known, line.agency.id, line.year, line.change))),
        withheld=sum(one.secret for one in found),
        reports=reports,
        met_once=once,
    )


def revision_lines(
    home: Home, store: ProjectionStore, chosen: Chosen, codes: Collection[str], since: datetime, until: datetime
) -> tuple[list[RevisionLine], int]:
    """Give what changed and was known after ``since`` and by ``until``, its cells and lines not counted; and how many
    more a ruling withholds.
    """
    every = list(_changes(store, chosen, outgoing(home), codes, None, until))
    return [one.line for one in every if one.line.known > since and not one.secret], sum(
        one.line.known > since and one.secret for one in every
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """A change; ``pair``: the two editions between which it lies, None where it lies between no two; ``secret``: a
    ruling withholds something of the report.
    """

    line: RevisionLine
    pair: tuple[Edition, Edition] | None
    secret: bool


def _counted(store: ProjectionStore, out: Outgoing, found: Sequence[_Change]) -> Iterator[RevisionLine]:
    """The lines of changes, each with how much differs between its two editions if both are read."""
    with closing(changes(store, [one.pair for one in found if one.pair is not None], out)) as compared:
        for one in found:
            differing = next(compared) if one.pair is not None else None
            if differing is None:
                yield one.line
            else:
                cells, text = differing
                lines = sum(max(len(run.before), len(run.after)) for run in text)
                yield replace(one.line, cells=len(cells), lines=lines)


def _changes(
    store: ProjectionStore,
    chosen: Chosen,
    out: Outgoing,
    codes: Collection[str],
    years: Collection[int] | None,
    as_of: datetime,
) -> Iterator[_Change]:
    """Every change of ``codes`` that was known by then, in no order."""
    of_editions, of_histories = set(codes) & set(OF_EDITIONS), set(codes) & set(OF_HISTORIES)
    changed = _changed_editions(store, chosen, years, as_of) if of_editions else []
    events = [*_events(store, chosen, of_histories, years, as_of)] if of_histories else []
    held = editions_of_reports(store, {(one.agency, one.year) for one in changed} | {report for report, *_ in events})
    found: list[Any] = []
    for edition in changed:
        report = (edition.agency, edition.year)
        former = next((one for one in held[report] if one.id == edition.former), None)
        between = (edition.former_last_seen, edition.first_seen)
        sides = (former, edition, between, edition.track)
        findings = dict.fromkeys(one for one in edition.findings if one.code in of_editions)
        found += [(report, edition.first_seen, one, *sides) for one in findings]
    found += [(*event, *_sides(event, held[event[0]])) for event in events]
    for report, known, finding, before, after, between, address in found:
        line, pair = _line(chosen.line(report[0]), report[1], known, finding, before, after, between, address, out)
        yield _Change(line, pair, out.ruled.hides_any(report, held[report]))


def _sides(
    event: Event, held: Sequence[Edition]
) -> tuple[Edition | None, Edition | None, tuple[datetime | None, datetime | None], str]:
    """The editions before and after what a history tells, the instants between which it lies, and its address."""
    _, known, finding = event
    code, named = finding.code, values_of(finding)
    shown = {capture: edition for edition in held for capture in edition.captures}
    newest = next((edition for edition in reversed(held) if edition.first_seen <= known), None)
    before, after = shown.get(str(named.get("before"))), shown.get(str(named.get("after")))
    if code in _COUNTED:
        before, after = (newest, None) if code == "withdrawn" else (None, newest)
    elif code in {"backdated", "redated", "part_gone", "replaced"}:
        before, after = before or newest, after or newest
    elif code == "moved":  # what shows that it has gone may be a list, or a page that is no report
        before = after = before or after or newest
    ends = ("to", "from") if code == "returned" else ("from", "to")  # its sentence names the return first
    first, last = (one if isinstance(one := named.get(key), datetime) else None for key in ends)
    said = (str(named.get(key, "")) for key in ("old", "new"))
    own = before or after or newest
    return before, after, (first, last), next((one for one in said if "://" in one), own.track if own else "")


def _line(
    agency: AgencyLine,
    year: int,
    known: datetime,
    finding: Finding,
    before: Edition | None,
    after: Edition | None,
    between: tuple[datetime | None, datetime | None],
    address: str,
    out: Outgoing,
) -> tuple[RevisionLine, tuple[Edition, Edition] | None]:
    """The line of a change, and the two editions between which it lies, if it does."""
    named = values_of(finding)
    pair = (before, after) if before is not None and after is not None and before.id != after.id else None
    show = ["status", agency.id, str(year)]
    if pair is not None:
        show = ["diff", agency.id, str(year), "--from", pair[0].id, "--to", pair[1].id]
    line = RevisionLine(
        agency=agency,
        year=year,
        change=finding.code,
        last_before=between[0],
        first_after=between[1],
        known=known,
        address=out.address(address),
        before=before.id if before else None,
        after=after.id if after else None,
        cells=None,
        lines=None,
        zh=out.text(finding.zh),
        en=out.text(finding.en),
        evidence=tuple(str(named[key]) for key in ("before", "after") if key in named),
        hint=shlex.join(["nianbao", *show]),
    )
    return line, pair


def _events(
    store: ProjectionStore, chosen: Chosen, codes: Collection[str], years: Collection[int] | None, as_of: datetime
) -> Iterator[Event]:
    """Every finding with one of ``codes`` about duties of the chosen agencies that was known by ``as_of``."""
    table = store.tables.statuses
    told = or_(*(table.c.findings.contains(_CODE.format(code), autoescape=True) for code in sorted(codes)))
    conditions = (*of_chosen(table, chosen, years), table.c.since <= as_of, told)
    for history in histories(store, chosen, *conditions):
        for since, finding in _fresh_findings(history, codes):
            yield (history[0].agency, history[0].year), since, finding


def _fresh_findings(history: Iterable[StatusInterval], codes: Collection[str]) -> Iterator[tuple[datetime, Finding]]:
    """Each finding of one report's history, once, with the instant from which it was known."""
    findings: set[Finding] = set()
    most = dict.fromkeys(_COUNTED, 0)
    for interval in history:
        fresh = [one for one in interval.findings if one.code in codes and one not in findings]
        findings.update(fresh)
        for code in _COUNTED:
            count = sum(one.code == code for one in interval.findings)
            more, most[code] = max(0, count - most[code]), max(count, most[code])
            again = [one for one in fresh if one.code == code]
            for one in again[: len(again) - more]:
                fresh.remove(one)
        yield from ((interval.since, one) for one in fresh)


def _changed_editions(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> list[Edition]:
    """The editions that took the place of another, known by ``as_of``."""
    table = store.tables.editions
    conditions = (*of_chosen(table, chosen, years), table.c.former.is_not(None), table.c.first_seen <= as_of)
    return [one for one in records(store, table, Edition, *conditions) if one.agency in chosen.agencies]


def _count_held(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> tuple[int, int]:
    """How many reports were held by ``as_of``, and how many of them were met at one instant only, to this day."""
    table = store.tables.editions
    query = (
        select(table.c.agency, func.min(table.c.first_seen).label("first"), func.max(table.c.last_seen).label("last"))
        .where(*of_chosen(table, chosen, years))
        .group_by(table.c.agency, table.c.year)
        .having(func.min(table.c.first_seen) <= as_of)
    )
    with store.read() as connection:
        rows = [row for row in connection.execute(query) if row.agency in chosen.agencies]
    return len(rows), sum(row.first == row.last for row in rows)
