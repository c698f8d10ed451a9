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
_CHUNK = 1 << 20
_BLOCK = 300  # index lines compressed together
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was written. ``digest``: SHA-256 of ``datapackage.json``, which covers everything else; ``problems``: notes
    about damaged records, which were left out.
    """

    path: Path
    size: int
    records: int
    captures: int
    digest: str
    problems: tuple[Note, ...]


def write_wacz(path: Path, blobs: Blobs, contents: PackageContents, at: datetime) -> Packed:
    """Write a package of records from WARC files; ``path`` appears when it is complete.

    Raises StorageError if it cannot be written; a record that cannot be copied is left out and reported.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as out, zipfile.ZipFile(out, "w", allowZip64=True) as package:
            writer = _PackageWriter(package, blobs, contents, at)
            writer.write()
    except OSError as error:
        raise StorageError(code="wacz.unwritten", path=path, cause=error.strerror or str(error)) from error
    return Packed(
        path=path,
        size=path.stat().st_size,
        records=writer.records,
        captures=writer.captures,
        digest=writer.digest,
        problems=tuple(writer.problems),
    )


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


class _PackageWriter:
    def __init__(self, package: zipfile.ZipFile, blobs: Blobs, contents: PackageContents, at: datetime) -> None:
        self._zip, self._blobs, self._contents = package, blobs, contents
        self._at = at.astimezone(UTC)
        self._resources: list[dict[str, object]] = []
        self.records = self.captures = 0
        self.digest = ""
        self.problems: list[Note] = []

    def write(self) -> None:
        contents = self._contents
        warc = f"{contents.name}.warc.gz"
        expected = sum(capture.warc.length for capture in contents.captures if capture.warc is not None)
        info = self._zip_info(f"archive/{warc}", stored=True)
        with self._zip.open(info, "w", force_zip64=expected * 2 > _LARGE) as out:
            counted = _Counted(out)
            index = sorted(line + b"\n" for line in self._copy_records(counted, warc))
        self._list_resource(info.filename, counted.hash, counted.size)
        self._add_index(index)
        self._add_file("pages/pages.jsonl", _join_lines(_page_lines("pages", "All Pages", contents.pages)))
        self._add_file("pages/extraPages.jsonl", _join_lines(_page_lines("extra-pages", "List pages", contents.lists)))
        for name, lines in contents.files.items():
            self._add_file(name, _join_lines(lines))
        manifest = self._manifest()
        self._zip.writestr(self._zip_info("datapackage.json"), manifest)
        self.digest = hashlib.sha256(manifest).hexdigest()
        digest = {"path": "datapackage.json", "hash": f"sha256:{self.digest}"}
        self._zip.writestr(self._zip_info("datapackage-digest.json"), json.dumps(digest, indent=2).encode())

    def _manifest(self) -> bytes:
        stamp = _instant(self._at)
        first_page = next(iter(self._contents.pages), None)
        main = (
            {"mainPageUrl": target_uri(first_page.url), "mainPageDate": _instant(first_page.at)} if first_page else {}
        )
        manifest: dict[str, object] = {"profile": "data-package", "wacz_version": VERSION, "created": stamp}
        manifest |= {"modified": stamp, **main, **self._contents.about, "resources": self._resources}
        return json.dumps(manifest, ensure_ascii=False, indent=2).encode()

    def _zip_info(self, name: str, *, stored: bool = False) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info

    def _list_resource(self, name: str, digest: str, size: int) -> None:
        self._resources.append({"name": name.rpartition("/")[2].lower(), "path": name, "hash": digest, "bytes": size})

    def _add_file(self, name: str, data: bytes, *, stored: bool = False) -> None:
        self._zip.writestr(self._zip_info(name, stored=stored), data)
        self._list_resource(name, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))

    def _add_index(self, lines: Sequence[bytes]) -> None:
        """Add the index: the sorted lines in gzip blocks, and the first key and offset of each block."""
        blocks = b""
        places = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': 'index.cdx.gz'})}"]
        for start in range(0, len(lines), _BLOCK):
            data = gzip.compress(b"".join(lines[start : start + _BLOCK]), mtime=0)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            place = json.dumps({"offset": len(blocks), "length": len(data), "digest": digest})
            places.append(f"{lines[start].partition(b' {')[0].decode()} {place}")
            blocks += data
        self._add_file("indexes/index.cdx.gz", blocks, stored=True)
        self._add_file("indexes/index.idx", _join_lines(places))

    def _copy_records(self, out: _Counted, warc: str) -> Iterator[bytes]:
        """Copy all records into ``out``; yield each capture's index line with its new place."""
        out.write(warcinfo_member(warc, self._contents.info, self._at))
        for name, captures in groupby(
            self._contents.captures, key=lambda capture: capture.warc.file if capture.warc else ""
        ):
            try:
                source = self._blobs.open(name)
            except OSError as error:
                self.problems.append(Note("file_left_out", {"file": name, "cause": error.strerror}))
                continue
            with source:
                yield from self._copy_file(out, warc, source, name, captures)

    def _copy_file(
        self, out: _Counted, warc: str, source: BinaryIO, name: str, captures: Iterable[Capture]
    ) -> Iterator[bytes]:
        has_warcinfo = False
        for capture in captures:
            try:
                members = _read_members(source, capture)
                warcinfo = [] if has_warcinfo else [read_record(source, 0)]
                entry = read_entry(source, capture)
            except BrokenRecordError as broken:
                entry = Note("record_damaged", {"where": f"{name}:{broken.offset}", "why": broken.note.as_json})
            if isinstance(entry, Note):
                self.problems.append(Note("capture_left_out", {"capture": capture.id, "why": entry.as_json}))
                continue
            has_warcinfo = True
            for record in warcinfo:
                _copy_record(source, record, out)
            place = WarcPlace(file=warc, offset=out.size, length=members[0].length)
            for record in members:
                _copy_record(source, record, out)
            self.records += len(members)
            self.captures += 1
            if entry.status != NOT_MODIFIED:
                yield entry.line(place)


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
    remaining = record.length
    while remaining:
        piece = source.read(min(_CHUNK, remaining))
        if not piece:
            raise OSError("a WARC file became shorter while it was copied")
        out.write(piece)
        remaining -= len(piece)


def _join_lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _page_lines(identity: str, title: str, pages: Iterable[EntryPage]) -> Iterator[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": identity, "title": title})
    for page in pages:
        entry = {"id": page.id, "url": target_uri(page.url), "ts": _instant(page.at), "title": page.title, **page.more}
        yield json.dumps(entry, ensure_ascii=False)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
