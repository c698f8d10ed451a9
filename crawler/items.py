"""The items that a portal's spider yields: looks at listings, and captures of reports and their files.

``scrapy crawl SLUG -O out.jsonl`` exports them; :class:`crawler.pipelines.ArchivePipeline` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import CaptureOutcome, CaptureRole, Lead, Link, Look


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSnapshot(Look):
    """A look at a listing, with the listing's address and title and the links found.

    ``host_left``: its host is left alone until the run ends.
    """

    url: str
    links: tuple[Link, ...]
    host_left: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCapture:
    """One fetch of a report's page (``role`` report) or of a file that belongs to it (attachment).

    ``capture``: id of the last attempt, None if nothing was recorded. ``via``: the capture that linked it.
    """

    portal: str
    role: CaptureRole
    url: str
    title: str
    outcome: CaptureOutcome
    reason: str
    capture: str | None = None
    via: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A link to visit: to a report, or to a page that may be one. ``year``: the reporting year, as far as the list
    tells; it only decides how often the report is visited.
    """

    link: Link
    lead: Lead
    year: int | None = None
