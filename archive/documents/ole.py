"""OLE compound files ([MS-CFB]): names and bytes of their streams. Every chain is bounded by the file's own length."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cached_property

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # from here on sector numbers have special meanings
_FREE = 0xFFFFFFFF
_CUTOFF = 4096  # smaller streams lie in the mini stream
_MAX_ENTRIES = 4_096
_NAMED, _PLACE = struct.Struct("<HB").unpack_from, struct.Struct("<2I").unpack_from


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    size: int
    kind: int


def is_ole(data: bytes) -> bool:
    """Whether the bytes are a compound file (Word 97, WPS, Excel 97, encrypted OOXML)."""
    return data.startswith(_MAGIC)


def wps_or_doc(names: frozenset[str]) -> str:
    """WPS Writer keeps its own streams beside Word's."""
    return "wps" if any("wps" in name.lower() or "kso" in name.lower() for name in names) else "doc"


_BOF = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00")  # that of an Excel workbook ([MS-XLS] 2.4.21)
_FIB = re.compile(rb"\xec\xa5(?=.{30}\x0e\x00)", re.DOTALL)  # of a Word document: its sign, and csw ([MS-DOC] 2.5)


def first_workbook(data: bytes) -> int:
    """Where the stream of an Excel workbook begins, at the beginning of a sector; 0 if it does nowhere."""
    return next((found.start() for found in _BOF.finditer(data) if found.start() % 512 == 0), 0)


def first_document(data: bytes) -> int:
    """Where the stream of a Word document begins, at the beginning of a sector; 0 if it does nowhere."""
    return next((found.start() for found in _FIB.finditer(data, 512) if found.start() % 512 == 0), 0)


class Ole:
    """A compound file. What cannot be read is absent or short; nothing raises."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._entries: dict[str, _Entry] = {}
        self._fat: list[int] = []
        self.torn, self._size = True, 512
        if len(data) < 512:
            return
        shift = struct.unpack_from("<H", data, 30)[0]
        if shift not in (9, 12):
            return
        self._size = 1 << shift
        self._fat = self._table(self._fat_sectors())
        self._read_directory(self._chain(struct.unpack_from("<I", data, 48)[0], len(data)))
        used = len(self._fat)
        while used > 1 and self._fat[used - 1] == _FREE:
            used -= 1
        self.torn = not self._fat or max(used, 1) * self._size >= len(data)

    @cached_property
    def _mini_fat(self) -> list[int]:
        """The allocation table of the small streams."""
        return _integers(self._chain(struct.unpack_from("<I", self._data, 60)[0], len(self._data)))

    @cached_property
    def _mini(self) -> bytes:
        """The stream that holds the small ones."""
        root = next((e for e in self._entries.values() if e.kind == 5), None)
        return self._chain(root.start, root.size) if root is not None else b""

    @property
    def names(self) -> frozenset[str]:
        """Names of all streams and storages."""
        return frozenset(self._entries)

    @property
    def rooted(self) -> bool:
        """Whether the directory has the entry that every compound file has first; without it the directory is gone."""
        return any(entry.kind == 5 for entry in self._entries.values())

    def sound(self) -> bool:
        """Whether every chain of sectors ends. Libraries that follow one that runs in a circle take all memory."""
        data = self._data
        if not self._fat:
            return False
        directory, _, _, mini_start, _ = struct.unpack_from("<5I", data, 48)
        streams = [entry for entry in self._entries.values() if entry.kind == 2]
        large = [entry.start for entry in self._entries.values() if entry.kind == 5 or entry.size >= _CUTOFF]
        small = [entry.start for entry in streams if entry.size < _CUTOFF]
        return (
            all(_ends(self._fat, start) for start in (directory, mini_start, *large))
            and all(_ends(self._mini_fat, start) for start in small)
            and self._extra_ends()
        )

    def _extra_ends(self) -> bool:
        """Whether the chain of sectors that lists further sectors of the allocation table ends."""
        following = struct.unpack_from("<I", self._data, 68)[0]
        for _ in range(len(self._data) // self._size + 1):
            numbers = _integers(self._sector(following)) if following < _END else []
            if not numbers:
                return True
            following = numbers[-1]
        return False

    def stream(self, name: str) -> bytes:
        """The bytes of a stream, shorter than promised if the file is torn; b"" if there is none."""
        entry = self._entries.get(name)
        if entry is None or entry.kind != 2:
            return b""
        if entry.size >= _CUTOFF:
            return self._chain(entry.start, entry.size)
        pieces: list[bytes] = []
        sector, left = entry.start, entry.size
        for _ in range(len(self._mini_fat)):
            if left <= 0 or sector >= len(self._mini_fat):
                break
            pieces.append(self._mini[sector * 64 : sector * 64 + min(64, left)])
            left -= 64
            sector = self._mini_fat[sector]
        return b"".join(pieces)

    def _fat_sectors(self) -> list[int]:
        data = self._data
        sectors = [s for s in struct.unpack_from("<109I", data, 76) if s < _END]
        following, count = struct.unpack_from("<2I", data, 68)
        for _ in range(min(count, len(data) // self._size)):
            numbers = _integers(self._sector(following))
            if following >= _END or not numbers:
                break
            sectors += [s for s in numbers[:-1] if s < _END]
            following = numbers[-1]
        return sectors[: len(data) // self._size + 1]

    def _table(self, sectors: list[int]) -> list[int]:
        return [number for sector in sectors for number in _integers(self._sector(sector))]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._data[at : at + self._size]

    def _chain(self, sector: int, size: int) -> bytes:
        """At most ``size`` bytes of the sectors from ``sector`` on; those that follow each other are taken as one."""
        data, fat, width = self._data, self._fat, self._size
        pieces: list[bytes] = []
        left = min(size, len(data))
        begin = sector
        for _ in range(min(len(fat), -(-left // width))):
            if sector >= len(fat):
                break
            following = fat[sector]
            if following != sector + 1:
                run = data[(begin + 1) * width : (sector + 2) * width]
                pieces.append(run[:left])
                left -= (sector + 1 - begin) * width
                begin = following
            sector = following
        if begin != sector and left > 0:
            pieces.append(data[(begin + 1) * width : (sector + 1) * width][:left])
        return b"".join(pieces)

    def _read_directory(self, directory: bytes) -> None:
        for at in range(0, min(len(directory), 128 * _MAX_ENTRIES) - 127, 128):
            length, kind = _NAMED(directory, at + 64)
            if 2 < length <= 64 and kind in (1, 2, 5):
                name = directory[at : at + length - 2].decode("utf-16-le", "replace")
                start, size = _PLACE(directory, at + 116)
                self._entries.setdefault(name, _Entry(start, size, kind))


def _ends(table: list[int], start: int) -> bool:
    """Whether the chain from ``start`` leaves the table before it has gone through every entry once."""
    for _ in range(len(table) + 1):
        if start >= len(table):
            return True
        start = table[start]
    return False


def _integers(data: bytes) -> list[int]:
    return list(struct.unpack_from(f"<{len(data) // 4}I", data))
