"""An archive → the facts from which its health is judged. Reads; changes nothing."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.assessment.calendar import local_day
from archive.identity.titles import strangers_words
from archive.projection.update import waiting
from archive.queries.gone_lists import gone_lists
from archive.queries.recent_outcomes import ErrorShare, LookDoubt, count_shown_by, doubts_of, error_shares
from archive.queries.stored import open_projections
from crawler import portals
from crawler.net.decoding import decode
from crawler.net.machine_locks import lock_names
from crawler.net.web_page import visible_text
from crawler.operations.health.facts import ArchiveFacts, PortalFacts, Season, SeenLook
from crawler.operations.health.judging import STRANGE_OUTCOMES, settings
from crawler.operations.job_queue import counts
from crawler.operations.planner import states
from crawler.signatures import recognise
from crawler.spider import PortalSpider
from storage.capture_store import CaptureStore
from storage.errors import ProjectionError, StorageError, UnansweredError
from storage.home import Home
from storage.observations import Observations
from storage.recent_outcomes import RecentCapture, RecentLook, Vitals, latest_by, our_clock
from storage.registry import Registry

_WATCHED = timedelta(days=45)
_YEAR = timedelta(days=365)
_FOREIGN = "foreign_host"
_PAGE_MAX_CHARS = 400_000
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_TITLE_MAX_CHARS = 60
_MAX_PAGES = 20  # different pages of a portal's strange looks that are looked into
_MARKUP = re.compile(rb"\s{0,99}<(?:!doctype|html|head|body|script)\b", re.IGNORECASE)


def gather(home: Home, damage: str = "") -> ArchiveFacts:
    """Return what is known of the archive's health now; ``damage``: what the last check of its database found."""
    at, known, registry, broken = home.clock.now(), portals.classes(home.path), Registry(home), dict[str, str]()
    planned = {state.name: state for state in states(home, broken=broken)}
    families = {portal.name: portal.family for portal in registry.portals()}
    looks = _looks(home, registry, at)
    projected = _projected(home, at, {look.id for seen in looks.values() for look in seen})
    robots, refusals = _changed_robots(home, at - _WATCHED), _refusals(home, at - _WATCHED)
    found: dict[str, PortalFacts] = {}
    for name, portal in known.items():
        state, seen = planned.get(name), looks[name]
        crawls = state.crawls if state is not None else ()
        strange = _strange_lists(seen)
        kept = _without_strangers(home, name, seen, strange)
        pages = [*_strange_pages(home, name, strange)]
        is_strange = bool(pages) and seen[-1].outcome in STRANGE_OUTCOMES
        found[name] = PortalFacts(
            portal=name,
            place=portal.place,
            broken=broken.get(name, ""),
            crawls=crawls,
            # a portal that was never crawled is nobody's worry until somebody crawls it
            due=state.due.at if state is not None and state.due is not None and crawls else None,
            looks=tuple(_seen_look(look, projected.doubts.get(look.id, LookDoubt(""))) for look in kept),
            robots=tuple(robots[name]),
            refusals=tuple(refusals[name]),
            season=projected.season(name, at, is_old=crawls[0].started < at - _YEAR) if crawls else None,
            errors=projected.errors.get(name),
            errors_before=projected.errors_before.get(name),
            marks=_other_system(*pages[0], families.get(name, portal.family)) if is_strange else "",
            strangers=next(filter(None, (strangers_of(page) for _, page in pages)), ""),
            moved=_moved(home, name) if any(look.outcome in STRANGE_OUTCOMES for look in kept) else {},
        )
    for name, error in portals.broken(home.path).items():
        found.setdefault(name, PortalFacts(portal=name, place="", broken=str(error)))
    ends = {name: state.last.finished for name, state in planned.items() if state.last is not None}
    unread = [ends[name] for name in waiting(home) if name in ends]
    return ArchiveFacts(
        at=at,
        free=shutil.disk_usage(home.path).free,
        unread=len(unread),
        unread_since=min((end for end in unread if end is not None), default=None),
        clock=our_clock(home, _machine_of(known)),
        damage=damage,
        store=_why_unanswered(home),
        portals=found,
        jobs=counts(home),
    )


def strangers_of(page: str) -> str:
    """Return the title of a page of a trade that takes domains over; "" for any other."""
    page = page[:_PAGE_MAX_CHARS]
    found = _TITLE.search(page)
    title = " ".join(found[1].split())[:_TITLE_MAX_CHARS] if found else ""
    if strangers_words(title):
        return title
    words = strangers_words(visible_text(page))
    return title or ", ".join(sorted(words)) if len(words) >= settings()["limits"]["strangers_words"] else ""


@dataclass(frozen=True, slots=True)
class _Projected:
    """What only the projections know, by look or portal; empty where they have to be made again first."""

    doubts: Mapping[str, LookDoubt] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)
    shown_a_year_ago: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, ErrorShare] = field(default_factory=dict)
    errors_before: Mapping[str, ErrorShare] = field(default_factory=dict)

    def season(self, name: str, at: datetime, *, is_old: bool) -> Season:
        """Return how many reports were seen. Without crawls a year ago (``is_old``) nothing can be compared."""
        then = self.shown_a_year_ago.get(name, 0) if is_old else None
        return Season(year=local_day(at).year - 1, now=self.shown.get(name, 0), then=then)


def _projected(home: Home, at: datetime, looks: set[str]) -> _Projected:
    year = local_day(at).year - 1
    lately = at - timedelta(days=settings()["limits"]["findings_days"])
    try:
        return _Projected(
            doubts=doubts_of(home, looks),
            shown=count_shown_by(home, year, at),
            shown_a_year_ago=count_shown_by(home, year - 1, at - _YEAR),
            errors=error_shares(home, lately, at),
            errors_before=error_shares(home, lately - _YEAR, lately),
        )
    except ProjectionError:
        return _Projected()


def _looks(home: Home, registry: Registry, at: datetime) -> Mapping[str, list[RecentLook]]:
    """Return by portal the looks at lists that are still in use; later ones were made by a clock ahead of time."""
    ended = {row.id for row in registry.listings() if row.ended_at is not None}
    looks = Vitals(home).looks(at - _WATCHED)
    return _by_portal(look for look in looks if look.listing not in ended and look.started <= latest_by(at))


def _by_portal(found: Iterable[RecentLook]) -> Mapping[str, list[RecentLook]]:
    groups: dict[str, list[RecentLook]] = defaultdict(list)
    for one in found:
        groups[one.portal].append(one)
    return groups


def _seen_look(look: RecentLook, doubt: LookDoubt) -> SeenLook:
    return SeenLook(
        listing=look.listing, started=look.started, outcome=look.outcome, reason=look.reason, doubt=doubt.reason,
        lost=doubt.lost, skew=look.clock_skew,
    )  # fmt: skip


def _why_unanswered(home: Home) -> str:
    """Return why the object store does not answer; "" where it does."""
    try:
        home.blobs.size("nianbao.toml")  # no object of ours has this name: asking for it is cheap
    except UnansweredError as error:
        return str(error.values["cause"])
    return ""


def _machine_of(known: Mapping[str, type[PortalSpider]]) -> Callable[[str], str]:
    """Return the function that names the machine a portal asks."""
    return lambda name: next(iter(lock_names(known[name])), name) if name in known else name


def _changed_robots(home: Home, since: datetime) -> Mapping[str, list[RecentCapture]]:
    """Return each robots.txt that came with other bytes than the time before. A web page in its place is none."""
    store = CaptureStore(home)
    known: dict[tuple[str, str], str] = {}
    found: dict[str, list[RecentCapture]] = defaultdict(list)
    for one in Vitals(home).robots(since):
        if one.document is None:
            continue
        before = known.get((one.portal, one.url), one.document)
        if before != one.document and _is_web_page(store, one.document):
            continue
        known[one.portal, one.url] = one.document
        if before != one.document and not _is_web_page(store, before):
            found[one.portal].append(one)
    return found


def _is_web_page(store: CaptureStore, document: str) -> bool:
    try:
        return _MARKUP.match(store.body(document)) is not None
    except StorageError:
        return False


def _refusals(home: Home, since: datetime) -> Mapping[str, list[RecentCapture]]:
    """Return what lists and entrances led to on foreign hosts."""
    found: dict[str, list[RecentCapture]] = defaultdict(list)
    for one in Vitals(home).refused(since):
        if one.reason == _FOREIGN:
            found[one.portal].append(one)
    return found


def _strange_lists(looks: Sequence[RecentLook]) -> frozenset[str]:
    """Return the lists of a portal of which the last look found another page, and since which no other crawl found a
    list of it: that one list of several is in other hands says nothing of the others, nor they of it.
    """
    last = {look.listing: look for look in looks}
    sound = [look for look in looks if look.outcome not in STRANGE_OUTCOMES]
    return frozenset(
        listing
        for listing, look in last.items()
        if look.outcome in STRANGE_OUTCOMES
        and not any(one.run != look.run and one.started > look.started for one in reversed(sound))
    )


def _strange_pages(home: Home, portal: str, strange: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give address and text of the pages that the last looks at lists found instead of them, the newest first."""
    left, store, pages = {*strange}, CaptureStore(home), 0
    for look in reversed(Observations(home).looks(portal)) if left else ():
        if look.listing in left and pages < _MAX_PAGES:
            left.discard(look.listing)
            pages += 1
            capture = store.get(look.captures[-1]) if look.captures else None
            if capture is not None and capture.document:
                with suppress(StorageError):
                    yield capture.url, decode(store.body(capture))


def _without_strangers(
    home: Home, portal: str, looks: Sequence[RecentLook], strange: frozenset[str]
) -> list[RecentLook]:
    """Leave out the looks at pages that strangers, who held the domain for a while, had put there; those at a list that
    is another page now (``strange``) stay.
    """
    doubtful = {look.id for look in looks if look.outcome in STRANGE_OUTCOMES and look.listing not in strange}
    store, is_theirs, left_out = CaptureStore(home), dict[str, bool](), set[str]()
    for look in Observations(home).looks(portal) if doubtful else ():
        capture = store.get(look.captures[-1]) if look.id in doubtful and look.captures else None
        if capture is None or capture.document is None:
            continue
        if capture.document not in is_theirs and len(is_theirs) < _MAX_PAGES:
            with suppress(StorageError):
                is_theirs[capture.document] = bool(strangers_of(decode(store.body(capture))))
        if is_theirs.get(capture.document):
            left_out.add(look.id)
    return [look for look in looks if look.id not in left_out]


def _moved(home: Home, portal: str) -> dict[str, str]:
    """Return where the reports of lists that are gone stand now, as far as lists show them."""
    try:
        with open_projections(home) as store:
            gone = gone_lists(home, store, portal)
    except ProjectionError:
        return {}
    return {one.listing: one.elsewhere[0].url for one in gone if one.elsewhere}


def _other_system(url: str, page: str, family: str) -> str:
    """Return which other content system a page looks like; "" for none, or the same."""
    named = recognise(url, page) if page else []
    best = named[0][0] if named else ""
    return f"{best} in place of {family}" if best and family and best != family else ""
