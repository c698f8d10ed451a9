"""What looks at the lists of a portal showed, how each compares with the one before, and for whom each list speaks.

The pages of a list are given as they stood in a look. Where a browser made the list, its page is what the browser held,
not what the server sent before the scripts ran; and there is a picture of it, taken when that was first seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from archive.queries.frames import Result
from archive.queries.stored import open_projections
from archive.queries.withheld_content import hidden
from storage.capture_store import captures_by_id
from storage.captures import CaptureStore
from storage.errors import ProjectionError
from storage.home import Home
from storage.observations import Observations
from storage.records import AgencyKind, Capture, CaptureRole, Link, Listing, Look, LookOutcome, Ruling, RulingKind
from storage.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class LookShown(Result):
    """One look. ``entries``: the links it showed, ``reports``: those that are reports or may be (None: not judged yet),
    ``total``: how many entries the list says it has, ``reached``: whether so many were shown (None: it does not say).

    ``new`` and ``gone``: links that the ok look before at this list did not show, and that only it did (None: there is
    none). ``suspect``: why it proves no absence for what it lacks; "" where it is not doubted.
    """

    id: str
    listing: str
    started: datetime
    outcome: str
    reason: str
    entries: int
    reports: int | None
    total: int | None
    reached: bool | None
    new: int | None
    gone: int | None
    suspect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Result):
    """For whom a list speaks, and why: ``agency``, whose own it is by the portal's structure; ``covers``, the kinds of
    bodies that its label or its place says; ``seen``: bodies whose reports stood on it; ``rulings``: what persons said.
    """

    listing: str
    agency: str | None
    year: int | None
    covers: tuple[AgencyKind, ...]
    seen: int
    rulings: tuple[str, ...]
    ended_at: datetime | None
    looked: LookShown | None


def looks_shown(home: Home, portal: str, run: str | None = None) -> tuple[LookShown, ...]:
    """The looks at a portal's lists in the order of their start; of one ``run``, if it is named."""
    return _looks(home, portal, run, _entries(home, portal))


def _looks(home: Home, portal: str, run: str | None, entries: Mapping[str, frozenset[str]]) -> tuple[LookShown, ...]:
    judged = _judged(home, portal)
    before: dict[str, Look] = {}
    found: list[LookShown] = []
    for look in Observations(home).looks(portal):
        if run is None or look.run == run:
            found.append(_look_shown(look, before.get(look.listing), entries, judged))
        if look.outcome is LookOutcome.OK:
            before[look.listing] = look
    return tuple(found)


def scopes(home: Home, portal: str) -> tuple[Scope, ...]:
    """For whom each list of a portal speaks, with its last look, in the order of their ids."""
    registry, rulings = Registry(home), Observations(home).rulings()
    entries, bodies = _entries(home, portal), _bodies(home, portal)
    looks = _looks(home, portal, None, entries)
    names = {agency.id: agency.name for agency in registry.agencies(portal)}
    last = {one.listing: one for one in looks}
    visited: dict[str, set[str]] = {}
    for look in looks:
        visited.setdefault(look.listing, set()).update(bodies[url] for url in entries.get(look.id, ()) if url in bodies)
    return tuple(
        _scope(listing, names, len(visited.get(listing.id, ())), rulings, last.get(listing.id))
        for listing in sorted(registry.listings(portal), key=lambda one: one.id)
    )


def _entries(home: Home, portal: str) -> dict[str, frozenset[str]]:
    """Look → the addresses that it showed."""
    found = Observations(home).latest_extractions(portal)
    return {key: frozenset(link.url for link in one.links) for key, one in found.items()}


def _look_shown(
    look: Look, base: Look | None, shown: Mapping[str, frozenset[str]], judged: Mapping[str, tuple[int, str]]
) -> LookShown:
    entries = shown.get(look.id, frozenset())
    then = shown.get(base.id, frozenset()) if base is not None else None
    reports, suspect = judged.get(look.id, (None, ""))
    return LookShown.of(
        look,
        outcome=str(look.outcome),
        entries=len(entries),
        reports=reports,
        reached=None if look.total is None else len(entries) >= look.total,
        new=None if then is None else len(entries - then),
        gone=None if then is None else len(then - entries),
        suspect=suspect,
    )


def _judged(home: Home, portal: str) -> dict[str, tuple[int, str]]:
    """Look → its reports, and why it is suspect; nothing where the projections have to be made first."""
    try:
        with open_projections(home) as store:
            return {
                one.look: (one.leads, (one.reason or "suspect") if one.suspect else "")
                for one in store.look_judgements(portal)
            }
    except ProjectionError:
        return {}


def _bodies(home: Home, portal: str) -> dict[str, str]:
    """Address of a report → the body that its link names."""
    try:
        with open_projections(home) as store, store.read() as connection:
            table = store.tables.leads
            query = select(table.c.url, table.c.agency).where(
                table.c.portal == portal, table.c.agency.is_not(None), table.c.is_report.is_(True)
            )
            return {row.url: row.agency for row in connection.execute(query)}
    except ProjectionError:
        return {}


def _scope(
    listing: Listing, names: Mapping[str, str], seen: int, rulings: Iterable[Ruling], last: LookShown | None
) -> Scope:
    own = [one for one in rulings if one.kind is RulingKind.SCOPE and one.subject == listing.id]
    return Scope(
        listing=listing.id,
        agency=names.get(listing.agency, listing.agency) if listing.agency else None,
        year=listing.year,
        covers=listing.covers,
        seen=seen,
        rulings=tuple(_ruling_in_words(one, names) for one in own),
        ended_at=listing.ended_at,
        looked=last,
    )


def _ruling_in_words(ruling: Ruling, names: Mapping[str, str]) -> str:
    """A ruling in the words of ``nianbao rule``."""
    told: Sequence[tuple[str, object]] = sorted(ruling.decision.items())
    return " ".join(f"{key}={names.get(str(value), value)}" for key, value in told)


_BESIDE = frozenset({CaptureRole.RESOURCE, CaptureRole.ROBOTS})  # what was loaded for a page, and is none
_PICTURE = "image/png"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """An entry of a list: its text and the date beside it, as they may be given out."""

    text: str
    listed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPage:
    """A page of a list. ``capture``: its id; ``is_html``: it says that it is a page, so that it can be shown as one;
    ``picture``: the capture of its picture, if one was taken.
    """

    capture: str
    is_html: bool
    picture: str | None
    entries: tuple[ListEntry, ...]


def list_pages(home: Home, portal: str, look: str) -> tuple[LookPage, ...]:
    """The pages of the list in a look, in their order."""
    observed = Observations(home)
    record = next(iter(observed.looks_by_id([look])), None)
    if record is None:
        return ()
    extractions = observed.extractions(look)
    links = extractions[-1].links if extractions else ()
    captures, secret = captures_by_id(home, record.captures), hidden(home, portal)
    pictures = {one.via: one.id for one in captures.values() if _is_picture(one)}
    return tuple(
        LookPage(
            capture=one.id,
            is_html="html" in (one.mime or "html"),
            picture=_picture_of(home, one, pictures),
            entries=tuple(
                ListEntry(text=secret.title(link.url, link.text), listed=link.listed or "")
                for link in links
                if link.capture == one.id
            ),
        )
        for one in _pages(captures.values(), links)
    )


def _pages(captures: Iterable[Capture], links: Sequence[Link]) -> list[Capture]:
    """The captures that are pages of the list: those that entries stood on or, of a list without any, all pages."""
    pages = [one for one in captures if one.role not in _BESIDE and one.document is not None]
    bearing = {link.capture for link in links}
    rendered = [one for one in pages if one.status is None]  # by a browser, of what a server sent
    return [one for one in pages if one.id in bearing] or rendered or pages


def _picture_of(home: Home, page: Capture, pictures: dict[str | None, str]) -> str | None:
    """The picture of a page that a browser made, also where an earlier look took it of the same page."""
    if page.status is not None:
        return None
    if page.via in pictures:
        return pictures[page.via]
    store = CaptureStore(home)
    first = None if page.revisit_of is None else store.get(page.revisit_of)
    if first is None:
        return None
    beside = (one.id for one in store.of_url(first.url) if _is_picture(one) and one.via == first.via)
    return next(beside, None)


def _is_picture(capture: Capture) -> bool:
    return capture.role is CaptureRole.RESOURCE and capture.mime == _PICTURE
