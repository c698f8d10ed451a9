"""The two doors of the projections: ``update`` does what is stale, ``rebuild`` makes everything again and swaps it in.

Both run the same pure judgement over the same truth, so both give the same content on natural keys.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from math import inf

from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.comparing import Comparison
from archive.projection.comparing import compare as compared
from archive.projection.judge import judge, named_by_reports
from archive.projection.stale import fingerprint, held, made_from, noted_made, up_to_date
from archive.projection.stored_readings import stored_readings
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
_TOLD = 6  # bodies or portals named in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What an update or rebuild did. ``leads``, ``editions``, ``duties``: how many are held now of ``portals``.

    ``judged``: those of them that were stale. ``named``: bodies that the registry did not know and that their own
    reports name beyond doubt; it has them now, as guessed. ``problems``: for the operator; nothing was guessed
    about them. ``comparison``: what a rebuild changed (or would change), where it was asked for and former
    readings are held.
    """

    portals: tuple[str, ...]
    judged: tuple[str, ...] = ()
    documents_read: int = 0
    documents_failed: int = 0
    leads: int = 0
    editions: int = 0
    duties: int = 0
    named: tuple[Agency, ...] = ()
    problems: tuple[Note, ...] = field(default_factory=tuple)
    comparison: Comparison | None = None

    @property
    def done(self) -> Note:
        """What was read and judged."""
        if not self.judged:
            return Note("read", {"documents": self.documents_read})
        names = " ".join(self.judged[:_TOLD])
        return Note("judged", {"documents": self.documents_read, "names": names, "number": len(self.judged)})

    @property
    def naming(self) -> Note | None:
        """That bodies were ``named``; None where there are none."""
        names = " ".join(one.name for one in self.named[:_TOLD])
        return Note("bodies_named", {"names": names, "number": len(self.named)}) if self.named else None


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
    store = _kept(home)
    if store.outdated:
        return rebuild(home, workers=workers, progress=progress, pool=pool)
    return _followed(home, store, names, pool, read, progress)


def _kept(home: Home) -> ProjectionStore:
    """The projections as questions hold them open; whoever goes on for years would prepare every statement anew."""
    return home.kept("projections", lambda: ProjectionStore(home, indicator_digits()))


def _followed(
    home: Home,
    store: ProjectionStore,
    names: Sequence[str] | None,
    pool: Pool,
    read: bool,
    progress: Progress | None,
    *,
    catching_up: bool = False,
) -> UpdateReport:
    """Project on the current generation, and again if another was swapped in before this was done."""
    report: UpdateReport | None = None
    while True:
        generation = store.generation
        with suppress(GenerationTurned):
            done = _project(home, store, _chosen(home, names), pool, read, progress, catching_up=catching_up)
            report = done if report is None else _together(report, done)
            if store.generation == generation:
                return report


def _together(first: UpdateReport, then: UpdateReport) -> UpdateReport:
    """What two passes did: counts of what is held are those of the later."""
    return replace(
        then,
        judged=tuple(dict.fromkeys((*first.judged, *then.judged))),
        documents_read=first.documents_read + then.documents_read,
        documents_failed=first.documents_failed + then.documents_failed,
        named=(*first.named, *then.named),
        problems=(*first.problems, *(one for one in then.problems if one not in first.problems)),
        comparison=first.comparison,
    )


def rebuild(
    home: Home,
    *,
    workers: int = 2,
    progress: Progress | None = None,
    pool: Pool | None = None,
    compare: bool = False,
    adopt: bool = True,
) -> UpdateReport:
    """Make all projections again from the truth, aside, and swap them in. Killed in the middle, the old ones stand.

    ``compare``: say what this changes. Without ``adopt`` the old ones stand in any case. What former versions of the
    reader read is kept as a record before it is replaced. What is captured, looked at and ruled while this runs, and
    judged in the old ones by its own process, is judged in the new ones before and after the swap.
    """
    pool = pool or Pool(workers=workers)
    store = ProjectionStore(home, indicator_digits())
    try:
        with store.building() as aside:
            report = _project(home, aside, _chosen(home, None), pool, True, progress, whole=True, naming=adopt)
            if adopt:
                later = _project(home, aside, _chosen(home, None), pool, True, progress, catching_up=True, whole=True)
                report = _together(report, later)
            report = _with_former(home, store, aside, report, compare=compare, keep=adopt)
            if not adopt:
                raise _NotAdopted
        return _together(report, _followed(home, store, None, pool, True, progress, catching_up=True))
    except _NotAdopted:
        return report
    finally:
        store.close()


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


class _NotAdopted(Exception):  # noqa: N818 - no error: it leaves the block without the swap
    """The new generation was only to be looked at."""


def _with_former(
    home: Home, store: ProjectionStore, aside: ProjectionStore, report: UpdateReport, *, compare: bool, keep: bool
) -> UpdateReport:
    """Look at the generation that stands before it goes: what changes, and what to keep of it; of a damaged one, what
    can be had.
    """
    try:
        return _former(home, store, aside, report, compare=compare, keep=keep)
    except DamagedError as error:
        problem = Note("former_damaged", {"text": error.cause})
        return replace(report, problems=(*report.problems, problem))


def _former(
    home: Home, store: ProjectionStore, aside: ProjectionStore, report: UpdateReport, *, compare: bool, keep: bool
) -> UpdateReport:
    if store.meta("schema") != SCHEMA:
        return replace(report, problems=(*report.problems, Note("former_other_tables")))
    columns = json.loads(store.meta("indicators") or "[]")  # the form may have had other places then
    with closing(ProjectionStore(home, {str(name): int(digits) for name, digits in columns})) as former:
        if keep:
            documents = sorted(former.documents())
            for start in range(0, len(documents), _BATCH):
                keep_former(home, former, documents[start : start + _BATCH])
        if compare:
            return replace(report, comparison=compared(former, aside, home.clock.now()))
    return report


def _chosen(home: Home, names: Iterable[str] | None) -> tuple[Portal, ...]:
    known = {portal.name: portal for portal in Registry(home).portals()}
    return tuple(known[name] for name in sorted(known if names is None else set(names) & set(known)))


def _project(
    home: Home,
    store: ProjectionStore,
    portals: Sequence[Portal],
    pool: Pool,
    read: bool,
    progress: Progress | None,
    *,
    catching_up: bool = False,
    whole: bool = False,
    naming: bool = True,
) -> UpdateReport:
    """Read and judge what is stale; ``catching_up`` on a pass just made: only what changed since.

    With ``naming``, bodies that only their own reports name are put into the registry, and the portal is judged with
    them.

    A portal that cannot be judged keeps what was judged of it before and is told; in a generation that is to be
    ``whole``, which would lose that, the error is raised.
    """
    now = home.clock.now()
    generation = store.generation
    former = made_from(store)
    prints = {portal.name: fingerprint(home, portal, now) for portal in portals}
    stale = [
        portal
        for portal in portals
        if not up_to_date(former.get(portal.name), prints[portal.name], trying_again=not catching_up)
    ]
    truth_of = lru_cache(maxsize=1)(partial(load, home))  # where one portal was crawled, it is read and judged in a row
    reading = ReadReport()
    if read and stale:
        budget = Budget(inf if whole else home.config.reading_seconds)
        reading = _read(home, store, stale, pool, budget, progress, truth_of)
    judged: list[str] = []
    named: list[Agency] = []
    left = deque(stale)
    while left:
        portal = left.popleft()
        kept = _kept_of(store, portal, truth_of(portal), prints[portal.name])
        try:
            rows = judge(kept.truth, kept.readings, now)
            new = named_by_reports(kept.truth, kept.readings, rows, home.clock.now()) if read and naming else ()
        except Exception as error:
            if whole:
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
        store.replace_portal(portal.name, rows, notes=kept.made_from, generation=generation)
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a portal is judged from, and the note that says so."""

    truth: PortalTruth
    readings: Mapping[str, Reading]
    made_from: Mapping[str, str]


def _kept_of(store: ProjectionStore, portal: Portal, truth: PortalTruth, known: str) -> _Kept:
    """Give what is held of a portal; ``known``: the fingerprint of its truth."""
    found = visits(truth)
    documents = wanted(found)
    readings = stored_readings(store, documents, READER_VERSION)
    pictures = wanted_pictures(found, readings)
    readings |= stored_readings(store, pictures, READER_VERSION)
    complete = len(readings) == len({**documents, **pictures})
    return _Kept(truth, readings, noted_made(portal.name, known, whole=complete))


def _read(
    home: Home,
    store: ProjectionStore,
    portals: Sequence[Portal],
    pool: Pool,
    budget: Budget,
    progress: Progress | None,
    truth_of: Callable[[Portal], PortalTruth],
) -> ReadReport:
    """Read what is unread of the portals: first everything but pictures, then the pictures that this leaves wanted."""
    pictured: list[Portal] = []

    def plain(portal: Portal) -> dict[str, StoredDocument]:
        found = visits(truth_of(portal))
        if has_pictures(found):
            pictured.append(portal)
        return owned(portal, wanted(found))

    def pictures(portal: Portal) -> dict[str, StoredDocument]:
        found = visits(truth_of(portal))
        return owned(portal, wanted_pictures(found, stored_readings(store, wanted(found), READER_VERSION)))

    def owned(portal: Portal, documents: dict[str, StoredDocument]) -> dict[str, StoredDocument]:
        budget.portal_of.update(dict.fromkeys(documents, portal.name))
        return documents

    report = ReadReport()
    for asked, whose in ((plain, portals), (pictures, pictured)):
        documents = _mended(store, map(asked, whose))
        report = report.plus(read_unread(home, store, documents, pool=pool, budget=budget, progress=progress))
    return report.plus(ReadReport(problems=budget.problems()))


def _mended(store: ProjectionStore, found: Iterable[Mapping[str, StoredDocument]]) -> dict[str, StoredDocument]:
    """Give the documents of all portals; where one was seen earlier than its stored row says, the row is mended."""
    documents: dict[str, StoredDocument] = {}
    for of_portal in found:
        for digest, document in of_portal.items():
            documents[digest] = earlier(documents.get(digest), document)
    held = store.documents(documents)
    documents = {digest: earlier(held.get(digest), document) for digest, document in documents.items()}
    store.put_documents(
        documents[digest] for digest in sorted(documents) if digest in held and held[digest] != documents[digest]
    )
    return documents
