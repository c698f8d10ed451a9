"""What a probe found becomes a portal of an archive: spider, agencies, recording; all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.identity.agency_csv import AgencyListError, parse_agencies
from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts
from crawler.onboarding.portal_writer import check_slug, files_of, slug_of
from crawler.onboarding.probe import Probe, address_of, doubt_of
from crawler.onboarding.recording import PAGES, folder_of, read_recording, replayed, write_leads
from crawler.spider import PortalSpider
from storage.errors import note_of
from storage.home import Home
from storage.records import Agency, LookOutcome, Note


@dataclass(frozen=True, slots=True)
class Added:
    """What was written. ``doubts``: what somebody should look at."""

    slug: str
    spider: Path
    agencies: Path
    pages: int
    doubts: tuple[Note, ...]


def owner_of(url: str, known: Mapping[str, type[PortalSpider]]) -> str | None:
    """Return the name of the portal whose hosts an address lies on; None without one."""
    fits = (name for name, kind in known.items() if AllowedHosts(tuple(kind.hosts)).refusal(url) is None)
    return next(fits, None)


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
            raise TakenError(
                f"there is a portal {wanted!r} already; give another --name", code="portal.name_taken", name=wanted
            )
        return wanted
    owner = owner_of(address_of(url), known)
    if owner is not None:
        raise TakenError(
            f"{url} belongs to the portal {owner!r} already; give a --name to add it once more",
            code="portal.owned", url=url, owner=owner,
        )  # fmt: skip
    return slug_of(address_of(url), taken)


def add_portal(home: Home, found: Probe, slug: str, recorded: Path, given: Sequence[Agency] = ()) -> Added:
    """Write a portal's files; what is written is loaded, checked and replayed before it stays.

    Raises :class:`CrawlError`, and leaves nothing behind then.
    """
    now = home.clock.now()
    files = files_of(found, slug, given=given, today=now.date().isoformat())
    try:
        parse_agencies(files.agencies, portal=slug, origin=f"{slug}.csv", now=now)
    except AgencyListError as error:
        message = f"the agencies found cannot be written: {error}"
        raise CrawlError(message, code="portal.agencies_unwritable", why=note_of(error).plain) from error
    spider, csv = home.portals_dir / f"{slug}.py", home.portals_dir / f"{slug}.csv"
    folder = folder_of(home.path, slug)
    if spider.exists() or csv.exists() or folder.exists():
        raise CrawlError(f"{spider} is there already; give another --name", code="portal.file_there", file=spider)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(recorded, folder)
        _put(csv, files.agencies)
        _put(spider, files.spider)
        kind = portals.find(slug, home.path)
        if faults := portals.validate(kind):
            message = f"the portal's file is not as it must be: {faults[0]}"
            raise CrawlError(message, code="portal.faulty", portal=slug, why=faults[0].plain)
        replay, leads = replayed(kind, read_recording(folder), now)
        write_leads(folder, leads)
    except BaseException:
        for path in (spider, csv):
            path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()
        raise
    doubts = [doubt_of(one) for one in found.listings if one.outcome != "ok"]
    doubts += (*found.maybe_more, *files.left_out)
    whole = {one.url for one in found.listings if one.outcome == "ok"}
    fell = [look for look in replay.stored if look.outcome is not LookOutcome.OK]
    if lost := [look for look in fell if replay.put[look.listing].url in whole]:
        doubts.append(Note("written_reads_less", {"number": len(lost), "reason": lost[0].reason}))
    gone = {str(row["url"]) for row in found.leads} - _taken(leads)
    columns = any(one.form == "column" for one in found.listings)
    if gone and columns and not fell:
        doubts.append(Note("reports_not_recorded", {"number": len(gone)}))
    return Added(slug, spider, csv, len(list(folder.glob("*.html"))), tuple(doubts))


def _taken(leads: Sequence[Mapping[str, Any]]) -> set[str]:
    """The addresses of the reports that a recording gives; of a listing without one, of all that may be reports, as a
    probe takes them.
    """
    sure = {row["listing"] for row in leads if row["is_report"]}
    return {str(row["url"]) for row in leads if row["is_report"] or row["listing"] not in sure}


def _put(path: Path, text: str) -> None:
    """Write a file under its name only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.rename(path)


def has_recording(archive: Path, slug: str) -> bool:
    """Whether a portal of an archive has recorded pages."""
    return (folder_of(archive, slug) / PAGES).is_file()
