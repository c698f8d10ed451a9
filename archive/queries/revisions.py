"""List the reports that changed after they were first seen: in content, in address, on listings, in date.

A change of content begins a new edition. All others are findings in the stored histories of duties (``statuses``).
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select

from archive.assessment.sentences import values_of
from archive.queries import bounds
from archive.queries.duty_rows import FINDING_CODE
from archive.queries.frames import Result
from archive.queries.reports import count_changes
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection
from archive.queries.stored import editions_of_reports, fetch, histories, records
from archive.queries.where import EVERYTHING, Where, choose, instant_of_question
from storage.home import Home
from storage.records import Edition, Finding, ReportKey, StatusInterval

#: Codes of changes that begin an edition, and of those in the histories of duties (docs/statuses.md).
OF_EDITIONS = ("silent_revision", "announced_revision", "former_content", "other_shape")
OF_HISTORIES = (
    *("moved", "replaced", "withdrawn", "returned"),
    *("page_gone", "page_back", "part_gone", "backdated", "redated"),
)
CHANGES = (*OF_EDITIONS, *OF_HISTORIES)
#: Changes of reports that are news; a mere change of address, date or shape is not.
REPORTED_CODES = (
    *("silent_revision", "announced_revision", "former_content", "replaced"),
    *("withdrawn", "returned", "page_gone", "page_back", "part_gone", "backdated"),
)
#: A later look can change the words of these findings, so that comparing them fails: count how often each occurs.
_COUNTED = frozenset({"withdrawn", "returned"})


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
    where: Where = EVERYTHING,
    *,
    since: datetime | None = None,
    change: Collection[str] | None = None,
) -> Revisions:
    """List the changes of the chosen reports that became known from ``since`` until the time asked about. ``change``:
    codes of the wanted changes (None: all). Changes of reports of which anything is withheld are only counted. Raises
    :class:`NotKnownError` for an unknown place, agency or year.
    """
    if unknown := sorted(set(change or ()) - set(CHANGES)):
        raise bounds.QueryError(code="query.no_change", text=unknown[0], every=", ".join(CHANGES))
    chosen = choose(home, where)
    if since is not None:
        instant_of_question(home, since)  # raises an error for a day in the future
    lines, withheld = find_revisions(chosen, change or CHANGES, since)
    reports, once = _count_held(chosen)
    if not reports:
        chosen.check_years()
    return Revisions(
        as_of=chosen.as_of,
        since=since,
        lines=tuple(sorted(lines, key=lambda line: (line.known, line.agency.id, line.year, line.change))),
        withheld=withheld,
        reports=reports,
        met_once=once,
    )


def find_revisions(
    chosen: Selection, codes: Collection[str] = CHANGES, since: datetime | None = None
) -> tuple[Sequence[RevisionLine], int]:
    """Return the changes known from ``since`` on, with how many cells and lines differ; and how many are withheld."""
    events = [one for one in find_changes(chosen, codes) if since is None or one.line.known >= since]
    open_events = [one for one in events if not one.secret]
    pairs = [one.pair for one in open_events if one.pair is not None]
    lines = []
    with closing(count_changes(chosen.store, pairs, chosen.out)) as compared:
        for one in open_events:
            counts = next(compared) if one.pair is not None else None  # None too if they cannot be counted
            cells, lines_of_text = (None, None) if counts is None else counts
            lines.append(replace(one.line, cells=cells, lines=lines_of_text))
    return lines, len(events) - len(open_events)


@dataclass(frozen=True, slots=True)
class EditionChange:
    """A change, before its cells and lines are counted; ``pair``: the editions before and after it, if there are two;
    ``secret``: a ruling withholds something of the report.
    """

    line: RevisionLine
    pair: tuple[Edition, Edition] | None
    secret: bool


class _Sides(NamedTuple):
    """The editions before and after a change, and the times of the last answer before and the first answer after it."""

    before: Edition | None
    after: Edition | None
    last_before: datetime | None
    first_after: datetime | None
    address: str


def find_changes(chosen: Selection, codes: Collection[str]) -> Iterator[EditionChange]:
    """Yield the changes with one of ``codes`` known by then, in no order: new editions, and those told in histories."""
    of_editions, of_histories = set(codes) & set(OF_EDITIONS), set(codes) & set(OF_HISTORIES)
    changed = _changed_editions(chosen) if of_editions else []
    events = [*_events(chosen, of_histories)] if of_histories else []
    reports = {one.report for one in changed} | {report for report, *_ in events}
    editions = editions_of_reports(chosen.store, reports)
    secret = {report: chosen.out.ruled.hides_any(report, some) for report, some in editions.items()}
    for one in changed:
        previous = next((other for other in editions[one.report] if other.id == one.former), None)
        # if another archive has the earlier one, the change was not known before that was brought in
        known_since = one.known_from if previous is None else max(one.known_from, previous.known_from)
        sides = _Sides(previous, one, one.former_last_seen, one.first_seen, one.track)
        if known_since <= chosen.as_of:
            for finding in dict.fromkeys(finding for finding in one.findings if finding.code in of_editions):
                yield _change(chosen, one.report, known_since, finding, sides, secret[one.report])
    for report, known_since, finding in events:
        sides = _sides_of(known_since, finding, editions[report])
        yield _change(chosen, report, known_since, finding, sides, secret[report])


def _sides_of(since: datetime, finding: Finding, editions: Sequence[Edition]) -> _Sides:
    """Return the editions and times before and after a change that a finding in a duty's history tells; it is known
    ``since`` then. The editions are those of the captures that it names, else, for most kinds of change, the newest one
    known by then. A report has no edition after it was ``withdrawn``, and none before it ``returned``.
    """
    code, values = finding.code, values_of(finding)
    by_capture = {capture: edition for edition in editions for capture in edition.captures}
    newest = next((edition for edition in reversed(editions) if edition.known_from <= since), None)
    before, after = by_capture.get(str(values.get("before"))), by_capture.get(str(values.get("after")))
    if code in _COUNTED:
        before, after = (newest, None) if code == "withdrawn" else (None, newest)
    elif code in {"backdated", "redated", "part_gone", "replaced"}:
        before, after = before or newest, after or newest
    elif code == "moved":  # the proof may be a list or another page, not an edition
        before = after = before or after or newest
    ends = ("to", "from") if code == "returned" else ("from", "to")  # ``from`` is the return here
    first, last = (one if isinstance(one := values.get(key), datetime) else None for key in ends)
    addresses = (str(values.get(key, "")) for key in ("old", "new"))
    own = before or after or newest
    address = next((one for one in addresses if "://" in one), own.track if own else "")
    return _Sides(before, after, first, last, address)


def _change(
    chosen: Selection, report: ReportKey, known_since: datetime, finding: Finding, sides: _Sides, secret: bool
) -> EditionChange:
    """Return the change that ``finding`` says of a report; its cells and lines are counted later."""
    (agency, year), (before, after, last_before, first_after, address) = report, sides
    values, out, words = values_of(finding), chosen.out, [agency, str(year)]
    pair = (before, after) if before and after and before.id != after.id else None
    show = ["diff", *words, "--from", pair[0].id, "--to", pair[1].id] if pair else ["status", *words]
    line = RevisionLine(
        agency=chosen.line(agency),
        year=year,
        change=finding.code,
        last_before=last_before,
        first_after=first_after,
        known=known_since,
        address=out.address(address),
        before=before.id if before else None,
        after=after.id if after else None,
        cells=None,
        lines=None,
        zh=out.text(finding.zh),
        en=out.text(finding.en),
        evidence=tuple(str(values[key]) for key in ("before", "after") if key in values),
        hint=shlex.join(["nianbao", *show]),
    )
    return EditionChange(line, pair, secret)


def _events(chosen: Selection, codes: Collection[str]) -> Iterator[tuple[ReportKey, datetime, Finding]]:
    """Yield the findings with one of ``codes`` about the chosen duties, as (report, known since, finding)."""
    table = chosen.store.tables.statuses
    has_code = or_(*(table.c.findings.contains(FINDING_CODE.format(code), autoescape=True) for code in sorted(codes)))
    conditions = (*chosen.conditions(table), table.c.since <= chosen.as_of, has_code)
    for history in histories(chosen.store, chosen.agencies, *conditions):
        for since, finding in _fresh_findings(history, codes):
            yield (history[0].agency, history[0].year), since, finding


def _fresh_findings(history: Iterable[StatusInterval], codes: Collection[str]) -> Iterator[tuple[datetime, Finding]]:
    """Yield each finding of one report's history, oldest first, once, with the time since when it is known."""
    findings: set[Finding] = set()
    most = dict.fromkeys(_COUNTED, 0)
    for interval in history:
        fresh = [one for one in interval.findings if one.code in codes and one not in findings]
        findings.update(fresh)
        for code in _COUNTED:  # only the last ``new`` ones are new; the rest repeat older ones in other words
            count = sum(one.code == code for one in interval.findings)
            new = max(0, count - most[code])
            most[code] = max(count, most[code])
            again = [one for one in fresh if one.code == code]
            fresh = [one for one in fresh if one not in again[: len(again) - new]]
        yield from ((interval.since, one) for one in fresh)


def _changed_editions(chosen: Selection) -> list[Edition]:
    """Return the editions that replaced another, known by the time asked about."""
    table = chosen.store.tables.editions
    conditions = (table.c.former.is_not(None), table.c.known_from <= chosen.as_of)
    query = select(table).where(*chosen.conditions(table), *conditions).order_by(table.c.no)
    return [one for one in records(chosen.store, Edition, query) if one.agency in chosen.agencies]


def _count_held(chosen: Selection) -> tuple[int, int]:
    """Count the reports in the archive by the time asked about, and those of them that were seen only once."""
    table = chosen.store.tables.editions
    query = (
        select(table.c.agency, func.min(table.c.first_seen).label("first"), func.max(table.c.last_seen).label("last"))
        .where(*chosen.conditions(table))
        .group_by(table.c.agency, table.c.year)
        .having(func.min(table.c.known_from) <= chosen.as_of)
    )
    rows = [row for row in fetch(chosen.store, query) if row.agency in chosen.agencies]
    return len(rows), sum(row.first == row.last for row in rows)
