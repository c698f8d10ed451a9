"""Streams of a PDF that are written in printable characters (ASCII85, ASCIIHex), as far as pdfium follows them.

ISO 32000-1, 7.4.2 and 7.4.3: both end with a mark of their own, and blanks in them stand for nothing.
"""

from __future__ import annotations

from binascii import unhexlify

HEX = frozenset((b"ASCIIHexDecode", b"AHx"))
BASE_85 = frozenset((b"ASCII85Decode", b"A85"))
_BLANKS = b" \t\r\n\f\0"
_HEX_DIGITS = b"0123456789ABCDEFabcdef"
_DIGITS = bytes(range(ord("!"), ord("u") + 1))
_VALUES = bytes(max(0, code - ord("!")) for code in range(256))
_LANE = 8  # bytes in which a group of five digits is reckoned


def from_hex(text: bytes) -> tuple[bytes, bool]:
    """The bytes that pairs of digits stand for, as far as there are digits, and whether the end's mark follows."""
    plain = text.translate(None, _BLANKS)
    digits = _beginning(plain, _HEX_DIGITS)
    return unhexlify(digits + b"0" * (len(digits) % 2)), plain[len(digits) : len(digits) + 1] == b">"


def from_base_85(text: bytes) -> tuple[bytes, bool]:
    """The bytes that groups of five digits stand for, as far as there are digits, and whether the end's mark follows.

    All groups are reckoned at once, each in a lane of one great number: digit by digit takes as long as reading a page.
    """
    plain = text.translate(None, _BLANKS).removeprefix(b"<~")
    digits = _beginning(plain, _DIGITS + b"z")
    whole = plain[len(digits) : len(digits) + 2] == b"~>"
    digits = digits.replace(b"z", b"!!!!!")
    missing = -len(digits) % 5
    values = (digits + b"u" * missing).translate(_VALUES)
    count = len(values) // 5
    total = 0
    for at in range(5):
        lanes = bytearray(_LANE * count)
        lanes[_LANE - 1 :: _LANE] = values[at::5]
        total = total * 85 + int.from_bytes(lanes, "big")
    reckoned = total.to_bytes(_LANE * count, "big")
    decoded = bytearray(4 * count)
    for at in range(4):
        decoded[at::4] = reckoned[at + _LANE - 4 :: _LANE]
    return bytes(decoded[: len(decoded) - missing]), whole


def _beginning(text: bytes, known: bytes) -> bytes:
    """A text as far as its first character that is not among the known ones."""
    strange = text.translate(None, known)
    return text[: text.index(strange[:1])] if strange else text
