"""The pages of a list as they stood in a look.

Where a browser made the list, its page is what the browser held, not what the server sent before the scripts ran; and
there is a picture of it, taken when that was first seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.queries.withheld_content import outgoing
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureRole, Link
from storage.references import captures_by_id

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


def list_pages(home: Home, look: str) -> tuple[LookPage, ...]:
    """The pages of the list in a look, in their order."""
    observed = Observations(home)
    record = next(iter(observed.looks_by_id([look])), None)
    if record is None:
        return ()
    extractions = observed.extractions(look)
    links = extractions[-1].links if extractions else ()
    captures, out = captures_by_id(home, record.captures), outgoing(home)
    pictures = {one.via: one.id for one in captures.values() if _is_picture(one)}
    return tuple(
        LookPage(
            capture=one.id,
            is_html="html" in (one.mime or "html"),
            picture=_picture_of(home, one, pictures),
            entries=tuple(
                ListEntry(text=out.title(link.url, link.text), listed=link.listed or "")
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
