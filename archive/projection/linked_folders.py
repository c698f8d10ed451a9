"""Find the folders to which a list leads, and the looks at that list that prove that it did not lead there.

Such a folder is a listing of its own. While the list, read to its end, has no link to the folder (because it was not
made yet, or was removed), nobody can reach the reports in it, so that the look at the list is a look at the folder,
too. The bytes of the list's pages must prove that there is no link; the links that the spider of that day understood
are not enough.
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
from storage.records import Capture, Listing, ListingForm, Look, LookOutcome

_INDEX = re.compile(r"(?:index|default|list|common_list|main)(?:[-_]\d+)?\.\w{2,6}\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3,}")
_YEAR = re.compile(r"20[0-4]\d\Z")
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
MAX_VALUES = 8  # of a query that are looked for; with fewer a link is assumed more easily, which is the safe side
_MAX_AGE = timedelta(days=400)  # of a look before its folder was found: one season, with what may still count
_MAX_PAGE_BYTES = 2 << 20  # of a page that is searched
_CACHED_PAGES = 128

#: Returns the bytes of a document by its digest. Raises StorageError if the archive cannot give them.
Body = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedFolder:
    """A folder to which a list (``parent``) leads. ``before``, ``after``: ids of looks at that listing, or at the one
    above it, whose pages have no link to the folder: before it was found, and in later crawls that did not find it.
    """

    parent: str
    before: frozenset[str]
    after: frozenset[str]


def linked_folders(
    listings: Mapping[str, Sequence[Listing]], looks: Iterable[Look], captures: Iterable[Capture], body: Body
) -> dict[str, LinkedFolder]:
    """Return the folders among ``listings`` (id → all rows, oldest first) to which another list leads, by id, with the
    looks (readings) of that list that prove that it did not lead there: no page has a trace of the folder's address.
    Left out are folders without such a look, and those of which the look that found them has no trace itself. ``body``:
    returns a document's bytes; what it cannot give counts as a possible link.
    """
    looks = sorted(looks, key=lambda look: (look.started, look.finished, look.id))
    own: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        own[look.listing].append(look)
    by_id, captures_by_id = {look.id: look for look in looks}, {capture.id: capture for capture in captures}
    folders: dict[str, LinkedFolder] = {}
    body = lru_cache(maxsize=_CACHED_PAGES)(body)

    def leads_to(look: Look, marks: frozenset[str]) -> bool:
        """True if a page of a look (reading of a list) may link the folder, that is, has all ``marks`` of its address,
        or if not all its pages can be searched. Raises UnansweredError if the store of the bytes is silent.
        """
        pages = [one for one in map(captures_by_id.get, look.captures) if one is None or one.outcome.is_page]
        for page in pages:
            if page is None or page.document is None or (page.size or 0) > _MAX_PAGE_BYTES:
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
        # the folder's row was written during the look at the list that led to it; of several, the last to begin
        running = (one for one in reversed(looks) if one.started <= row.recorded_at <= one.finished)
        parent = next((one for one in running if one.listing != row.id), None)
        if parent is None or parent.listing not in listings or not _is_part_of(row, listings[parent.listing][0]):
            continue
        above = folders.get(parent.listing)
        beyond = [] if above is None else [by_id[name] for name in sorted(above.before | above.after)]
        at_parent = [*(look for look in own[parent.listing] if look.outcome is LookOutcome.OK), *beyond]
        lost = {look.run for look in own[row.id] if look.outcome is LookOutcome.CHANGED}
        earlier = (one for one in at_parent if one.finished <= parent.started)
        before = [one for one in earlier if row.recorded_at - one.started <= _MAX_AGE]
        after = [one for one in at_parent if one.started > parent.started and one.run in lost]
        marks = marks_of(row.url, listings[parent.listing][0].url)
        if not (before or after) or not marks or not leads_to(parent, marks):
            continue
        if any(leads_to(look, marks) for look in before):
            before = []  # the link was there already, but not recognised
        folders[row.id] = LinkedFolder(
            parent=parent.listing,
            before=frozenset(look.id for look in before),
            after=frozenset(look.id for look in after if not leads_to(look, marks)),
        )
    return folders


def _is_part_of(row: Listing, parent: Listing) -> bool:
    """True if a folder is a part of the list: on the same host, below its path or with a year in its label."""
    address, parent_address = urlsplit(row.url), urlsplit(parent.url)
    parent_path = parent_address.path.rpartition("/")[0] + "/"
    is_below = parent_path.count("/") > 1 and address.path.startswith(parent_path)
    return address.netloc == parent_address.netloc and (is_below or bool(years_named(row.column.rpartition(">")[2])))


def marks_of(url: str, page: str = "") -> frozenset[str]:
    """Return the texts that every link to ``url`` on a ``page`` (an address) must contain, however it is written. These
    are its longest number, else its last name, and the values of its query. Empty if it has none of them.
    """
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if len(names) > 1 and not parts.query and _INDEX.match(names[-1]) and names[-2] not in urlsplit(page).path:
        names.pop()  # a link to a folder need not name the index page, and a link inside the folder not the folder
    values = [value for _, value in parse_qsl(parts.query)[:MAX_VALUES]]
    return frozenset(mark for text in (*names[-1:], *values) if (mark := _number_or_name(unquote(text))))


def may_link(page: bytes, marks: frozenset[str]) -> bool:
    """True if the bytes of ``page`` contain all ``marks`` of an address, or if they cannot be searched."""
    if not marks or b"\0" in page:  # UTF-16 cannot be searched
        return True
    text = page.decode("latin-1")
    missing = {mark for mark in marks if not _occurs_in(mark, text)}
    if missing and ("&" in text or "%" in text or "\\" in text):
        plain = unquote(html.unescape(text.replace("\\/", "/")))
        missing = {mark for mark in missing if not _occurs_in(mark, plain)}
    return not missing


def _number_or_name(text: str) -> str:
    """Return the longest number in ``text`` that is no year, else ``text`` if it is a plain name, else ""."""
    numbers: list[str] = [number for number in _NUMBER.findall(text) if not _YEAR.match(number)]
    if numbers:
        return max(numbers, key=len)
    return text if len(text) > 1 and _NAME.match(text) else ""


def _occurs_in(mark: str, text: str) -> bool:
    """True if ``text`` contains the mark as a whole number or name."""
    if mark.isdigit():
        return re.search(rf"(?<!\d){mark}(?!\d)", text) is not None
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(mark)}(?![A-Za-z0-9_-])", text, re.IGNORECASE) is not None
