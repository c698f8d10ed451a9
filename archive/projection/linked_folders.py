"""Folders that hang on a list: which list led to each, and at which looks it bore no trace of it.

A folder that a list leads to is a listing of its own. While the list, read to its end, does not lead there (the folder
was not made yet, or was taken away), nobody gets to what stands in it: the look at the list is one at the folder, too.
That it does not lead there is told from the bytes of its pages, not from what the spider of that day made of them: a
link under a label that nobody understood is a link.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from archive.assessment.folders import years_named
from archive.projection.address_traces import marks_of, may_link
from storage.errors import StorageError, UnansweredError
from storage.records import Capture, CaptureOutcome, Listing, ListingForm, Look, LookOutcome

_BACK = timedelta(days=400)  # before a folder was found: a season and what may count of it
_HELD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_LARGEST = 2 << 20  # bytes of a page that is searched
_KEPT = 128  # pages that are kept in memory
_OF_A_RUN = 256  # looks of one crawl: more than it has columns

#: The bytes of a document, by its digest. Raises StorageError where they are not to be had.
Body = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedFolder:
    """A folder. ``below``: the listing that led to it; ``before``, ``after``: looks (ids) at that, or at what that
    hangs on itself, whose pages bear no trace of it: before it was found, and since, in crawls that met it no more.
    """

    below: str
    before: frozenset[str]
    after: frozenset[str]


def linked_folders(
    listings: Mapping[str, Sequence[Listing]], looks: Iterable[Look], captures: Iterable[Capture], body: Body
) -> dict[str, LinkedFolder]:
    """Return the folders among ``listings`` (all rows of each, oldest first) that hang on another one, by id."""
    looks = sorted(looks, key=lambda look: (look.started, look.finished, look.id))
    starts = [look.started for look in looks]
    columns = (rows[0] for rows in listings.values() if rows and rows[0].form is ListingForm.COLUMN)
    firsts = sorted(columns, key=lambda row: (row.recorded_at, row.id))
    own: dict[str, list[Look]] = {}
    for look in looks:
        own.setdefault(look.listing, []).append(look)
    pages: _Pages | None = None
    found: dict[str, LinkedFolder] = {}
    by_id = {look.id: look for look in looks}
    for row in firsts:
        parent = _led_by(row, looks, starts)
        if parent is None or parent.listing not in listings or not _belongs(row, listings[parent.listing][0]):
            continue
        above = found.get(parent.listing)
        beyond = () if above is None else (by_id[name] for name in sorted(above.before | above.after))
        at_parent = [*(look for look in own[parent.listing] if look.outcome is LookOutcome.OK), *beyond]
        lost = {look.run for look in own.get(row.id, ()) if look.outcome is LookOutcome.CHANGED}
        before = [one for one in at_parent if one.finished <= parent.started and row.recorded_at - one.started <= _BACK]
        after = [one for one in at_parent if one.started > parent.started and one.run in lost]
        if not before and not after:
            continue
        pages = pages or _Pages(captures, body)
        marks = marks_of(row.url, listings[parent.listing][0].url)
        if not marks or not pages.bear(parent, marks):
            continue
        if any(pages.bear(look, marks) for look in before):
            before = []  # it was there, and not known for what it is
        without = frozenset(look.id for look in after if not pages.bear(look, marks))
        found[row.id] = LinkedFolder(below=parent.listing, before=frozenset(look.id for look in before), after=without)
    return found


def _led_by(row: Listing, looks: Sequence[Look], starts: Sequence[datetime]) -> Look | None:
    """The look during which a listing was written down, the last to begin of several: that at the list which led to it.

    ``starts``: of the looks, in their order.
    """
    place = bisect_right(starts, row.recorded_at)
    near = (looks[at] for at in range(place - 1, max(place - 1 - _OF_A_RUN, -1), -1))
    return next((look for look in near if row.recorded_at <= look.finished and look.listing != row.id), None)


def _belongs(row: Listing, parent: Listing) -> bool:
    """Whether a folder is a part of the list: it lies below it, or is called after a year, on the same host."""
    one, other = urlsplit(row.url), urlsplit(parent.url)
    if one.netloc != other.netloc:
        return False
    below = other.path.rpartition("/")[0] + "/"
    return bool(years_named(row.column.rpartition(">")[2])) or (below.count("/") > 1 and one.path.startswith(below))


class _Pages:
    """The pages of looks, searched for addresses."""

    def __init__(self, captures: Iterable[Capture], body: Body) -> None:
        self._captures = {capture.id: capture for capture in captures}
        self._body = lru_cache(maxsize=_KEPT)(body)

    def bear(self, look: Look, marks: frozenset[str]) -> bool:
        """Whether any page of a look may link the address of ``marks``; so it is where a page is not to be had."""
        held = [one for one in map(self._captures.get, look.captures) if one is None or one.outcome in _HELD]
        return not held or any(self._bears(one, marks) for one in held)

    def _bears(self, capture: Capture | None, marks: frozenset[str]) -> bool:
        if capture is None or capture.document is None or (capture.size or 0) > _LARGEST:
            return True
        try:
            return may_link(self._body(capture.document), marks)
        except UnansweredError:
            raise
        except StorageError:
            return True
