"""What a probe found becomes a portal of an archive: spider, agencies, recording; all of it or nothing.

``portal add --province`` adds many of the directory, side by side, politely and resumably: what became of each is
written down at once (``<archive>/portals/added.jsonl``). Portals that share a machine wait for each other's locks.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from crawler import portals
from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts
from crawler.onboarding.directory import Place
from crawler.onboarding.portal_writer import check_slug, files_of, slug_of
from crawler.onboarding.probe import address_of, probed
from crawler.onboarding.probe_results import Probe
from crawler.onboarding.recording import folder_of
from crawler.spider import PortalSpider
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Agency, Note

LOG = "added.jsonl"
SIDE_BY_SIDE = 8  # each waits most of the time
DONE = frozenset({"added", "known"})


@dataclass(frozen=True, slots=True)
class Added:
    """What was written. ``doubts``: what somebody should look at."""

    slug: str
    spider: Path
    agencies: Path
    pages: int
    doubts: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one place. ``outcome``: ``added``, ``known``, ``not_understood`` (pages were seen, and no column
    of reports), ``unreachable`` (no page was shown: no answer, robots.txt, an access control) or ``failed``. ``notes``:
    of what was found, plain.
    """

    code: str
    place: str
    home: str
    outcome: str
    slug: str = ""
    family: str = ""
    listings: int = 0
    reports: int = 0
    notes: tuple[Mapping[str, object], ...] = ()
    at: str = ""


class TakenError(CrawlError):
    """A portal's name, or the portal itself, is there already."""


def owner_of(url: str, known: Mapping[str, type[PortalSpider]]) -> str | None:
    """Return the name of the portal whose hosts an address lies on; None without one."""
    return next((name for name, kind in known.items() if AllowedHosts(tuple(kind.hosts)).refusal(url) is None), None)


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
    if (owner := owner_of(address_of(url), known)) is not None:
        message = f"{url} belongs to the portal {owner!r} already; give a --name to add it once more"
        raise TakenError(message, code="portal.owned", url=url, owner=owner)
    return slug_of(address_of(url), taken)


def add_portal(home: Home, found: Probe, slug: str, recorded: Path, given: Sequence[Agency] = ()) -> Added:
    """Write a portal's files; what is written is loaded and checked before it stays.

    Raises :class:`CrawlError`, and leaves nothing behind then.
    """
    now = home.clock.now()
    files = files_of(found, slug, given=given, today=now.date().isoformat())
    spider, csv = home.portals_dir / f"{slug}.py", home.portals_dir / f"{slug}.csv"
    folder = folder_of(home.path, slug)
    if spider.exists() or csv.exists() or folder.exists():
        raise CrawlError(f"{spider} is there already; give another --name", code="portal.file_there", file=spider)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(recorded, folder)
        for path, text in ((csv, files.agencies), (spider, files.spider)):
            part = path.with_name(f"{path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.rename(path)
        if faults := portals.check(slug, now, home.path).errors:
            message = f"the portal's file is not as it must be: {faults[0]}"
            raise CrawlError(message, code="portal.faulty", portal=slug, why=faults[0].plain)
    except BaseException:
        for path in (spider, csv):
            path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()
        raise
    doubts = [one.doubt for one in found.listings if one.outcome != "ok"]
    doubts += (*found.maybe_more, *files.left_out)
    return Added(slug, spider, csv, len(list(folder.glob("*.html"))), tuple(doubts))


def add_many(
    home: Home, places: Sequence[Place], *, again: bool = False, requests: int | None = None,
    progress: Callable[[Tried], None] | None = None, stopped: Callable[[], None] | None = None,
    side_by_side: int = SIDE_BY_SIDE,
) -> list[Tried]:  # fmt: skip
    """Probe and add every place that was not tried before (``again``: those without success too), in their order.

    One that fails stands in nobody's way. What was tried before comes back as it was written down. ``stopped`` is told
    when a person interrupts it: no further place is begun then.
    """
    log = home.portals_dir / LOG
    before = {tried.home: tried for tried in read_log(log)}
    lock = threading.Lock()

    def work(one: Place) -> Tried:
        earlier = before.get(one.home)
        if earlier is not None and (earlier.outcome in DONE or not again):
            return earlier
        tried = replace(_add(home, one, requests, lock), at=home.clock.now().isoformat(timespec="seconds"))
        with lock:
            _write(log, tried)
            if progress is not None:
                progress(tried)
        return tried

    with ThreadPoolExecutor(max_workers=max(1, side_by_side)) as pool:
        asked = [pool.submit(work, one) for one in places]
        try:
            return [one.result() for one in asked]
        except KeyboardInterrupt:
            for one in asked:
                one.cancel()
            if stopped is not None:
                stopped()
            raise


def read_log(path: Path) -> Iterable[Tried]:
    """Return what was written down, oldest first. The place of a line that a crash cut short is tried again."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
            yield Tried(**row | {"notes": tuple(row["notes"])})
        except (ValueError, TypeError, KeyError):
            continue


def _write(path: Path, tried: Tried) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as out:
        out.write(("\n" if torn else "") + json.dumps(asdict(tried), ensure_ascii=False) + "\n")


def _add(home: Home, one: Place, requests: int | None, lock: threading.Lock) -> Tried:
    tried = Tried(one.code, one.chain, one.home, "failed")
    try:
        if (owner := owner_of(address_of(one.home), portals.classes(home.path))) is not None:
            return replace(tried, outcome="known", slug=owner)
        with probed(home, one.home, known=one, requests=requests) as (found, recorded):
            tried = replace(tried, family=found.family, listings=len(found.listings), reports=len(found.leads))
            if not found.understood:
                outcome = "not_understood" if found.seen else "unreachable"
                return replace(tried, outcome=outcome, notes=tuple(note.plain for note in found.verdict))
            with lock:  # names are given one after the other
                slug = slug_of(address_of(one.home), {*portals.classes(home.path), *portals.broken(home.path)})
                added = add_portal(home, found, slug, recorded)
            return replace(tried, outcome="added", slug=slug, notes=tuple(note.plain for note in added.doubts))
    except (CrawlError, StorageError, ValueError, OSError) as error:
        return replace(tried, outcome="failed", notes=(note_of(error).plain,))
