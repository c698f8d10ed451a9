"""XML of office programs, parsed as far as it goes; a document type is left out: these programs write none.

What one declares is never expanded or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from archive.documents.container import ContainerError
from archive.findings import finding
from storage.records import Finding

Element = etree._Element

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


def parsed(
    content: bytes,
    findings: list[Finding] | None,
    mark_unread: Callable[[Element], None],
    cell: str,
    *,
    most: int,
    deep: bool = False,
) -> Element:
    """XML without entities, network or DTD, of at most ``most`` elements; raises ContainerError.

    ``deep``: nested deeper than libxml2 allows by itself; its reader must not go down by calling itself.

    What is not well-formed is mended by the parser, and told where there are ``findings``. Where it was cut in a
    ``cell``, a tag that a whole document does not end with, ``mark_unread`` says in it that more stood there.
    """
    if content.count(b"<") > most:
        raise ContainerError("too_large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=deep, collect_ids=False,
        remove_comments=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(without_type(content), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ContainerError("damaged") from error
    if root is None:
        raise ContainerError("damaged")
    if findings is not None and len(parser.error_log.filter_from_fatals()):
        if not findings:
            findings.append(finding("document_damaged", case="unsound"))
        if (last := _last_cell(root, cell)) is not None:
            mark_unread(last)
    return root


def _last_cell(root: Element, cell: str) -> Element | None:
    """The cell with which a document ends, if it does."""
    last = root
    while len(last):
        last = last[-1]
    return next((one for one in (last, *last.iterancestors()) if str(one.tag).endswith(cell)), None)
