"""What the health of an archive is judged from. Pure records; ``gathering`` fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.queries.recent_outcomes import ErrorShare
from crawler.operations.due_crawls import Crawl
from storage.recent_outcomes import RecentCapture


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLook:
    """A look at a listing. ``doubt``: why it proves nothing (``shrunk``, ``not_linked`` …), "" if nobody doubts it;
    ``lost``: how many links to reports a shrunken list lacks.
    """

    listing: str
    started: datetime
    outcome: str
    reason: str = ""
    doubt: str = ""
    lost: int = 0
    skew: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Reports of one portal on ``year``: how many agencies' were seen by ``now``, and how many of the year before by
    the same day a year ago (``then``; None where it was not crawled yet).
    """

    year: int
    now: int
    then: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFacts:
    """One portal. ``crawls``, ``looks``: the last of them, in the order of their start; ``due``: of the next crawl.

    ``broken``: why nothing of it can be planned. ``refusals``: redirects and links of lists to foreign hosts, not
    followed; ``robots``: captures of a robots.txt that came with other bytes than before. ``marks``: the content
    system that a changed list page looks like, and its own; ``strangers``: the title of such a page where it is that of
    strangers who hold the domain. ``moved``: a list that is gone → the address that shows most of its reports now.
    ``errors``, ``errors_before``: editions first seen lately, and before, and how many of them carry an error.
    """

    portal: str
    place: str
    broken: str = ""
    crawls: tuple[Crawl, ...] = ()
    looks: tuple[SeenLook, ...] = ()
    refusals: tuple[RecentCapture, ...] = ()
    robots: tuple[RecentCapture, ...] = ()
    marks: str = ""
    strangers: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)
    due: datetime | None = None
    season: Season | None = None
    errors: ErrorShare | None = None
    errors_before: ErrorShare | None = None

    @property
    def last_looks(self) -> list[SeenLook]:
        """The looks of the last crawl."""
        return [look for look in self.looks if self.crawls and look.started >= self.crawls[-1].started]

    @property
    def looks_by_listing(self) -> dict[str, list[SeenLook]]:
        """The looks at each listing, in their order."""
        found: dict[str, list[SeenLook]] = {}
        for look in self.looks:
            found.setdefault(look.listing, []).append(look)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """The archive as a whole. ``free``: bytes of its disk; ``unread``: portals that wait to be read, the first since
    when; ``clock``: by how many seconds our clock is off, as the portals asked last say; ``damage``: what the last
    check of its database found wrong; ``store``: why its object store does not answer; ``jobs``: of its queue, by queue
    and status.
    """

    at: datetime
    free: int
    unread: int = 0
    unread_since: datetime | None = None
    clock: float | None = None
    damage: str = ""
    store: str = ""
    portals: Mapping[str, PortalFacts] = field(default_factory=dict)
    jobs: Mapping[tuple[str, str], int] = field(default_factory=dict)
