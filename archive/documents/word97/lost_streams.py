"""The streams of a Word file that lost its directory, by what stands in them.

The stream of the document begins with its FIB, at the beginning of a sector; that says where in the table stream the
table of pieces lies, and that table begins with its own length: so the table stream is found by what points into it.
Where it is lost, or the stream of the document is cut, it is made anew of what is left (``regained``).
"""

from __future__ import annotations

import struct

from archive.documents.ole import Ole
from archive.documents.word97.header import CLX, MEANT
from archive.documents.word97.rebuilt_tables import data_stream, regained

_FIB, _WORDS = b"\xec\xa5", b"\x0e\x00"  # wIdent and, behind 32 bytes, the number of words that follow (csw)
_SECTOR, _SMALL = 512, 64  # bytes: streams begin at multiples of one or, the small ones, of the other
_PIECES = struct.Struct("<BI")
_TRIES = 100


def give_streams(ole: Ole, data: bytes) -> None:
    """Give ``ole`` the streams of the document that can be found; none where there is no FIB, or it is encrypted."""
    begin = first_fib(data)
    if not begin or len(data) < begin + CLX + 8 or data[begin + 11] & 0x01:
        return
    main = ole.stream_at(begin)
    ole.give("Data", data_stream(ole, data, main))
    _give_tables(ole, data, begin)
    (length,) = struct.unpack_from("<I", main, MEANT)
    if (not ole.stream("WordDocument") or len(main) < length) and (rebuilt := regained(main)) is not None:
        name = "1Table" if data[begin + 11] & 0x02 else "0Table"
        ole.give("WordDocument", rebuilt[0])
        ole.give(name, rebuilt[1])


def _give_tables(ole: Ole, data: bytes, begin: int) -> None:
    """Give the stream of the document, and the table stream, if that is found."""
    at, size = struct.unpack_from("<2I", data, begin + CLX)
    if size <= _PIECES.size:
        return
    sign = _PIECES.pack(2, size - _PIECES.size)
    found = data.find(sign, _SECTOR)
    for _ in range(_TRIES):
        if found < 0:
            return
        start = found - at
        if start >= _SECTOR and start % _SMALL == 0:
            table = ole.stream_at(start) if start % _SECTOR == 0 else data[start:]
            table = table if table.startswith(sign, at) else data[start:]
            ole.give("WordDocument", ole.stream_at(begin))
            ole.give("1Table" if data[begin + 11] & 0x02 else "0Table", table)
            return
        found = data.find(sign, found + 1)


def first_fib(data: bytes) -> int:
    """Where the FIB of a Word document stands, at the beginning of a sector; 0 if it does nowhere."""
    at = data.find(_FIB, _SECTOR)
    while at >= 0:
        if at % _SECTOR == 0 and data.startswith(_WORDS, at + 32):
            return at
        at = data.find(_FIB, at + 1)
    return 0
