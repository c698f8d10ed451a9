"""What to do about lists of a portal that are no longer where its file says: the line to edit, or the ruling."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Iterator
from pathlib import Path

from archive.assessment.calendar import local_day
from archive.queries.gone_lists import GoneList, gone_lists
from archive.queries.review import CITED
from archive.queries.stored import open_projections
from crawler.listing_specs import ListingSpec
from crawler.spider import PortalSpider
from storage.errors import ProjectionError
from storage.home import Home
from storage.records import Note


def gone_notes(home: Home, kind: type[PortalSpider]) -> tuple[tuple[Note, ...], ...]:
    """What is to be said of each list of the portal that is gone; nothing where the projections have to be made again
    first.
    """
    try:
        with open_projections(home) as store:
            gone = gone_lists(home, store, kind.name)
    except ProjectionError:
        return ()
    return tuple((*_notes_of(one), _to_do(kind, one)) for one in gone)


def _notes_of(gone: GoneList) -> Iterator[Note]:
    """Since when a list is gone, and where its reports stand now."""
    since = local_day(gone.since).isoformat()
    yield Note("list_gone", {"listing": gone.listing, "url": gone.url, "since": since, "reason": gone.reason})
    if gone.reports and not gone.elsewhere:
        yield Note("reports_nowhere", {"number": gone.reports})
    elif gone.reports:
        where = [f"{one.url} ({one.reports}, {one.listing})" for one in gone.elsewhere]
        yield Note("reports_stand_at", {"number": gone.reports, "addresses": where, "more": 0})
        if gone.nowhere:
            yield Note("some_nowhere", {"number": gone.nowhere})


def _to_do(kind: type[PortalSpider], gone: GoneList) -> Note:
    rule = f"nianbao rule {shlex.join(('listing', gone.listing, f'ended={local_day(gone.since)}'))} {CITED}"
    spec = _named(kind, gone)
    if spec is not None and not _stands_at(spec, gone.url):
        return Note("gone_renamed", {"url": spec.url, "portal": kind.name})
    if spec is None:  # a crawl found it
        return Note("gone_ruled", {"rule": rule})
    values = {"line": _line(kind, spec.url), "portal": kind.name, "rule": rule}
    elsewhere = gone.reports and gone.elsewhere
    return Note("gone_edit", values | {"url": gone.elsewhere[0].url}) if elsewhere else Note("gone_find", values)


def _named(kind: type[PortalSpider], gone: GoneList) -> ListingSpec | None:
    """The listing of the portal's file that is the one that is gone: of its address, else of its key."""
    key = gone.listing.partition(":")[2].partition("/")[0]
    specs = [one for one in kind.listings if _stands_at(one, gone.url)]
    return next(iter(specs or [one for one in kind.listings if one.key == key]), None)


def _stands_at(spec: ListingSpec, url: str) -> bool:
    """Whether an address is that of a listing of a file, ``{code}`` being that of some body."""
    head, code, tail = spec.url.partition("{code}")
    return url.startswith(head) and url.endswith(tail) if code else url == spec.url


def _line(kind: type[PortalSpider], address: str) -> str:
    """The file, and the line of it that names an address."""
    path = Path(inspect.getfile(kind))
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next((number for number, text in enumerate(lines, 1) if address in text), None)
    return f"{path}, line {at}" if at is not None else str(path)
