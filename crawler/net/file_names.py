"""The name under which a server sends a file, from Content-Disposition (pure).

Servers write it as RFC 5987 says, as percent escapes or an encoded word in plain quotes, or as raw UTF-8 or GBK bytes.
It is a word of the other side: folders and control characters are taken out, and nothing is ever stored under it.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

from crawler.net.web_page import data

LONGEST = 200
_EXTENDED = re.compile(r"filename\*\s?=\s?\"?([\w.-]{0,20})'[\w-]{0,20}'([^;\"]{1,2000})", re.IGNORECASE)
_PLAIN = re.compile(r"filename\s?=\s?(?:\"((?:[^\"\\]|\\.){1,1000})\"|([^;]{1,1000}))", re.IGNORECASE)


def sent_name(disposition: str) -> str:
    """Return the file name of a Content-Disposition (bytes of the wire decoded as Latin-1); "" where it names none."""
    value = disposition[:4_000]
    if extended := _EXTENDED.search(value):
        return _clean(_text(unquote_to_bytes(extended.group(2).strip()), extended.group(1)))
    plain = _PLAIN.search(value)
    if plain is None:
        return ""
    name = re.sub(r"\\(.)", r"\1", plain.group(1)) if plain.group(1) else plain.group(2).strip()
    if "=?" in name:
        return _clean(_word(name))
    raw = name.encode("latin-1", "replace")
    return _clean(_text(unquote_to_bytes(raw) if re.search(rb"%[0-9A-Fa-f]{2}", raw) else raw, ""))


def _text(raw: bytes, charset: str) -> str:
    for name in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(name) if name else raw.decode("ascii")
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("utf-8", "replace")


def _word(name: str) -> str:
    try:
        pieces = decode_header(name)
    except (HeaderParseError, ValueError):
        return name
    return "".join(_text(piece, charset or "") if isinstance(piece, bytes) else piece for piece, charset in pieces)


def _clean(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", last).strip()[:LONGEST]


def names_no_file(text: str) -> bool:
    """Whether a link's text says nothing of the file it leads to (点击下载)."""
    return re.sub(r"[\s【】\[\]()（）:：>]+", "", text) in data()["parts"]["unsaid"]
