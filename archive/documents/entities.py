"""XML without its document type: office programs write none, and what one declares is never expanded or fetched."""

from __future__ import annotations

import re

from archive.documents.container import ContainerError

_HEAD = 4_096  # bytes in which a document type may begin
_BEGIN, _DECLARED = b"<!DOCTYPE", b"<!ENTITY"
# up to the end of what it declares: there brackets may stand in quotes and comments
_TYPE = re.compile(
    rb"<!DOCTYPE[^\[<>\"']*+(?>(?:(?:\"[^\"]*+\"|'[^']*+')[^\[<>\"']*+)*)"
    rb"(?>(?:\[(?>(?:[^\]\"'<]++|\"[^\"]*+\"|'[^']*+'|<!--(?>(?:[^-]++|-(?!->))*)-->|<)*)\]\s*+)?)>"
)
# an entity named in the text, but for the five that need no declaring
_NAMED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_:\x80-\xff][\w:.\x80-\xff-]{0,200};")
_UNREAD = b"&#65532;"  # ``pages.UNREAD``: something stands there that was not read as text


def without_type(content: bytes) -> bytes:
    """XML in any encoding that keeps ASCII: itself, or without the document type, and a mark in the place of entities.

    Raises ContainerError(``damaged``) where that does not end, or more than one stands there.
    """
    if _BEGIN not in content[:_HEAD] and _DECLARED not in content:
        return content
    found = _TYPE.search(content, content.find(_BEGIN) if _BEGIN in content[:_HEAD] else 0)
    if found is None:
        raise ContainerError("damaged")
    rest = content[: found.start()] + content[found.end() :]
    if _DECLARED in rest or _BEGIN in rest[:_HEAD]:
        raise ContainerError("damaged")
    return _NAMED.sub(_UNREAD, rest)
