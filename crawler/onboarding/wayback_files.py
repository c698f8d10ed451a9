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
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from archive.identity.addresses import same_address
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from storage.warc_fields import one_line

MAX_LIST_BYTES, MAX_LISTED = 64 << 20, 300_000  # of a list, unpacked; captures in it
MAX_PACKED_FILES, MAX_MANIFEST_BYTES = 10_000, 16 << 20  # in a WACZ package
MOST_SHRUNK = 4  # a gzip file that a ZIP file packs smaller than to its fourth part is made to harm
_SLACK_BYTES = 1 << 20
_LISTS = (".cdx", ".cdxj", ".json", ".jsonl")
_STAMP = re.compile(r"\d{14}")
_DAMAGE = (OSError, EOFError, BadZipFile, zlib.error, RuntimeError, ValueError, KeyError, TypeError, AttributeError)
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


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file. Raises OSError for any other, as a pipe might never end."""
    if path.exists() and not path.is_file():
        raise OSError(0, "no regular file")
    return path.open("rb")


def _unreadable(path: Path, error: BaseException) -> CrawlError:
    cause = one_line(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}")[:300]
    return CrawlError(code="wayback.unreadable", path=path, cause=cause)


# ---------------------------------------------------------------------------------------------------------- lists


def read_list(path: Path) -> tuple[dict[Key, str], int]:
    """Return the captures of a list with their digests (or ""), and how many lines are unread. Raises CrawlError."""
    try:
        with open_regular(path) as raw:
            is_packed = raw.peek(2)[:2] == b"\x1f\x8b"
            file: Any = gzip.GzipFile(fileobj=raw) if is_packed else raw
            text = file.read(MAX_LIST_BYTES)
        rows = [_capture_in(fields) for fields in _rows_in(text.decode("utf-8", "replace"))]
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    if len(text) == MAX_LIST_BYTES or len(rows) > MAX_LISTED:
        raise CrawlError(code="wayback.list_too_long", path=path, most=MAX_LISTED)
    return dict(row for row in rows if row is not None), rows.count(None)


def _rows_in(text: str) -> Iterator[Any]:
    """Yield what each line of a list, or each row of its JSON, says of a capture, as far as it can be read."""
    if text.lstrip().startswith("[["):
        names, *rows = json.loads(text)
        yield from (dict(zip(names, row, strict=False)) for row in rows)
        return
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0] == "CDX":
            continue
        fields: Any = None
        with suppress(ValueError, RecursionError):
            if line.startswith("{"):
                fields = json.loads(line)
            elif len(words) > 2 and words[2].startswith("{"):  # CDXJ
                fields = {"timestamp": words[1], **json.loads(line.split(maxsplit=2)[2])}
            elif len(words) > 5:  # CDX with 7, 9 or 11 fields
                fields = {"timestamp": words[1], "url": words[2], "digest": words[5]}
        yield fields


def _capture_in(fields: Any) -> tuple[Key, str] | None:
    """Return the capture that a row of a list says, with its digest; None if it says none."""
    if not isinstance(fields, dict):
        return None
    url, stamp = fields.get("url") or fields.get("original"), fields.get("timestamp")
    if not isinstance(url, str) or not isinstance(stamp, str) or not _STAMP.fullmatch(stamp) or "://" not in url:
        return None
    return (key_of(url), stamp), str(fields.get("digest") or "")[:200]


# ------------------------------------------------------------------------------------------------------- archives


def archive_files(path: Path, scratch: Path) -> Iterator[ArchiveFile]:
    """Yield a WARC file, or those of a WACZ package, unpacked into ``scratch``. Raises CrawlError if one is damaged."""
    try:
        with open_regular(path) as file:
            start = file.peek(4)
            if start[:2] == b"\x1f\x8b":
                yield _archive_file(path.name, path)
            elif start[:4] == b"PK\x03\x04":
                with ZipFile(file) as package:
                    yield from _unpacked(path, package, scratch)
            else:
                raise CrawlError(code="wayback.other_kind", path=path)
    except _DAMAGE as error:
        raise _unreadable(path, error) from error


def _archive_file(name: str, path: Path) -> ArchiveFile:
    with path.open("rb") as file:
        return ArchiveFile(name, path, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _unpacked(path: Path, package: ZipFile, scratch: Path) -> Iterator[ArchiveFile]:
    """Yield the WARC files of a package. CrawlError for one without its stated digest, ValueError for a huge one."""
    archives = [one for one in package.infolist() if re.fullmatch(r"archive/.*\.warc\.gz", one.filename, re.DOTALL)]
    if not archives:
        raise CrawlError(code="wayback.no_archive", path=path)
    digests = _stated_digests(package) if "datapackage.json" in package.namelist() else {}
    for entry in archives[:MAX_PACKED_FILES]:
        name, target = one_line(entry.filename)[:200], scratch / f"{len([*scratch.iterdir()])}.warc.gz"
        if entry.file_size > entry.compress_size * MOST_SHRUNK + _SLACK_BYTES:  # no more than this is unpacked
            raise ValueError(f"{name} unpacks to far more than it is")
        with package.open(entry) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out)
        file = _archive_file(f"{path.name}/{name}", target)
        if digests.get(entry.filename, file.sha256) != file.sha256:
            raise CrawlError(code="wayback.altered", path=path, name=name)
        yield file


def _stated_digests(package: ZipFile) -> Mapping[str, str]:
    """Return the SHA-256 of each file by its path, as ``datapackage.json`` states them."""
    with package.open("datapackage.json") as file:
        rows = json.loads(file.read(MAX_MANIFEST_BYTES))["resources"]
    hashes = [(str(row["path"]), str(row["hash"]).lower().rpartition(":")) for row in rows]
    return {name: digest for name, (algorithm, _, digest) in hashes if algorithm in {"sha256", "sha-256"}}
