"""MHTML (RFC 2557: a page saved as one file, often named .doc) → Pages of its HTML, its images in place.

Images and frames that the page shows are put into it as ``data:`` addresses; documents among the parts become members.
Where the page is a set of frames (a workbook that Excel saved as one file), so do its pages. What is not in the file is
not looked for.
"""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.message import Message
from email.policy import Compat32
from urllib.parse import unquote

from archive.documents import html
from archive.documents.markup.inline_frames import DEPTH
from archive.documents.pages import Limits, Member, Pages
from archive.documents.zipped import shown
from archive.findings import finding

_PAGE = re.compile(r"text/html|application/xhtml\+xml")
_FRAMESET = re.compile(rb"<frameset\b", re.IGNORECASE)
_HEAD = 1 << 18  # bytes of a page in which its set of frames begins; Excel writes a script before it
_HIDDEN = re.compile(rb"<x:Visible>\s{0,9}Sheet(?:Very)?Hidden\s{0,9}</x:Visible>")  # a sheet that Excel does not show
_SOURCE = re.compile(rb"""(?<=[\s"'])(src\s{0,4}=\s{0,4})(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""", re.IGNORECASE)
_IMAGE = re.compile(r"image/(?:png|jpe?g|gif|bmp|tiff?|webp)")
_FILE = re.compile(r"application/(?:pdf|msword|vnd\.|zip|x-zip|octet-stream|rtf)")
_DEPTH = 8
_HEADER = 8_000  # characters of a header; the time for taking one apart grows with their square
_LINES = 1_500_000  # a page of 64 MB in base64 has fewer
_INLINED = 1_000  # images put into the page


@dataclass(frozen=True, slots=True)
class _Leaf:
    kind: str  # MIME type, lower case
    place: str  # Content-Location, Content-ID or file name
    identity: str  # Content-ID
    data: bytes


class _Bounded(Compat32):
    """How the standard library keeps headers, none of them endless."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER]


def read(data: bytes, limits: Limits) -> Pages:
    """Read a saved page. ``unreadable``: ``damaged`` where no HTML can be had of it, ``too_large``."""
    if data.count(b"\n") > _LINES:
        return Pages(kind="mhtml", blocks=(), unreadable="too_large")
    try:
        message = email.message_from_bytes(data.lstrip(b"\xef\xbb\xbf \t\r\n"), policy=_Bounded())
        leaves = list(_leaves(message, limits.members, _DEPTH))
    except (MessageError, ValueError, LookupError, RecursionError):
        return Pages(kind="mhtml", blocks=(), unreadable="damaged")
    pages_held = [leaf for leaf in leaves if _PAGE.fullmatch(leaf.kind) and leaf.data]
    start = next(iter(pages_held), None)
    members = tuple(
        Member(name=shown(leaf.place) or leaf.kind, data=leaf.data)
        for leaf in leaves
        if _FILE.match(leaf.kind) and leaf.data
    )
    if start is None:
        return Pages(kind="mhtml", blocks=(), members=members, unreadable="" if members else "damaged")
    cut = any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects)
    if cut and start is leaves[-1]:
        start = replace(start, data=start.data[: start.data.rfind(b"<")])
    framed = _framed(start, pages_held[1:], leaves, limits)
    if framed:
        pages = Pages(kind="mhtml", blocks=(), members=framed)
    else:
        pages = html.read(_with_parts(start, leaves, limits.bytes), limits)
    findings = (*pages.findings, finding("document_damaged", case="cut_short")) if cut else pages.findings
    if len(leaves) >= limits.members:
        findings = (*findings, finding("limit_reached", bound="saved_parts", expected=limits.members))
    return replace(pages, kind="mhtml", members=(*pages.members, *members), findings=findings)


def _framed(start: _Leaf, others: list[_Leaf], leaves: list[_Leaf], limits: Limits) -> tuple[Member, ...]:
    """The pages that a set of frames shows, each in turn: all that were saved with it. None of a page that is no set.

    Excel names one sheet in its frame; its tab strip leads to the others. Sheets that it does not show are left out.
    """
    if _FRAMESET.search(start.data[:_HEAD].replace(b"\0", b"")) is None:
        return ()
    found: list[Member] = []
    left = limits.bytes
    for leaf in others:
        if _HIDDEN.search(leaf.data) is None:
            data = _with_parts(leaf, [held for held in leaves if _IMAGE.fullmatch(held.kind)], left)
            left = max(left - len(data), 0)
            found.append(Member(name=shown(leaf.place) or leaf.kind, data=data))
    return tuple(found)


def _leaves(message: Message, most: int, depth: int) -> Iterator[_Leaf]:
    """The parts that hold something, at most ``most`` of them, in order."""
    if message.is_multipart():  # asked for otherwise, what it holds is decoded by whatever codec it names
        held = message.get_payload()
        for part in held[:most] if depth and isinstance(held, list) else ():
            if isinstance(part, Message):
                yield from _leaves(part, most, depth - 1)
        return
    content = message.get_payload(decode=True)
    identity = message.get("Content-ID") or ""
    place = message.get("Content-Location") or identity or message.get_filename() or ""
    yield _Leaf(
        message.get_content_type().lower(),
        str(place).strip("<> \t"),
        str(identity).strip("<> \t"),
        content if isinstance(content, bytes) else b"",
    )


def _with_parts(page: _Leaf, leaves: list[_Leaf], most: int) -> bytes:
    """The page with the images and frames it names among the parts written into it, as far as ``most`` bytes go.

    A frame's page is written in once, with its own frames; its address is its Content-ID (Chrome: ``cid:frame-…``).
    """
    held: dict[str, _Leaf] = {}
    for leaf in leaves:
        if leaf is not page and (_IMAGE.fullmatch(leaf.kind) or (_PAGE.fullmatch(leaf.kind) and leaf.data)):
            for name in (leaf.identity, leaf.place, _last(leaf.place)):
                held.setdefault(name, leaf)
    held.pop("", None)
    if not held:
        return page.data
    left = most - len(page.data)
    framed = {page.place}

    def written(data: bytes, depth: int) -> bytes:
        return _SOURCE.sub(lambda match: inlined(match, depth), data, count=_INLINED)

    def inlined(match: re.Match[bytes], depth: int) -> bytes:
        nonlocal left
        named = (match[2] or match[3]).decode("utf-8", "replace").strip()
        leaf = held.get(named.removeprefix("cid:")) or held.get(_last(named))
        size = 0 if leaf is None else len(leaf.data) * 4 // 3 + 64
        if leaf is None or size > left:
            return match[0]
        data = leaf.data
        if _PAGE.fullmatch(leaf.kind):
            if leaf.place in framed or depth == DEPTH:
                return match[0]
            framed.add(leaf.place)
            data = written(data, depth + 1)
        left -= size
        kind = b"text/html" if _PAGE.fullmatch(leaf.kind) else leaf.kind.encode()
        return match[1] + b'"data:' + kind + b";base64," + base64.b64encode(data) + b'"'

    return written(page.data, 0)


def _last(place: str) -> str:
    return unquote(place.replace("\\", "/").rpartition("/")[2])
