"""Streams → an OLE compound file ([MS-CFB] version 3), as WPS Writer keeps documents: Word's streams and its own."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 512
_CUTOFF = 4096  # shorter streams would lie in a mini stream: they are filled up
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_WORD = bytes.fromhex("0609020000000000c000000000000046")  # the class of Word.Document.8, which WPS Writer writes too


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of named streams in one storage."""
    ordered = sorted(streams, key=lambda name: (len(name), name.upper()))
    content = bytearray()
    starts: dict[str, tuple[int, int]] = {}
    chains: list[int] = []
    for name in ordered:
        data = streams[name].ljust(_CUTOFF, b"\0")
        count = -(-len(data) // _SECTOR)
        starts[name] = (len(chains), len(data))
        chains += [*range(len(chains) + 1, len(chains) + count), _END]
        content += data.ljust(count * _SECTOR, b"\0")
    directory = _directory(ordered, starts)
    count = len(directory) // _SECTOR
    first = len(chains)
    chains += [*range(first + 1, first + count), _END]
    tables = 1
    while tables * _SECTOR // 4 < len(chains) + tables:
        tables += 1
    at = len(chains)
    chains += [_FAT] * tables
    chains += [_FREE] * (tables * _SECTOR // 4 - len(chains))
    header = struct.pack("<8s16s6H10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0,
                         tables, first, 0, _CUTOFF, _END, 0, _END, 0)  # fmt: skip
    header += struct.pack("<109I", *range(at, at + tables), *[_FREE] * (109 - tables))
    return header + content + directory + struct.pack(f"<{len(chains)}I", *chains)


def _directory(ordered: list[str], starts: Mapping[str, tuple[int, int]]) -> bytes:
    """The root and its streams, each the right neighbour of the one before: a search tree, if no balanced one."""
    out = _entry("Root Entry", 5, _FREE, 1 if ordered else _FREE, _END, 0, _WORD)
    for number, name in enumerate(ordered, 1):
        out += _entry(name, 2, number + 1 if number < len(ordered) else _FREE, _FREE, *starts[name], bytes(16))
    return out + bytes(-len(out) % _SECTOR)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int, clsid: bytes) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sH2B3I16sI2QIQ", letters, len(letters), kind, 1, _FREE, right, child, clsid, 0, 0, 0, start, size
    )
