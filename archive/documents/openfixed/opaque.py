"""Whether a PNG hides all that lies beneath it: what scanners and recognising programs write does, a watermark not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {4: 2, 6: 4}  # colour types with an alpha channel, of 8 bits
_MOST_PIXELS = 60_000_000
_AT_ONCE = 1 << 16  # bytes inflated at once
_FULL, _NOTHING = b"\xff", b"\x00"
_HEAD = 26  # bytes up to the colour type


def is_opaque(data: bytes) -> bool:
    """Whether no pixel lets anything through. False where that is not certain: damaged, interlaced, of 16 bits."""
    if not data.startswith(_SIGNATURE) or len(data) < _HEAD + 3:
        return False
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">II5B", data, 16)
    chunks = list(_chunks(data))
    if any(kind == b"tRNS" for kind, _, _ in chunks):
        return False
    if colour not in _CHANNELS:
        return True
    if depth != 8 or interlaced or not 0 < width * height <= _MOST_PIXELS:
        return False
    packed = b"".join(data[begin:end] for kind, begin, end in chunks if kind == b"IDAT")
    return _all_full(packed, width, height, _CHANNELS[colour])


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each chunk, and where its content begins and ends."""
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], at + 8, at + 8 + length
        at += length + 12


def _all_full(packed: bytes, width: int, height: int, channels: int) -> bool:
    """Whether all alpha is full. Rows are compared as they are filtered: what full alpha becomes is known."""
    size = width * channels + 1
    expected = [_filtered(width, first=True), _filtered(width, first=False)]
    engine = zlib.decompressobj()
    held, row = b"", 0
    try:
        while row < height:
            piece = engine.decompress(packed, max(size, _AT_ONCE))
            packed = engine.unconsumed_tail
            if not piece:
                return False
            held += piece
            whole = min(len(held) // size, height - row)
            for n in range(whole):
                alphas = expected[row > 0].get(held[n * size])
                if held[n * size + channels : (n + 1) * size : channels] != alphas:
                    return False
                row += 1
            held = held[whole * size :]
    except zlib.error:
        return False
    return True


def _filtered(width: int, *, first: bool) -> dict[int, bytes]:
    """The alpha bytes of a row of full alpha, by filter type (PNG, 9.2): none, sub, up, average, Paeth."""
    rest = width - 1
    up = _FULL if first else _NOTHING
    average = b"\xff" + b"\x80" * rest if first else b"\x80" + _NOTHING * rest
    paeth = b"\xff" + _NOTHING * rest if first else _NOTHING * width
    return {0: _FULL * width, 1: _FULL + _NOTHING * rest, 2: up * width, 3: average, 4: paeth}
