"""What the health of an archive is judged from: pure records, and reading them from the archive."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from archive.assessment.calendar import local_day
from archive.projection.update import waiting
from archive.queries.recent_outcomes import LookDoubt, count_shown_by, doubts_of
from crawler import portals
from crawler.net.machine_locks import machine_of
from crawler.operations.due_crawls import Crawl
from crawler.operations.planner import states
from storage.errors import ProjectionError, UnansweredError
from storage.home import Home
from storage.observations import Observations
from storage.recent_outcomes import latest_by, our_clock, refused_lists
from storage.records import Capture
from storage.registry import Registry

_WATCHED, _YEAR = timedelta(days=45), timedelta(days=365)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFacts:
    """One portal. ``crawls``, ``looks``: the last of them, in the order of their start; ``due``: of the next crawl.

    ``broken``: why nothing of it can be planned. ``refusals``: redirects and links of lists to foreign hosts, not
    followed. ``shown``: of how many agencies a report on last year was seen by now, ``shown_before``: of how many one
    on the year before by the same day a year ago; None where it was not crawled yet.
    """

    portal: str
    place: str = ""
    broken: str = ""
    crawls: tuple[Crawl, ...] = ()
    looks: tuple[SeenLook, ...] = ()
    refusals: tuple[Capture, ...] = ()
    due: datetime | None = None
    shown: int = 0
    shown_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """The archive as a whole. ``free``: bytes of its disk; ``unread``: portals that wait to be read, the first since
    when; ``clock``: by how many seconds our clock is off, as the portals asked last say; ``damage``: what the last
    check of its database found wrong; ``store``: why its object store does not answer.
    """

    at: datetime
    free: int
    unread: int = 0
    unread_since: datetime | None = None
    clock: float | None = None
    damage: str = ""
    store: str = ""
    portals: Mapping[str, PortalFacts] = field(default_factory=dict)


def gather(home: Home, damage: str = "") -> ArchiveFacts:
    """Return what is known of the archive's health now; ``damage``: what the last check of its database found."""
    at, known, broken = home.clock.now(), portals.classes(home.path), portals.broken(home.path)
    planned = {state.name: state for state in states(home)}
    year = local_day(at).year - 1
    try:  # nothing while the projections are made anew
        shown, shown_before = count_shown_by(home, year, at), count_shown_by(home, year - 1, at - _YEAR)
    except ProjectionError:
        shown, shown_before = {}, {}
    looks, refusals = _looks(home, at), defaultdict[str, list[Capture]](list)
    for refused in refused_lists(home, at - _WATCHED):
        if refused.reason == "foreign_host":
            refusals[refused.portal].append(refused)
    found: dict[str, PortalFacts] = {}
    for name in sorted({*known, *broken}):
        state = planned.get(name)
        crawls = state.crawls if state is not None else ()
        due = state.due if state is not None and crawls else None  # one never crawled is nobody's worry yet
        is_old = bool(crawls) and crawls[0].started < at - _YEAR
        found[name] = PortalFacts(
            portal=name, place=known[name].place if name in known else "", broken=str(broken.get(name, "")),
            crawls=crawls, looks=tuple(looks[name]), refusals=tuple(refusals[name]), due=due.at if due else None,
            shown=shown.get(name, 0), shown_before=shown_before.get(name, 0) if is_old else None,
        )  # fmt: skip
    ends = {name: state.last.finished for name, state in planned.items() if state.last is not None}
    unread = [ends[name] for name in waiting(home) if name in ends]
    return ArchiveFacts(
        at=at, free=shutil.disk_usage(home.path).free, unread=len(unread),
        unread_since=min((end for end in unread if end is not None), default=None),
        clock=our_clock(home, partial(machine_of, known)), damage=damage, store=_why_unanswered(home), portals=found,
    )  # fmt: skip


def _looks(home: Home, at: datetime) -> Mapping[str, list[SeenLook]]:
    """Return by portal the looks at lists that are still in use; those of a clock ahead of time are left out."""
    recent = [look for look in Observations(home).looks(since=at - _WATCHED) if look.started <= latest_by(at)]
    try:
        doubts = doubts_of(home, {look.id for look in recent})
    except ProjectionError:
        doubts = {}
    ended = {row.id for row in Registry(home).listings() if row.ended_at is not None}
    found: dict[str, list[SeenLook]] = defaultdict(list)
    for look in recent:
        if look.listing not in ended:
            doubt = doubts.get(look.id, LookDoubt(""))
            seen = SeenLook(
                listing=look.listing, started=look.started, outcome=look.outcome, reason=look.reason,
                doubt=doubt.reason, lost=doubt.lost,
            )  # fmt: skip
            found[look.portal].append(seen)
    return found


def _why_unanswered(home: Home) -> str:
    """Return why the object store does not answer; "" where it does."""
    try:
        home.blobs.open("nianbao.toml").close()  # no object of ours has this name: asking for it is cheap
    except FileNotFoundError:
        return ""
    except UnansweredError as error:
        return str(error.values["cause"])
    return ""
