"""Files, and what lies beside them, read in child processes, some at a time, and given in their order.

Pages first; then the files that a page names and that lie beside it; pictures only of reports whose tables stand
nowhere else.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from archive.documents.charset import unescaped
from archive.documents.kinds import sniff
from archive.parser.combining import combine
from archive.projection.unread import failed_reading
from archive.projection.workers import Failure, Pool
from nianbao.cli.reading_json import shown_path
from storage.records import Reading

_MAX_FILE_BYTES = 64 << 20
_MAX_PARTS = 20
_MAX_NAME_BYTES = 250  # file systems have no longer names
_MAX_QUERY_CHARS = 1000
_HEAD_BYTES = 1 << 16  # that tell what a file is
_FIRST_AT_ONCE, _MAX_AT_ONCE = 8, 128  # files for each child: the first are told soon, and few children are started
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php", ".do")
_LINKING = frozenset({"html", "mhtml"})  # kinds of documents beside which lies what they link


@dataclass(slots=True)
class Opened:
    """One file with its reading, what lies beside it included; None where it could not be opened, and ``why``."""

    path: Path
    reading: Reading | None = None
    why: str = ""
    parts: dict[Path, Reading] = field(default_factory=dict)

    def wants(self, *, pictures: bool) -> Iterator[Path]:
        """The files beside a page that are to be read: first all but pictures, then those if there is no table yet."""
        if self.reading is None or self.reading.kind not in _LINKING:
            return
        if pictures and any(one.cells for one in (self.reading, *self.parts.values())):
            return
        yield from (path for path in _beside(self.path, self.reading) if _is_picture(path) == pictures)

    def whole(self) -> Opened:
        """The file with its parts, in the order in which it names them."""
        if self.reading is None:
            return self
        beside = [path for path in _beside(self.path, self.reading) if path in self.parts] if self.parts else []
        return Opened(self.path, combine(self.reading, [(shown_path(path), self.parts[path]) for path in beside]))


def read_files(paths: Iterable[Path], workers: int) -> Iterator[Opened]:
    """Every file of ``paths``, in order. Raises ReaderNotStartedError."""
    pool, files, at_once = Pool(workers=workers), files_of(paths), _FIRST_AT_ONCE
    while some := [Opened(path) for path in islice(files, at_once * workers)]:
        at_once = min(2 * at_once, _MAX_AT_ONCE)
        for number, answer in enumerate(_read(pool, [one.path for one in some])):
            if isinstance(answer, OSError):
                some[number].why = answer.strerror or str(answer)
            else:
                some[number].reading = answer
        for pictures in (False, True):
            parts = [(one, path) for one in some for path in one.wants(pictures=pictures)]
            for (one, path), answer in zip(parts, _read(pool, [path for _, path in parts]), strict=True):
                one.parts[path] = _unopened(answer) if isinstance(answer, OSError) else answer
        yield from (one.whole() for one in some)


def _read(pool: Pool, paths: list[Path]) -> list[Reading | OSError]:
    """The reading of each file, or why it cannot be opened."""
    readings: dict[int, Reading | OSError] = {}

    def documents() -> Iterator[tuple[str, partial[bytes]]]:
        for number, path in enumerate(paths):
            try:
                data = _bytes(path)
            except OSError as error:
                readings[number] = error
            else:
                yield str(number), partial(bytes, data)

    for name, answer in pool.read(documents()):
        readings[int(name)] = failed_reading("", answer) if isinstance(answer, Failure) else answer
    return [readings[number] for number in range(len(paths))]


def _unopened(error: OSError) -> Reading:
    """A part that cannot be opened: published, and told as unreadable."""
    failure = Failure(reason="open", detail=error.strerror or str(error))
    return replace(failed_reading("", failure), findings=(), unreadable="not_opened")


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as given and those of folders; a folder that cannot be opened, or that is but linked to from within one,
    stands for what is in it.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(_within(path))
        else:
            yield path


def _within(folder: Path) -> Iterator[Path]:
    shut: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: shut.append(Path(error.filename))):
        yield from (Path(place, name) for name in names)  # what is no file is told, as where it is named itself
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())  # not followed, and told
    yield from shut


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return sniff(file.read(_HEAD_BYTES)) == "scan"
    except OSError:  # that it cannot be opened is found out, and told, where it is read
        return False


def _bytes(path: Path) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) and path.is_symlink():  # it leads out of the folder that was named, or round in it
        raise OSError(0, "a link to a folder, not followed")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a folder is refused when it is opened
        raise OSError(0, "no regular file, not read")  # a pipe or device may keep its reader waiting for ever
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES + 1)
    if len(data) > _MAX_FILE_BYTES:
        raise OSError(0, f"larger than {_MAX_FILE_BYTES >> 20} MiB, not read")
    return data


def _beside(path: Path, page: Reading) -> list[Path]:
    """Images and attachments that a local HTML file names and that lie beside it, in the order named."""
    folder, paths = path.parent.resolve(), []
    for part in page.parts[:_MAX_PARTS]:
        candidates = ((folder / name).resolve() for name in _local_names(part.url))
        beside = (one for one in candidates if one.is_relative_to(folder) and one.is_file() and one != path.resolve())
        if (first := next(beside, None)) is not None:
            paths.append(path.parent / first.relative_to(folder))
    return [*dict.fromkeys(paths)]


def _local_names(url: str) -> list[str]:
    """Under which names a linked file may lie beside its page.

    A link from the site's root, or with a host, is looked for as if it began at the page, then by its file name alone:
    so those lie who save a page and its attachments by hand; so does what a query names (``?file=年报.docx``). Other
    pages are never found by name alone.
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
