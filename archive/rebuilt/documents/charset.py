"""Bytes → text. The bytes decide, never the declared charset alone: pages declare UTF-8 over GBK bytes."""

from __future__ import annotations

import re

_META = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_META_MAX_BYTES = 4096
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GB_NAMES = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk"})
_BIG5_NAMES = frozenset({"big5", "big5-hkscs"})


def decode(data: bytes) -> str:
    """Decode by byte-order mark, else strict UTF-8, else Big5 where declared, else GB18030; bad bytes are U+FFFD."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return data.decode(charset, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _META.search(data, 0, _META_MAX_BYTES)
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in _BIG5_NAMES:
        return data.decode("big5hkscs", "replace")
    return _decode_mostly_utf8(data, is_declared_gb=name in _GB_NAMES)


def _decode_mostly_utf8(data: bytes, *, is_declared_gb: bool) -> str:
    """Return the better of UTF-8 and GB18030 by the number of bytes that each cannot read."""
    as_gb = data.decode("gb18030", "replace")
    as_utf8 = data.decode("utf-8", "replace")
    if is_declared_gb or as_gb.count("\ufffd") < as_utf8.count("\ufffd"):
        return as_gb
    return as_utf8
