"""Zip containers opened within bounds: no member is inflated beyond what was promised and allowed."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

MAX_MEMBERS = 5_000
MAX_RATIO = 200  # deflate of real office XML stays below 60
_SMALL = 1 << 20  # below this the ratio does not matter
_HEADER = 30  # bytes of a local header before the name
_CHUNK = 1 << 16
_KNOWN_FLAGS = 0x080E  # of a member: how hard it was compressed, sizes behind it, a name in UTF-8
_LOCAL = b"PK\x03\x04"
_END, _END_BYTES = struct.Struct("<4s4H2IH").unpack_from, 22  # of a zip: the record that says where its directory is
_ENTRY, _ENTRY_BYTES = struct.Struct("<4s2xBx2H4x3I3H8xI").unpack_from, 46  # of the directory, before the name
_ENTRY64_BYTES = 20  # that stand before the end of a zip of the 64-bit kind
_NEWEST = 63  # the version of the format that the library knows
_MANY = 100_000  # entries of a directory
_Entry = tuple[int, int, int, int, int, int]  # flags, method, checksum, bytes packed and unpacked, place of the header
_ROWS = (  # of the parts of office programs: how a row begins and ends, and what else ends whole
    (b"<w:tr", b"</w:tr>", (b"</w:p>",)),
    (b"<row", b"</row>", ()),
    (b"<x:row", b"</x:row>", ()),
    (b"<si", b"</si>", ()),
    (b"<Row", b"</Row>", ()),
    (b"<ss:Row", b"</ss:Row>", ()),
)
_EFFORT = 4  # what may be inflated of a torn zip, in times of what may be given


class ContainerError(Exception):
    """A container that cannot be read; ``reason`` is an ``unreadable`` code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def open_zip(data: bytes, most: int = MAX_MEMBERS) -> zipfile.ZipFile:
    """Open a zip; ``truncated`` if its directory is missing, ``damaged`` if it makes no sense.

    ``too_large`` if it has more than ``most`` members.
    """
    if len(data) > _MANY * _ENTRY_BYTES and data.count(b"PK\x01\x02") > _MANY:
        raise ContainerError("too_large")  # before the library makes room for them all
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise ContainerError("truncated" if b"PK\x05\x06" not in data[-70_000:] else "damaged") from error
    except (ValueError, NotImplementedError, OSError, struct.error, UnicodeDecodeError) as error:
        raise ContainerError("damaged") from error
    if len(archive.filelist) > most:
        raise ContainerError("too_large")
    return archive


def names_in(data: bytes) -> frozenset[str]:
    """The names of a zip's members. Raises as :func:`open_zip` does; a third of its cost for what programs write."""
    return Members(data).names


class Members:
    """The members of a zip by name, read as :func:`member` does. The library is asked only for what is unusual.

    ``doubled``: as that function gives them.
    Raises as :func:`open_zip` does.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._plain = _directory(data)
        self._archive: zipfile.ZipFile | None = None
        self.doubled = doubled(self._library()) if self._plain is None else ()
        self.names = frozenset(self._library().namelist() if self._plain is None else self._plain)

    def read(self, name: str, limit: int) -> bytes:
        """One member's bytes; raises ContainerError (``missing``, ``encrypted``, ``too_large``, ``damaged``)."""
        if self._plain is not None and (entry := self._plain.get(name)) is not None:
            _size_bound(entry, limit)
            content = _inflated(self._data, name, entry)
            if content is not None:
                return content
        return member(self._library(), name, limit)

    def _library(self) -> zipfile.ZipFile:
        if self._archive is None:
            self._archive = open_zip(self._data)
        return self._archive


def _directory(data: bytes) -> dict[str, _Entry] | None:
    """The members, where the directory reaches to the end of the zip and nothing in it is out of the ordinary."""
    end = len(data) - _END_BYTES
    if end < _ENTRY64_BYTES or data.startswith(b"PK\x06\x07", end - _ENTRY64_BYTES):
        return None
    sign, disk, first, _, _, size, at, comment = _END(data, end)
    if sign != b"PK\x05\x06" or disk or first or comment or at + size != end:
        return None
    found: dict[str, _Entry] = {}
    entries = 0
    for _ in range(MAX_MEMBERS):
        if at + _ENTRY_BYTES > end:
            break
        sign, version, flags, method, checksum, packed, size, length, extra, comment, header = _ENTRY(data, at)
        name = data[at + _ENTRY_BYTES : at + _ENTRY_BYTES + length]
        if sign != b"PK\x01\x02" or version > _NEWEST or flags & ~_KNOWN_FLAGS or extra:
            return None
        if not name.isascii() or 0 in name:
            return None
        found[name.decode("ascii")] = flags, method, checksum, packed, size, header
        at += _ENTRY_BYTES + length + comment
        entries += 1
    return found if at == end and len(found) == entries else None


def doubled(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """The names that several members with different bytes have, in a package that may hold each but once.

    Names differ by more than case there (ECMA-376 part 2; OFD).
    """
    contents: dict[str, tuple[int, int]] = {}
    found: dict[str, None] = {}
    for info in archive.filelist:
        about = info.CRC, info.file_size
        if contents.setdefault(info.filename.lower(), about) != about:
            found[info.filename] = None
    return tuple(found)


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """One member's bytes; raises ContainerError (``missing``, ``encrypted``, ``too_large``, ``damaged``)."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise ContainerError("missing") from error
    return inflate(archive, info, limit)


def inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of an entry, at most ``limit``; raises ContainerError (``encrypted``, ``too_large``, ``damaged``)."""
    entry = (info.flag_bits, info.compress_type, info.CRC, info.compress_size, info.file_size, info.header_offset)
    allowed = _size_bound(entry, limit)
    if isinstance(archive.fp, io.BytesIO):
        content = _inflated(archive.fp.getvalue(), info.orig_filename, entry)
        if content is not None:
            return content
    try:
        with archive.open(info) as stream:
            content = stream.read(allowed + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        struct.error,
        RuntimeError,
    ) as error:
        raise ContainerError("damaged") from error
    if len(content) > allowed:
        raise ContainerError("too_large")
    return content


def _size_bound(entry: _Entry, limit: int) -> int:
    """How many bytes an entry may come to. Raises ContainerError (``encrypted``, ``too_large``)."""
    flags, _, _, packed, size, _ = entry
    if flags & 1:
        raise ContainerError("encrypted")
    allowed = min(limit, max(_SMALL, packed * MAX_RATIO))
    if size > allowed:
        raise ContainerError("too_large")
    return allowed


def _inflated(data: bytes, called: str, entry: _Entry) -> bytes | None:
    """The bytes of an entry that is all it is said to be, at a fifth of what the library takes; else None: it judges.

    Its local header bears the directory's name and no sign of encryption or patches, and size and checksum are right.
    """
    flags, method, checksum, packed, size, at = entry
    if method != 8 or flags & ~_KNOWN_FLAGS:
        return None
    if not 0 <= at <= len(data) - _HEADER or not data.startswith(_LOCAL, at) or not called.isascii():
        return None
    name_length, extra = struct.unpack_from("<2H", data, at + 26)
    begin = at + _HEADER + name_length + extra
    if data[at + _HEADER : at + _HEADER + name_length] != called.encode():
        return None
    try:
        content = zlib.decompressobj(-15).decompress(data[begin : begin + packed], size + 1)
    except zlib.error:
        return None
    return content if len(content) == size and zlib.crc32(content) == checksum else None


def check_overlaps(archive: zipfile.ZipFile) -> None:
    """Raise ContainerError where entries share their bytes, as only bombs do."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if info.header_offset < end:
            raise ContainerError("damaged")
        end = info.header_offset + _HEADER + info.compress_size


def salvage(data: bytes, limit: int, members: int) -> Iterator[tuple[bytes, bytes, bool]]:
    """Raw name, bytes and wholeness of the members of a zip that lost its directory, from their local headers.

    ``limit`` bounds the bytes of all together. A member that is cut is given as far as it goes, marked as not whole;
    one whose bytes are not what they were (broken deflate, wrong checksum) is not given: figures in it may be wrong.
    """
    view = memoryview(data)
    at = data.find(_LOCAL)
    effort = _EFFORT * limit  # bytes inflated in all, those of members that are not given too
    for _ in range(MAX_MEMBERS):
        if at < 0 or members <= 0 or min(limit, effort) <= 0 or at + _HEADER > len(data):
            return
        flags, method = struct.unpack_from("<HH", data, at + 6)
        checksum, packed, _, name_length, extra = struct.unpack_from("<3I2H", data, at + 14)
        begin = at + _HEADER + name_length + extra
        body = view[begin : begin + packed] if packed else view[begin:]
        allowed = min(limit, effort, max(_SMALL, len(body) * MAX_RATIO))
        content, used = _unpacked(body, method, allowed)
        used = 0 if len(body) < packed and method == 0 else used  # stored as it is, and cut
        effort -= allowed if content is None else len(content)
        if used and flags & 8:
            checksum = _descriptor_checksum(data, begin + used)
        if content is not None and not flags & 1 and (not used or checksum in (None, zlib.crc32(content))):
            members -= 1
            limit -= len(content)
            yield data[at + _HEADER : at + _HEADER + name_length], content, used > 0
        at = data.find(_LOCAL, begin + max(packed, used, 0))


def _descriptor_checksum(data: bytes, at: int) -> int | None:
    """The checksum in the data descriptor behind a member; None if the file ends before it."""
    at += 4 if data[at : at + 4] == b"PK\x07\x08" else 0
    return struct.unpack_from("<I", data, at)[0] if at + 4 <= len(data) else None


def _unpacked(body: memoryview, method: int, limit: int) -> tuple[bytes | None, int]:
    """Stored or deflated bytes as far as they go, and how many were used; 0 where the end is missing."""
    if method == 0:
        return bytes(body[:limit]), len(body) if len(body) <= limit else 0
    if method != 8:
        return None, 0
    engine = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    at = 0
    try:
        while at < len(body) and limit > 0 and not engine.eof:
            piece = engine.decompress(body[at : at + _CHUNK], limit)
            at += _CHUNK
            limit -= len(piece)
            pieces.append(piece)
    except zlib.error:
        return None, 0
    return b"".join(pieces), min(at, len(body)) - len(engine.unused_data) if engine.eof else 0


def names_left(data: bytes) -> frozenset[str]:
    """The names of the members of a zip that lost its directory, from their local headers; nothing is unpacked.

    What is packed in a member is none, wherever that says how long it is.
    """
    found: set[str] = set()
    at = data.find(_LOCAL)
    for _ in range(MAX_MEMBERS):
        if at < 0 or at + _HEADER > len(data):
            break
        packed, _, length, extra = struct.unpack_from("<2I2H", data, at + 18)
        found.add(data[at + _HEADER : at + _HEADER + length].decode("utf-8", "replace"))
        at = data.find(_LOCAL, at + _HEADER + length + extra + packed)
    return frozenset(found)


def rebuilt(data: bytes, limit: int, members: int) -> tuple[zipfile.ZipFile, str]:
    """A zip made of what :func:`salvage` finds, and the name of the member that is cut ("" if none is).

    Of a cut XML part only what ends with a whole row or paragraph is kept: half a figure is a wrong figure.
    """
    out, cut = io.BytesIO(), ""
    with zipfile.ZipFile(out, "w") as archive:
        met: set[str] = set()
        for raw, content, whole in salvage(data, limit, members):
            name = raw.decode("utf-8", "replace").partition("\0")[0]
            if not name.strip("/") or name in met:
                continue
            met.add(name)
            cut = cut or ("" if whole else name)
            archive.writestr(name, content if whole else content[: last_end(content)])
    return zipfile.ZipFile(out), cut


def last_end(content: bytes) -> int:
    """Where the last whole row or paragraph of an office program's part ends; a row that is cut is no row.

    Of a workbook the rows count, and the shared texts; of other parts nothing is kept.
    """
    for opens, closes, others in _ROWS:
        begun = max(content.rfind(opens + b">"), content.rfind(opens + b" "))
        ended = content.rfind(closes)
        if begun > ended:
            return begun
        if ended >= 0 or any(content.rfind(mark) >= 0 for mark in others):
            return max(at + len(mark) for mark in (closes, *others) if (at := content.rfind(mark)) >= 0)
    return 0
