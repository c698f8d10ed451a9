"""Store and read runs, looks with their links, and rulings: what was seen and decided. Only added, never changed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, select
from sqlalchemy.exc import IntegrityError

from storage import capture_rows
from storage.errors import StorageError
from storage.home import Home
from storage.locks import run_lock
from storage.mapping import dumps, shape
from storage.mending import claim_dead_run
from storage.records import Extraction, Link, Look, LookOutcome, Note, Ruling, RulingKind, Run, RunOutcome
from storage.statements import among
from storage.tables import EXTRACTIONS, LINK_SETS, LOOK_CAPTURES, LOOKS, RULINGS, RUNS

_NEWEST_LAST = (EXTRACTIONS.c.made_at, EXTRACTIONS.c.no)
_OF_LOOK = select(EXTRACTIONS.c.doubt).where(EXTRACTIONS.c.look == LOOKS.c.no)
_DOUBT = _OF_LOOK.order_by(*(one.desc() for one in _NEWEST_LAST)).limit(1).scalar_subquery()
#: Outcome and reason of a look by its newest judgement: an ok look that ``relook`` doubts is partial.
look_outcome = case((_DOUBT.is_not(None), LookOutcome.PARTIAL.value), else_=LOOKS.c.outcome).label("outcome")
look_reason = func.coalesce(_DOUBT, LOOKS.c.reason).label("reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCount:
    """How many looks there were at a portal, and when the last look ended that read its list to the end."""

    looks: int
    last_ok: datetime | None


class Observations:
    """Stores and reads the runs, looks, extractions and rulings of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    # ------------------------------------------------------------------------------------------- runs

    def start_run(self, run: Run) -> None:
        """Record that a run has begun, and hold its lock; it counts as alive as long as this process lives."""
        self.home.locks.take(run_lock(run.id))
        with self.home.truth.begin() as connection:
            capture_rows.ensure_run(connection, run)

    def finish_run(
        self,
        run: Run,
        *,
        finished: datetime,
        outcome: RunOutcome,
        notes: Iterable[Note] = (),
        counts: Mapping[str, int] | None = None,
    ) -> Run:
        """Record how a run ended and what it counted; release its lock. Raises StorageError if unknown or ended."""
        with self.home.truth.begin() as connection:
            ended = capture_rows.end_run(
                connection, run.id, finished=finished, outcome=outcome, notes=tuple(notes), counts=dict(counts or {})
            )
        if ended is None:
            raise StorageError(code="run.not_open", run=run.id)
        try:
            self.home.locks.release(run_lock(run.id), forget=True)
        except KeyError:  # a process that died held the lock: delete its file
            with claim_dead_run(self.home, run.id):
                pass
        return ended

    def runs(self, portal: str | None = None) -> tuple[Run, ...]:
        """Return a portal's runs (None: all), oldest first. One without ``finished`` is still alive or was killed."""
        query = select(RUNS).order_by(RUNS.c.started, RUNS.c.id)
        return self.home.truth.records(Run, query if portal is None else query.where(RUNS.c.portal == portal))

    def run(self, run: str) -> Run | None:
        """Return the run with this id, None if there is none."""
        return next(iter(self.home.truth.records(Run, select(RUNS).where(RUNS.c.id == run))), None)

    def last_runs(self, count: int) -> tuple[Run, ...]:
        """Return the unfinished runs and the ``count`` last started ones, newest first."""
        newest = select(RUNS).order_by(RUNS.c.started.desc(), RUNS.c.id)
        queries = (newest.where(RUNS.c.finished.is_(None)), newest.limit(count))
        runs = {run.id: run for query in queries for run in self.home.truth.records(Run, query)}
        return tuple(sorted(runs.values(), key=lambda run: (run.started, run.id), reverse=True))

    def newest_instant(self) -> datetime | None:
        """Return when a run last started or ended or a ruling was last made, None if there was nothing."""
        newest = (func.max(func.coalesce(RUNS.c.finished, RUNS.c.started)), func.max(RULINGS.c.made_at))
        instants = (self.home.truth.scalars(select(one))[0] for one in newest)
        return max(filter(None, instants), default=None)

    # ------------------------------------------------------------------------------------------- looks

    def add_look(self, look: Look, extraction: Extraction | None = None) -> None:
        """Store a look (one try to read a list) and its links. Raises StorageError unless its captures are stored."""
        row = shape(Look).row(look)
        del row["captures"]
        try:
            with self.home.truth.begin() as connection:
                number = connection.execute(LOOKS.insert().returning(LOOKS.c.no), row).scalar_one()
                pages = [{"look": number, "position": i, "capture": name} for i, name in enumerate(look.captures)]
                if pages:
                    connection.execute(LOOK_CAPTURES.insert(), pages)
                if extraction is not None:
                    _insert_extraction(connection, number, look.captures, extraction)
        except IntegrityError as error:
            raise StorageError(code="look.not_stored", look=look.id, cause=error.orig) from error

    def looks(
        self, portal: str | None = None, listing: str | None = None, *, since: datetime | None = None
    ) -> tuple[Look, ...]:
        """Return the looks (of a portal, at a listing, started at ``since`` or later), oldest first."""
        filters = ((LOOKS.c.portal, portal), (LOOKS.c.listing, listing))
        begun = [] if since is None else [LOOKS.c.started >= since]
        return self._select_looks(*begun, *(column == name for column, name in filters if name is not None))

    def looks_by_id(self, ids: Collection[str]) -> tuple[Look, ...]:
        """Return the looks that exist among these ids, oldest first."""
        return self._select_looks(among(LOOKS.c.id, sorted(set(ids)))) if ids else ()

    def _select_looks(self, *conditions: ColumnElement[bool]) -> tuple[Look, ...]:
        columns = [one for one in LOOKS.c if one.name not in {look_outcome.name, look_reason.name}]
        query = select(*columns, look_outcome, look_reason).where(*conditions).order_by(LOOKS.c.started, LOOKS.c.no)
        with self.home.truth.read() as connection:
            captures = capture_rows.captures_of_looks(connection, *conditions)
            rows = connection.execute(query).mappings().all()
        return tuple(shape(Look).record(row, captures=tuple(captures.get(row["no"], ()))) for row in rows)

    def look_counts(self) -> dict[str, LookCount]:
        """Count the looks at each portal; portals without looks are not in the result."""
        ok = case((look_outcome == LookOutcome.OK.value, LOOKS.c.finished))
        query = select(LOOKS.c.portal, func.count(), func.max(ok)).group_by(LOOKS.c.portal)
        return {portal: LookCount(looks=count, last_ok=ended) for portal, count, ended in self.home.truth.rows(query)}

    def count_looks(self, since: datetime, until: datetime) -> dict[str, Counter[str]]:
        """Count the looks that ended in (since, until], by portal and outcome."""
        kinds = (LOOKS.c.portal, LOOKS.c.outcome)
        query = select(*kinds, func.count()).where(LOOKS.c.finished > since, LOOKS.c.finished <= until).group_by(*kinds)
        counts: dict[str, Counter[str]] = {}
        for portal, outcome, count in self.home.truth.rows(query):
            counts.setdefault(portal, Counter())[outcome] = count
        return counts

    def add_extraction(self, extraction: Extraction) -> None:
        """Store other links read from a look's stored pages; earlier ones stay. Raises StorageError without a look."""
        with self.home.truth.begin() as connection:
            number = connection.execute(select(LOOKS.c.no).where(LOOKS.c.id == extraction.look)).scalar_one_or_none()
            if number is None:
                raise StorageError(code="look.unknown", look=extraction.look)
            pages = capture_rows.captures_of_looks(connection, LOOKS.c.no == number).get(number, [])
            _insert_extraction(connection, number, pages, extraction)

    def extractions(self, look_id: str) -> tuple[Extraction, ...]:
        """Return the extractions of a look, oldest first."""
        return tuple(self._select_extractions(LOOKS.c.id == look_id))

    def latest_extractions(self, portal: str | None = None) -> dict[str, Extraction]:
        """Return the newest extraction of each look, by look id, for one portal or for all."""
        condition = LOOKS.c.portal == portal if portal is not None else LOOKS.c.no > 0
        return {extraction.look: extraction for extraction in self._select_extractions(condition)}

    def lists_shown(self, portal: str) -> Iterator[tuple[str, tuple[Link, ...]]]:
        """Yield all lists that looks at a portal ever showed, oldest first, as (listing id, links). A list that many
        looks showed comes once, with the captures of the last of them.
        """
        last_looks = select(func.max(LOOKS.c.no)).join(EXTRACTIONS, EXTRACTIONS.c.look == LOOKS.c.no)
        is_last_showing = LOOKS.c.no.in_(
            last_looks.where(LOOKS.c.portal == portal).group_by(LOOKS.c.listing, EXTRACTIONS.c.links)
        )
        listings = dict(map(tuple, self.home.truth.rows(select(LOOKS.c.id, LOOKS.c.listing).where(is_last_showing))))
        for extraction in self._select_extractions(is_last_showing):
            yield listings[extraction.look], extraction.links

    def _select_extractions(self, condition: ColumnElement[bool]) -> Iterator[Extraction]:
        """Yield extractions (links found in looks) by look and time; equal sets of links are unpacked only once."""
        columns = EXTRACTIONS.c
        query = select(EXTRACTIONS, LOOKS.c.id.label("look_id"), LINK_SETS.c.links.label("packed"))
        query = query.join(LOOKS, columns.look == LOOKS.c.no).join(LINK_SETS, columns.links == LINK_SETS.c.digest)
        sets: dict[str, list[tuple[Link, int]]] = {}
        with self.home.truth.read() as connection:
            captures = capture_rows.captures_of_looks(connection, condition)
            rows = connection.execute(query.where(condition).order_by(columns.look, *_NEWEST_LAST))
            for row in rows.mappings():
                links = sets.get(row["links"])
                if links is None:
                    links = sets[row["links"]] = _unpack_links(row["packed"])
                capture_ids = captures.get(row["look"], [])
                # a page is a position among the look's captures, or the id of another capture
                names = [capture_ids[page] if isinstance(page, int) else page for page in json.loads(row["pages"])]
                placed = tuple(replace(link, capture=names[page]) for link, page in links)
                yield shape(Extraction).record(row, look=row["look_id"], links=placed)

    # ------------------------------------------------------------------------------------------- rulings

    def add_ruling(self, ruling: Ruling) -> None:
        """Store a person's decision. Earlier rulings are kept; the latest on a subject is valid."""
        try:
            self.home.truth.append(RULINGS, [ruling])
        except IntegrityError as error:
            raise StorageError(code="ruling.stored", ruling=ruling.id) from error

    def rulings(self, *kinds: RulingKind) -> tuple[Ruling, ...]:
        """Return the rulings of these kinds (none named: all) in the order of storing, as clocks can be wrong."""
        of_kinds = [among(RULINGS.c.kind, kinds)] if kinds else []
        return self.home.truth.records(Ruling, select(RULINGS).where(*of_kinds).order_by(RULINGS.c.no))


def _insert_extraction(connection: Connection, look: int, captures: Sequence[str], extraction: Extraction) -> None:
    """Store the links of the look with the row number ``look``; pages are numbered as in ``captures``."""
    packed, pages = _pack_links(extraction.links)
    digest = hashlib.sha256(packed).hexdigest()
    capture_rows.insert_new(connection, LINK_SETS, [{"digest": digest, "links": zlib.compress(packed, 9)}], "digest")
    positions = {capture: position for position, capture in reversed(list(enumerate(captures)))}
    row = {"look": look, "links": digest, "pages": dumps([positions.get(page, page) for page in pages])}
    connection.execute(EXTRACTIONS.insert(), shape(Extraction).row(extraction) | row)


def _pack_links(links: tuple[Link, ...]) -> tuple[bytes, tuple[str, ...]]:
    """Pack links without their captures, which differ in every look; return the bytes and the captures in order.

    Each link refers to its capture by number, so that an unchanged listing gives the same bytes.
    """
    pages: dict[str, int] = {}
    plain = [
        [link.url, link.text, link.listed, link.row, link.position, pages.setdefault(link.capture, len(pages))]
        for link in links
    ]
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode(), tuple(pages)


def _unpack_links(packed: bytes) -> list[tuple[Link, int]]:
    """Return the links of a packed set, each with the number of its capture."""
    return [
        (Link(url=url, text=text, listed=listed, row=row, position=position), page)
        for url, text, listed, row, position, page in json.loads(zlib.decompress(packed))
    ]
