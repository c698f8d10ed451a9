"""What the library that reads .xls files does not say, and what it would not survive: from the file's own records.

It follows chains of sectors that have no end, and makes room for the rectangle around all cells, however far apart.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from doc2docx.cfb import CompoundFile
from doc2docx.errors import Doc2DocxError

from archive.documents.model import UnreadableError

END, FILE_PASSWORD, COLUMNS, SHEET, SEVERAL_NUMBERS, SEVERAL_BLANKS, ROW = 0x0A, 0x2F, 0x7D, 0x85, 0xBD, 0xBE, 0x0208
CELLS = frozenset((0x06, SEVERAL_NUMBERS, SEVERAL_BLANKS, 0xD6, 0xFD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
HIDDEN_ROW = 0x20  # of the byte that tells how a row looks
HIDDEN_COLUMN = 0x01


class HiddenLines(NamedTuple):
    """Rows and columns of one sheet that are not shown, counted from 0."""

    rows: set[int]
    columns: set[int]


def read_hidden_lines(data: bytes, most: int) -> list[HiddenLines]:
    """Return what each sheet hides, in the order of the sheets.

    Raises UnreadableError: ``damaged``, ``encrypted``; ``too_large`` where all cells span more than ``most`` places.
    """
    stream = _open_stream(data)
    if any(kind == FILE_PASSWORD for kind, _ in _records(stream, 0)):
        raise UnreadableError("encrypted")
    found: list[HiddenLines] = []
    for start in [int.from_bytes(body[:4], "little") for kind, body in _records(stream, 0) if kind == SHEET]:
        lines = HiddenLines(set(), set())
        rows: list[int] = []
        columns: list[int] = []
        for kind, body in _records(stream, start):
            if kind in CELLS and len(body) >= 6:
                rows.append(int.from_bytes(body[:2], "little"))
                columns.append(int.from_bytes(body[2:4], "little"))
                if kind in (SEVERAL_NUMBERS, SEVERAL_BLANKS):
                    columns.append(int.from_bytes(body[-2:], "little"))
            elif kind == ROW and len(body) >= 13 and body[12] & HIDDEN_ROW:
                lines.rows.add(int.from_bytes(body[:2], "little"))
            elif kind == COLUMNS and len(body) >= 9 and body[8] & HIDDEN_COLUMN:
                lines.columns.update(range(int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little") + 1))
        most -= _extent(rows) * _extent(columns)
        if most < 0:
            raise UnreadableError("too_large")
        found.append(lines)
    return found


def _extent(places: Sequence[int]) -> int:
    return max(places) - min(places) + 1 if places else 0


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the stream, up to its end."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _open_stream(data: bytes) -> bytes:
    """Return the stream of records. Raises UnreadableError if it cannot be had, or a chain of sectors has no end."""
    try:
        opened = CompoundFile(data)
        names = [entry.path for entry in opened.entries if entry.path.lower() in ("workbook", "book")]
        stream = bytes(opened.open_stream(max(names))) if names else b""
    except (Doc2DocxError, ValueError, struct.error) as error:
        raise UnreadableError("damaged") from error
    if _has_cycle(opened._fat) or _has_cycle(opened._mini_fat):
        raise UnreadableError("damaged")
    return stream


def _has_cycle(following: Sequence[int]) -> bool:
    """Whether a walk from sector to sector comes back to where it was."""
    walk_of = [0] * len(following)  # the walk that came by a sector first
    for walk, start in enumerate(range(len(following)), 1):
        at = start
        while at < len(following) and not walk_of[at]:
            walk_of[at] = walk
            at = following[at]
        if at < len(following) and walk_of[at] == walk:
            return True
    return False
