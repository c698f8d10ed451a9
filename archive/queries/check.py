"""What does not add up: contradictions of reports with themselves, with last year's, with other agencies'.

Everything was judged when the projections were made, and is looked up, portals in batches, so that an answer on a whole
archive needs no more memory than one on a batch. What many agencies say, and who else has the same report, is asked
here of all portals (``twins.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import case, func, select

from archive.assessment.contradictions import codes as all_codes
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.check_rows import CheckQuestion, ReportRows, Tally
from archive.queries.checked import Check, CheckLine
from archive.queries.outgoing import Outgoing, outgoing
from archive.queries.overview import check_year
from archive.queries.results import AgencyLine
from archive.queries.stored import open_projections
from archive.queries.twins import Twin, secrets, twins
from archive.queries.where import Chosen, Where, agency_line, choose
from storage.home import Home
from storage.records import AgencyKind, Severity

__all__ = ["CODES", "SEVERITIES", "Tally", "check", "check_lines", "count_by_code"]

CODES = tuple(all_codes())
#: From the least to the worst.
SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.ERROR)
_PORTALS = 100  # asked about at a time
_KINDS = {kind: at for at, kind in enumerate(AgencyKind)}


def check(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    codes: Collection[str] = CODES,
    severity: Severity = Severity.INFO,
    as_of: datetime | None = None,
) -> Check:
    """List what contradicts in the reports of the chosen agencies on ``years``: only these ``codes``, and nothing below
    ``severity``.

    Raises :class:`NotKnownError` where a place or year of which nothing is known is named, ValueError for a code that
    is none.
    """
    codes = codes_of(codes)
    as_of, tally = instant_of_question(home, as_of), Tally()
    lines = tuple(check_lines(home, where, years=years, codes=codes, severity=severity, as_of=as_of, tally=tally))
    return Check(
        as_of=as_of,
        lines=lines,
        counts=count_by_code(tally),
        severities={one.value: tally.severities[one.value] for one in reversed(SEVERITIES)},
        reports=tally.reports,
        read=tally.read,
        withheld=tally.withheld,
    )


def codes_of(codes: Collection[str] | None) -> Collection[str]:
    """The codes asked for; all if none. Raises QueryError, a ValueError, for a code that is none."""
    bounds.at_most(codes or (), "codes")
    if unknown := sorted(set(codes or ()) - set(CODES)):
        every = ", ".join(CODES)
        message = f"there is no code {unknown[0]!r}; those of check are: {every}"
        raise bounds.QueryError(message, code="query.no_code", text=unknown[0], every=every)
    return codes or CODES


def count_by_code(tally: Tally) -> dict[str, int]:
    """How many there are of each code, in the order in which codes are listed."""
    return {code: tally.counts[code] for code in CODES if tally.counts[code]}


def check_lines(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    codes: Collection[str] = CODES,
    severity: Severity = Severity.INFO,
    as_of: datetime,
    tally: Tally,
) -> Iterator[CheckLine]:
    """Give the same line by line; ``tally`` counts what was given, and is complete at the end. Raises as there."""
    years = bounds.reporting_years(years)
    chosen = choose(home, where)
    least = SEVERITIES[SEVERITIES.index(severity) :]
    out = outgoing(home)
    with open_projections(home) as store:
        asking = _Asking(
            CheckQuestion(
                home=home,
                store=store,
                chosen=chosen,
                as_of=as_of,
                years=None if years is None else [*years],
                codes=frozenset(codes),
                severities=frozenset(least),
                secrets=secrets(store, home, out.ruled),
                out=out,
                tally=tally,
            )
        )
        for batch in _batches(chosen):
            yield from asking.lines(batch)
    if not tally.reports:
        for year in years or ():
            check_year(home, chosen, year)


def _batches(chosen: Chosen) -> Iterator[list[str]]:
    portals = sorted(chosen.portals.values(), key=lambda one: (one.division or "", one.name))
    for start in range(0, len(portals), _PORTALS):
        yield [portal.name for portal in portals[start : start + _PORTALS]]


class _Asking:
    """One question, portals after portals."""

    def __init__(self, question: CheckQuestion) -> None:
        self._asked = question
        self._rows = ReportRows(question)

    def lines(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """The lines of some portals, sorted."""
        tally = self._asked.tally
        self._count(portals)
        found = [*self._rows.lines(portals), *self._of_twins(portals)]
        found.sort(key=_order)
        for line in found:
            tally.counts[line.code] += 1
            tally.severities[line.severity.value] += 1
            yield line

    def _count(self, portals: Sequence[str]) -> None:
        asked, among = self._asked, self._asked.among
        table = asked.store.tables.editions
        has_cells = func.max(case((table.c.cells_from.is_not(None), 1), else_=0)).label("has")
        query = (
            select(table.c.agency, has_cells)
            .where(table.c.portal.in_(portals), table.c.first_seen <= asked.as_of, *asked.in_years(table))
            .group_by(table.c.agency, table.c.year)
            .subquery()
        )
        by_agency = select(query.c.agency, func.count(), func.sum(query.c.has)).group_by(query.c.agency)
        with asked.store.read() as connection:
            for agency, reports, read in connection.execute(by_agency):
                if among is None or agency in among:
                    asked.tally.reports += reports
                    asked.tally.read += read

    def _of_twins(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        asked, found = self._asked, []
        narrowed = (asked.years, asked.as_of, asked.codes, asked.secrets)
        for twin in twins(asked.store, asked.home, portals, asked.among, *narrowed):
            if twin.finding.severity not in asked.severities:
                continue
            if twin.secret:
                asked.tally.withheld += 1
            else:
                found.append(twin)
        who = asked.chosen.lines({twin.own.agency for twin in found})
        for twin in found:
            yield _twin_line(twin, who[twin.own.agency], asked.out)


def _twin_line(twin: Twin, who: AgencyLine, out: Outgoing) -> CheckLine:
    own, finding = twin.own, twin.finding
    return CheckLine(
        code=finding.code,
        about=all_codes()[finding.code].about,
        severity=finding.severity,
        agency=who,
        year=own.year,
        edition=own.edition,
        against=tuple(other.edition for other in twin.others),
        others=tuple(agency_line(one, twin.portals) for one in twin.agencies),
        cells=(),
        expected=None,
        found=out.maybe(finding.found),
        doubted=False,
        zh=out.text(finding.zh),
        en=out.text(finding.en),
        document=own.document,
        locator=None,
        since=max(one.since for one in (own, *twin.others)),
    )


def _order(line: CheckLine) -> tuple[object, ...]:
    who = line.agency
    return (
        *(who.division or "", who.portal, _KINDS[who.kind], who.id, line.year, CODES.index(line.code)),
        *(line.cells, line.zh, line.edition, line.against),
    )
