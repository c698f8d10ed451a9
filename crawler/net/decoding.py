"""The entity behind a Content-Encoding, and the text of a page from its bytes (pure)."""

from __future__ import annotations

import zlib

from archive.documents import charset
from crawler.net.failures import TooLarge
from storage.exchange import Headers
from storage.exchange import decode as unpack


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
    """Return the text of a page from its bytes; never raises. Bad bytes become U+FFFD."""
    return charset.decode(body).text
