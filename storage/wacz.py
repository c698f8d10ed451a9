"""Write a WACZ: selected records with index and pages in one file for replay tools (WACZ 1.1.1, webrecorder.net).

A zip with ``archive/*.warc.gz`` (uncompressed, because records are found by offset), ``indexes/index.cdx.gz`` (CDXJ in
gzip blocks) and ``index.idx`` (where each block begins), ``pages/*.jsonl``, other files, ``datapackage.json`` with size
and SHA-256 of each, and ``datapackage-digest.json`` with its own digest.

The archive's records are copied byte for byte and verified on the way; before those of each file comes its warcinfo
record. Only one record at a time is in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, BinaryIO

from storage.atomic_files import whole_file
from storage.blobs import Blobs
from storage.cdxj import NOT_MODIFIED, read_entry
from storage.errors import StorageError
from storage.records import Capture, Note, WarcPlace
from storage.warc import warcinfo_member
from storage.warc_check import differences
from storage.warc_fields import target_uri, urn
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_record

VERSION = "1.1.1"
SUFFIX = ".wacz"
_BLOCK_LINES = 300  # index lines compressed together
_LARGE = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """A page to start from: address and time of a capture in the package. ``more``: additional properties."""

    id: str
    url: str
    at: datetime
    title: str
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageContents:
    """What to put into a package. ``captures`` have records and are sorted by file and offset; ``pages`` are the main
    pages, ``lists`` the extra ones; ``info``: fields of the new WARC file's warcinfo; ``about``: properties of the
    package; ``files``: lines by name (with a folder).
    """

    name: str
    captures: Sequence[Capture]
    pages: Sequence[EntryPage]
    lists: Sequence[EntryPage]
    info: Mapping[str, str]
    about: Mapping[str, object]
    files: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Packed:
    """What was written. ``digest``: SHA-256 of ``datapackage.json``, which covers everything else; ``problems``: notes
    about damaged records, which were left out.
    """

    path: Path
    size: int = 0
    records: int = 0
    captures: int = 0
    digest: str = ""
    problems: list[Note] = field(default_factory=list)


def write_wacz(path: Path, blobs: Blobs, contents: PackageContents, at: datetime) -> Packed:
    """Write a package (WACZ, for replay programs) of records from WARC files; ``path`` appears when it is complete.

    Raises StorageError if it cannot be written; a record that cannot be copied is left out and reported.
    """
    packed, warc, index_lines = Packed(path), f"{contents.name}.warc.gz", list[bytes]()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as out, zipfile.ZipFile(out, "w", allowZip64=True) as archive:
            package = _Package(archive, at.astimezone(UTC))
            expected = sum(capture.warc.length for capture in contents.captures if capture.warc is not None)
            with package.open(f"archive/{warc}", stored=True, is_large=expected * 2 > _LARGE) as file:
                file.write(warcinfo_member(warc, contents.info, package.at))
                for name, captures in groupby(contents.captures, key=lambda one: one.warc.file if one.warc else ""):
                    index_lines += _copy_captures(file, warc, blobs, name, captures, packed)
            _add_index(package, sorted(index_lines))
            package.add("pages/pages.jsonl", _page_lines("pages", "All Pages", contents.pages))
            package.add("pages/extraPages.jsonl", _page_lines("extra-pages", "List pages", contents.lists))
            for name, lines in contents.files.items():
                package.add(name, lines)
            package.add("datapackage.json", [_manifest(contents, package)])
            digest = str(package.resources[-1]["hash"])
            package.add("datapackage-digest.json", [json.dumps({"path": "datapackage.json", "hash": digest}, indent=2)])
    except OSError as error:
        raise StorageError(code="wacz.unwritten", path=path, cause=error.strerror or str(error)) from error
    packed.size, packed.digest = path.stat().st_size, digest.removeprefix("sha256:")
    return packed


def _manifest(contents: PackageContents, package: _Package) -> str:
    """Return the text of ``datapackage.json``, which lists the files of ``package``."""
    stamp, first_page = _instant(package.at), next(iter(contents.pages), None)
    manifest: dict[str, object] = {"profile": "data-package", "wacz_version": VERSION, "created": stamp}
    manifest["modified"] = stamp
    if first_page is not None:
        manifest |= {"mainPageUrl": target_uri(first_page.url), "mainPageDate": _instant(first_page.at)}
    manifest |= {**contents.about, "resources": package.resources}
    return json.dumps(manifest, ensure_ascii=False, indent=2)


def _page_lines(identity: str, title: str, pages: Iterable[EntryPage]) -> Iterator[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": identity, "title": title})
    for page in pages:
        entry = {"id": page.id, "url": target_uri(page.url), "ts": _instant(page.at), "title": page.title, **page.more}
        yield json.dumps(entry, ensure_ascii=False)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add_index(package: _Package, lines: Sequence[bytes]) -> None:
    """Add the index: the sorted lines in gzip blocks, and the first key and offset of each block."""
    places = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': 'index.cdx.gz'})}"]
    with package.open("indexes/index.cdx.gz", stored=True) as file:
        for start in range(0, len(lines), _BLOCK_LINES):
            data = gzip.compress(b"".join(lines[start : start + _BLOCK_LINES]), mtime=0)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            place = json.dumps({"offset": file.size, "length": len(data), "digest": digest})
            places.append(f"{lines[start].partition(b' {')[0].decode()} {place}")
            file.write(data)
    package.add("indexes/index.idx", places)


# ------------------------------------------------------------------------------------------- the file of a package


class _Package:
    """A package that is being written. ``resources``: the files in it, each with its size and digest."""

    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self.at = at
        self.resources: list[dict[str, object]] = []
        self._archive = archive

    @contextmanager
    def open(self, name: str, *, stored: bool = False, is_large: bool = False) -> Iterator[_Counted]:
        """Open a file in the package to write and then list it. ``stored``: uncompressed; ``is_large``: over 2 GB."""
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._archive.open(info, "w", force_zip64=is_large) as out:
            counted = _Counted(out)
            yield counted
        row = {"name": name.rpartition("/")[2].lower(), "path": name, "hash": counted.hash, "bytes": counted.size}
        self.resources.append(row)

    def add(self, name: str, lines: Iterable[str]) -> None:
        """Add a file of lines."""
        with self.open(name) as file:
            for line in lines:
                file.write(f"{line}\n".encode())


class _Counted:
    """A file inside the package that is being written; counts its size and computes its digest."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._digest, self.size = out, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self.size += len(data)

    @property
    def hash(self) -> str:
        return f"sha256:{self._digest.hexdigest()}"


# --------------------------------------------------------------------------------------------------- copied records


def _copy_captures(
    out: _Counted, warc: str, blobs: Blobs, name: str, captures: Iterable[Capture], packed: Packed
) -> Iterator[bytes]:
    """Copy the records of captures from one WARC file of the archive, after its warcinfo record; yield an index line
    with the new place for each. What cannot be copied becomes a problem of ``packed``.
    """
    try:
        source = blobs.open(name)
    except OSError as error:
        packed.problems.append(Note("file_left_out", {"file": name, "cause": error.strerror}))
        return
    has_warcinfo = False
    with source:
        for capture in captures:
            try:
                members = _read_members(source, capture)
                warcinfo = [] if has_warcinfo else [read_record(source, 0)]
                entry = read_entry(source, capture)
            except BrokenRecordError as broken:
                entry = Note("record_damaged", {"where": f"{name}:{broken.offset}", "why": broken.note.as_json})
            if isinstance(entry, Note):
                packed.problems.append(Note("capture_left_out", {"capture": capture.id, "why": entry.as_json}))
                continue
            for record in warcinfo:
                _copy_record(source, record, out)
            place, has_warcinfo = WarcPlace(file=warc, offset=out.size, length=members[0].length), True
            for record in members:
                _copy_record(source, record, out)
            packed.records += len(members)
            packed.captures += 1
            if entry.status != NOT_MODIFIED:  # a 304 has nothing to replay
                yield entry.line(place) + b"\n"


def _read_members(source: BinaryIO, capture: Capture) -> list[WarcRecord]:
    """Return a capture's record, followed by its request and metadata records.

    Raises BrokenRecordError for an incomplete record, or one that does not belong to the capture's row.
    """
    assert capture.warc is not None
    record = read_record(source, capture.warc.offset)
    wrong = [note.as_json for _, note in differences(capture, record)]
    if not record.has_its_block:
        wrong.append(Note("block_not_of_digest").as_json)
    if wrong:
        raise BrokenRecordError(record.offset, Note("record_not_as_kept", {"notes": wrong}))
    records, size = [record], source.seek(0, os.SEEK_END)
    while records[-1].end < size and _belongs_to(read_head(source, records[-1].end), urn(capture.id)):
        records.append(read_record(source, records[-1].end))
    return records


def _belongs_to(head: RecordHead, record_id: str) -> bool:
    name = {"request": "warc-concurrent-to", "metadata": "warc-refers-to"}.get(head.kind, "")
    return head.fields.get(name) == record_id


def _copy_record(source: BinaryIO, record: WarcRecord, out: _Counted) -> None:
    source.seek(record.offset)
    data = source.read(record.length)
    if len(data) < record.length:
        raise OSError("a WARC file became shorter while it was copied")
    out.write(data)
