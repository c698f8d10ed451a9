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


def documents_to_read(visits: Iterable[Visit], *, pictures: bool = False) -> dict[str, StoredDocument]:
    """Give the documents that visits brought, each with the first capture that holds its bytes: all but the pictures on
    their pages, or these alone.
    """

    def is_picture(part: Capture) -> bool:
        return (part.mime or "").startswith("image/") or urlsplit(part.url).path.lower().endswith(_PICTURES)

    documents: dict[str, StoredDocument] = {}
    for visit in visits:
        captures = [part for part in visit.parts if part.outcome in PAGES and is_picture(part) is pictures]
        if visit.main.outcome in PAGES | HOLLOW and not pictures:
            captures.append(visit.main)
        for capture in captures:
            if capture.document is not None:
                new = StoredDocument(
                    digest=capture.document,
                    capture=capture.revisit_of or capture.id,
                    url=capture.url,
                    mime=capture.mime,
                    first_seen=capture.fetched_at,
                )
                documents[new.digest] = earlier(documents.get(new.digest), new)
    return documents


def wanted_pictures(visits: Iterable[Visit], readings: Mapping[str, Reading]) -> dict[str, StoredDocument]:
    """Give the pictures of report pages whose tables stand in nothing else that was read.

    Recognising a picture costs seconds, and most are photographs of meetings.
    """

    def lacks_tables(visit: Visit) -> bool:
        page = readings.get(visit.main.document or "")
        others = [readings[part.document] for part in visit.parts if part.document and part.document in readings]
        return page is not None and page.is_report and not any(reading.cells for reading in (page, *others))

    return documents_to_read(filter(lacks_tables, visits), pictures=True)


def earlier(stored: StoredDocument | None, new: StoredDocument) -> StoredDocument:
    """Give the one that was seen first, whichever was stored first."""
    if stored is None:
        return new
    first, other = sorted((stored, new), key=lambda document: (document.first_seen, document.capture, document.url))
    return first if first.size is not None else replace(first, size=other.size)


@dataclass(slots=True)
class DocumentReader:
    """Reads documents in worker processes and stores each reading as soon as it is there (a few at a time).

    ``seconds``: the CPU time that the documents of each portal may cost in one run. ``read``, ``failed``: how many were
    read, on how many the reader failed; ``problems``: for the operator, such as documents whose bytes are not to be
    had. ``cpu_seconds``: portal → seconds so far; ``unread_counts``: portal → documents left unread because its time is
    spent.
    """

    home: Home
    store: ProjectionStore
    pool: Pool
    seconds: float
    progress: Progress | None = None
    read: int = 0
    failed: int = 0
    problems: list[Note] = field(default_factory=list)
    cpu_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    unread_counts: Counter[str] = field(default_factory=Counter)
    _sizes: dict[str, int] = field(default_factory=dict)

    def read_unread(self, documents: Mapping[str, StoredDocument], portal_of: Mapping[str, str]) -> None:
        """Read those of ``documents`` that ``READER_VERSION`` has not read; ``portal_of``: whose each is.

        What was read stays read if this is stopped. Raises UnansweredError if the place that holds the bytes does not
        answer. A document whose bytes are not held any more is told, and stays unread. If a document was seen earlier
        than its stored row says, the row is mended.
        """
        stored = self.store.documents(documents)
        documents = {digest: earlier(stored.get(digest), one) for digest, one in documents.items()}
        self.store.put_documents(documents[digest] for digest in sorted(stored) if stored[digest] != documents[digest])
        read_digests = self.store.read_by(READER_VERSION, documents)
        unread = [digest for digest in sorted(documents) if digest not in read_digests]
        pool = replace(self.pool, workers=min(self.pool.workers, 1 + len(unread) // _WORTH_A_CHILD))

        def charge(document: str, seconds: float) -> None:
            self.cpu_seconds[portal_of[document]] += seconds

        def answers() -> Iterator[tuple[str, Reading | Failure]]:
            for count, answer in enumerate(pool.read(self._bodies(unread, portal_of), charge), start=1):
                yield answer
                if self.progress is not None:
                    self.progress(count, len(unread))

        read = answers()
        while batch := dict(islice(read, _BATCH)):
            keep_former(self.home, self.store, batch)
            self.store.put_documents(replace(documents[digest], size=self._sizes[digest]) for digest in batch)
            self.store.put_readings(
                failed_reading(digest, answer) if isinstance(answer, Failure) else replace(answer, document=digest)
                for digest, answer in batch.items()
            )
            self.read += len(batch)
            self.failed += sum(isinstance(answer, Failure) for answer in batch.values())

    def _bodies(self, unread: Iterable[str], portal_of: Mapping[str, str]) -> Iterator[tuple[str, Callable[[], bytes]]]:
        captures = CaptureStore(self.home)
        for digest in unread:
            if self.cpu_seconds[portal_of[digest]] >= self.seconds:
                self.unread_counts[portal_of[digest]] += 1
                continue
            try:
                body = captures.body(digest)
            except UnansweredError:
                raise  # of a store that does not answer nobody knows whether it holds them
            except (StorageError, OSError) as error:
                note = {"document": digest[:12], "why": note_of(error).plain}
                self.problems.append(Note("document_unread", note))
                continue
            self._sizes[digest] = len(body)
            yield digest, partial(bytes, body)

    def note_left(self) -> None:
        """Note as problems of which portals documents are left."""
        self.problems += [
            Note("reading_seconds_spent", {"portal": portal, "number": count, "seconds": self.seconds})
            for portal, count in sorted(self.unread_counts.items())
        ]


def failed_reading(document: str, failure: Failure) -> Reading:
    """Make the reading of a document on which the reader failed: nothing in it but the finding."""
    return reading_of_failure(document, failure.reason, failure.detail, kind=failure.kind)


def keep_former(home: Home, store: ProjectionStore, documents: Iterable[str]) -> None:
    """Keep what a former version of the reader made of ``documents``, before it is replaced."""
    FormerReadings(home).keep(one for one in store.readings(documents) if one.reader != READER_VERSION)
