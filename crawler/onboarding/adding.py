"""What a probe found becomes a portal of an archive: spider, agencies, recording; all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crawler import portals
from crawler.errors import CrawlError
from crawler.onboarding.portal_writer import check_slug, files_of, slug_of
from crawler.onboarding.probe import address_of
from crawler.onboarding.probe_results import Probe
from crawler.onboarding.recording import folder_of
from storage.home import Home
from storage.records import Agency, Note


@dataclass(frozen=True, slots=True)
class Added:
    """What was written. ``doubts``: what somebody should look at."""

    slug: str
    spider: Path
    agencies: Path
    pages: int
    doubts: tuple[Note, ...]


class TakenError(CrawlError):
    """A portal's name, or the portal itself, is there already."""


def free_name(home: Home, url: str, wanted: str | None = None) -> str:
    """Return the name under which a portal may be added: ``wanted``, or one made from its host.

    Raises :class:`TakenError`, and :class:`CrawlError` for a name or an address that is none.
    """
    known = portals.classes(home.path)
    taken = {*known, *portals.broken(home.path), *(path.stem for path in home.portals_dir.rglob("*.*"))}
    if wanted is not None:
        if check_slug(wanted) in taken:
            message = f"there is a portal {wanted!r} already; give another --name"
            raise TakenError(message, code="portal.name_taken", name=wanted)
        return wanted
    if owners := portals.owners(address_of(url), known):
        message = f"{url} belongs to the portal {owners[0]!r} already; give a --name to add it once more"
        raise TakenError(message, code="portal.owned", url=url, owner=owners[0])
    return slug_of(address_of(url), taken)


def add_portal(home: Home, found: Probe, slug: str, recorded: Path, given: Sequence[Agency] = ()) -> Added:
    """Write a portal's files; what is written is loaded and checked before it stays.

    Raises :class:`CrawlError`, and leaves nothing behind then.
    """
    now = home.clock.now()
    files = files_of(found, slug, given=given, today=now.date().isoformat())
    spider, agencies = home.portals_dir / f"{slug}.py", home.portals_dir / f"{slug}.csv"
    folder = folder_of(home.path, slug)
    if spider.exists() or agencies.exists() or folder.exists():
        raise CrawlError(f"{spider} is there already; give another --name", code="portal.file_there", file=spider)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(recorded, folder)
        for path, text in ((agencies, files.agencies), (spider, files.spider)):
            part = path.with_name(f"{path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.rename(path)
        if faults := portals.check(slug, now, home.path).errors:
            message = f"the portal's file is not as it must be: {faults[0]}"
            raise CrawlError(message, code="portal.faulty", portal=slug, why=faults[0].plain)
    except BaseException:
        for path in (spider, agencies):
            path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()
        raise
    doubts = (*(one.doubt for one in found.listings if one.outcome != "ok"), *found.maybe_more, *files.left_out)
    return Added(slug, spider, agencies, len(list(folder.glob("*.html"))), doubts)
