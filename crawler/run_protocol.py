"""What the run of a crawl offers to those who read listings, fetch reports and render pages: a Protocol.

:class:`crawler.crawl_run.CrawlRun` is that run. The packages that it imports know this Protocol alone.
"""

from __future__ import annotations

from typing import Protocol

from crawler.net.fetching import Fetched, FetchingRun
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, Capture, Listing, Note, Part, Portal, Run
from storage.registry import Registry


class UnfinishedReports(Protocol):
    """Reports whose files may be missing."""

    @property
    def reports_of_cut_runs(self) -> frozenset[str]:
        """Addresses of the reports with which the cut runs were busy."""
        ...

    @property
    def reports_without_files(self) -> frozenset[str]:
        """Addresses of the reports of which files were deferred and are not held yet."""
        ...


class RunProtocol(FetchingRun, UnfinishedReports, Protocol):
    """The archive's side of a crawl. ``notes``: what a person should know of it."""

    home: Home
    registry: Registry
    observations: Observations
    store: CaptureStore
    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]
    record: Run
    notes: list[Note]

    @property
    def last_captures(self) -> dict[str, Capture]:
        """Addresses of reports and files → the newest fetch that answered."""
        ...

    @property
    def cut_runs(self) -> frozenset[str]:
        """The runs of this portal that did not come to their end, since the last that did."""
        ...

    def held_body(self, capture: Capture) -> bytes:
        """Return the stored document of a capture."""
        ...

    def defer(self, part: Part, page: Capture) -> None:
        """Write down that a file of a page is left to the next run."""
        ...

    def count_failure(self, what: str, fetched: Fetched, *, report: str = "") -> None:
        """Count a page of a report (``visit``) or an ``attachment`` that could not be had."""
        ...


class Archive(Protocol):
    """What opens the archive for a spider that begins."""

    async def open(self) -> RunProtocol:
        """Open the archive and begin a run."""
        ...
