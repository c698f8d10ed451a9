"""Folders that hang on a list: which list led to each, and at which looks it bore no trace of it.

A folder that a list leads to is a listing of its own. While the list, read to its end, does not lead there (the folder
was not made yet, or was taken away), nobody gets to what stands in it: the look at the list is one at the folder, too.
That it does not lead there is told from the bytes of its pages, not from what the spider of that day made of them: a
link under a label that nobody understood is a link.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.assessment.scopes import years_named
from storage.errors import StorageError, UnansweredError
from storage.records import Capture, CaptureOutcome, Listing, ListingForm, Look, LookOutcome

_INDEX = re.compile(r"(?:index|default|list|common_list|main)(?:[-_]\d+)?\.\w{2,6}\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,}")
_YEAR = re.compile(r"20[0-4]\d\Z")
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
MAX_VALUES = 8  # of a query that are looked for: fewer that are asked for say "no" less often
_BACK = timedelta(days=400)  # before a folder was found: a season and what may count of it
_HELD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_LARGEST = 2 << 20  # bytes of a page that is searched
_KEPT = 128  # pages that are kept in memory

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
    own: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        own[look.listing].append(look)
    by_id, captures_by_id = {look.id: look for look in looks}, {capture.id: capture for capture in captures}
    folders: dict[str, LinkedFolder] = {}
    body = lru_cache(maxsize=_KEPT)(body)

    def leads_to(look: Look, marks: frozenset[str]) -> bool:
        """Whether any page of a look may link the address of ``marks``; so it is where a page is not to be had."""
        pages = [one for one in map(captures_by_id.get, look.captures) if one is None or one.outcome in _HELD]
        for page in pages:
            if page is None or page.document is None or (page.size or 0) > _LARGEST:
                return True
            try:
                if may_link(body(page.document), marks):
                    return True
            except UnansweredError:
                raise
            except StorageError:
                return True
        return not pages

    columns = (rows[0] for rows in listings.values() if rows and rows[0].form is ListingForm.COLUMN)
    for row in sorted(columns, key=lambda row: (row.recorded_at, row.id)):
        # the look during which it was written down, the last to begin of several: that at the list which led to it
        near = (one for one in reversed(looks) if one.started <= row.recorded_at <= one.finished)
        parent = next((one for one in near if one.listing != row.id), None)
        if parent is None or parent.listing not in listings or not _belongs(row, listings[parent.listing][0]):
            continue
        above = folders.get(parent.listing)
        beyond = [] if above is None else [by_id[name] for name in sorted(above.before | above.after)]
        at_parent = [*(look for look in own[parent.listing] if look.outcome is LookOutcome.OK), *beyond]
        lost = {look.run for look in own[row.id] if look.outcome is LookOutcome.CHANGED}
        before = [one for one in at_parent if one.finished <= parent.started and row.recorded_at - one.started <= _BACK]
        after = [one for one in at_parent if one.started > parent.started and one.run in lost]
        marks = marks_of(row.url, listings[parent.listing][0].url)
        if not (before or after) or not marks or not leads_to(parent, marks):
            continue
        if any(leads_to(look, marks) for look in before):
            before = []  # it was there, and not known for what it is
        folders[row.id] = LinkedFolder(
            below=parent.listing,
            before=frozenset(look.id for look in before),
            after=frozenset(look.id for look in after if not leads_to(look, marks)),
        )
    return folders


def _belongs(row: Listing, parent: Listing) -> bool:
    """Whether a folder is a part of the list: it lies below it, or is called after a year, on the same host."""
    one, other = urlsplit(row.url), urlsplit(parent.url)
    below = other.path.rpartition("/")[0] + "/"
    lies_below = below.count("/") > 1 and one.path.startswith(below)
    return one.netloc == other.netloc and (bool(years_named(row.column.rpartition(">")[2])) or lies_below)


def marks_of(url: str, page: str = "") -> frozenset[str]:
    """Return what ``page`` (an address) must have to link ``url``, however written; nothing where it has no such part.

    What no link to an address can do without is its number, else its last name, and the values of its query.
    """
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if len(names) > 1 and not parts.query and _INDEX.match(names[-1]) and names[-2] not in urlsplit(page).path:
        names.pop()  # a link to a folder need not name its index, nor one from within it the folder
    values = [value for _, value in parse_qsl(parts.query)[:MAX_VALUES]]
    marks = {mark for text in (*names[-1:], *values) if (mark := _mark(unquote(text)))}
    return frozenset(marks)


def may_link(page: bytes, marks: frozenset[str]) -> bool:
    """Whether ``page`` may link the address of ``marks``: they all stand there, or nobody can say."""
    if not marks or b"\0" in page:  # of two bytes a letter, where nothing would be found
        return True
    text = page.decode("latin-1")
    missing = {mark for mark in marks if not _occurs_in(mark, text)}
    if missing and ("&" in text or "%" in text or "\\" in text):
        plain = unquote(html.unescape(text.replace("\\/", "/")))
        missing = {mark for mark in missing if not _occurs_in(mark, plain)}
    return not missing


def _mark(text: str) -> str:
    numbers: list[str] = [number for number in _NUMBER.findall(text) if not _YEAR.match(number)]
    if numbers:
        return max(numbers, key=len)
    return text if len(text) > 1 and _NAME.match(text) else ""


def _occurs_in(mark: str, text: str) -> bool:
    if mark.isdigit():
        return re.search(rf"(?<!\d){mark}(?!\d)", text) is not None
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(mark)}(?![A-Za-z0-9_-])", text, re.IGNORECASE) is not None
