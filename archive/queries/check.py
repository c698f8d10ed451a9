"""What does not add up: contradictions of reports with themselves, with last year's, with other agencies'.

Everything was judged when the projections were made, and is looked up, portals in batches, so that an answer on a whole
archive needs no more memory than one on a batch. What many agencies say, and who else has the same report, is asked
here of all portals (``duplicate_reports.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Table, case, func, select

from archive.assessment.contradictions import codes as all_codes
from archive.assessment.contradictions import data
from archive.assessment.passages import retold
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.duplicate_reports import Twin, twins
from archive.queries.frames import Result
from archive.queries.overview import check_years
from archive.queries.results import AgencyLine
from archive.queries.selected_agencies import Agencies
from archive.queries.stored import holds_at, open_projections
from archive.queries.where import Chosen, Where, agency_line, choose
from archive.queries.withheld_content import Outgoing, outgoing
from archive.queries.withholding import withheld_editions
from storage.home import Home
from storage.judgements import Contradiction
from storage.mapping import shape
from storage.projections import ProjectionStore
from storage.reading_rows import locators_of
from storage.records import AgencyKind, Severity

CODES = tuple(all_codes())
#: From the least to the worst.
SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.ERROR)
_PORTALS = 100  # asked about at a time
_MARKS = 500
_DOCUMENTS = 200
_KINDS = {kind: at for at, kind in enumerate(AgencyKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine(Result):
    """One contradiction in a report, or with another; ``code`` is told in docs/findings.md.

    ``about``: what is held against what (``sums text units years copies twins``). ``edition``: where it stands;
    ``against``: ids of the editions it is held against (last year's, other agencies'), ``others``: those agencies.
    ``cells``: ids of the indicators it speaks of; ``expected`` and ``found``: as docs/findings.md says. ``doubted``:
    the reader doubts one of these cells, so that it may be the reader's fault: never more than ``info``. ``document``:
    SHA-256 of what was read, ``locator``: where the first of the cells stands in it; None where there is none.
    ``since``: from when this archive knew both sides.
    """

    code: str
    about: str
    severity: Severity
    agency: AgencyLine
    year: int
    edition: str
    against: tuple[str, ...]
    others: tuple[AgencyLine, ...]
    cells: tuple[str, ...]
    expected: str | None
    found: str | None
    doubted: bool
    zh: str
    en: str
    document: str | None
    locator: Mapping[str, object] | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Result):
    """Contradictions in the order of divisions, agencies, years and codes.

    ``counts``: code → how many; ``severities``: the same. ``reports``: how many are held of those asked about;
    ``read``: of how many a table was read, so that anything could contradict. ``withheld``: contradictions that are not
    given out, as a ruling withholds a report that they rest on.
    """

    as_of: datetime
    lines: tuple[CheckLine, ...]
    counts: Mapping[str, int]
    severities: Mapping[str, int]
    reports: int
    read: int
    withheld: int


@dataclass(slots=True)
class CheckCounts:
    """What is counted while the lines of an answer are given."""

    counts: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    read: int = 0
    withheld: int = 0


def check(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    code: Collection[str] | None = None,
    severity: Severity = Severity.INFO,
    as_of: datetime | None = None,
) -> Check:
    """List what contradicts in the reports of the chosen agencies on ``years``: only of these codes, and nothing below
    ``severity``.

    Raises :class:`NotKnownError` where a place or year of which nothing is known is named, ValueError for a code that
    is none.
    """
    codes = codes_of(code)
    as_of, tally = instant_of_question(home, as_of), CheckCounts()
    lines = tuple(check_lines(home, where, years=years, codes=codes, severity=severity, as_of=as_of, tally=tally))
    return Check.of(
        tally,
        as_of=as_of,
        lines=lines,
        counts=count_by_code(tally),
        severities={one.value: tally.severities[one.value] for one in reversed(SEVERITIES)},
    )


def codes_of(codes: Collection[str] | None) -> Collection[str]:
    """The codes asked for; all if none. Raises QueryError, a ValueError, for a code that is none."""
    bounds.at_most(codes or (), "codes")
    if unknown := sorted(set(codes or ()) - set(CODES)):
        every = ", ".join(CODES)
        raise bounds.QueryError(code="query.no_code", text=unknown[0], every=every)
    return codes or CODES


def count_by_code(tally: CheckCounts) -> dict[str, int]:
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
    tally: CheckCounts,
) -> Iterator[CheckLine]:
    """Give the same line by line; ``tally`` counts what was given, and is complete at the end. Raises as there."""
    years = bounds.reporting_years(years)
    chosen = choose(home, where)
    least = SEVERITIES[SEVERITIES.index(severity) :]
    out = outgoing(home)
    with open_projections(home) as store:
        asked = _CheckQuestion(
            home=home,
            store=store,
            chosen=chosen,
            as_of=as_of,
            years=years,
            codes=frozenset(codes),
            severities=frozenset(least),
            secrets=withheld_editions(home, store, out.ruled),
            out=out,
            tally=tally,
        )
        for batch in _batches(chosen):
            yield from asked.lines(batch)
    if not tally.reports:
        check_years(home, chosen, years)


def _batches(chosen: Chosen) -> Iterator[list[str]]:
    portals = sorted(chosen.portals.values(), key=lambda one: (one.division or "", one.name))
    for start in range(0, len(portals), _PORTALS):
        yield [portal.name for portal in portals[start : start + _PORTALS]]


@dataclass(kw_only=True)
class _CheckQuestion:
    """What is asked, of whom, and what is withheld of it; it is answered portals after portals."""

    home: Home
    store: ProjectionStore
    chosen: Chosen
    as_of: datetime
    years: Sequence[int] | None
    codes: frozenset[str]
    severities: frozenset[Severity]
    secrets: frozenset[str]
    out: Outgoing
    tally: CheckCounts
    _common: dict[int, bool] = field(default_factory=dict)

    @cached_property
    def _among(self) -> Collection[str] | None:
        """The agencies asked about; None: all of the portals."""
        chosen = self.chosen.agencies
        everybody = isinstance(chosen, Agencies) and chosen.kinds is None and chosen.named is None
        return None if everybody else chosen

    def _is_asked(self, agency: str) -> bool:
        return self._among is None or agency in self._among

    def _in_years(self, table: Table) -> list[Any]:
        """That a row is of one of the years."""
        return [] if self.years is None else [table.c.year.in_(self.years)]

    def lines(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """The lines of some portals, sorted."""
        self._count(portals)
        for line in sorted([*self._of_reports(portals), *self._of_twins(portals)], key=_order):
            self.tally.counts[line.code] += 1
            self.tally.severities[line.severity.value] += 1
            yield line

    def _count(self, portals: Sequence[str]) -> None:
        table = self.store.tables.editions
        has_cells = func.max(case((table.c.cells_from.is_not(None), 1), else_=0)).label("has")
        query = (
            select(table.c.agency, has_cells)
            .where(table.c.portal.in_(portals), table.c.first_seen <= self.as_of, *self._in_years(table))
            .group_by(table.c.agency, table.c.year)
            .subquery()
        )
        by_agency = select(query.c.agency, func.count(), func.sum(query.c.has)).group_by(query.c.agency)
        with self.store.read() as connection:
            for agency, reports, read in connection.execute(by_agency):
                if self._is_asked(agency):
                    self.tally.reports += reports
                    self.tally.read += read

    def _of_twins(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        found = []
        narrowed = (self.years, self.as_of, self.codes, self.secrets)
        for twin in twins(self.store, self.home, portals, self._among, *narrowed):
            if twin.finding.severity not in self.severities:
                continue
            if twin.secret:
                self.tally.withheld += 1
            else:
                found.append(twin)
        who = self.chosen.lines({twin.own.agency for twin in found})
        for twin in found:
            yield _twin_line(twin, who[twin.own.agency], self.out)

    def _of_reports(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """The lines of some portals, in no order."""
        rows = self._rows(portals)
        common = self._common_marks(mark for row in rows for mark in row.marks)
        kept_rows: list[Contradiction] = []
        for row in rows:
            kept = _without_common(row, common)
            if kept is None:
                continue
            if not self.secrets.isdisjoint((row.edition, row.against)):
                self.tally.withheld += 1
                continue
            kept_rows.append(kept)
        located, who = self._locators(kept_rows), self.chosen.lines({row.agency for row in kept_rows})
        for row in kept_rows:
            yield self._line(row, who[row.agency], located)

    def _rows(self, portals: Sequence[str]) -> list[Contradiction]:
        table = self.store.tables.contradictions
        query = select(table).where(
            table.c.portal.in_(portals),
            table.c.code.in_(sorted(self.codes)),
            table.c.severity.in_([one.value for one in sorted(self.severities)]),
            *holds_at(table, self.as_of),
            *self._in_years(table),
        )
        described = shape(Contradiction)
        with self.store.read() as connection:
            rows = (described.record(row) for row in connection.execute(query).mappings())
            return [row for row in rows if self._is_asked(row.agency)]

    def _common_marks(self, marks: Iterable[int]) -> frozenset[int]:
        """Those of the paragraphs that more agencies than a few have, in whatever portal."""
        wanted = set(marks)
        table, most = self.store.tables.repeats, data()["copied"]["paragraphs"]["most_agencies"]
        unknown = sorted(wanted - self._common.keys())
        with self.store.read() as connection:
            for start in range(0, len(unknown), _MARKS):
                some = unknown[start : start + _MARKS]
                query = (
                    select(table.c.mark)
                    .where(table.c.mark.in_(some))
                    .group_by(table.c.mark)
                    .having(func.count() > most)
                )
                held = set(connection.execute(query).scalars())
                self._common.update({mark: mark in held for mark in some})
        return frozenset(mark for mark in wanted if self._common[mark])

    def _locators(self, rows: Iterable[Contradiction]) -> Mapping[tuple[str, str], Mapping[str, object]]:
        """Where the cells stand that are named: (document, cell) → locator, where one is known."""
        named: dict[str, set[str]] = {}
        for row in rows:
            if row.document is not None and row.cells:
                named.setdefault(row.document, set()).update(row.cells)
        readings, beside, wanted = self.store.tables.readings, self.store.tables.cell_notes, sorted(named)
        held = select(readings.c.document, beside.c.notes).join(beside, beside.c.no == readings.c.no)
        found = {}
        with self.store.read() as connection:
            for start in range(0, len(wanted), _DOCUMENTS):
                query = held.where(readings.c.document.in_(wanted[start : start + _DOCUMENTS]))
                for document, notes in connection.execute(query):
                    for cell, locator in locators_of(notes, named[document]).items():
                        found[document, cell] = locator
        return found

    def _line(
        self, row: Contradiction, who: AgencyLine, located: Mapping[tuple[str, str], Mapping[str, object]]
    ) -> CheckLine:
        places = (located.get((row.document or "", cell)) for cell in row.cells)
        return CheckLine.of(
            row,
            about=all_codes()[row.code].about,
            agency=who,
            against=() if row.against is None else (row.against,),
            others=(),
            expected=self.out.maybe(row.expected),
            found=self.out.maybe(row.found),
            zh=self.out.text(row.zh),
            en=self.out.text(row.en),
            document=row.document if row.cells else None,
            locator=next((place for place in places if place), None),
        )


def _twin_line(twin: Twin, who: AgencyLine, out: Outgoing) -> CheckLine:
    own, finding = twin.own, twin.finding
    return CheckLine.of(
        own,
        code=finding.code,
        about=all_codes()[finding.code].about,
        severity=finding.severity,
        agency=who,
        against=tuple(other.edition for other in twin.others),
        others=tuple(agency_line(one, twin.portals) for one in twin.agencies),
        cells=(),
        expected=None,
        found=out.maybe(finding.found),
        doubted=False,
        zh=out.text(finding.zh),
        en=out.text(finding.en),
        locator=None,
        since=max(one.since for one in (own, *twin.others)),
    )


def _order(line: CheckLine) -> tuple[object, ...]:
    who = line.agency
    return (
        *(who.division or "", who.portal, _KINDS[who.kind], who.id, line.year, CODES.index(line.code)),
        *(line.cells, line.zh, line.edition, line.against),
    )


def _without_common(row: Contradiction, common: frozenset[int]) -> Contradiction | None:
    """A row without the paragraphs that many have; None where too little is left of it."""
    if common.isdisjoint(row.marks):
        return row
    left = [letters for mark, letters in zip(row.marks, row.letters, strict=True) if mark not in common]
    if not left or (row.code == "text_copied" and sum(left) < data()["copied"]["paragraphs"]["total_letters"]):
        return None
    finding = retold(row.code, row.year, left, None)
    return replace(row, zh=finding.zh, en=finding.en, found=None)
