"""Read local files in child processes, in batches, and return their readings in the order of the files.

For a saved web page, attachments in its folder that it links to are read too; then images, but only if no table was
found so far.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from archive.documents.charset import unescaped
from archive.documents.kinds import sniff
from archive.parser.reading import combine, failed_reading
from archive.projection.workers import Pool
from storage.records import LARGEST_BODY, Reading

_MAX_PARTS = 20
_MAX_NAME_BYTES = 250  # file systems allow hardly more (255)
_MAX_QUERY_CHARS = 1000
_HEAD_BYTES = 1 << 16  # bytes from which the kind of a file is recognised
_FIRST_AT_ONCE, _MAX_AT_ONCE = 8, 128  # files per child process: small first batch shows results soon, then doubled
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php", ".do")
_LINKING = frozenset({"html", "mhtml"})  # kinds of documents that link to attachments and images


@dataclass(slots=True)
class LocalFile:
    """A file with its reading (None if it could not be opened: ``why`` says why), and its attachments."""

    path: Path
    reading: Reading | None = None
    why: str = ""
    parts: list[LocalFile] = field(default_factory=list)

    def saved_parts(self) -> list[Path]:
        """Return the attachments and images of a page that exist within its folder, in the order of its links."""
        if self.reading is None or self.reading.kind not in _LINKING:
            return []
        page, folder, paths = self.path.resolve(), self.path.parent.resolve(), []
        for part in self.reading.parts[:_MAX_PARTS]:
            candidates = ((folder / name).resolve() for name in _local_names(part.url))
            existing = (one for one in candidates if one.is_relative_to(folder) and one.is_file() and one != page)
            if (first := next(existing, None)) is not None:
                paths.append(self.path.parent / first.relative_to(folder))
        return [*dict.fromkeys(paths)]

    def wants(self, *, pictures: bool) -> Iterator[Path]:
        """Yield the attachments of a page that are still to be read: images (only if no table was found), or others."""
        is_table_found = any(one.reading is not None and one.reading.cells for one in (self, *self.parts))
        if not (pictures and is_table_found):
            yield from (path for path in self.saved_parts() if _is_picture(path) == pictures)

    def with_parts(self) -> LocalFile:
        """Return the file with its attachments merged into its reading, in the order in which it links to them."""
        if self.reading is None or not self.parts:
            return self
        unopened = replace(failed_reading("", "open"), findings=(), unreadable="not_opened")  # it was published
        readings = {one.path: one.reading or unopened for one in self.parts}
        parts = [(shown_path(path), readings[path]) for path in self.saved_parts() if path in readings]
        return LocalFile(self.path, combine(self.reading, parts))


def shown_path(path: Path) -> str:
    r"""Return a path as text; bytes that are not UTF-8 become ``\xd6``, because JSON cannot hold lone surrogates."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_files(paths: Iterable[Path], workers: int) -> Iterator[LocalFile]:
    """Yield every file of ``paths`` (and of folders in it) with its reading, in order, from ``workers`` processes. Of a
    saved web page, attachments are read first, then images if no table was found. Raises ReaderNotStartedError.
    """
    pool, files, at_once = Pool(workers=workers), _files_of(paths), _FIRST_AT_ONCE
    while batch := [LocalFile(path) for path in islice(files, at_once * workers)]:
        at_once = min(2 * at_once, _MAX_AT_ONCE)
        _read(pool, batch)
        for pictures in (False, True):
            parts = [(page, LocalFile(path)) for page in batch for path in page.wants(pictures=pictures)]
            _read(pool, [part for _, part in parts])
            for page, part in parts:
                page.parts.append(part)
        yield from (one.with_parts() for one in batch)


def _read(pool: Pool, files: list[LocalFile]) -> None:
    """Read the files in child processes and store in each its reading, or why it cannot be opened."""

    def documents() -> Iterator[tuple[str, bytes]]:
        """Yield number and bytes of each file; a file that cannot be opened gets its ``why``."""
        for number, file in enumerate(files):
            try:
                data = _read_bounded(file.path)
            except OSError as error:
                file.why = error.strerror or str(error)
            else:
                yield str(number), data

    for name, answer, _ in pool.read(documents()):
        files[int(name)].reading = (
            answer
            if isinstance(answer, Reading)
            else failed_reading("", answer.reason, answer.detail, kind=answer.kind)
        )


def _files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the given files and all files within the given folders. A folder that cannot be opened and a link to a
    folder are yielded themselves, so that reading them reports the error instead of skipping them silently.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(_files_within(path))
        else:
            yield path


def _files_within(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, and the folders that cannot be opened or are links (:func:`_files_of`)."""
    shut: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: shut.append(Path(error.filename))):
        # also pipes, devices and links to folders: ``_read_bounded`` raises OSError for them
        yield from (Path(place, name) for name in names)
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())
    yield from shut


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return sniff(file.read(_HEAD_BYTES)) == "scan"
    except OSError:  # ``_read`` opens it again and reports the error
        return False


def _read_bounded(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises OSError for others, links to folders, and beyond LARGEST_BODY."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) and path.is_symlink():  # may lead out of the given folder, or into a loop
        raise OSError(0, "a link to a folder, not followed")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a folder fails anyway
        raise OSError(0, "no regular file, not read")  # reading a pipe or device may wait for ever
    with path.open("rb") as file:
        data = file.read(LARGEST_BODY + 1)
    if len(data) > LARGEST_BODY:
        raise OSError(0, f"larger than {LARGEST_BODY >> 20} MiB, not read")
    return data


def _local_names(url: str) -> list[str]:
    """Return the relative paths under which the target of a link may be saved in the folder of its page.

    First the path of the link, also if it begins with ``/`` (not if it has a host), then its file name alone, because
    people who save a page by hand put attachments beside it; then file names in the query (``?file=年报.docx``). Links
    to other pages are not tried by file name alone: many pages have the same name (``index.html``).
    """
    split = urlsplit(url)
    target = unescaped(split.path)
    if split.scheme not in {"", "http", "https"} or not target or not _is_file_name(target):
        return []
    values = [unescaped(pair.partition("=")[2].replace("+", " ")) for pair in split.query[:_MAX_QUERY_CHARS].split("&")]
    names = [target, *(value for value in values if "." in value and _is_file_name(value))]
    last = [name.rsplit("/", 1)[-1] for name in names]
    return [
        *([] if split.netloc else [target.lstrip("/")]),
        *(name for name in last if name and not name.lower().endswith(_PAGES)),
    ]


def _is_file_name(text: str) -> bool:
    return "\0" not in text and len(text.encode(errors="replace")) <= _MAX_NAME_BYTES
