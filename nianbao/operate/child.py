"""The process that works for a page: ``python -m nianbao.operate.child probe|add FOLDER``, or ``… read [PORTAL…]``.

A probe reads what is wanted from a file in the folder, prints each step in a line, and leaves what it found there; then
that may be added. ``read`` judges portals again (all without a name). It ends with the server that began it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from archive.identity.agency_csv import AgencyListError, parse_agencies
from archive.projection.update import update
from crawler.errors import CrawlError
from crawler.imitation_clock import set_instant
from crawler.onboarding.adding import Added, add_portal, free_name
from crawler.onboarding.directory import is_place, place
from crawler.onboarding.probe import probed
from crawler.onboarding.probe_results import Probe, probe_text, read_probe
from crawler.processes import end_with
from nianbao.language import choose, use
from nianbao.sentences import note_sentence, notes_sentence, sentence, worded
from storage.clock import NOW
from storage.errors import StorageError
from storage.home import Home, open_home
from storage.records import Note

WANTED, FOUND, RECORDED = "wanted.json", "probe.json", "recorded"
CORRECTIONS, ADDED = "corrections.json", "added.json"
DONE, ATTENTION, UNFINISHED = 0, 1, 3


def main() -> int:
    """Entry of the process."""
    end_with(sys.stdin.fileno())
    use(choose((), os.environ))
    signal.signal(signal.SIGTERM, _end)
    work, words = sys.argv[1], sys.argv[2:]
    try:
        with open_home() as home:
            if home.simulated and NOW in os.environ:
                set_instant(home.path, home.clock.now())  # the imitation portals live on the same day as their visitor
            if work == "read":
                return _read(home, words)
            return {"probe": _probe, "add": _add}[work](home, Path(words[0]))
    except (CrawlError, StorageError, AgencyListError, OSError) as error:
        _tell(worded(error, on_page=True))
        return UNFINISHED


def _end(number: int, _frame: object) -> NoReturn:
    """End in good order: folders are tidied away, child processes ended."""
    raise SystemExit(128 + number)


def _probe(home: Home, folder: Path) -> int:
    wanted = json.loads((folder / WANTED).read_text(encoding="utf-8"))
    known = place(wanted["address"]) if is_place(wanted["address"]) else None
    address = known.home if known is not None else wanted["address"]
    _tell(address)
    with probed(home, address, known=known, requests=wanted["requests"], progress=_tell_note) as (found, recorded):
        if found.understood:
            shutil.copytree(recorded, folder / RECORDED)
        _write(folder / FOUND, probe_text(found))
    _tell(notes_sentence(found.verdict))
    return DONE if found.is_sure else ATTENTION


def _add(home: Home, folder: Path) -> int:
    found = probe_in(folder)
    assert found is not None
    wanted = json.loads((folder / CORRECTIONS).read_text(encoding="utf-8"))
    slug = free_name(home, found.url, wanted["name"] or None)
    given = (
        parse_agencies(wanted["csv"], portal=slug, origin="operator.csv", now=home.clock.now(), agencies={})
        if wanted["csv"].strip()
        else ()
    )
    added = add_portal(home, corrected(found, wanted), slug, folder / RECORDED, given)
    doubts = [note.plain for note in added.doubts]
    written = {"slug": slug, "spider": added.spider.name, "agencies": added.agencies.name, "pages": added.pages}
    _write(folder / ADDED, json.dumps(written | {"doubts": doubts}, ensure_ascii=False))
    for doubt in added.doubts:
        _tell_note(doubt)
    _tell(sentence("portal.written", **written))
    return ATTENTION if added.doubts else DONE


def _read(home: Home, names: Sequence[str]) -> int:
    report = update(home, names or None)
    counted = {"documents": report.documents_read, "editions": report.editions, "duties": report.duties}
    _tell(sentence("crawl.read", **counted))
    for problem in report.problems:
        _tell_note(problem)
    return ATTENTION if report.problems else DONE


def probe_in(folder: Path) -> Probe | None:
    """What a probe left in its folder; None before it has ended."""
    path = folder / FOUND
    return read_probe(path.read_text(encoding="utf-8")) if path.is_file() else None


def added_in(folder: Path) -> Added | None:
    """The portal that was written from the probe in a folder."""
    path = folder / ADDED
    if not path.is_file():
        return None
    row = json.loads(path.read_text(encoding="utf-8"))
    doubts = tuple(map(Note.of, row["doubts"]))
    return Added(**{**row, "spider": Path(row["spider"]), "agencies": Path(row["agencies"]), "doubts": doubts})


def _write(path: Path, text: str) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.rename(path)


def _tell_note(note: Note) -> None:
    _tell(note_sentence(note))


def _tell(text: str) -> None:
    sys.stdout.write(" ".join(text.split()) + "\n")
    sys.stdout.flush()


def corrected(found: Probe, wanted: Mapping[str, Any]) -> Probe:
    """A probe as a person wants it written. Raises :class:`CrawlError` where nothing is left to write.

    ``wanted``: the addresses of the lists that are kept as ``listings``; as ``agencies`` the bodies kept, by their
    number in the probe, with name and kind; ``place`` and ``division``.
    """
    kept = set(wanted["listings"])
    listings = tuple(one for one in found.listings if one.url in kept)
    if not listings:
        raise CrawlError("no list is kept, so there is nothing to write", code="probe.no_list")
    agencies = []
    for number, one in enumerate(found.agencies):
        if str(number) in wanted["agencies"]:
            name, kind = wanted["agencies"][str(number)]
            agencies.append(replace(one, name=name or one.name, kind=kind or one.kind))  # a guess remains one
    names = {one.name for one in agencies} | {alias for one in agencies for alias in one.aliases}
    dropped = {one.name for one in found.agencies} - names
    place, division = wanted["place"] or found.place, wanted["division"] or found.division
    changed = place != found.place or division != found.division
    return replace(
        found,
        place=place,
        division=division or None,
        place_why=Note("place_person") if changed else found.place_why,
        division_why=Note("place_person") if changed else found.division_why,
        listings=tuple(replace(one, agency="" if one.agency in dropped else one.agency) for one in listings),
        agencies=tuple(agencies),
        leads=tuple(row for row in found.leads if row.get("listing") in kept),
    )


if __name__ == "__main__":
    raise SystemExit(main())
