"""Find the documents that the current version of the reader has not read, and read them in worker processes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from urllib.parse import urlsplit

from archive.parser.reader import READER_VERSION
from archive.parser.reading import failed_reading
from archive.projection.binding import HOLLOW
from archive.projection.truth import Visit
from archive.projection.workers import Failure, Pool
from storage.captures import CaptureStore
from storage.errors import StorageError, UnansweredError, note_of
from storage.home import Home
from storage.judgements import StoredDocument
from storage.old_readings import FormerReadings
from storage.projections import ProjectionStore
from storage.records import Capture, Note, Reading

Progress = Callable[[int, int], None]
_BATCH = 25
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp")
_DOCUMENTS_PER_CHILD = 50  # starting one more child costs about as much as reading so many documents


def documents_to_read(visits: Iterable[Visit], *, pictures: bool = False) -> dict[str, StoredDocument]:
    """Return the documents of visits (fetched pages with their files) by digest, each with the first capture that has
    its bytes: only the ``pictures`` on pages, or all documents but these.
    """

    def is_picture(part: Capture) -> bool:
        return (part.mime or "").startswith("image/") or urlsplit(part.url).path.lower().endswith(_PICTURES)

    documents: dict[str, StoredDocument] = {}
    for visit in visits:
        captures = [part for part in visit.parts if part.outcome.is_page and is_picture(part) is pictures]
        if (visit.main.outcome.is_page or visit.main.outcome in HOLLOW) and not pictures:
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
    """Return the pictures on report pages without any cells in page and attachments: they may be the table. Other
    pictures are not read: recognising one costs seconds, and most are photographs of meetings.
    """

    def lacks_tables(visit: Visit) -> bool:
        page = readings.get(visit.main.document or "")
        others = [readings[part.document] for part in visit.parts if part.document and part.document in readings]
        return page is not None and page.is_report and not any(reading.cells for reading in (page, *others))

    return documents_to_read(filter(lacks_tables, visits), pictures=True)


def earlier(stored: StoredDocument | None, new: StoredDocument) -> StoredDocument:
    """Return whichever record of one document (``stored``: None if new) was seen first, with either's size."""
    if stored is None:
        return new
    first, other = sorted((stored, new), key=lambda document: (document.first_seen, document.capture, document.url))
    return first if first.size is not None else replace(first, size=other.size)


@dataclass(slots=True)
class DocumentReader:
    """Reads documents in worker processes and stores the readings in small batches.
    ``seconds``: the CPU time that each portal's documents may cost in one run. ``read``, ``failed``: how many documents
    were read, and on how many of these the reader failed; ``problems``: notes for the operator, such as documents whose
    bytes are gone. ``cpu_seconds``: portal → seconds used; ``unread_counts``: portal → documents left for want of time.
    """

    home: Home
    pool: Pool
    seconds: float
    progress: Progress | None = None
    read: int = 0
    failed: int = 0
    problems: list[Note] = field(default_factory=list)
    cpu_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    unread_counts: Counter[str] = field(default_factory=Counter)

    def read_unread(
        self, store: ProjectionStore, documents: Mapping[str, StoredDocument], portal_of: Mapping[str, str]
    ) -> None:
        """Read those of ``documents`` that ``READER_VERSION`` has not read; ``portal_of``: the portal of each. If this
        is stopped, finished readings are kept. A document whose bytes are gone stays unread and gives a note; so do
        those of a portal whose CPU time (``seconds``) is used up, and ``progress`` then ends below its total. A stored
        row is corrected if its document was seen earlier. Raises UnansweredError if the bytes' store is silent.
        """
        stored = store.documents(documents)
        documents = {digest: earlier(stored.get(digest), one) for digest, one in documents.items()}
        store.put_documents(documents[digest] for digest in sorted(stored) if stored[digest] != documents[digest])
        read_digests = store.read_by(READER_VERSION, documents)
        unread = [digest for digest in sorted(documents) if digest not in read_digests]
        pool = replace(self.pool, workers=min(self.pool.workers, 1 + len(unread) // _DOCUMENTS_PER_CHILD))
        sizes: dict[str, int] = {}

        def answers() -> Iterator[tuple[str, Reading | Failure]]:
            for count, (digest, answer, seconds) in enumerate(pool.read(bodies), start=1):
                self.cpu_seconds[portal_of[digest]] += seconds
                yield digest, answer
                if self.progress is not None:
                    self.progress(count, len(unread))

        bodies, read = self._bodies(unread, portal_of, sizes), answers()
        while batch := dict(islice(read, _BATCH)):
            keep_former(self.home, store, batch)
            store.put_documents(replace(documents[digest], size=sizes[digest]) for digest in batch)
            store.put_readings(
                failed_reading(digest, answer.reason, answer.detail, kind=answer.kind)
                if isinstance(answer, Failure)
                else replace(answer, document=digest)
                for digest, answer in batch.items()
            )
            self.read += len(batch)
            self.failed += sum(isinstance(answer, Failure) for answer in batch.values())

    def _bodies(
        self, unread: Iterable[str], portal_of: Mapping[str, str], sizes: dict[str, int]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield each digest with its bytes, and put their size into ``sizes``. Left out and counted are documents of
        portals whose CPU time is used up; left out with a note for the operator are those whose bytes are gone.
        """
        captures = CaptureStore(self.home)
        for digest in unread:
            if self.cpu_seconds[portal_of[digest]] >= self.seconds:
                self.unread_counts[portal_of[digest]] += 1
                continue
            try:
                body = captures.body(digest)
            except UnansweredError:
                raise  # the store does not answer, so it may still have the bytes
            except (StorageError, OSError) as error:
                note = {"document": digest[:12], "why": note_of(error).as_json}
                self.problems.append(Note("document_unread", note))
                continue
            sizes[digest] = len(body)
            yield digest, bytes(body)

    def note_left(self) -> None:
        """Add a note for each portal with documents left unread."""
        self.problems += [
            Note("reading_seconds_spent", {"portal": portal, "number": count, "seconds": self.seconds})
            for portal, count in sorted(self.unread_counts.items())
        ]
        self.unread_counts.clear()


def keep_former(home: Home, store: ProjectionStore, documents: Iterable[str]) -> None:
    """Keep the readings of ``documents`` by earlier versions of the reader as a record before they are replaced."""
    FormerReadings(home).keep(one for one in store.readings(documents) if one.reader != READER_VERSION)
