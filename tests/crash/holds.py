"""What must hold after a kill, and after the work was taken up again. Each fault is a kind and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from archive.forms.indicators import indicator_digits
from archive.projection.update import rebuild
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Capture, CaptureOutcome, CaptureRole, Look, Run
from storage.registry import Registry
from storage.warc_check import Mismatch, check

Fault = tuple[str, str]  # "lost", "twice", "half", "differs", "untold"; what exactly
_GIVEN = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_PARTS = frozenset({CaptureRole.REPORT, CaptureRole.ATTACHMENT})
_NUMBERS = {"no", "text_no", "reading"}  # of rows: differ from one generation to the next
#: What a kill may leave of work that nobody had been told of; it is mended before the next crawl.
_NOT_ACKNOWLEDGED = frozenset({"row_missing", "file_unknown", "file_unsealed", "tail_torn"})


@dataclass(frozen=True)
class Held:
    """What the truth of an archive holds."""

    captures: dict[str, Capture]
    looks: dict[str, Look]
    runs: dict[str, Run]


def is_report(capture: Capture) -> bool:
    """Whether a report was got."""
    return capture.role is CaptureRole.REPORT and capture.outcome in _GIVEN


def held(home: Home) -> Held:
    """Read all of it."""
    names = {run.portal for run in Observations(home).runs()} | {one.name for one in Registry(home).portals()}
    captures = [capture for name in sorted(names) for capture in CaptureStore(home).for_portal(name)]
    observations = Observations(home)
    return Held(
        {capture.id: capture for capture in captures},
        {look.id: look for look in observations.looks()},
        {run.id: run for run in observations.runs()},
    )


def at_once(home: Home, seen: Iterable[str]) -> Iterator[Fault]:
    """After a kill, before anything else: what others saw is there, each row has its whole record, each look is one."""
    now = held(home)
    for one in sorted(set(seen) - now.captures.keys()):
        yield "lost", f"capture {one} was in the database before the kill"
    yield from _differing_files(home, _NOT_ACKNOWLEDGED)
    extracted = Observations(home).latest_extractions()
    for look in now.looks.values():
        if look.id not in extracted:
            yield "half", f"look {look.id} has no links"
        if not set(look.captures) <= now.captures.keys() or look.run not in now.runs:
            yield "half", f"look {look.id} lacks its captures or its run"


def afterwards(home: Home, before: Held, seen: Iterable[str]) -> Iterator[Fault]:
    """After the work was taken up again: nothing is lost, there twice, or half."""
    now = held(home)
    for earlier, later, what in ((before.captures, now.captures, "capture"), (before.looks, now.looks, "look")):
        for one, row in earlier.items():
            if later.get(one) != row:
                yield "lost", f"{what} {one} is gone or another"
    yield from at_once(home, seen)
    yield from _differing_files(home)
    for path in home.warc_dir.rglob(".*"):
        yield "half", f"{path.name} was left"
    for run in now.runs.values():
        if run.finished is None:
            yield "half", f"run {run.id} of {run.portal} has no end"


def _differing_files(home: Home, besides: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Each record has one row, each row one whole record, each file ends where it says."""
    found: list[Mismatch] = []
    check(home, found.append)
    for one in found:
        if one.code not in besides:
            yield "twice" if one.code == "row_elsewhere" else "lost", f"{one.code}: {one.file} {one.offset}"


def result(home: Home) -> dict[str, frozenset[tuple[object, ...]]]:
    """What the archive says in the end, without times and ids: equal however often the way there was cut."""
    captures = held(home).captures.values()
    with closing(ProjectionStore(home, indicator_digits())) as store:
        return {
            "fetched": frozenset((one.requested,) for one in captures if one.role in _PARTS and one.outcome in _GIVEN),
            "leads": frozenset((one.listing, one.url, one.agency, one.year, one.is_report) for one in store.leads()),
            "editions": frozenset((one.agency, one.year, one.content_digest) for one in store.editions()),
            "statuses": frozenset(
                (one.agency, one.year, str(one.status), str(one.evidence))
                for one in store.statuses()
                if one.until is None  # how long something was unknown on the first day depends on the minute
            ),
        }


def differing(
    home: Home, undisturbed: dict[str, frozenset[tuple[object, ...]]], *, everything: bool = True
) -> Iterator[Fault]:
    """What the archive says that it would not have said undisturbed, or the other way round; without ``everything``
    only what needs no reading.
    """
    for what, found in result(home).items():
        if not everything and what in {"editions", "statuses"}:
            continue
        for one in sorted(found ^ undisturbed[what], key=str)[:5]:
            yield "differs", f"{what}: {one} is {'too much' if one in found else 'lacking'}"


def content(home: Home) -> dict[str, list[str]]:
    """Every row of every projected table on its natural keys, sorted: equal for equal projections on either engine."""
    with closing(ProjectionStore(home, indicator_digits())) as store:
        return _stored_rows(store)


def _stored_rows(store: ProjectionStore) -> dict[str, list[str]]:
    readings = store.tables.readings
    dump: dict[str, list[str]] = {}
    with store.read() as connection:
        for name, table in store.tables.metadata.tables.items():
            if name == "meta":  # says when and how a generation was made
                continue
            query = select(table)
            if name in {"cells", "cell_notes", "standing"}:  # rows with a reading's number
                number = table.c.reading if name == "standing" else table.c.no
                query = select(table, readings.c.document).outerjoin(readings, readings.c.no == number)
            dump[name] = sorted(repr(_natural(row)) for row in connection.execute(query).mappings())
    return dump


def _natural(row: Any) -> list[tuple[str, Any]]:
    return sorted((key, _plain(value)) for key, value in row.items() if key not in _NUMBERS and value is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, Decimal):
        return value.normalize()
    return value.isoformat() if isinstance(value, datetime) else value


def rebuilt(home: Home) -> Iterator[Fault]:
    """A rebuild gives the same, and leaves nothing beside the current generation and the one before."""
    before = content(home)
    rebuild(home, workers=1)
    yield from same(before, content(home))
    yield from litter(home.path)


def same(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[Fault]:
    """Whether two projections are the same, row by row."""
    for table, rows in before.items():
        if rows != after[table]:
            yield "rebuild", f"{table}: {len(set(rows) ^ set(after[table]))} rows differ"


def litter(archive: Path) -> Iterator[Fault]:
    """Files of generations that nobody will ever read."""
    made = sorted(path.name for path in archive.glob("projections-*.sqlite"))
    if len(made) > 2:
        yield "half", f"generations were left: {made}"
    for path in (*archive.glob(".projections*"), *archive.glob("*.building*")):
        yield "half", f"{path.name} was left"
