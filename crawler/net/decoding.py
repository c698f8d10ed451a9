"""The entity behind a Content-Encoding, and the text of a page from its bytes (pure).

Text is decoded from the bytes (byte order mark, strict UTF-8, meta, GB18030), never by the declared charset alone.
"""

from __future__ import annotations

import codecs
import re
import zlib

from crawler.net.failures import TooLarge
from storage.exchange import Headers
from storage.exchange import decode as unpack

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_-]{2,20})""", re.IGNORECASE)


def decompress(body: bytes, headers: Headers, limit: int) -> bytes:
    """Return the entity behind Content-Encoding. Raises :class:`TooLarge` beyond ``limit`` bytes, ValueError where
    it cannot be had.
    """
    entity = unpack(body, headers, limit=limit)
    if entity is not None:
        return entity
    for window in (31, 15, -15):
        try:
            if len(zlib.decompressobj(window).decompress(body, limit + 1)) > limit:
                raise TooLarge("unpacks_to_too_much")
        except zlib.error:
            continue
    raise ValueError("encoding_broken")


def decode(body: bytes) -> str:
    """Text of an HTML page from its bytes; never raises. Bad bytes become U+FFFD."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(name, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    meta = _META.search(body[:4096])
    declared = meta.group(1).decode("ascii").lower() if meta else ""
    damaged = body.decode("utf-8", errors="replace")
    bad, wide = damaged.count("\ufffd"), sum(character > "\x7f" for character in damaged)
    if bad * 10 < wide:  # UTF-8 with a few broken bytes: read as GB18030 it would hardly look broken, and be all wrong
        return damaged
    candidates = [damaged, body.decode("gb18030", errors="replace")]
    if declared.startswith("big5"):
        candidates.append(body.decode("big5hkscs", errors="replace"))
    return min(candidates, key=lambda text: text.count("\ufffd"))
