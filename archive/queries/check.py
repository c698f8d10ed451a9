"""List contradictions of reports with themselves, with the report of the year before, and with other agencies' reports.

Contradictions are found when the projections are made; here they are looked up in batches of portals, so that memory
does not grow with the archive. Only two checks span all portals and run here: which paragraphs many agencies share, and
which agencies have the same report (``duplicate_reports.py``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, func, select

from archive.assessment.contradictions import codes as all_codes
from archive.assessment.contradictions import data
from archive.assessment.passages import copied_finding
from archive.forms.indicators import english
from archive.queries import bounds
from archive.queries.duplicate_reports import Twin, TwinSearch
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from archive.queries.selection import Selection, agency_line, agency_order, known_portals
from archive.queries.stored import fetch, records
from archive.queries.where import EVERYTHING, Where, choose
from storage.home import Home
from storage.judgements import Contradiction
from storage.reading_rows import locators_of
from storage.records import Severity
from storage.statements import batches

CODES = tuple(all_codes())
#: From the mildest to the most severe.
SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.ERROR)
_BATCH_PORTALS = 100  # looked up with one query


class CheckLine(Result):
    """One contradiction in a report, or with another; docs/findings.md explains each ``code``.

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


def check(
    home: Home,
    where: Where = EVERYTHING,
    *,
    code: Collection[str] | None = None,
    severity: Severity = Severity.INFO,
) -> Check:
    """List the contradictions in the chosen reports with one of the codes ``code`` (None: all) and at least
    ``severity``. Raises :class:`NotKnownError` for an unknown place, agency or year, QueryError for an unknown
    ``code``.
    """
    bounds.at_most(code or (), "codes")
    if unknown := sorted(set(code or ()) - set(CODES)):
        raise bounds.QueryError(code="query.no_code", text=unknown[0], every=", ".join(CODES))
    chosen = choose(home, where)
    search = ContradictionSearch(chosen, code or CODES, severity)
    lines = tuple(search.lines())
    if not search.reports:
        chosen.check_years()
    codes, severities = Counter(line.code for line in lines), Counter(line.severity for line in lines)
    return Check(
        as_of=chosen.as_of,
        lines=lines,
        counts={code: codes[code] for code in CODES if codes[code]},
        severities={one.value: severities[one] for one in reversed(SEVERITIES)},
        reports=search.reports,
        read=search.read,
        withheld=search.withheld,
    )


class ContradictionSearch:
    """Finds the contradictions in the reports of a selection; ``reports``, ``read`` and ``withheld`` (see
    :class:`Check`) are complete after all of ``lines`` were consumed.
    """

    def __init__(self, chosen: Selection, codes: Collection[str] = CODES, severity: Severity = Severity.INFO) -> None:
        """Begin a search in ``chosen`` for findings with one of ``codes`` and at least this ``severity``."""
        self._chosen, self._store, self._out = chosen, chosen.store, chosen.out
        self._portals = known_portals(chosen.home)
        self._codes, self._severities = frozenset(codes), SEVERITIES[SEVERITIES.index(severity) :]
        #: the agencies asked about; None: all agencies of the portals
        self._agencies = None if chosen.is_every_agency else chosen.agencies
        self.reports = self.read = self.withheld = 0

    def lines(self) -> Iterator[CheckLine]:
        """Yield the contradictions by division, agency, year and code; portals in batches, to save memory."""
        portals = sorted(self._chosen.portals.values(), key=lambda one: (one.division or "", one.name))
        names = [portal.name for portal in portals]
        for start in range(0, len(names), _BATCH_PORTALS):
            some = names[start : start + _BATCH_PORTALS]
            self._count(some)
            yield from sorted([*self._stored_lines(some), *self._twin_lines(some)], key=_order)

    def _is_asked(self, agency: str) -> bool:
        return self._agencies is None or agency in self._agencies

    def _count(self, portals: Sequence[str]) -> None:
        """Add the reports of ``portals`` in the archive to ``reports``, and those with a table to ``read``."""
        table = self._store.tables.editions
        has_cells = func.max(case((table.c.cells_from.is_not(None), 1), else_=0)).label("has")
        conditions = [table.c.portal.in_(portals), table.c.known_from <= self._chosen.as_of]
        conditions += self._chosen.year_conditions(table)
        reports = select(table.c.agency, has_cells).where(*conditions).group_by(table.c.agency, table.c.year).subquery()
        query = select(reports.c.agency, func.count(), func.sum(reports.c.has)).group_by(reports.c.agency)
        for agency, reports, read in fetch(self._store, query):
            if self._is_asked(agency):
                self.reports += reports
                self.read += read

    def _twin_lines(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """Yield the reports of ``portals`` that equal another agency's, in no order; withheld ones are only counted."""
        search = TwinSearch(self._chosen, portals, self._agencies)
        twins = [twin for twin in search.twins(self._codes) if twin.finding.severity in self._severities]
        open_twins = [twin for twin in twins if not twin.secret]
        self.withheld += len(twins) - len(open_twins)
        who = self._chosen.lines({twin.own.agency for twin in open_twins})
        return (self._twin_line(twin, who[twin.own.agency]) for twin in open_twins)

    def _twin_line(self, twin: Twin, who: AgencyLine) -> CheckLine:
        """Return the finding that a report equals others (a twin) as a contradiction; ``who``: the report's agency."""
        own, finding = twin.own, twin.finding
        return CheckLine.of(
            own,
            code=finding.code,
            about=all_codes()[finding.code].about,
            severity=finding.severity,
            agency=who,
            against=tuple(other.edition for other in twin.others),
            others=tuple(agency_line(one, self._portals) for one in twin.agencies),
            cells=(),
            expected=None,
            found=self._out.text_or_none(finding.found),
            doubted=False,
            zh=self._out.text(finding.zh),
            en=self._out.text(finding.en),
            locator=None,
            since=max(one.since for one in (own, *twin.others)),
        )

    def _stored_lines(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """Yield the contradictions stored for reports of ``portals``, in no order; withheld ones are only counted."""
        rows = self._rows(portals)
        many_have = self._common_marks({mark for row in rows for mark in row.marks})
        rows = [one for row in rows if (one := _without_common(row, many_have))]  # what many have was not copied
        open_rows = [row for row in rows if self._out.editions.isdisjoint((row.edition, row.against))]
        self.withheld += len(rows) - len(open_rows)
        located, who = self._locators(open_rows), self._chosen.lines({row.agency for row in open_rows})
        for row in open_rows:
            places = (located.get((row.document or "", cell)) for cell in row.cells)
            yield CheckLine.of(
                row,
                about=all_codes()[row.code].about,
                agency=who[row.agency],
                against=() if row.against is None else (row.against,),
                others=(),
                expected=self._out.text_or_none(row.expected),
                found=self._out.text_or_none(row.found),
                zh=self._out.text(row.zh),
                en=self._out.text(_in_english(row.en)),
                document=row.document if row.cells else None,
                locator=next((place for place in places if place), None),
            )

    def _rows(self, portals: Sequence[str]) -> list[Contradiction]:
        """Return the stored contradictions of ``portals`` that are asked for, withheld ones too."""
        table = self._store.tables.contradictions
        query = select(table).where(
            table.c.portal.in_(portals),
            table.c.code.in_(sorted(self._codes)),
            table.c.severity.in_([one.value for one in self._severities]),
            *self._chosen.conditions_then(table),
            *self._chosen.year_conditions(table),
        )
        return [row for row in records(self._store, Contradiction, query) if self._is_asked(row.agency)]

    def _common_marks(self, paragraph_marks: set[int]) -> set[int]:
        """Return the marks (hashes) of paragraphs that more than a few agencies share, over all portals."""
        table, most = self._store.tables.repeats, data()["copied"]["paragraphs"]["most_agencies"]
        query = select(table.c.mark).group_by(table.c.mark).having(func.count() > most)
        queries = (query.where(table.c.mark.in_(some)) for some in batches(paragraph_marks))
        return {row.mark for one in queries for row in fetch(self._store, one)}

    def _locators(self, rows: Iterable[Contradiction]) -> Mapping[tuple[str, str], Mapping[str, object]]:
        """Return where the cells that ``rows`` name stand in their documents, by (document, cell), if known."""
        cell_ids: dict[str, set[str]] = {}
        for row in rows:
            if row.document is not None and row.cells:
                cell_ids.setdefault(row.document, set()).update(row.cells)
        readings, beside = self._store.tables.readings, self._store.tables.cell_notes
        query = select(readings.c.document, beside.c.notes).join(beside, beside.c.no == readings.c.no)
        queries = (query.where(readings.c.document.in_(some)) for some in batches(cell_ids))
        return {
            (document, cell): locator
            for one in queries
            for document, notes in fetch(self._store, one)
            for cell, locator in locators_of(notes, cell_ids[document]).items()
        }


def _in_english(sentence: str) -> str:
    """Return an English sentence with the labels of the form that it quotes in English."""
    return re.sub("“([^”]+)”", lambda match: f"“{english(re.split(' / |／', match[1])) or match[1]}”", sentence)


def _order(line: CheckLine) -> tuple[object, ...]:
    position = (line.year, CODES.index(line.code), line.cells, line.zh, line.edition, line.against)
    return (*agency_order(line.agency), *position)


def _without_common(row: Contradiction, common: set[int]) -> Contradiction | None:
    """Return a row without the paragraphs that many agencies share (``common``: marks), None if too few remain."""
    if common.isdisjoint(row.marks):
        return row
    own_letters = [letters for mark, letters in zip(row.marks, row.letters, strict=True) if mark not in common]
    least = data()["copied"]["paragraphs"]["total_letters"] if row.code == "text_copied" else 1
    if sum(own_letters) < least:
        return None
    finding = copied_finding(row.code, row.year, own_letters, None)
    return replace(row, zh=finding.zh, en=finding.en, found=None)
