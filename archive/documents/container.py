"""Zip containers opened within bounds: no member is inflated beyond what was promised and allowed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

MAX_MEMBERS = 5_000
MAX_RATIO = 200  # deflate of real office XML stays below 60
_SMALL = 1 << 20  # below this the ratio does not matter


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
