"""The two doors of the projections: ``update`` does what is stale, ``rebuild`` makes everything again and swaps it in.

Both run the same pure judgement over the same truth, so both give the same content on natural keys.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from math import inf

from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.judge import judge
from archive.projection.stale import count_rows, fingerprint, is_waiting, made_from, note_of_made
from archive.projection.truth import PortalTruth, load
from archive.projection.unread import DocumentReader, Progress, documents_to_read, earlier, keep_former, wanted_pictures
from archive.projection.unregistered_bodies import self_named
from archive.projection.visits import visits
from archive.projection.workers import Pool
from storage.errors import DamagedError, GenerationTurned, StorageError
from storage.home import Home
from storage.judgements import PortalRows
from storage.projection_tables import SCHEMA
from storage.projections import MADE_KEY, ProjectionStore, StoredDocument
from storage.records import Agency, Note, Portal, Reading
from storage.registry import Registry

READER_KEY = "reader"
log = logging.getLogger(__name__)
_BATCH = 200
_MAX_NAMED = 6  # bodies or portals in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What an update or rebuild did. ``editions``, ``duties``: how many are held now of ``portals``.

    ``judged``: those of them that were stale. ``new_agencies``: bodies that the registry did not know and that their
    own reports name beyond doubt; it has them now, as guessed. ``problems``: for the operator; nothing was guessed
    about them.
    """

    portals: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    documents_read: int = 0
    documents_failed: int = 0
    editions: int = 0
    duties: int = 0
    new_agencies: tuple[Agency, ...] = ()
    problems: tuple[Note, ...] = ()

    @property
    def summary(self) -> Note:
        """What was read and judged."""
        if not self.judged:
            return Note("read", {"documents": self.documents_read})
        names = " ".join(self.judged[:_MAX_NAMED])
        return Note("judged", {"documents": self.documents_read, "names": names, "number": len(self.judged)})

    @property
    def naming(self) -> Note | None:
        """Which ``new_agencies`` there are; None where there are none."""
        names = " ".join(one.name for one in self.new_agencies[:_MAX_NAMED])
        return Note("bodies_named", {"names": names, "number": len(self.new_agencies)}) if self.new_agencies else None

    def then(self, later: UpdateReport) -> UpdateReport:
        """Add what a later pass did; counts of what is held are those of the later."""
        return replace(
            later,
            judged=tuple(dict.fromkeys((*self.judged, *later.judged))),
            documents_read=self.documents_read + later.documents_read,
            documents_failed=self.documents_failed + later.documents_failed,
            new_agencies=(*self.new_agencies, *later.new_agencies),
            problems=(*self.problems, *(one for one in later.problems if one not in self.problems)),
        )


def update(
    home: Home,
    portals: Iterable[str] | None = None,
    *,
    read: bool = True,
    workers: int = 2,
    progress: Progress | None = None,
    pool: Pool | None = None,
) -> UpdateReport:
    """Read what is unread (unless ``read`` is False) and judge anew what is stale of ``portals`` (all by default).

    Projections made for other forms or tables are rebuilt as a whole. ``progress`` is called with (done, total)
    documents. Safe to stop at any time and to run again; if a rebuild by another process ends meanwhile, it is done
    once more on what that made.
    """
    pool = pool or Pool(workers=workers)
    # as questions hold them open: whoever goes on for years would prepare every statement anew
    store = home.get_or_make("projections", lambda: ProjectionStore(home, indicator_digits()))
    if store.outdated:
        return rebuild(home, workers=workers, progress=progress, pool=pool)
    names = None if portals is None else tuple(portals)
    return _Projector(home=home, store=store, names=names, pool=pool, read=read, progress=progress).follow()


def rebuild(
    home: Home, *, workers: int = 2, progress: Progress | None = None, pool: Pool | None = None
) -> UpdateReport:
    """Make all projections again from the truth, aside, and swap them in. Killed in the middle, the old ones stand.

    What former versions of the reader read is kept as a record before it is replaced. What is captured, looked at and
    ruled while this runs, and judged in the old ones by its own process, is judged in the new ones before and after the
    swap.
    """
    with closing(ProjectionStore(home, indicator_digits())) as store:
        with store.building() as aside:
            task = _Projector(home=home, store=aside, pool=pool or Pool(workers=workers), progress=progress, whole=True)
            report = task.project().then(task.project())
            report = replace(report, problems=(*report.problems, *_keep_readings(home, store)))
        return report.then(replace(task, store=store, whole=False).follow())


def waiting(home: Home, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return which portals (of all by default) have captures, looks or rulings that are not read and judged yet."""
    now = home.clock.now()
    with closing(ProjectionStore(home, indicator_digits())) as store:
        notes = {} if store.outdated else made_from(store)
        return tuple(
            portal.name
            for portal in _chosen(home, names)
            if is_waiting(notes.get(portal.name), fingerprint(home, portal, now))
        )


def _keep_readings(home: Home, store: ProjectionStore) -> Iterable[Note]:
    """Keep what former readers read, before the generation that stands goes; of a damaged one, what can be had."""
    try:
        if store.meta("schema") != SCHEMA:
            return (Note("former_other_tables"),)
        columns = json.loads(store.meta("indicators") or "[]")  # the form may have had other places then
        with closing(ProjectionStore(home, {str(name): int(digits) for name, digits in columns})) as old_store:
            documents = sorted(old_store.documents())
            for start in range(0, len(documents), _BATCH):
                keep_former(home, old_store, documents[start : start + _BATCH])
    except DamagedError as error:
        return (Note("former_damaged", {"text": error.cause}),)
    return ()


def _chosen(home: Home, names: Iterable[str] | None) -> tuple[Portal, ...]:
    by_name = {portal.name: portal for portal in Registry(home).portals()}
    return tuple(by_name[name] for name in sorted(by_name if names is None else set(names) & set(by_name)))


@dataclass(frozen=True, kw_only=True)
class _Projector:
    """Reads and judges portals (``names``, None all); ``whole``: for a new generation, which must lose nothing."""

    home: Home
    store: ProjectionStore
    names: tuple[str, ...] | None = None
    pool: Pool
    read: bool = True
    progress: Progress | None = None
    whole: bool = False

    def follow(self) -> UpdateReport:
        """Project on the current generation, and again if another was swapped in before this was done."""
        report = UpdateReport()
        while True:
            generation = self.store.generation
            with suppress(GenerationTurned):
                report = report.then(self.project())
                if self.store.generation == generation:
                    return report

    def project(self) -> UpdateReport:
        """Read and judge what is stale.

        A portal that cannot be judged keeps what was judged of it before and is told; in a generation that is to be
        ``whole``, which would lose that, the error is raised.
        """
        home, store, now = self.home, self.store, self.home.clock.now()
        generation, portals, notes = store.generation, _chosen(home, self.names), made_from(store)
        prints = {portal: fingerprint(home, portal, now) for portal in portals}
        stale = [one for one, digest in prints.items() if notes.get(one.name) != digest]
        seconds = inf if self.whole else home.config.reading_seconds
        reader = DocumentReader(home, store, self.pool, seconds, self.progress)
        # of one portal that was crawled, the truth is loaded once and read and judged in a row
        truth_of = lru_cache(maxsize=1)(partial(load, home))
        if self.read and stale:
            self._read(reader, stale, truth_of)
        judged: list[str] = []
        new_agencies: list[Agency] = []
        for portal in stale:
            try:
                rows, note, new = self._judge(portal, prints[portal], now, truth_of(portal))
            except Exception as error:
                if self.whole or isinstance(error, StorageError):
                    raise
                log.exception("%s could not be judged", portal.name)
                fault = f"{type(error).__name__}: {error}"
                reader.problems.append(Note("portal_unjudged", {"portal": portal.name, "text": fault}))
                continue
            store.replace_portal(portal.name, rows, notes=note, generation=generation)
            judged.append(portal.name)
            new_agencies += new
        store.set_meta(READER_KEY, READER_VERSION)
        store.set_meta(MADE_KEY, now.isoformat())
        names = tuple(portal.name for portal in portals)
        return UpdateReport(
            portals=names,
            judged=tuple(judged),
            documents_read=reader.read,
            documents_failed=reader.failed,
            new_agencies=tuple(new_agencies),
            problems=tuple(reader.problems),
            **count_rows(store, names),
        )

    def _judge(
        self, portal: Portal, digest: str, now: datetime, truth: PortalTruth
    ) -> tuple[PortalRows, Mapping[str, str], tuple[Agency, ...]]:
        """Judge a portal: its rows, the note of what they were made from, and the bodies that only its own reports
        name. With these the registry has them, and the portal is judged once more.
        """
        readings, complete = self._readings_of(truth)
        rows = judge(truth, readings, now)
        new = self_named(
            portal,
            tuple(chain.from_iterable(truth.agency_history.values())),
            truth.listings,
            rows.leads,
            rows.bindings if self.read else (),
            {document: reading.identity for document, reading in readings.items()},
            now=self.home.clock.now(),
        )
        new_agencies = Registry(self.home).put_agencies(new).new_agencies if new else ()
        if not new_agencies:
            return rows, note_of_made(portal.name, digest, whole=complete), ()
        digest = fingerprint(self.home, portal, now)
        rows, note, more = self._judge(portal, digest, now, load(self.home, portal))
        return rows, note, (*new_agencies, *more)

    def _readings_of(self, truth: PortalTruth) -> tuple[Mapping[str, Reading], bool]:
        """Give the readings from which a portal is judged, and whether all that are wanted are there."""
        page_visits = visits(truth)
        documents = documents_to_read(page_visits)
        readings = self._stored(documents)
        pictures = wanted_pictures(page_visits, readings)
        readings |= self._stored(pictures)
        return readings, len(readings) == len({**documents, **pictures})

    def _stored(self, documents: Iterable[str]) -> dict[str, Reading]:
        readings = self.store.readings(sorted(documents))
        return {one.document: one for one in readings if one.reader == READER_VERSION}

    def _read(
        self, reader: DocumentReader, portals: Iterable[Portal], truth_of: Callable[[Portal], PortalTruth]
    ) -> None:
        """Read what is unread: first everything but pictures, then the pictures that this leaves wanted."""
        pictured: list[Portal] = []
        for pictures, group in ((False, portals), (True, pictured)):
            documents: dict[str, StoredDocument] = {}
            portal_of: dict[str, str] = {}
            for portal in group:
                page_visits = visits(truth_of(portal))
                batch = documents_to_read(page_visits)
                if pictures:
                    batch = wanted_pictures(page_visits, self._stored(batch))
                elif documents_to_read(page_visits, pictures=True):  # most portals' reports bring none
                    pictured.append(portal)
                portal_of |= dict.fromkeys(batch, portal.name)
                documents |= {digest: earlier(documents.get(digest), one) for digest, one in batch.items()}
            reader.read_unread(documents, portal_of)
        reader.note_left()
