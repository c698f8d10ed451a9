"""The Python entrance: an archive opened for questions. Nothing is written through it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from archive.assessment.measures import SMALL
from archive.queries import citing, figures, figures_sums, keeping, overview, reports, verdict
from archive.queries import news as told
from archive.queries import revisions as revising
from archive.queries.changed import News, Revisions
from archive.queries.citing import Citation
from archive.queries.figured import BodyComparison, IndicatorLine, Ranking, Series, SumTable, YearComparison
from archive.queries.figures_rows import Which
from archive.queries.figures_sums import By, Level
from archive.queries.results import Coverage, Difference, DutyList, NonReport, PortalLine, Report, RunLine, Verdict
from archive.queries.where import NotKnownError, Where
from storage.home import Home, open_home
from storage.records import AgencyKind

__all__ = ["Archive", "NotKnownError", "open_archive"]


class Archive:
    """Questions to one archive; every answer is a frozen record with ``to_dict()``.

    ``place`` is a place's name or part of it, a division code or its beginning, or a portal's name; ``as_of`` an aware
    instant, now by default. A place, agency or year of which nothing is known raises
    :class:`archive.queries.where.NotKnownError` with suggestions.
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
        years: Collection[int] | None = None,
        as_of: datetime | None = None,
    ) -> Coverage:
        """Give agency × year with statuses, and counts with the share of unknown."""
        return overview.coverage(self.home, _where(place, portal, kinds), years=years, as_of=as_of)

    def missing(
        self, year: int, place: str | None = None, *, portal: str | None = None, as_of: datetime | None = None
    ) -> DutyList:
        """List the reports on ``year`` that are missing; townships' not found stand apart."""
        return overview.missing(self.home, year, _where(place, portal, None), as_of=as_of)

    def late(
        self,
        year: int,
        place: str | None = None,
        *,
        portal: str | None = None,
        min_days: int = 0,
        as_of: datetime | None = None,
    ) -> DutyList:
        """List the reports on ``year`` that came late, by at least ``min_days``."""
        return overview.late(self.home, year, _where(place, portal, None), min_days=min_days, as_of=as_of)

    def status(self, agency: str, year: int, *, as_of: datetime | None = None) -> Verdict:
        """Give one duty's status with its history and everything it rests on."""
        return verdict.status(self.home, agency, year, as_of=as_of)

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

    def news(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        place: str | None = None,
        portal: str | None = None,
        kinds: Collection[AgencyKind] | None = None,
    ) -> News:
        """Tell what became known after ``since``: late, missing, first seen, changed. Raises ValueError for no time."""
        return told.news(self.home, _where(place, portal, kinds), since=since, until=until)

    def indicators(self, text: str | None = None) -> tuple[IndicatorLine, ...]:
        """List what can be asked for, or what has ``text`` in its id, its labels or its definition."""
        return figures.indicators(text)

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
    ) -> Series:
        """Give figures by body and year, and of those without one the reason; a blank is never 0.

        ``codes``: the year whose division codes are meant; ``edition``: ``last`` or ``first`` of those known by then.
        """
        where = Where(place=place, portal=portal, agency=agency, kinds=_kinds(kinds), codes=codes)
        return figures.series(self.home, indicators, where, years=years, as_of=as_of, which=Which(edition))

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
    ) -> SumTable:
        """Add up by group and year: over governments of one level, or over the kinds named.

        Raises ValueError for governments together with other kinds, whose figures theirs hold already.
        """
        where = Where(place=place, portal=portal, kinds=_kinds(kinds), codes=codes)
        return figures_sums.table(
            self.home, indicators, where, by=By(by), level=Level(level), years=years, as_of=as_of, which=Which(edition)
        )

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

    def portals(self) -> tuple[PortalLine, ...]:
        """List the portals with what is held of each."""
        return keeping.portals(self.home)

    def runs(self, portal: str | None = None) -> tuple[RunLine, ...]:
        """List the crawls, newest last."""
        return keeping.runs(self.home, portal)

    def non_reports(self, place: str | None = None) -> tuple[NonReport, ...]:
        """List documents that were met where reports are but are none, with the reason."""
        return keeping.non_reports(self.home, _where(place, None, None))


def open_archive(path: str | Path | None = None) -> Archive:
    """Open the archive in ``path`` (by default the one named by ``NIANBAO_ARCHIVE``) for questions.

    Raises :class:`storage.errors.HomeError` with a sentence that says what to do where there is none.
    """
    return Archive(open_home(None if path is None else Path(path)))


def _where(place: str | None, portal: str | None, kinds: Collection[AgencyKind] | None) -> Where:
    return Where(place=place, portal=portal, kinds=_kinds(kinds))


def _kinds(kinds: Collection[AgencyKind] | None) -> frozenset[AgencyKind] | None:
    return None if kinds is None else frozenset(kinds)
