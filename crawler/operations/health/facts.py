"""What health is judged from. Pure records; ``gathering`` fills them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.operations.scheduling.due import Crawl


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFact:
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
class Refusal:
    """A redirect or link of a list to a host that is not the portal's, not followed."""

    at: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsChange:
    """A robots.txt that came with other bytes than before. ``url``: its address."""

    at: datetime
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Reports of one portal on ``year``: how many bodies' were seen by ``now``, and how many of the year before by the
    same day a year ago (``then``; None where it was not crawled yet).
    """

    year: int
    now: int
    then: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Reports first seen of late, and before: how many, and how many of them carry an error."""

    late: int
    late_bad: int
    before: int
    before_bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFacts:
    """One portal. ``crawls``, ``looks``: the last of them, in the order of their start; ``due``: of the next crawl.

    ``family``: the content system as which it was crawled last; ``marks``: the one that a drifted list page looks like
    now; ``strangers``: the title of such a page where it is that of strangers in whose hands the domain is. ``broken``:
    why nothing of it can be planned. ``moved``: a list that is gone → the address of the one that shows most of its
    reports now.
    """

    portal: str
    place: str
    family: str = ""
    broken: str = ""
    crawls: tuple[Crawl, ...] = ()
    looks: tuple[LookFact, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    robots: tuple[RobotsChange, ...] = ()
    marks: str = ""
    strangers: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)
    due: datetime | None = None
    season: Season | None = None
    doubts: Doubts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """The archive as a whole. ``free``: bytes of its disk; ``unread``: documents that wait, the first since when;
    ``clock``: by how many seconds our clock is off, as the portals asked last say; ``damage``: what the last check of
    its database found wrong, "" where nothing was or none was made; ``store``: why its object store does not answer, ""
    where it does; ``jobs``: of its queue, by queue and status.
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
