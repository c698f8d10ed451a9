"""Whether a JPEG can hold the picture that its head announces: decoders fill what is missing with grey, silently."""

from __future__ import annotations

from collections.abc import Iterator

_BEGIN = b"\xff\xd8"
_SCAN, _MARK = 0xDA, 0xFF
_BASELINE = frozenset((0xC0, 0xC1))
_OF_BYTE = 512  # pixels: a block of 8 by 8 takes two bits at least (ITU T.81, F.1.2), and half is room


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers before the picture, and the one it begins with, with their places; each tells its length."""
    at = len(_BEGIN) if data.startswith(_BEGIN) else len(data)
    while at + 4 <= len(data) and data[at] == _MARK:
        if data[at + 1] == _MARK:  # filling
            at += 1
            continue
        yield data[at + 1], at
        if data[at + 1] == _SCAN:
            return
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))


def picture_in(data: bytes) -> bytes:
    """The bytes from where the picture begins: profiles and previews stand before. All of them if nothing tells."""
    return next((data[at:] for mark, at in _segments(data) if mark == _SCAN), data)


def is_short(data: bytes, pixels: int) -> bool:
    """Whether far too few bytes follow for a picture of so many pixels; of progressive ones nothing is said."""
    marks = dict(_segments(data))
    return _SCAN in marks and not _BASELINE.isdisjoint(marks) and len(data) - marks[_SCAN] < pixels // _OF_BYTE
