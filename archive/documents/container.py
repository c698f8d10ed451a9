"""Zip and OLE containers opened within bounds: no member is inflated beyond what was promised and allowed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

MAX_MEMBERS = 5_000
MAX_RATIO = 200  # deflate of real office XML stays below 60
_SMALL = 1 << 20  # below this the ratio does not matter
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_CHAIN = 0xFFFFFFFE


class ContainerError(Exception):
    """A container that cannot be read; ``reason`` is an ``unreadable`` code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip; ``truncated`` if its directory is missing, ``damaged`` if it makes no sense."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise ContainerError("truncated" if b"PK\x05\x06" not in data[-70_000:] else "damaged") from error
    except (ValueError, NotImplementedError, OSError, struct.error, UnicodeDecodeError) as error:
        raise ContainerError("damaged") from error
    if len(archive.filelist) > MAX_MEMBERS:
        raise ContainerError("too_large")
    return archive


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """One member's bytes; raises ContainerError (``missing``, ``encrypted``, ``too_large``, ``damaged``)."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise ContainerError("missing") from error
    if info.flag_bits & 1:
        raise ContainerError("encrypted")
    allowed = min(limit, max(_SMALL, info.compress_size * MAX_RATIO))
    if info.file_size > allowed:
        raise ContainerError("too_large")
    try:
        with archive.open(info) as stream:
            content = stream.read(allowed + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
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


def is_ole(data: bytes) -> bool:
    """Whether the bytes are an OLE compound file (Word 97, WPS, Excel 97, encrypted OOXML)."""
    return data.startswith(_OLE_MAGIC)


def ole_names(data: bytes) -> frozenset[str]:
    """Names of the streams and storages of a compound file, as far as its directory can be read ([MS-CFB] 2.6)."""
    if len(data) < 512:
        return frozenset()
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return frozenset()
    size = 1 << shift
    sector = struct.unpack_from("<I", data, 48)[0]
    table = _fat(data, size)
    names: set[str] = set()
    seen = 0
    while sector < _END_OF_CHAIN and seen < 256:
        seen += 1
        at = (sector + 1) * size
        for entry in range(at, min(at + size, len(data) - 127), 128):
            length = struct.unpack_from("<H", data, entry + 64)[0]
            if 2 < length <= 64 and data[entry + 66] in (1, 2, 5):
                names.add(data[entry : entry + length - 2].decode("utf-16-le", "replace"))
        sector = table.get(sector, _END_OF_CHAIN)
    return frozenset(names)


def _fat(data: bytes, size: int) -> dict[int, int]:
    """Sector → next sector, from the first 109 sectors of the allocation table (files up to 7 MB in full)."""
    chain: dict[int, int] = {}
    entries = size // 4
    for number, sector in enumerate(struct.unpack_from("<109I", data, 76)):
        at = (sector + 1) * size
        if sector >= _END_OF_CHAIN or at + size > len(data):
            break
        values = struct.unpack_from(f"<{entries}I", data, at)
        chain.update((number * entries + k, value) for k, value in enumerate(values) if value < _END_OF_CHAIN)
    return chain
