"""Reads the records in the files of other web archives: WARC files, and WACZ packages.

A WACZ package is a ZIP file with WARC files in ``archive/`` and their digests in ``datapackage.json``. All of it is
hostile and bounded.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from archive.identity.addresses import same_address
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from storage.warc_fields import one_line
from storage.warc_reader import BrokenRecordError, WarcRecord, read_records

MAX_PACKED_FILES, MAX_MANIFEST_BYTES = 10_000, 16 << 20  # in a WACZ package
MOST_SHRUNK = 4  # a gzip file that a ZIP file packs smaller than to its fourth part is made to harm
_SLACK_BYTES = 1 << 20
_DAMAGE = (OSError, EOFError, BadZipFile, zlib.error, RuntimeError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A WARC file, perhaps unpacked from a package (``name`` says so), with its size and SHA-256."""

    name: str
    path: Path
    size: int
    sha256: str


def key_of(url: str) -> str:
    """Return an address in the spelling in which addresses of links and records are compared."""
    return address_key(same_address(url))


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file. Raises OSError for any other, as a pipe might never end."""
    if path.exists() and not path.is_file():
        raise OSError(0, "no regular file")
    return path.open("rb")


def _unreadable(path: Path, error: BaseException) -> CrawlError:
    cause = one_line(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}")[:300]
    return CrawlError(code="wayback.unreadable", path=path, cause=cause)


def records_in(path: Path, scratch: Path) -> Iterator[tuple[ArchiveFile, WarcRecord | None, bool]]:
    """Yield the records of a WARC file or a WACZ package (None: a damaged one), each with its file, and whether that
    says that it comes from an imitation portal. ``scratch``: a folder to unpack. Raises :class:`CrawlError`.
    """
    for file in _archive_files(path, scratch):
        is_simulated = False
        with file.path.open("rb") as opened:
            for record in read_records(opened):
                if isinstance(record, BrokenRecordError):
                    yield file, None, is_simulated
                elif record.kind == "warcinfo":
                    is_simulated = record.info.get("simulated") == "true"
                else:
                    yield file, record, is_simulated


def _archive_files(path: Path, scratch: Path) -> Iterator[ArchiveFile]:
    """Yield a WARC file, or those in a WACZ package, which are unpacked into the folder ``scratch``. Raises
    :class:`CrawlError` if the file is none of them, is damaged, or is not what its package says.
    """
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
    """Yield the WARC files of a package. Raises :class:`CrawlError` for one without the digest that is stated."""
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
