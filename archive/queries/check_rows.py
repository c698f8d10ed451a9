"""The stored contradictions of bodies' reports as lines of the answer: where their cells stand, who else says the same.

What rulings withhold is counted; paragraphs that many agencies of the archive have are taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select

from archive.assessment.contradictions import codes as all_codes
from archive.assessment.contradictions import data
from archive.assessment.copied import retold
from archive.queries.checked import CheckLine
from archive.queries.chosen import Agencies
from archive.queries.outgoing import Outgoing
from archive.queries.results import AgencyLine
from archive.queries.twins import Secrets
from archive.queries.where import Chosen
from storage.home import Home
from storage.judgements import Contradiction
from storage.mapping import shape
from storage.projections import ProjectionStore
from storage.reading_rows import locators_of
from storage.records import Severity

_MARKS = 500
_DOCUMENTS = 200


@dataclass(slots=True)
class Tally:
    """What is counted while the lines of an answer are given."""

    counts: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    read: int = 0
    withheld: int = 0


@dataclass(frozen=True, kw_only=True)
class CheckQuestion:
    """What is asked, of whom, and what is withheld of it."""

    home: Home
    store: ProjectionStore
    chosen: Chosen
    as_of: datetime
    years: Sequence[int] | None
    codes: frozenset[str]
    severities: frozenset[Severity]
    secrets: Secrets
    out: Outgoing
    tally: Tally

    @property
    def among(self) -> Collection[str] | None:
        """The agencies asked about; None: all of the portals."""
        chosen = self.chosen.agencies
        everybody = isinstance(chosen, Agencies) and chosen.kinds is None and chosen.named is None
        return None if everybody else chosen

    def in_years(self, table: Table) -> list[Any]:
        """That a row is of one of the years."""
        return [] if self.years is None else [table.c.year.in_(self.years)]


class ReportRows:
    """The stored contradictions, portals after portals."""

    def __init__(self, question: CheckQuestion) -> None:
        self._asked = question
        self._common: dict[int, bool] = {}

    def lines(self, portals: Sequence[str]) -> Iterator[CheckLine]:
        """The lines of some portals, in no order."""
        rows = self._rows(portals)
        common = self._common_marks(mark for row in rows for mark in row.marks)
        kept_rows: list[Contradiction] = []
        for row in rows:
            kept = _without_common(row, common)
            if kept is None:
                continue
            if self._is_secret(row):
                self._asked.tally.withheld += 1
                continue
            kept_rows.append(kept)
        located, who = self._locators(kept_rows), self._asked.chosen.lines({row.agency for row in kept_rows})
        for row in kept_rows:
            yield self._line(row, who[row.agency], located)

    def _rows(self, portals: Sequence[str]) -> list[Contradiction]:
        table = self._asked.store.tables.contradictions
        query = select(table).where(
            table.c.portal.in_(portals),
            table.c.code.in_(sorted(self._asked.codes)),
            table.c.severity.in_([one.value for one in sorted(self._asked.severities)]),
            table.c.since <= self._asked.as_of,
            table.c.until.is_(None) | (table.c.until > self._asked.as_of),
            *self._asked.in_years(table),
        )
        described, among = shape(Contradiction), self._asked.among
        with self._asked.store.read() as connection:
            rows = (described.record(row) for row in connection.execute(query).mappings())
            return [row for row in rows if among is None or row.agency in among]

    def _common_marks(self, marks: Iterable[int]) -> frozenset[int]:
        """Those of the paragraphs that more agencies than a few have, in whatever portal."""
        wanted = set(marks)
        table, most = self._asked.store.tables.repeats, data()["copied"]["paragraphs"]["most_agencies"]
        unknown = sorted(wanted - self._common.keys())
        with self._asked.store.read() as connection:
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

    def _is_secret(self, row: Contradiction) -> bool:
        if self._asked.secrets.hides(row.agency, row.year, row.edition):
            return True
        if row.against is None:
            return False
        agency, _, year = row.against.rpartition("@")[0].rpartition("/")  # perhaps of a body whose place this one took
        return self._asked.secrets.hides(agency, int(year), row.against)

    def _locators(self, rows: Iterable[Contradiction]) -> Mapping[tuple[str, str], Mapping[str, object]]:
        """Where the cells stand that are named: (document, cell) → locator, where one is known."""
        named: dict[str, set[str]] = {}
        for row in rows:
            if row.document is not None and row.cells:
                named.setdefault(row.document, set()).update(row.cells)
        readings, beside, wanted = self._asked.store.tables.readings, self._asked.store.tables.cell_notes, sorted(named)
        held = select(readings.c.document, beside.c.notes).join(beside, beside.c.no == readings.c.no)
        found = {}
        with self._asked.store.read() as connection:
            for start in range(0, len(wanted), _DOCUMENTS):
                query = held.where(readings.c.document.in_(wanted[start : start + _DOCUMENTS]))
                for document, notes in connection.execute(query):
                    for cell, locator in locators_of(notes, named[document]).items():
                        found[document, cell] = locator
        return found

    def _line(
        self, row: Contradiction, who: AgencyLine, located: Mapping[tuple[str, str], Mapping[str, object]]
    ) -> CheckLine:
        out = self._asked.out
        places = (located.get((row.document or "", cell)) for cell in row.cells)
        return CheckLine(
            code=row.code,
            about=all_codes()[row.code].about,
            severity=row.severity,
            agency=who,
            year=row.year,
            edition=row.edition,
            against=() if row.against is None else (row.against,),
            others=(),
            cells=row.cells,
            expected=out.maybe(row.expected),
            found=out.maybe(row.found),
            doubted=row.doubted,
            zh=out.text(row.zh),
            en=out.text(row.en),
            document=row.document if row.cells else None,
            locator=next((place for place in places if place), None),
            since=row.since,
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
