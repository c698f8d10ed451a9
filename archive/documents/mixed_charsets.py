"""Text of which pieces stand in another charset than the rest: put in from elsewhere, or decoded wrongly and stored so.

Old portals hold pages whose foot another system put in, and articles that a move from one database to another took
for Latin-1. A piece is what stands between marks of ASCII; it is taken for another charset only if it decodes without
one error, into nothing but common Chinese characters.
"""

from __future__ import annotations

import re

_MARKS = re.compile(rb"""([<>"'\r\n]+)""")
_TEXT_MARKS = re.compile(r"""([<>"'\r\n]+)""")
_COMMON = re.compile(
    "[\u3000-\u303f\u4e00-\u9fa5\uff00-\uffef\u00b7\u2014\u2018-\u201d\u2026\u2160-\u216b\u2460-\u24ff\xa0]+"
)
_IDEOGRAPH = re.compile("[\u4e00-\u9fa5]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_FREE = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))  # bytes that are nothing in Windows-1252
#: What browsers and databases make of the bytes that Latin-1 leaves to control characters.
_WINDOWS = {ord(bytes((n,)).decode("cp1252")): chr(n) for n in range(0x80, 0xA0) if n not in _FREE}
_FEW = 20  # characters of Latin-1: fewer make no article
_LATIN_LEAD = b"\xc3"  # of half of Latin-1's letters in UTF-8; no Chinese character has it


def pieces_in_gbk(data: bytes) -> str | None:
    """Damaged UTF-8 as text, pieces in GB 18030 decoded as such; None if there are none. What is broken is U+FFFD."""
    done: list[str] = []
    found = False
    for piece in _MARKS.split(data):
        try:
            done.append(piece.decode("utf-8"))
            continue
        except UnicodeDecodeError:
            pass
        other = _chinese(piece, "gb18030")
        found |= other is not None
        done.append(piece.decode("utf-8", "replace") if other is None else other)
    return "".join(done) if found else None


def mend_latin1(data: bytes, text: str) -> str | None:
    """The text of UTF-8 ``data`` with those pieces mended that were once taken for Latin-1; None if there are none."""
    if data.count(_LATIN_LEAD) < _FEW:
        return None
    found = False
    done = _TEXT_MARKS.split(text)
    for at, piece in enumerate(done):
        if piece.isascii():
            continue
        try:
            raw = piece.translate(_WINDOWS).encode("latin-1")
        except UnicodeEncodeError:
            continue
        mended = _chinese(raw, "utf-8")
        if mended is None:
            mended = _chinese(raw, "gb18030")
        if mended is not None:
            found, done[at] = True, mended
    return "".join(done) if found else None


def _chinese(raw: bytes, charset: str) -> str | None:
    """A piece in that charset, if it makes sense in it: an ideograph at least, and nothing uncommon."""
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        return None
    if _IDEOGRAPH.search(text) is None:
        return None
    return text if all(map(_COMMON.fullmatch, _BEYOND_ASCII.findall(text))) else None
