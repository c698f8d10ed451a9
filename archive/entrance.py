"""The Python entrance: an archive opened for questions. Nothing is written through it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from archive.assessment.measures import SMALL
from archive.exports.export import Export
from archive.exports.tables import Question, Table
from archive.queries import bounds, citing, figures, figures_sums, keeping, overview, registry, reports, verdict
from archive.queries import check as checking
from archive.queries import news as told
from archive.queries import revisions as revising
from archive.queries import rollup as rolling
from archive.queries import totals as counting
from archive.queries.changed import News, Revisions
from archive.queries.checked import Check
from archive.queries.citing import Citation
from archive.queries.figured import BodyComparison, IndicatorLine, Ranking, Series, SumTable, YearComparison
from archive.queries.figures_rows import Which
from archive.queries.figures_sums import By, Level
from archive.queries.lines import Lines
from archive.queries.registered import Body, RuleLine
from archive.queries.results import (
    AgencyDuties,
    Coverage,
    Difference,
    DutyList,
    NonReport,
    PortalLine,
    Report,
    RunLine,
    Verdict,
)
from archive.queries.rolled import RollUpAnswer
from archive.queries.search import AROUND, LIMIT, SNIPPETS, search
from archive.queries.search_results import SearchAnswer
from archive.queries.totals import Totals
from archive.queries.where import NotKnownError, Where
from storage.home import Home, open_home
from storage.records import AgencyKind, EvidenceGrade, Severity

__all__ = ["Archive", "NotKnownError", "open_archive"]


class Archive:
    """Questions to one archive; every answer is a frozen record with ``to_dict()``, ``to_pandas()``, ``to_polars()``.

    ``place`` is a place's name or part of it, a division code or its beginning, or a portal's name; ``as_of`` an aware
    instant, now by default. A place, agency or year of which nothing is known raises
    :class:`archive.queries.where.NotKnownError` with suggestions. Threads may ask at once.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self.home.close()

    def coverage(
        self,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        years: Collection[int] | None = None,
        as_of: datetime | None = None,
        evidence: Collection[EvidenceGrade] | None = None,
        links: bool = True,
    ) -> Coverage:
        """Give agency × year with statuses, counts, and rates with their least and their most.

        ``evidence``: only what is founded so; ``links``: each duty with the looks, captures and editions it rests on.
        """
        where = _where(place, portal, kinds, families)
        return overview.coverage(self.home, where, years=years, as_of=as_of, evidence=evidence, links=links)

    def totals(
        self,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        years: Collection[int] | None = None,
        as_of: datetime | None = None,
        evidence: Collection[EvidenceGrade] | None = None,
    ) -> Totals:
        """Give what ``coverage`` says as counts by portal and year, in a fraction of the time; no body is named."""
        where = _where(place, portal, kinds, families)
        return counting.totals(self.home, where, years=years, as_of=as_of, evidence=evidence)

    def missing(
        self,
        year: int,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        as_of: datetime | None = None,
        evidence: Collection[EvidenceGrade] | None = None,
    ) -> DutyList:
        """List the reports on ``year`` that are missing; townships' not found stand apart."""
        where = _where(place, portal, kinds, families)
        return overview.missing(self.home, year, where, as_of=as_of, evidence=evidence)

    def late(
        self,
        year: int,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        min_days: int = 0,
        as_of: datetime | None = None,
        evidence: Collection[EvidenceGrade] | None = None,
    ) -> DutyList:
        """List the reports on ``year`` that came late, by at least ``min_days``."""
        where = _where(place, portal, kinds, families)
        return overview.late(self.home, year, where, min_days=min_days, as_of=as_of, evidence=evidence)

    def status(self, agency: str, year: int, *, as_of: datetime | None = None) -> Verdict:
        """Give one duty's status with its history and everything it rests on."""
        return verdict.status(self.home, agency, year, as_of=as_of)

    def duties(
        self, agency: str, *, years: Collection[int] | None = None, as_of: datetime | None = None
    ) -> AgencyDuties:
        """Give every duty of one agency with its status, by year."""
        return verdict.duties(self.home, agency, years=years, as_of=as_of)

    def show(self, agency: str, year: int, edition: str | None = None) -> Report:
        """Give a report's cells in the order of its form, with provenance."""
        return reports.show(self.home, agency, year, edition)

    def cite(
        self, agency: str, year: int | None = None, edition: str | None = None, cell: str | None = None
    ) -> Citation:
        """Cite a report or one of its cells; ``agency`` may be an address (``nianbao:…``), which says all by itself.

        Raises ValueError for an address that is none.
        """
        if agency.startswith(citing.SCHEME):
            return citing.resolve(self.home, citing.parse(agency))
        if year is None:
            raise ValueError("a citation needs a reporting year, or an address that says it")
        return citing.cite(self.home, agency, year, edition, cell)

    def diff(self, agency: str, year: int, a: str | None = None, b: str | None = None) -> Difference:
        """Compare two editions of a report, by default the newest with the one before it."""
        return reports.diff(self.home, agency, year, a, b)

    def search(
        self,
        query: str,
        place: str | None = None,
        *,
        portal: str | None = None,
        agency: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        years: Collection[int] | None = None,
        all_editions: bool = False,
        as_of: datetime | None = None,
        limit: int = LIMIT,
        offset: int = 0,
        snippets: int = SNIPPETS,
        around: int = AROUND,
    ) -> SearchAnswer:
        """Find the reports whose text or title has all words of ``query``: ``行政复议 "依法 申请" -诉讼``.

        ``limit`` and ``offset`` turn over the hits, ``snippets`` of each are shown with ``around`` characters on either
        side. Raises QueryError (a ValueError) where nothing can be searched for so.
        """
        where = replace(_where(place, portal, kinds, families), agency=agency)
        return search(
            self.home, query, where, years=years, all_editions=all_editions, as_of=as_of, limit=limit, offset=offset,
            most_snippets=snippets, around=around,
        )  # fmt: skip

    def revisions(
        self,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        year: int | None = None,
        since: datetime | None = None,
        changes: Collection[str] = revising.CHANGES,
        as_of: datetime | None = None,
    ) -> Revisions:
        """List what changed of reports after they were first seen, known from ``since`` on; ``changes``: the codes."""
        where = _where(place, portal, kinds)
        return revising.revisions(self.home, where, year=year, since=since, codes=changes, as_of=as_of)

    def check(
        self,
        place: str | None = None,
        *,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        agency: str | None = None,
        years: Collection[int] | None = None,
        codes: Collection[str] = checking.CODES,
        severity: Severity | str = Severity.INFO,
        as_of: datetime | None = None,
    ) -> Check:
        """List what contradicts in reports: themselves, last year's, other agencies'; nothing below ``severity``.

        ``agency``: part of its name; ``codes``: those of docs/findings.md. Raises ValueError for a code that is none.
        """
        where = replace(_where(place, portal, kinds, families), agency=agency)
        return checking.check(self.home, where, years=years, codes=codes, severity=Severity(severity), as_of=as_of)

    def news(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        place: str | None = None,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        families: Collection[str] | None = None,
        evidence: Collection[EvidenceGrade] | None = None,
    ) -> News:
        """Tell what became known after ``since``: late, missing, first seen, changed. Raises ValueError for no time."""
        where = _where(place, portal, kinds, families)
        return told.news(self.home, where, since=since, until=until, evidence=evidence)

    def indicators(self, text: str | None = None) -> Lines[IndicatorLine]:
        """List what can be asked for, or what has ``text`` in its id, its labels or its definition."""
        return Lines(IndicatorLine, figures.indicators(text))

    def series(
        self,
        *indicators: str,
        place: str | None = None,
        portal: str | None = None,
        agency: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        years: Collection[int] | None = None,
        codes: int | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
        stated: bool = False,
    ) -> Series:
        """Give figures by body and year, and of those without one the reason; a blank is never 0.

        ``codes``: the year whose division codes are meant; ``edition``: ``last`` or ``first`` of those known by then;
        ``stated``: with the figures that reports state in their text alone, where no table gives them.
        """
        where = Where(place=place, portal=portal, agency=agency, kinds=_kinds(kinds), codes=codes)
        return figures.series(
            self.home, indicators, where, years=years, as_of=as_of, which=Which(edition), stated=stated
        )

    def table(
        self,
        *indicators: str,
        by: By | str = By.ALL,
        place: str | None = None,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        level: Level | str = Level.COUNTY,
        years: Collection[int] | None = None,
        codes: int | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
        stated: bool = False,
    ) -> SumTable:
        """Add up by group and year: over governments of one level, or over the kinds named.

        Raises ValueError for governments together with other kinds, whose figures theirs hold already.
        """
        where = Where(place=place, portal=portal, kinds=_kinds(kinds), codes=codes)
        return figures_sums.table(
            self.home, indicators, where, by=By(by), level=Level(level), years=years, as_of=as_of, which=Which(edition),
            stated=stated,
        )  # fmt: skip

    def rank(
        self,
        indicator: str,
        year: int,
        *,
        place: str | None = None,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        level: Level | str = Level.COUNTY,
        ascending: bool = False,
        min_n: int = SMALL,
        codes: int | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
    ) -> Ranking:
        """Order bodies by one figure; rates of fewer than ``min_n`` cases stand apart. Raises as :meth:`table`."""
        where = Where(place=place, portal=portal, kinds=_kinds(kinds), codes=codes)
        return figures_sums.rank(
            self.home, indicator, year, where, level=Level(level), ascending=ascending, min_n=min_n, as_of=as_of,
            which=Which(edition),
        )  # fmt: skip

    def compare_years(
        self,
        indicator: str,
        before: int,
        after: int,
        *,
        place: str | None = None,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        level: Level | str = Level.COUNTY,
        codes: int | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
    ) -> YearComparison:
        """Put two years of each body side by side; sums are over those alone of which both are known."""
        where = Where(place=place, portal=portal, kinds=_kinds(kinds), codes=codes)
        return figures_sums.compare_years(
            self.home, indicator, (before, after), where, level=Level(level), as_of=as_of, which=Which(edition)
        )

    def compare(
        self,
        indicator: str,
        *bodies: str,
        years: Collection[int] | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
    ) -> BodyComparison:
        """Put a few bodies side by side, each named as an agency, or by its place if it is the government there."""
        return figures.compare_bodies(self.home, indicator, bodies, years=years, as_of=as_of, which=Which(edition))

    def rollup(self, place: str, year: int, *, as_of: datetime | None = None) -> RollUpAnswer:
        """Hold the report of the government of ``place`` on ``year`` against the sum of those of its bodies."""
        return rolling.rollup(self.home, place, year, as_of=as_of)

    def export(
        self,
        table: Table | str,
        *indicators: str,
        place: str | None = None,
        portal: str | None = None,
        agency: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
        years: Collection[int] | None = None,
        codes: int | None = None,
        as_of: datetime | None = None,
        edition: Which | str = Which.LAST,
        wide: bool = False,
    ) -> Export:
        """Give a whole table with provenance: ``cells``, ``figures``, ``editions``, ``duties`` … to walk row by row, as
        a data frame, or as a file in a place that is no part of the archive. ``wide``: a column for each indicator.
        """
        where = Where(place=place, portal=portal, agency=agency, kinds=_kinds(kinds), codes=codes)
        question = Question(
            table=Table(table), where=where, years=bounds.reporting_years(years), as_of=as_of,
            which=Which(edition), indicators=indicators, wide=wide,
        )  # fmt: skip
        return Export(self.home, question)

    def body(self, agency: str, *, as_of: datetime | None = None) -> Body:
        """Give all that the registry says of one agency: sources, successors, codes, duties with their law."""
        return registry.body(self.home, agency, as_of=as_of)

    def rules(self) -> Lines[RuleLine]:
        """List the rules on due dates: the law's with their article, places' own with their source."""
        return Lines(RuleLine, registry.rules(self.home))

    def portals(self) -> Lines[PortalLine]:
        """List the portals with what is held of each."""
        return Lines(PortalLine, keeping.portals(self.home))

    def runs(self, portal: str | None = None) -> Lines[RunLine]:
        """List the crawls, newest last."""
        return Lines(RunLine, keeping.runs(self.home, portal))

    def non_reports(self, place: str | None = None) -> Lines[NonReport]:
        """List documents that were met where reports are but are none, with the reason."""
        return Lines(NonReport, keeping.non_reports(self.home, _where(place, None, None)))


def open_archive(path: str | Path | None = None) -> Archive:
    """Open the archive in ``path`` (by default the one named by ``NIANBAO_ARCHIVE``) for questions.

    Nothing can be written through it: its databases are opened for reading alone.

    Raises :class:`storage.errors.HomeError` with a sentence that says what to do where there is none.
    """
    return Archive(open_home(None if path is None else Path(path), read_only=True))


def _where(
    place: str | None,
    portal: str | None,
    kinds: Collection[AgencyKind] | None,
    families: Collection[str] | None = None,
) -> Where:
    chosen = None if families is None else frozenset(families)
    return Where(place=place, portal=portal, kinds=_kinds(kinds), families=chosen)


def _kinds(kinds: Collection[AgencyKind] | None) -> frozenset[AgencyKind] | None:
    return None if kinds is None else frozenset(map(AgencyKind, kinds))
