"""Documents that today's reader has not read: which they are, and reading them in worker processes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

from archive.parser.reader import READER_VERSION
from archive.parser.reading import failed_reading as reading_of_failure
from archive.projection.binding import HOLLOW, PAGES
from archive.projection.visits import Visit
from archive.projection.workers import Failure, Pool
from storage.captures import CaptureStore
from storage.errors import StorageError, UnansweredError, note_of
from storage.home import Home
from storage.old_readings import FormerReadings
from storage.projections import ProjectionStore, StoredDocument
from storage.records import Capture, Note, Reading

Progress = Callable[[int, int], None]
_BATCH = 25
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp")
_WORTH_A_CHILD = 50  # starting one more child costs about as much as reading so many documents


@dataclass(slots=True)
class ReadReport:
    """What became of the unread: how many were read, how many the reader failed on, whose bytes are not to be had."""

    read: int = 0
    failed: int = 0
    problems: list[Note] = field(default_factory=list)

    def __add__(self, other: ReadReport) -> ReadReport:
        return ReadReport(self.read + other.read, self.failed + other.failed, [*self.problems, *other.problems])


@dataclass(slots=True)
class Budget:
    """The CPU time that the documents of each portal may cost in one run, in ``seconds``.

    ``portal_of``: document → its portal; ``spent``: portal → seconds so far; ``left``: portal → documents left unread.
    """

    seconds: float
    portal_of: dict[str, str] = field(default_factory=dict)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    left: Counter[str] = field(default_factory=Counter)

    def charge(self, document: str, seconds: float) -> None:
        """Note what a document has cost."""
        self.spent[self.portal_of.get(document, "")] += seconds

    def allows(self, document: str) -> bool:
        """Whether a document may be read; one that may not is counted as left."""
        portal = self.portal_of.get(document, "")
        over = self.spent[portal] >= self.seconds
        self.left[portal] += over
        return not over

    def problems(self) -> list[Note]:
        """Say of which portals documents are left."""
        return [
            Note("reading_seconds_spent", {"portal": portal, "number": count, "seconds": self.seconds})
            for portal, count in sorted(self.left.items())
            if count
        ]


def wanted(visits: Iterable[Visit]) -> dict[str, StoredDocument]:
    """Give the documents that visits brought, each with the first capture that holds its bytes.

    Pictures on a page are not among them: see :func:`wanted_pictures`.
    """
    documents: dict[str, StoredDocument] = {}
    for visit in visits:
        if visit.main.outcome in PAGES | HOLLOW:
            _keep(documents, visit.main)
        for part in visit.parts:
            if part.outcome in PAGES and not _is_picture(part):
                _keep(documents, part)
    return documents


def wanted_pictures(visits: Iterable[Visit], readings: Mapping[str, Reading]) -> dict[str, StoredDocument]:
    """Give the pictures of report pages whose tables stand in nothing else that was read.

    Recognising a picture costs seconds, and most are photographs of meetings.
    """
    documents: dict[str, StoredDocument] = {}
    for visit in visits:
        page = readings.get(visit.main.document or "")
        others = [readings[part.document] for part in visit.parts if part.document and part.document in readings]
        if page is None or not page.is_report or any(reading.cells for reading in (page, *others)):
            continue
        for part in visit.parts:
            if part.outcome in PAGES and _is_picture(part):
                _keep(documents, part)
    return documents


def has_pictures(visits: Iterable[Visit]) -> bool:
    """Whether any page brought pictures, read or not: most portals' reports bring none."""
    return any(_is_picture(part) for visit in visits for part in visit.parts)


def _is_picture(capture: Capture) -> bool:
    return (capture.mime or "").startswith("image/") or urlsplit(capture.url).path.lower().endswith(_PICTURES)


def _keep(documents: dict[str, StoredDocument], capture: Capture) -> None:
    if capture.document is None:
        return
    new = StoredDocument(
        digest=capture.document,
        capture=capture.revisit_of or capture.id,
        url=capture.url,
        mime=capture.mime,
        first_seen=capture.fetched_at,
    )
    documents[new.digest] = earlier(documents.get(new.digest), new)


def earlier(held: StoredDocument | None, new: StoredDocument) -> StoredDocument:
    """Give the one that was seen first, whichever was stored first."""
    if held is None:
        return new
    first, other = sorted((held, new), key=lambda document: (document.first_seen, document.capture, document.url))
    return first if first.size is not None else replace(first, size=other.size)


def read_unread(
    home: Home,
    store: ProjectionStore,
    documents: Mapping[str, StoredDocument],
    *,
    pool: Pool,
    budget: Budget,
    progress: Progress | None = None,
) -> ReadReport:
    """Read what ``READER_VERSION`` has not read, and store each reading as soon as it is there (a few at a time).

    What was read stays read if this is stopped. Raises UnansweredError where the place that holds the bytes does not
    answer. A document whose bytes are not held any more is told, and stays unread; so does one of a portal whose
    ``budget`` is spent. Where a document was seen earlier than its stored row says, the row is mended.
    """
    held, report = store.documents(documents), ReadReport()
    documents = {digest: earlier(held.get(digest), one) for digest, one in documents.items()}
    store.put_documents(documents[digest] for digest in sorted(held) if held[digest] != documents[digest])
    done = store.read_by(READER_VERSION, documents)
    unread = [digest for digest in sorted(documents) if digest not in done]
    pool = replace(pool, workers=min(pool.workers, 1 + len(unread) // _WORTH_A_CHILD))
    sizes: dict[str, int] = {}
    bodies = _bodies(home, filter(budget.allows, unread), sizes, report)

    def answers() -> Iterator[tuple[str, Reading | Failure]]:
        for count, answer in enumerate(pool.read(bodies, budget.charge), start=1):
            yield answer
            if progress is not None:
                progress(count, len(unread) - len(report.problems) - budget.left.total())

    read = answers()
    while batch := [*islice(read, _BATCH)]:
        keep_former(home, store, [digest for digest, _ in batch])
        store.put_documents(replace(documents[digest], size=sizes[digest]) for digest, _ in batch)
        store.put_readings(
            failed_reading(digest, answer) if isinstance(answer, Failure) else replace(answer, document=digest)
            for digest, answer in batch
        )
        report.read += len(batch)
        report.failed += sum(isinstance(answer, Failure) for _, answer in batch)
    return report


def failed_reading(document: str, failure: Failure) -> Reading:
    """Make the reading of a document on which the reader failed: nothing in it but the finding."""
    return reading_of_failure(document, failure.reason, failure.detail, kind=failure.kind)


def _bodies(
    home: Home, unread: Iterable[str], sizes: dict[str, int], report: ReadReport
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    captures = CaptureStore(home)
    for digest in unread:
        try:
            body = captures.body(digest)
        except UnansweredError:
            raise  # of a store that does not answer nobody knows whether it holds them
        except (StorageError, OSError) as error:
            report.problems.append(Note("document_unread", {"document": digest[:12], "why": note_of(error).plain}))
            continue
        sizes[digest] = len(body)
        yield digest, partial(bytes, body)


def keep_former(home: Home, store: ProjectionStore, documents: Iterable[str]) -> None:
    """Keep what a former version of the reader made of ``documents``, before it is replaced."""
    FormerReadings(home).keep(one for one in store.readings(documents) if one.reader != READER_VERSION)
