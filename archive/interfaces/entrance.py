"""The Python entrance: an archive opened for questions. Nothing is written through it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from archive.queries import citing, keeping, overview, reports, verdict
from archive.queries.citing import Citation
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
    return Where(place=place, portal=portal, kinds=None if kinds is None else frozenset(kinds))
