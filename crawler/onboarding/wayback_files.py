"""Opens the files that other web archives hand out: lists of captures (CDX), WARC files and WACZ packages.

Lists come as CDX lines (with or without the head `` CDX N b a …``; seven fields from the Wayback Machine, eleven in
its files), as CDXJ, or as JSON of a CDX server (rows below their names, or an object a line). A WACZ package is a ZIP
file with WARC files in ``archive/`` and their digests in ``datapackage.json``. All of it is hostile and bounded.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from archive.identity.addresses import same_address
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from storage.warc_fields import one_line

MAX_LIST_BYTES, MAX_LINE_BYTES, MAX_JSON_BYTES = 1 << 30, 1 << 16, 64 << 20  # of a list, unpacked
MAX_LISTED = 300_000  # captures in the lists of one import
MAX_PACKED_FILES, MAX_MANIFEST_BYTES = 10_000, 16 << 20  # in a WACZ package
MOST_SHRUNK = 4  # a gzip file that a ZIP file packs smaller than to its fourth part is made to harm
_PIECE_BYTES, _SLACK_BYTES = 1 << 20, 1 << 20
_LISTS = (".cdx", ".cdxj", ".json", ".jsonl")
_STAMP = re.compile(r"\d{14}")
_DIGEST = 5  # position of the digest in a line of CDX
Key = tuple[str, str]  # an address (``key_of``), and the second of a capture as 14 digits


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A WARC file, perhaps unpacked from a package (``name`` says so), with its size and SHA-256."""

    name: str
    path: Path
    size: int
    sha256: str


def key_of(url: str) -> str:
    """Return an address in the spelling in which addresses of lists, links and records are compared."""
    return address_key(same_address(url))


def is_list(path: Path) -> bool:
    """Whether a file is a list of captures, by its name."""
    return path.name.lower().removesuffix(".gz").endswith(_LISTS)


# ---------------------------------------------------------------------------------------------------------- lists


def read_list(path: Path) -> tuple[dict[Key, str], int]:
    """Return the captures of a list with their digests ("" if it states none), and how many lines cannot be read.

    Raises :class:`CrawlError` if the file cannot be read, or is too large.
    """
    listed: dict[Key, str] = {}
    unread = 0
    try:
        for line in _lines(path):
            row = _listed_in(line)
            if row is None:
                unread += bool(line.strip()) and not line.lstrip().startswith("CDX ")
            elif len(listed) >= MAX_LISTED:
                raise CrawlError(f"{path} lists too much", code="wayback.list_too_long", path=path, most=MAX_LISTED)
            else:
                listed[row[0]] = row[1]
    except (OSError, EOFError, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise _unreadable(path, error) from error
    return listed, unread


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a list; of a JSON array each row as a line of CDX."""
    with _opened(path) as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        first = file.readline(MAX_LINE_BYTES)
        if first.lstrip().startswith(b"[["):
            yield from _rows_of_json(path, first + file.read(MAX_JSON_BYTES + 1))
            return
        size = 0
        while first:
            size += len(first)
            if size > MAX_LIST_BYTES:
                raise ValueError(f"more than {MAX_LIST_BYTES} bytes")
            yield first.decode("utf-8", "replace").rstrip("\r\n")
            first = file.readline(MAX_LINE_BYTES)


def _rows_of_json(path: Path, text: bytes) -> Iterator[str]:
    if len(text) > MAX_JSON_BYTES:
        raise CrawlError(f"{path} is too large", code="wayback.list_too_long", path=path, most=MAX_LISTED)
    names, *rows = json.loads(text)
    for row in rows:
        yield json.dumps(dict(zip(names, row, strict=False))) if isinstance(row, list) else "?"


def _listed_in(line: str) -> tuple[Key, str] | None:
    """Return the capture that a line lists, with its digest; None if the line is none."""
    words = line.split()
    fields: Mapping[str, Any] = {}
    with suppress(ValueError, RecursionError):
        if line.startswith("{"):
            fields = json.loads(line)
        elif len(words) > 2 and words[2].startswith("{"):  # CDXJ
            fields = {"timestamp": words[1], **json.loads(line.split(maxsplit=2)[2])}
        elif len(words) > _DIGEST:  # CDX with 7, 9 or 11 fields
            fields = {"timestamp": words[1], "url": words[2], "digest": words[_DIGEST]}
    if not isinstance(fields, dict):
        return None
    url, stamp = fields.get("url") or fields.get("original"), fields.get("timestamp")
    if not isinstance(url, str) or not isinstance(stamp, str) or not _STAMP.fullmatch(stamp) or "://" not in url:
        return None
    return (key_of(url), stamp), str(fields.get("digest") or "")[:200]


# ------------------------------------------------------------------------------------------------------- archives


def archive_files(path: Path, scratch: Path) -> Iterator[ArchiveFile]:
    """Yield a WARC file, or those in a WACZ package, which are unpacked into the folder ``scratch``.

    Raises :class:`CrawlError` if the file is none of them, is damaged, or is not what its package says.
    """
    try:
        with _opened(path) as file:
            start = file.read(4)
            if start[:2] == b"\x1f\x8b":
                digest = hashlib.file_digest(_at_start(file), "sha256").hexdigest()
                yield ArchiveFile(path.name, path, path.stat().st_size, digest)
                return
            if start == b"PK\x03\x04":
                with ZipFile(_at_start(file)) as package:
                    yield from _unpacked(path, package, scratch)
                return
    except (OSError, EOFError, BadZipFile, zlib.error, RuntimeError, ValueError) as error:
        raise _unreadable(path, error) from error
    message = f"{path} is no WARC file compressed record by record, no WACZ package and no list of captures"
    raise CrawlError(message, code="wayback.other_kind", path=path)


def _opened(path: Path) -> IO[bytes]:
    """Open a regular file. Raises OSError for any other, as a pipe might never end."""
    if path.exists() and not path.is_file():
        raise OSError(0, "no regular file")
    return path.open("rb")


def _at_start(file: IO[bytes]) -> Any:
    file.seek(0)
    return file


def _unpacked(path: Path, package: ZipFile, scratch: Path) -> Iterator[ArchiveFile]:
    entries = package.infolist()
    if len(entries) > MAX_PACKED_FILES:
        raise ValueError(f"more than {MAX_PACKED_FILES} files")
    digests, has_members = _stated_digests(package, entries), False
    for number, entry in enumerate(entries):
        if not entry.filename.startswith("archive/") or not entry.filename.endswith(".warc.gz"):
            continue
        has_members, target = True, scratch / f"{len([*scratch.iterdir()])}-{number}.warc.gz"
        size, digest = _unpack(package, entry, target)
        if digests.get(entry.filename, digest) != digest:
            name = one_line(entry.filename)[:200]
            message = f"{path}: {name} does not have the digest that the package states"
            raise CrawlError(message, code="wayback.altered", path=path, name=name)
        yield ArchiveFile(f"{path.name}/{one_line(entry.filename)[:200]}", target, size, digest)
    if not has_members:
        raise CrawlError(f"{path} has no WARC file in archive/", code="wayback.no_archive", path=path)


def _stated_digests(package: ZipFile, entries: Sequence[ZipInfo]) -> Mapping[str, str]:
    """Return the SHA-256 of each file by its path, as ``datapackage.json`` states them."""
    if not any(one.filename == "datapackage.json" for one in entries):
        return {}
    with package.open("datapackage.json") as file:
        manifest = json.loads(file.read(MAX_MANIFEST_BYTES))
    resources = manifest.get("resources") if isinstance(manifest, dict) else None
    rows = (
        one
        for one in islice(resources if isinstance(resources, list) else (), MAX_PACKED_FILES)
        if isinstance(one, dict)
    )
    hashes = ((str(one.get("path")), str(one.get("hash") or "").rpartition(":")) for one in rows)
    return {name: value.lower() for name, (algorithm, _, value) in hashes if algorithm in {"sha256", "sha-256"}}


def _unpack(package: ZipFile, entry: ZipInfo, target: Path) -> tuple[int, str]:
    """Write a packed file to ``target``; return its size and SHA-256. Raises ValueError if it unpacks to too much."""
    size, digest, most = 0, hashlib.sha256(), entry.compress_size * MOST_SHRUNK + _SLACK_BYTES
    with package.open(entry) as packed, target.open("wb") as out:
        while piece := packed.read(_PIECE_BYTES):
            size += len(piece)
            if size > most:
                raise ValueError(f"{one_line(entry.filename)[:200]} unpacks to far more than it is")
            digest.update(piece)
            out.write(piece)
    return size, digest.hexdigest()


def _unreadable(path: Path, error: BaseException) -> CrawlError:
    cause = one_line(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}")[:300]
    return CrawlError(f"{path} cannot be read ({cause})", code="wayback.unreadable", path=path, cause=cause)
