"""A font for Chinese, Japanese and Korean characters that a file prints without embedding a font: each is one box.

The characters' codes and widths stand in the file; of the shapes only a box is needed, and without one pdfium drops the
characters of turned text. Built here so that the fonts of the machine never matter.
"""

from __future__ import annotations

import struct

_UNITS = 1_000  # of the em
_LEFT, _RIGHT, _BOTTOM, _TOP = 40, 460, -80, 820  # as high as an ideograph, no wider than a digit takes room
_LAST = 0x10FFFF


def box_font() -> bytes:
    """A TrueType file of one shape for every character."""
    glyph = struct.pack(">5h", 1, _LEFT, _BOTTOM, _RIGHT, _TOP) + struct.pack(">2H4B", 3, 0, 1, 1, 1, 1)
    glyph += struct.pack(">4h", _LEFT, 0, _RIGHT - _LEFT, 0) + struct.pack(
        ">4h", _BOTTOM, _TOP - _BOTTOM, 0, _BOTTOM - _TOP
    )
    half = len(glyph) // 2
    group = struct.pack(">2H5I", 13, 0, 28, 0, 1, 1, _LAST) + struct.pack(">I", 1)
    tables = {
        b"cmap": struct.pack(">4HI", 0, 1, 3, 10, 12) + group,
        b"glyf": glyph * 2,
        b"head": struct.pack(
            ">4I2H2q4h2H3h",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _UNITS, 0, 0),
            *(_LEFT, _BOTTOM, _RIGHT, _TOP, 0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, 880, -120, 0, _UNITS, 0, 0, _RIGHT, 1, *[0] * 7, 1),
        b"hmtx": struct.pack(">Hhh", _UNITS, _LEFT, _LEFT),
        b"loca": struct.pack(">3H", 0, half, 2 * half),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, *[0] * 8),
    }
    return _file(tables)


def _file(tables: dict[bytes, bytes]) -> bytes:
    head = struct.pack(">I4H", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    offset = len(head) + 16 * len(tables)
    entries, bodies = b"", b""
    for name, body in tables.items():
        padded = body + b"\0" * (-len(body) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        entries += struct.pack(">4s3I", name, total, offset + len(bodies), len(body))
        bodies += padded
    return head + entries + bodies
