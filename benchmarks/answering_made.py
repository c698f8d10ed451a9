"""Writes the archives of ``answering.py``: registry and captures as the truth has them, and what is judged of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.forms.indicators import indicator_digits
from archive.projection.duty_timeline import duty_timeline
from archive.projection.searching import edition_texts
from benchmarks.answering_archive import AGAIN, BORN, READINGS, Place, Told, again, duties, looks_of, places, readings
from benchmarks.answering_bulk import Sink, projection_sink, truth_sink
from storage import capture_rows
from storage.home import Home, init_home
from storage.judgements import StoredDocument, StoredFinding
from storage.mapping import shape
from storage.projections import MADE_KEY, PORTAL_KEY, ProjectionStore
from storage.reading_rows import cells_row, finding_row, notes_row, reading_row
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    Duty,
    Edition,
    EvidenceGrade,
    Finding,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Portal,
    Reading,
    ReportKind,
    Severity,
    Status,
    StatusInterval,
)
from storage.search import put_texts, settle
from storage.status_rows import Head, as_they_lie, packed_rests, standing_row, tally_rows
from storage.tables import ADDRESSES, AGENCIES, CAPTURES, LISTINGS, LOOK_CAPTURES, LOOKS, PORTALS, RUNS, WARC_FILES

_FINDING = Finding(
    code="identity_broken", severity=Severity.WARNING, cells=("applications.received.total",), expected="12",
    found="11", zh="本年新收申请数量总计为11，各申请人之和为12。", en="The total is 11, its parts add up to 12.",
)  # fmt: skip
_REVISED = Finding(
    code="silent_revision", severity=Severity.WARNING, zh="报告内容变更。", en="The report changed without a word."
)
_FOUND, _RUN = 0.2, "0" * 32


@dataclass
class Made:
    """What was made. ``revised``: a duty with two editions, ``shown``: one with a report. ``numbers``: of the readings
    of the report at hand.
    """

    editions: int = 0
    duties: int = 0
    portals: int = 0
    revised: tuple[str, int] = ("", 0)
    shown: tuple[str, int] = ("", 0)
    searched: dict[str, list[tuple[Edition, Reading]]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


_TRUTH = (PORTALS, AGENCIES, LISTINGS, ADDRESSES, CAPTURES, LOOKS, LOOK_CAPTURES)


def make(
    folder: Path, editions: int, *, database_url: str | None = None, texts: int = 0, simulated: bool = False
) -> tuple[Home, Made]:
    """An archive of about so many editions; ``texts``: so many reports have a text of their own, the others share those
    of five hundred; ``simulated``: imitations may be crawled into it.
    """
    home = init_home(folder, database_url=database_url, simulated=simulated)
    store = ProjectionStore(home, indicator_digits())
    made, draw = Made(), random.Random(4)
    tables = list(_TRUTH)
    _run(home)
    with truth_sink(home, tables) as truth, projection_sink(home, store) as judged:
        held = [*readings(READINGS)]
        pool = [_bound(store, judged, reading) for reading in held]
        writer = _Writer(truth, judged, draw, pool, made, again(held, texts))
        kinds: dict[str, Agency] = {}
        notes = {MADE_KEY: BORN.isoformat()}
        for place in places(editions):
            writer.place(place)
            notes[f"{PORTAL_KEY}{place.portal.name}"] = "made"
            if place.portal.name in made.searched:
                kinds |= {agency.id: agency for agency in place.agencies}
    with store.write() as connection:
        connection.execute(store.tables.meta.insert(), [{"key": key, "value": value} for key, value in notes.items()])
    for portal, worded in made.searched.items():
        readings_of = {reading.document: reading for _, reading in worded}
        found = edition_texts([edition for edition, _ in worded], readings_of, kinds)
        with store.write() as connection:
            put_texts(connection, store.tables.search, portal, found)
    if made.searched:
        with store.write() as connection:
            settle(connection)
    store.close()
    return home, made


def _run(home: Home) -> None:
    with home.truth.begin() as connection:
        run = {"id": _RUN, "portal": "all", "purpose": "benchmark", "started": BORN, "finished": BORN}
        connection.execute(RUNS.insert(), {**run, "outcome": "done", "note": "", "counts": "{}"})
        file = {"no": 1, "name": "made.warc.gz", "run": _RUN, "opened_at": BORN, "size": 1}
        connection.execute(WARC_FILES.insert(), file)


def _bound(store: ProjectionStore, sink: Sink, reading: Reading) -> dict[str, list[Any]]:
    """The rows of a reading as the driver takes them."""
    made = {
        "readings": reading_row(reading),
        "cells": cells_row(store.tables, reading),
        "cell_notes": notes_row(reading),
    }
    return {name: sink.rows[name].bound(row) for name, row in made.items()}


class _Writer:
    """Writes one place after the other."""

    def __init__(
        self,
        truth: Sink,
        judged: Sink,
        draw: random.Random,
        pool: list[dict[str, list[Any]]],
        made: Made,
        worded: Iterator[Reading],
    ) -> None:
        self._truth, self._judged, self._draw, self._pool = truth, judged, draw, pool
        self._made, self._worded = made, worded
        self._changed = _templates(truth, judged)
        self._numbers = self._looked = 0

    def place(self, place: Place) -> None:
        """A portal, its agencies, their duties and reports."""
        self._truth.add("portals", shape(Portal).row(place.portal))
        for agency in place.agencies:
            self._truth.add("agencies", shape(Agency).row(agency))
        portal = place.portal.name
        self._looks(place)
        intervals = []
        for told in duties(place, self._draw):
            duty = told.duty
            self._judged.add("duties", {
                "portal": portal, "agency": duty.agency, "year": duty.year, "kind": duty.kind.value, "due": duty.due,
                "practice": duty.practice, "basis": duty.basis,
            })  # fmt: skip
            editions, heads = self._reports(place, told) if told.first_seen is not None else ([], [])
            packed = json.dumps([head[0] for head in heads[:1]])
            for row in told.history:
                shown = row["first_shown"] is not None
                seen = [(e.id, e.first_seen) for e in editions if row["until"] is None or e.first_seen < row["until"]]
                row |= {
                    "portal": portal, "kind": duty.kind.value, "due": duty.due, "practice": duty.practice,
                    "guessed": False, "rests": packed_rests(heads[:1] if shown else [], seen),
                }  # fmt: skip
                if shown:
                    row["captures"] = packed
                intervals.append(row)
            for one in duty_timeline([duty], map(_interval, told.history), editions, ()):
                self._judged.add("standing", standing_row(portal, one, self._made.numbers))
            self._made.numbers.clear()
            self._made.duties += 1
        for row in as_they_lie(intervals):
            self._judged.add("statuses", row)
        for row in tally_rows(intervals):
            self._judged.add("tallies", row)
        self._made.portals += 1

    def _looks(self, place: Place) -> None:
        """The list of a portal, and two looks at it with a page each."""
        portal = place.portal.name
        url = f"http://{place.portal.hosts[0]}/xxgk/nb/"
        listing = Listing(id=f"{portal}:nb", portal=portal, url=url, form=ListingForm.COLUMN, recorded_at=BORN)
        self._truth.add("listings", shape(Listing).row(listing))
        self._numbers += 1
        self._truth.add("addresses", {"no": self._numbers, "key": capture_rows.url_key(url), "url": url})
        for days, name in zip((62, 69), looks_of(place), strict=True):
            at = BORN + timedelta(days=days)
            page = f"{self._draw.getrandbits(128):032x}"
            self._truth.add("captures", {
                "id": page, "portal": portal, "role": "listing", "address": self._numbers, "fetched_at": at,
                "document": page + page, "warc_offset": 0,
            })  # fmt: skip
            self._looked += 1
            look = Look(
                id=name, run=_RUN, portal=portal, listing=listing.id, started=at, finished=at, outcome=LookOutcome.OK
            )
            self._truth.add("looks", shape(Look).row(look) | {"no": self._looked})
            self._truth.add("look_captures", {"look": self._looked, "position": 0, "capture": page})

    def _reports(self, place: Place, told: Told) -> tuple[list[Edition], list[Head]]:
        """The editions of one report, each with its capture, document and reading; what is told of the captures."""
        portal, duty, seen = place.portal, told.duty, told.first_seen
        assert seen is not None
        count = 2 if self._draw.random() < AGAIN else 1
        url = f"http://{portal.hosts[0]}/xxgk/{duty.agency.rpartition('/')[2]}/{duty.year}/t{duty.year + 1}0115.html"
        self._numbers += 1
        self._truth.add("addresses", {"no": self._numbers, "key": capture_rows.url_key(url), "url": url})
        address, former = self._numbers, None
        editions: list[Edition] = []
        heads: list[Head] = []
        for number in range(count):
            at = seen + timedelta(days=60 * number)
            worded = next(self._worded, None)
            capture, document = f"{self._draw.getrandbits(128):032x}", self._reading(worded)
            self._truth.add("captures", {
                "id": capture, "portal": portal.name, "address": address, "fetched_at": at, "document": document,
                "warc_offset": self._made.editions * 9_000,
            })  # fmt: skip
            name = f"{duty.agency}/{duty.year}@{document[:12]}"
            self._judged.add("documents", {
                "digest": document, "capture": capture, "url": url, "first_seen": at,
            })  # fmt: skip
            self._judged.add("bindings", {
                "portal": portal.name, "document": document, "url": url, "agency": duty.agency, "year": duty.year,
            })  # fmt: skip
            self._judged.add("editions", (self._changed if number else {}) | {
                "portal": portal.name, "id": name, "agency": duty.agency, "year": duty.year, "track": url,
                "content_digest": document, "main": document, "cells_from": document, "first_seen": at,
                "last_seen": at + timedelta(days=60), "captures": f'["{capture}"]', "documents": f'["{document}"]',
                "former": former, "former_last_seen": at if former else None,
            })  # fmt: skip
            edition = Edition(
                id=name, agency=duty.agency, year=duty.year, track=url, content_digest=document, main=document,
                cells_from=document, first_seen=at, last_seen=at, captures=(capture,), documents=(document,),
            )  # fmt: skip
            editions.append(edition)
            heads.append((capture, url, at, "page", 200))
            if worded is not None:
                own = replace(worded, document=document, cells={})
                self._made.searched.setdefault(portal.name, []).append((edition, own))
            self._judged.add("edition_captures", {"portal": portal.name, "edition": name, "capture": capture})
            if self._draw.random() < _FOUND:
                found = StoredFinding(
                    subject_kind="document", subject=document, agency=duty.agency, year=duty.year, finding=_FINDING
                )
                self._judged.add("findings", finding_row(portal.name, found))
            former = name
            self._made.editions += 1
        self._made.shown = (duty.agency, duty.year)
        if count > 1:
            self._made.revised = (duty.agency, duty.year)
        return editions, heads

    def _reading(self, worded: Reading | None) -> str:
        """A document with a reading: one of the pool's under a digest of its own, with a text of its own or not."""
        digest = self._draw.randbytes(32)
        for name, row in self._draw.choice(self._pool).items():
            rows_of = self._judged.rows[name]
            copied = [*row] if worded is None or name != "readings" else rows_of.bound(reading_row(worded))
            copied[rows_of.places["no"]] = self._made.editions + 1
            if name == "readings":
                copied[rows_of.places["document"]] = digest
            self._judged.add_bound(name, copied)
        self._made.numbers[digest.hex()] = self._made.editions + 1
        return digest.hex()


def _interval(row: Mapping[str, Any]) -> StatusInterval:
    """What says how long a duty stood how."""
    return StatusInterval(
        agency=row["agency"], year=row["year"], since=row["since"], until=row["until"], status=Status(row["status"]),
        evidence=EvidenceGrade(row["evidence"]), rule=0, reason="", zh="", en="",
    )  # fmt: skip


def _templates(truth: Sink, judged: Sink) -> Mapping[str, Any]:
    """Tell the sinks what rows have in common; gives what an edition has that took the place of another."""
    digest, at = "0" * 64, datetime(2025, 1, 1, tzinfo=UTC)
    truth.template("captures", {
        "role": "report", "outcome": "page", "status": 200, "reason": "", "mime": "text/html", "size": 21_000,
        "warc_file": 1, "warc_length": 8_000, "link_text": "政府信息公开工作年度报告",
    })  # fmt: skip
    edition = Edition(
        id="", agency="", year=0, track="", content_digest="", main=digest, cells_from=digest, first_seen=at,
        last_seen=at, captures=(), documents=(),
    )  # fmt: skip
    binding = Binding(
        document=digest, url="", is_report=True, reason="", agency="", agency_name=None, year=0,
        report_kind=ReportKind.AGENCY, basis={"agency": "title", "year": "title"},
    )  # fmt: skip
    document = StoredDocument(digest=digest, capture="0" * 32, url="", mime="text/html", size=21_000, first_seen=at)
    duty = Duty(agency="", year=0, kind=AgencyKind.OTHER, due=None, practice=None, basis="")
    interval = StatusInterval(
        agency="", year=0, since=at, until=None, status=Status.UNKNOWN, evidence=EvidenceGrade.NONE, rule=0, reason="",
        zh="", en="",
    )  # fmt: skip
    for table, record in (
        ("editions", edition), ("bindings", binding), ("documents", document), ("duties", duty), ("statuses", interval)
    ):  # fmt: skip
        judged.template(table, shape(type(record)).row(record))
    again = replace(edition, change="silent", findings=(_REVISED,))
    packed = shape(Edition).row(again)
    return {name: packed[name] for name in ("change", "findings")}
