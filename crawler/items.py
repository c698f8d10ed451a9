"""What a portal's spider yields: looks at listings, and captures of reports and their files.

``scrapy crawl SLUG -O out.jsonl`` writes them; :class:`crawler.pipelines.ArchivePipeline` makes them rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.records import CaptureOutcome, CaptureRole, Lead, Link, Look


def _iso(instant: datetime) -> str:
    return instant.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSnapshot(Look):
    """The look at a listing that is stored, with its address and the links that it gave.

    ``run`` is empty without an archive, and so are ``captures``. ``host_left``: what ended it holds for the whole host.
    """

    url: str
    links: tuple[Link, ...]
    started: datetime = field(metadata={"serializer": _iso})
    finished: datetime = field(metadata={"serializer": _iso})
    host_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCapture:
    """One fetch of a report's page (``role`` report) or of a file that belongs to it (attachment).

    ``capture``: id of the last attempt, None where nothing was asked. ``via``: the capture it was linked from.
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
    """A link worth a visit: a lead, or one whose title does not tell. ``year``: of the report as far as the list tells,
    for the age of visits alone.
    """

    link: Link
    lead: Lead
    year: int | None = None
