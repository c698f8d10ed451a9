"""The two doors of the projections: ``update`` does what is stale, ``rebuild`` makes everything again and swaps it in.

Both run the same pure judgement over the same truth, so both give the same content on natural keys.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from math import inf

from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.judge import judge, named_by_reports
from archive.projection.stale import fingerprint, held, made_from, noted_made, up_to_date
from archive.projection.truth import PortalTruth, load
from archive.projection.unread import (
    Budget,
    Progress,
    ReadReport,
    earlier,
    has_pictures,
    keep_former,
    read_unread,
    wanted,
    wanted_pictures,
)
from archive.projection.visits import visits
from archive.projection.workers import Pool
from storage.errors import DamagedError, GenerationTurned
from storage.home import Home
from storage.projection_tables import SCHEMA
from storage.projections import MADE_KEY, ProjectionStore, StoredDocument
from storage.records import Agency, Note, Portal, Reading
from storage.registry import Registry

READER_KEY = "reader"
log = logging.getLogger(__name__)
_BATCH = 200
_NAMED_IN_NOTE = 6  # bodies or portals


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What an update or rebuild did. ``leads``, ``editions``, ``duties``: how many are held now of ``portals``.

    ``judged``: those of them that were stale. ``named``: bodies that the registry did not know and that their own
    reports name beyond doubt; it has them now, as guessed. ``problems``: for the operator; nothing was guessed
    about them.
    """

    portals: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    documents_read: int = 0
    documents_failed: int = 0
    leads: int = 0
    editions: int = 0
    duties: int = 0
    named: tuple[Agency, ...] = ()
    problems: tuple[Note, ...] = field(default_factory=tuple)

    @property
    def done(self) -> Note:
        """What was read and judged."""
        if not self.judged:
            return Note("read", {"documents": self.documents_read})
        names = " ".join(self.judged[:_NAMED_IN_NOTE])
        return Note("judged", {"documents": self.documents_read, "names": names, "number": len(self.judged)})

    @property
    def naming(self) -> Note | None:
        """That bodies were ``named``; None where there are none."""
        names = " ".join(one.name for one in self.named[:_NAMED_IN_NOTE])
        return Note("bodies_named", {"names": names, "number": len(self.named)}) if self.named else None

    def then(self, later: UpdateReport) -> UpdateReport:
        """Add what a later pass did; counts of what is held are those of the later."""
        return replace(
            later,
            judged=tuple(dict.fromkeys((*self.judged, *later.judged))),
            documents_read=self.documents_read + later.documents_read,
            documents_failed=self.documents_failed + later.documents_failed,
            named=(*self.named, *later.named),
            problems=(*self.problems, *(one for one in later.problems if one not in self.problems)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """One pass over some portals. ``whole``: of a new generation, which must lose nothing; ``catching_up``: on a pass
    just made, so that only what changed since counts.
    """

    home: Home
    store: ProjectionStore
    names: tuple[str, ...] | None
    pool: Pool
    read: bool = True
    progress: Progress | None = None
    whole: bool = False
    catching_up: bool = False


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
    documents. Safe to stop at any time and to run again; where a rebuild by another process ends meanwhile, it is done
    once more on what that made.
    """
    names = None if portals is None else tuple(portals)
    pool = pool or Pool(workers=workers)
    # as questions hold them open: whoever goes on for years would prepare every statement anew
    store = home.kept("projections", lambda: ProjectionStore(home, indicator_digits()))
    if store.outdated:
        return rebuild(home, workers=workers, progress=progress, pool=pool)
    return _follow(_Pass(home=home, store=store, names=names, pool=pool, read=read, progress=progress))


def rebuild(
    home: Home, *, workers: int = 2, progress: Progress | None = None, pool: Pool | None = None
) -> UpdateReport:
    """Make all projections again from the truth, aside, and swap them in. Killed in the middle, the old ones stand.

    What former versions of the reader read is kept as a record before it is replaced. What is captured, looked at and
    ruled while this runs, and judged in the old ones by its own process, is judged in the new ones before and after the
    swap.
    """
    pool = pool or Pool(workers=workers)
    with closing(ProjectionStore(home, indicator_digits())) as store:
        with store.building() as aside:
            task = _Pass(home=home, store=aside, names=None, pool=pool, progress=progress, whole=True)
            report = _project(task).then(_project(replace(task, catching_up=True)))
            report = replace(report, problems=(*report.problems, *_keep_readings(home, store)))
        return report.then(_follow(replace(task, store=store, whole=False, catching_up=True)))


def waiting(home: Home, names: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return which portals (of all by default) have captures, looks or rulings that are not read and judged yet."""
    now = home.clock.now()
    with closing(ProjectionStore(home, indicator_digits())) as store:
        made = {} if store.outdated else made_from(store)
        return tuple(
            portal.name
            for portal in _chosen(home, names)
            if not up_to_date(made.get(portal.name), fingerprint(home, portal, now), trying_again=False)
        )


def _keep_readings(home: Home, store: ProjectionStore) -> Iterable[Note]:
    """Keep what former readers read, before the generation that stands goes; of a damaged one, what can be had."""
    try:
        if store.meta("schema") != SCHEMA:
            return (Note("former_other_tables"),)
        columns = json.loads(store.meta("indicators") or "[]")  # the form may have had other places then
        with closing(ProjectionStore(home, {str(name): int(digits) for name, digits in columns})) as former:
            documents = sorted(former.documents())
            for start in range(0, len(documents), _BATCH):
                keep_former(home, former, documents[start : start + _BATCH])
    except DamagedError as error:
        return (Note("former_damaged", {"text": error.cause}),)
    return ()


def _chosen(home: Home, names: Iterable[str] | None) -> tuple[Portal, ...]:
    known = {portal.name: portal for portal in Registry(home).portals()}
    return tuple(known[name] for name in sorted(known if names is None else set(names) & set(known)))


def _follow(task: _Pass) -> UpdateReport:
    """Project on the current generation, and again if another was swapped in before this was done."""
    report = UpdateReport()
    while True:
        generation = task.store.generation
        with suppress(GenerationTurned):
            report = report.then(_project(task))
            if task.store.generation == generation:
                return report


def _project(task: _Pass) -> UpdateReport:
    """Read and judge what is stale; bodies that only their own reports name are put into the registry, and the portal
    is judged with them.

    A portal that cannot be judged keeps what was judged of it before and is told; in a generation that is to be
    ``whole``, which would lose that, the error is raised.
    """
    home, store, now = task.home, task.store, task.home.clock.now()
    generation, portals, former = store.generation, _chosen(home, task.names), made_from(store)
    prints = {portal.name: fingerprint(home, portal, now) for portal in portals}
    left = deque(
        portal
        for portal in portals
        if not up_to_date(former.get(portal.name), prints[portal.name], trying_again=not task.catching_up)
    )
    truth_of = lru_cache(maxsize=1)(partial(load, home))  # where one portal was crawled, it is read and judged in a row
    reading = _read(task, tuple(left), truth_of) if task.read and left else ReadReport()
    judged: list[str] = []
    named: list[Agency] = []
    while left:
        portal = left.popleft()
        truth = truth_of(portal)
        readings, complete = _readings_of(store, truth)
        try:
            rows = judge(truth, readings, now)
            new = named_by_reports(truth, readings, rows, home.clock.now()) if task.read else ()
        except Exception as error:
            if task.whole:
                raise
            log.exception("%s could not be judged", portal.name)
            fault = f"{type(error).__name__}: {error}"
            reading.problems.append(Note("portal_unjudged", {"portal": portal.name, "text": fault}))
            continue
        if new and (added := Registry(home).put_agencies(new).added):
            named += added
            prints[portal.name] = fingerprint(home, portal, now)
            truth_of.cache_clear()
            left.appendleft(portal)  # once more, with them
            continue
        notes = noted_made(portal.name, prints[portal.name], whole=complete)
        store.replace_portal(portal.name, rows, notes=notes, generation=generation)
        judged.append(portal.name)
    store.set_meta(READER_KEY, READER_VERSION)
    store.set_meta(MADE_KEY, now.isoformat())
    names = tuple(portal.name for portal in portals)
    leads, editions, duties = held(store, names)
    return UpdateReport(
        portals=names,
        judged=tuple(judged),
        documents_read=reading.read,
        documents_failed=reading.failed,
        leads=leads,
        editions=editions,
        duties=duties,
        named=tuple(named),
        problems=tuple(reading.problems),
    )


def _readings_of(store: ProjectionStore, truth: PortalTruth) -> tuple[Mapping[str, Reading], bool]:
    """Give the readings from which a portal is judged, and whether all that are wanted are there."""
    found = visits(truth)
    documents = wanted(found)
    readings = _stored(store, documents)
    pictures = wanted_pictures(found, readings)
    readings |= _stored(store, pictures)
    return readings, len(readings) == len({**documents, **pictures})


def _stored(store: ProjectionStore, documents: Iterable[str]) -> dict[str, Reading]:
    return {one.document: one for one in store.readings(sorted(documents)) if one.reader == READER_VERSION}


def _read(task: _Pass, portals: Iterable[Portal], truth_of: Callable[[Portal], PortalTruth]) -> ReadReport:
    """Read what is unread of the portals: first everything but pictures, then the pictures that this leaves wanted."""
    budget = Budget(inf if task.whole else task.home.config.reading_seconds)
    pictured: list[Portal] = []

    def plain(portal: Portal) -> dict[str, StoredDocument]:
        found = visits(truth_of(portal))
        if has_pictures(found):
            pictured.append(portal)
        return wanted(found)

    def pictures(portal: Portal) -> dict[str, StoredDocument]:
        found = visits(truth_of(portal))
        return wanted_pictures(found, _stored(task.store, wanted(found)))

    report = ReadReport()
    for documents_of, whose in ((plain, portals), (pictures, pictured)):
        documents: dict[str, StoredDocument] = {}
        for portal in whose:
            found = documents_of(portal)
            budget.portal_of.update(dict.fromkeys(found, portal.name))
            documents |= {digest: earlier(documents.get(digest), one) for digest, one in found.items()}
        report += read_unread(task.home, task.store, documents, pool=task.pool, budget=budget, progress=task.progress)
    report.problems += budget.problems()
    return report
