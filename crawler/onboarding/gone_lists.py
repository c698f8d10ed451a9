"""What to do about lists of a portal that are no longer where its file says: the line to edit, or the ruling."""

from __future__ import annotations

import inspect
import shlex
from pathlib import Path

from archive.assessment.calendar import local_day
from archive.queries.gone_lists import GoneList, gone_lists
from archive.queries.review import CITED
from archive.queries.stored import open_projections
from crawler.errors import in_words
from crawler.listing_specs import ListingSpec
from crawler.spider import PortalSpider
from storage.errors import ProjectionError
from storage.home import Home


def gone_sentences(home: Home, kind: type[PortalSpider]) -> tuple[str, ...]:
    """One sentence for each list of the portal that is gone; none where the projections have to be made again first."""
    try:
        with open_projections(home) as store:
            gone = gone_lists(home, store, kind.name)
    except ProjectionError:
        return ()
    return tuple(_sentence(kind, one) for one in gone)


def _sentence(kind: type[PortalSpider], gone: GoneList) -> str:
    day = local_day(gone.since)
    rule = f"nianbao rule {shlex.join(('listing', gone.listing, f'ended={day}'))} {CITED}"
    said = f"{gone.listing} has not been at {gone.url} since {day}: {in_words(gone.reason)}"
    where = " and ".join(f"{one.url} ({one.reports}, {one.listing})" for one in gone.elsewhere)
    if gone.reports:
        nowhere = f", and {gone.nowhere} of them in no list" if gone.nowhere else ""
        stand = f"its {gone.reports} reports now stand at {where}{nowhere}"
        said += f"; {stand if where else f'no other list shows any of its {gone.reports} reports'}"
    spec = _named(kind, gone)
    if spec is not None and not _stands_at(spec, gone.url):
        return f"{said}. Its file names {spec.url} now: nianbao crawl {kind.name}"
    if spec is None:  # a crawl found it
        return f"{said}; if it has ended: {rule}"
    line = _line(kind, spec.url)
    edit = (
        f"write {gone.elsewhere[0].url} in its place in {line}"
        if where
        else f"find where it is now and write that in {line}"
    )
    return f"{said}. Either {edit}, crawl, then nianbao portal check {kind.name} --record; or {rule}"


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
