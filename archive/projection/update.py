"""Bring the projections up to date: ``update`` does what is stale, ``rebuild`` makes all again and swaps it in.

Both apply the same pure judgement to the same truth, so both give the same rows (compared by their natural keys).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from math import inf

from archive.assessment.calendar import local_day
from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.judge import judge
from archive.projection.stale import count_rows, fingerprint, is_waiting, note_of_made
from archive.projection.truth import PortalTruth, load_truth
from archive.projection.unread import DocumentReader, Progress, documents_to_read, earlier, keep_former, wanted_pictures
from archive.projection.unregistered_agencies import self_named
from archive.projection.workers import Pool
from storage.change_mark import last_change
from storage.errors import DamagedError, GenerationTurned, StorageError
from storage.home import Home
from storage.judgements import PortalRows, StoredDocument
from storage.projection_tables import SCHEMA
from storage.projections import MADE_KEY, ProjectionStore
from storage.records import Agency, Note, Portal, Reading
from storage.registry import Registry

READER_KEY = "reader"
log = logging.getLogger(__name__)
_BATCH = 200
MAX_CHECKED_PORTALS = 100  #: of more portals :func:`count_waiting` counts none
_MAX_NAMED = 6  # agencies or portals in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What an update or rebuild did. ``editions``, ``duties``: how many the projections of ``portals`` have now.
    ``judged``: the portals that were stale. ``new_agencies``: those that the registry lacked and that their own reports
    name beyond doubt; they were added as guesses. ``problems``: notes for the operator.
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
        """Return a note about how much was read and judged."""
        if not self.judged:
            return Note("read", {"documents": self.documents_read})
        names = " ".join(self.judged[:_MAX_NAMED])
        return Note("judged", {"documents": self.documents_read, "names": names, "number": len(self.judged)})

    @property
    def naming(self) -> Note | None:
        """Return a note about the ``new_agencies``, None if there are none."""
        names = " ".join(one.name for one in self.new_agencies[:_MAX_NAMED])
        return Note("bodies_named", {"names": names, "number": len(self.new_agencies)}) if self.new_agencies else None


def update(
    home: Home,
    portals: Iterable[str] | None = None,
    *,
    workers: int = 2,
    progress: Progress | None = None,
    pool: Pool | None = None,
) -> UpdateReport:
    """Read what is unread and judge what is stale of ``portals`` (all by default), in ``pool`` or new processes.
    Projections for other forms or tables are rebuilt completely. ``progress`` is called with (done, total) documents.
    It is safe to stop this at any time and to run it again; if another process finishes a rebuild meanwhile, the update
    is repeated on the rebuilt projections.
    """
    pool = pool or Pool(workers=workers)
    # kept open as for questions, so that a program that runs for years does not prepare its statements every time
    store = home.get_or_make("projections", lambda: ProjectionStore(home, indicator_digits()))
    if store.outdated:
        return rebuild(home, progress=progress, pool=pool)
    names = None if portals is None else tuple(portals)
    reader = DocumentReader(home, pool, home.config.reading_seconds, progress)
    return _Projector(home=home, store=store, reader=reader, names=names).bring_up_to_date()


def rebuild(
    home: Home, *, workers: int = 2, progress: Progress | None = None, pool: Pool | None = None
) -> UpdateReport:
    """Make all projections again from the truth, aside, and swap them in. If this is killed, the old ones remain.
    Readings by earlier versions of the reader are kept as a record. New captures, looks and rulings that another
    process adds meanwhile are judged before the swap and once more after it. Parameters are those of :func:`update`.
    """
    reader = DocumentReader(home, pool or Pool(workers=workers), inf, progress)
    with closing(ProjectionStore(home, indicator_digits())) as store:
        with store.building() as aside:
            projector = _Projector(home=home, store=aside, reader=reader, is_rebuild=True)
            projector.project()
            projector.project()
            reader.problems += _keep_readings(home, store)
        projector.store, projector.is_rebuild = store, False
        return projector.bring_up_to_date()


def count_waiting(home: Home, names: Collection[str] | None = None) -> int:
    """Return how many portals (among ``names``, or all) are waiting (see :func:`waiting`); 0 without a look if they are
    more than ``MAX_CHECKED_PORTALS``. The count of all is kept until the archive changes or the day ends.
    """
    if names is not None:
        return len(waiting(home, names)) if len(names) <= MAX_CHECKED_PORTALS else 0
    state = (last_change(home).mark, local_day(home.clock.now()))
    return home.keep("waiting", state, lambda: count_waiting(home, [one.name for one in Registry(home).portals()]))


def waiting(home: Home, names: Iterable[str] | None = None, *, unread: bool = False) -> tuple[str, ...]:
    """Return the portals (among ``names``, or all) with captures, looks (readings of lists) or rulings that are not
    judged yet. ``unread``: also those with documents that could not be read yet, which every update tries again.
    """
    now = home.clock.now()
    with closing(ProjectionStore(home, indicator_digits())) as store:
        notes = {} if store.outdated else store.notes_by_portal()
        return tuple(
            portal.name
            for portal in _portals_named(home, names)
            if is_waiting(notes.get(portal.name), fingerprint(home, portal, now), unread=unread)
        )


def _keep_readings(home: Home, store: ProjectionStore) -> Iterable[Note]:
    """Keep the readings of the current projections as a record before these are replaced; return what failed."""
    try:
        if store.meta("schema") != SCHEMA:
            return (Note("former_other_tables"),)
        columns = json.loads(store.meta("indicators") or "[]")  # the forms may have had other cells then
        with closing(ProjectionStore(home, {str(name): int(digits) for name, digits in columns})) as old_store:
            documents = sorted(old_store.documents())
            for start in range(0, len(documents), _BATCH):
                keep_former(home, old_store, documents[start : start + _BATCH])
    except DamagedError as error:
        return (Note("former_damaged", {"text": error.values["cause"]}),)
    return ()


def _portals_named(home: Home, names: Iterable[str] | None) -> tuple[Portal, ...]:
    """Return the portals with these names (None: all), by name."""
    by_name = {portal.name: portal for portal in Registry(home).portals()}
    return tuple(by_name[name] for name in sorted(by_name if names is None else set(names) & set(by_name)))


@dataclass(kw_only=True)
class _Projector:
    """Reads and judges portals (``names``; None: all). ``is_rebuild``: into new projections, which must be complete.
    ``judged``, ``new_agencies``: the portals judged and the agencies added to the registry so far.
    """

    home: Home
    store: ProjectionStore
    reader: DocumentReader
    names: tuple[str, ...] | None = None
    is_rebuild: bool = False
    judged: dict[str, None] = field(default_factory=dict)
    new_agencies: list[Agency] = field(default_factory=list)

    def bring_up_to_date(self) -> UpdateReport:
        """Bring the projections up to date; again if a rebuild replaced them meanwhile (another ``generation``)."""
        while True:
            generation = self.store.generation
            with suppress(GenerationTurned):
                names = self.project()
                if self.store.generation == generation:
                    return self._report(names)

    def _report(self, portals: tuple[str, ...]) -> UpdateReport:
        """Return what was done so far; equal notes only once."""
        return UpdateReport(
            portals=portals,
            judged=tuple(self.judged),
            documents_read=self.reader.read,
            documents_failed=self.reader.failed,
            new_agencies=tuple(self.new_agencies),
            problems=tuple(note for i, note in enumerate(self.reader.problems) if note not in self.reader.problems[:i]),
            **count_rows(self.store, portals),
        )

    def project(self) -> tuple[str, ...]:
        """Read and judge the portals of which something changed since (stale), and store the rows; return the names of
        all portals asked for. A portal that cannot be judged keeps its earlier rows and gives a problem; in a rebuild
        the error is raised, because new projections have no earlier rows.
        """
        home, store, now = self.home, self.store, self.home.clock.now()
        generation, portals, notes = store.generation, _portals_named(home, self.names), store.notes_by_portal()
        digests = {portal: fingerprint(home, portal, now) for portal in portals}
        stale = [portal for portal, digest in digests.items() if notes.get(portal.name) != digest]
        # the truth of the usual single stale portal is loaded once for reading and judging
        truth_of = lru_cache(maxsize=1)(partial(load_truth, home))
        if stale:
            self._read(stale, truth_of)
        for portal in stale:
            try:
                rows, note = self._judge(portal, digests[portal], now, truth_of(portal))
            except Exception as error:
                if self.is_rebuild or isinstance(error, StorageError):
                    raise
                log.exception("%s could not be judged", portal.name)
                fault = f"{type(error).__name__}: {error}"
                self.reader.problems.append(Note("portal_unjudged", {"portal": portal.name, "text": fault}))
                continue
            store.replace_portal(portal.name, rows, note=note, generation=generation)
            self.judged[portal.name] = None
        store.set_meta(READER_KEY, READER_VERSION)
        store.set_meta(MADE_KEY, now.isoformat())
        return tuple(portal.name for portal in portals)

    def _judge(self, portal: Portal, digest: str, now: datetime, truth: PortalTruth) -> tuple[PortalRows, str]:
        """Return a portal's rows and the note of what they were made from. If its own reports name new agencies, these
        are added to the registry, and the portal is judged again.
        """
        documents = documents_to_read(truth.visits)
        readings = self._stored_readings(documents)
        pictures = wanted_pictures(truth.visits, readings)
        readings |= self._stored_readings(pictures)
        rows = judge(truth, readings, now)
        evidence = {document: reading.identity for document, reading in readings.items()}
        new = self_named(truth, rows.leads, rows.bindings, evidence, now=self.home.clock.now())
        new_agencies = Registry(self.home).put_agencies(new) if new else ()
        if new_agencies:
            self.new_agencies += new_agencies
            return self._judge(portal, fingerprint(self.home, portal, now), now, load_truth(self.home, portal))
        return rows, note_of_made(digest, is_full=len(readings) == len({**documents, **pictures}))

    def _stored_readings(self, documents: Iterable[str]) -> dict[str, Reading]:
        """Return the readings by the current version of the reader, by document."""
        readings = self.store.readings(sorted(documents))
        return {one.document: one for one in readings if one.reader == READER_VERSION}

    def _read(self, portals: Iterable[Portal], truth_of: Callable[[Portal], PortalTruth]) -> None:
        """Read what is unread: first all but pictures, then those that may be tables; note what is left undone."""
        with_pictures: list[Portal] = []
        for pictures, group in ((False, portals), (True, with_pictures)):  # the first round fills ``with_pictures``
            documents: dict[str, StoredDocument] = {}
            portal_of: dict[str, str] = {}
            for portal in group:
                visits = truth_of(portal).visits
                batch = documents_to_read(visits)
                if pictures:
                    batch = wanted_pictures(visits, self._stored_readings(batch))
                elif documents_to_read(visits, pictures=True):  # most portals have none
                    with_pictures.append(portal)
                portal_of |= dict.fromkeys(batch, portal.name)
                documents |= {digest: earlier(documents.get(digest), one) for digest, one in batch.items()}
            self.reader.read_unread(self.store, documents, portal_of)
        self.reader.note_left()
