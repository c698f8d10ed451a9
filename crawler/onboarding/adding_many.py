"""``portal add --province``: many portals of the directory, probed side by side, politely, and resumable.

What became of each is written down at once (``<archive>/portals/added.jsonl``), so that a run that was stopped goes
on where it stood. Portals that share a machine wait for each other through the locks of the archive.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler import portals
from crawler.errors import CrawlError
from crawler.onboarding.adding import add_portal, owner_of
from crawler.onboarding.directory import Place
from crawler.onboarding.portal_writer import slug_of
from crawler.onboarding.probe import address_of, probed
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Note

LOG = "added.jsonl"
SIDE_BY_SIDE = 8  # each waits most of the time
DONE = frozenset({"added", "known"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one place. ``outcome``: ``added``, ``known``, ``not_understood`` (pages were seen, and no column
    of reports), ``unreachable`` (no page was shown: no answer, robots.txt, an access control) or ``failed``. ``notes``:
    of what was found, plain; ``said``: the English sentence of older versions in their place.
    """

    code: str
    place: str
    home: str
    outcome: str
    slug: str = ""
    family: str = ""
    listings: int = 0
    reports: int = 0
    said: str = ""
    notes: tuple[Mapping[str, object], ...] = ()
    at: str = ""


def add_many(
    home: Home,
    places: Sequence[Place],
    *,
    again: bool = False,
    requests: int | None = None,
    progress: Callable[[Tried], None] | None = None,
    stopped: Callable[[], None] | None = None,
    side_by_side: int = SIDE_BY_SIDE,
) -> list[Tried]:
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
        tried = _add(home, one, requests, lock)
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
    """What was written down, oldest first; a line that was cut short by a crash is passed over: its place is tried
    again.
    """
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
            tried = Tried(**row | {"notes": tuple(row.get("notes", ()))})
        except (ValueError, TypeError):
            continue
        never = tried.outcome == "not_understood" and tried.said.startswith("not reached: ")  # an older program's word
        yield replace(tried, outcome="unreachable") if never else tried


def _write(path: Path, tried: Tried) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as out:
        out.write(("\n" if torn else "") + json.dumps(asdict(tried), ensure_ascii=False) + "\n")


def _add(home: Home, one: Place, requests: int | None, lock: threading.Lock) -> Tried:
    def tried(outcome: str, notes: Iterable[Note] = (), **more: str | int) -> Tried:
        now: datetime = home.clock.now()
        at, plain = now.isoformat(timespec="seconds"), tuple(note.plain for note in notes)
        return Tried(one.code, one.chain, one.home, outcome, notes=plain, at=at, **more)  # type: ignore[arg-type]

    try:
        owner = owner_of(address_of(one.home), portals.classes(home.path))
        if owner is not None:
            return tried("known", slug=owner)
        with probed(home, one.home, known=one, requests=requests) as (found, recorded):
            facts: dict[str, str | int] = {
                "family": found.family, "listings": len(found.listings), "reports": len(found.leads),
            }  # fmt: skip
            if not found.understood:
                return tried("not_understood" if found.seen else "unreachable", found.verdict, **facts)
            with lock:  # names are given one after the other
                known = portals.classes(home.path)
                slug = slug_of(address_of(one.home), {*known, *portals.broken(home.path)})
                added = add_portal(home, found, slug, recorded)
            return tried("added", added.doubts, slug=slug, **facts)
    except (CrawlError, StorageError, ValueError, OSError) as error:
        return tried("failed", [note_of(error)])
