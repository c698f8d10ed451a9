"""A page as the HTML standard builds its tree, which is what a browser shows.

libxml2 forgives in ways of its own: a table that is never closed swallows the next one, and a stray </body> ends the
page. Where that leaves tables out, this tree (lexbor's) is read as well.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from archive.documents.charset import decode
from archive.documents.markup.scan import MAX_BYTES


def as_standard(data: bytes) -> bytes | None:
    """The page written anew from the tree of the standard, in its own charset; None for one that is too large."""
    if len(data) > MAX_BYTES:
        return None
    decoded = decode(data)
    written = LexborHTMLParser(decoded.text).html
    return written.encode(decoded.charset, "xmlcharrefreplace") if written else None
