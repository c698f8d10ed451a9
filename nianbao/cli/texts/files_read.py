"""Files, and what lies beside them, read in child processes; each is given as soon as it and those before it are done.

Pages first; then the files that a page names and that lie beside it; pictures only of reports whose tables stand
nowhere else. Only a few files are on their way at a time, whatever their number.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from archive.documents.charset import unescaped
from archive.documents.kinds import sniff
from archive.parser.combining import combine
from archive.projection.unread import failed_reading
from archive.projection.workers import Failure, Pool
from nianbao.cli.texts.reading_json import shown_path
from storage.records import Reading

_MAX_FILE = 64 << 20
_MAX_PARTS = 20
_MAX_NAME = 250  # bytes; file systems have no longer names
_MAX_QUERY = 1000  # characters
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php", ".do")
_LINKING = frozenset({"html", "mhtml"})  # kinds of documents beside which lies what they link
#: A link to a folder leads out of the one that was named, or round in it; who wants it read names it.
LINKED = "a link to a folder, not followed"
_HEAD = 1 << 16  # bytes that tell what a file is

Bytes: TypeAlias = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """One file with its reading, what lies beside it included; None where it could not be opened, and ``why``."""

    path: Path
    reading: Reading | None
    why: str = ""


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


def read_files(paths: Iterable[Path], workers: int) -> Iterator[Opened]:
    """Every file of ``paths``, in order, each as soon as it can be given. Raises ReaderNotStartedError."""
    way = _Way(files_of(paths))
    while way.goes_on:
        for name, answer in Pool(workers=workers).read(way.documents()):
            way.take(int(name), answer)
            yield from way.done()
        yield from way.done()


@dataclass(slots=True)
class _Page:
    """A file on its way: ``beside`` it lie ``parts``, of which those asked for are ``read``; ``due``: not yet there."""

    path: Path
    reading: Reading | None = None
    why: str = ""
    beside: tuple[Path, ...] = ()
    read: dict[Path, Reading] = field(default_factory=dict)
    due: int = 1
    pictures: bool = False  # asked for already

    def opened(self) -> Opened:
        if self.reading is None:
            return Opened(self.path, None, self.why)
        parts = [(shown_path(part), self.read[part]) for part in self.beside if part in self.read]
        return Opened(self.path, combine(self.reading, parts))


@dataclass(slots=True)
class _Way:
    """What is on its way: ``pages`` not given yet, by their number; ``wanted``: parts of them to be read next;
    ``asked``: what each document that was handed out is, a page or a part of it.
    """

    files: Iterator[Path]
    pages: dict[int, _Page] = field(default_factory=dict)
    wanted: deque[tuple[int, Path]] = field(default_factory=deque)
    asked: dict[int, tuple[int, Path | None]] = field(default_factory=dict)
    count: int = 0
    handed: int = 0
    given: int = 0
    exhausted: bool = False

    @property
    def goes_on(self) -> bool:
        return bool(self.wanted) or not self.exhausted

    def documents(self) -> Iterator[tuple[str, Bytes]]:
        """What a child should read next: parts of pages that are read before further pages."""
        while True:
            if self.wanted:
                number, part = self.wanted.popleft()
                path, page = part, self.pages[number]
            elif (found := next(self.files, None)) is not None:
                number, part, path = self.count, None, found
                page = self.pages[number] = _Page(path)
                self.count += 1
            else:
                self.exhausted = True
                return
            try:
                data = _bytes(path)
            except OSError as error:
                self._refused(number, page, part, error.strerror or str(error))
                continue
            self.asked[self.handed] = number, part
            self.handed += 1
            yield str(self.handed - 1), partial(bytes, data)

    def take(self, name: int, answer: Reading | Failure) -> None:
        """Take the reading of a document that was handed out, or how reading it failed."""
        number, part = self.asked.pop(name)
        reading = failed_reading("", answer) if isinstance(answer, Failure) else answer
        self._read(number, self.pages[number], part, reading)

    def done(self) -> Iterator[Opened]:
        """The pages of which nothing is due any more, up to the first of which something is."""
        while self.given in self.pages and not self.pages[self.given].due:
            yield self.pages.pop(self.given).opened()
            self.given += 1

    def _refused(self, number: int, page: _Page, part: Path | None, why: str) -> None:
        if part is None:
            page.why, page.due = why, 0
        else:
            self._read(number, page, part, _shut(why))

    def _read(self, number: int, page: _Page, part: Path | None, reading: Reading) -> None:
        page.due -= 1
        if part is not None:
            page.read[part] = reading
        else:
            page.reading = reading
            page.beside = tuple(dict.fromkeys(_beside(page.path, reading))) if reading.kind in _LINKING else ()
            self._want(number, page, [part for part in page.beside if not _is_picture(part)])
        if not page.due and not page.pictures:
            page.pictures = True
            if page.reading is not None and not any(one.cells for one in (page.reading, *page.read.values())):
                self._want(number, page, [part for part in page.beside if part not in page.read])

    def _want(self, number: int, page: _Page, parts: Iterable[Path]) -> None:
        for part in parts:
            page.due += 1
            self.wanted.append((number, part))


def _shut(why: str) -> Reading:
    """A part that cannot be opened: published, and told as unreadable."""
    return replace(failed_reading("", Failure(reason="open", detail=why)), findings=(), unreadable="not_opened")


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return sniff(file.read(_HEAD)) == "scan"
    except OSError:  # that it cannot be opened is found out, and told, where it is read
        return False


def _bytes(path: Path) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) and path.is_symlink():
        raise OSError(0, LINKED)
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a folder is refused when it is opened
        raise OSError(0, "no regular file, not read")  # a pipe or device may keep its reader waiting for ever
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise OSError(0, f"larger than {_MAX_FILE >> 20} MiB, not read")
    return data


def _beside(path: Path, page: Reading) -> Iterator[Path]:
    """Images and attachments that a local HTML file names and that lie beside it, in the order named.

    A link from the site's root, or with a host, is looked for as if it began at the page, then by its file name alone:
    so those lie who save a page and its attachments by hand; so does what a query names (``?file=年报.docx``). Other
    pages are never found by name alone.
    """
    folder = path.parent.resolve()
    for part in page.parts[:_MAX_PARTS]:
        split = urlsplit(part.url)
        target = unescaped(split.path)
        if split.scheme not in {"", "http", "https"} or "\0" in target or not 0 < len(target.encode()) <= _MAX_NAME:
            continue
        wanted = [] if split.netloc else [target.lstrip("/")]
        named = [target, *(value for value in _queried(split.query) if "." in value)]
        last = [path.rsplit("/", 1)[-1] for path in named]
        wanted += [name for name in last if name and not name.lower().endswith(_PAGES)]
        for relative in wanted:
            candidate = (folder / relative).resolve()
            if candidate.is_relative_to(folder) and candidate.is_file() and candidate != path.resolve():
                yield path.parent / candidate.relative_to(folder)
                break


def _queried(query: str) -> Iterator[str]:
    """The values in the query of an address that may be names of files."""
    for pair in query[:_MAX_QUERY].split("&"):
        value = unescaped(pair.partition("=")[2].replace("+", " "))
        if "\0" not in value and len(value.encode(errors="replace")) <= _MAX_NAME:
            yield value
