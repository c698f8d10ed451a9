"""MHTML (RFC 2557: a page saved as one file, often named .doc) → Pages of its HTML, its images in place.

Images that the page shows are put into it as ``data:`` addresses; documents among the parts become members.
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
from archive.documents.findings import cut_short, limit_reached
from archive.documents.pages import Limits, Member, Pages
from archive.documents.zipped import shown

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
    start = next((leaf for leaf in leaves if leaf.kind in ("text/html", "application/xhtml+xml") and leaf.data), None)
    members = tuple(
        Member(name=shown(leaf.place) or leaf.kind, data=leaf.data)
        for leaf in leaves
        if _FILE.match(leaf.kind) and leaf.data
    )
    if start is None:
        return Pages(kind="mhtml", blocks=(), members=members, unreadable="" if members else "damaged")
    cut = any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects)
    page = start.data[: start.data.rfind(b"<")] if cut and start is leaves[-1] else start.data
    pages = html.read(_with_images(page, leaves, limits), limits)
    findings = (*pages.findings, cut_short()) if cut else pages.findings
    if len(leaves) >= limits.members:
        findings = (*findings, limit_reached("网页存档的部件数", "parts of the saved page", limits.members))
    return replace(pages, kind="mhtml", members=(*pages.members, *members), findings=findings)


def _leaves(message: Message, most: int, depth: int) -> Iterator[_Leaf]:
    """The parts that hold something, at most ``most`` of them, in order."""
    if message.is_multipart():  # asked for otherwise, what it holds is decoded by whatever codec it names
        held = message.get_payload()
        for part in held[:most] if depth and isinstance(held, list) else ():
            if isinstance(part, Message):
                yield from _leaves(part, most, depth - 1)
        return
    content = message.get_payload(decode=True)
    place = message.get("Content-Location") or message.get("Content-ID") or message.get_filename() or ""
    yield _Leaf(
        message.get_content_type().lower(), str(place).strip("<> \t"), content if isinstance(content, bytes) else b""
    )


def _with_images(page: bytes, leaves: list[_Leaf], limits: Limits) -> bytes:
    """The page with the images it names among the parts written into it, as far as the bound on bytes goes."""
    images: dict[str, _Leaf] = {}
    for leaf in leaves:
        if _IMAGE.match(leaf.kind) and leaf.place:
            images.setdefault(leaf.place, leaf)
            images.setdefault(_last(leaf.place), leaf)
    if not images:
        return page
    left = limits.bytes - len(page)

    def inlined(match: re.Match[bytes]) -> bytes:
        nonlocal left
        named = (match[2] or match[3]).decode("utf-8", "replace").strip()
        leaf = images.get(named.removeprefix("cid:")) or images.get(_last(named))
        size = 0 if leaf is None else len(leaf.data) * 4 // 3 + 64
        if leaf is None or size > left:
            return match[0]
        left -= size
        return match[1] + b'"data:' + leaf.kind.encode() + b";base64," + base64.b64encode(leaf.data) + b'"'

    return _SOURCE.sub(inlined, page, count=_INLINED)


def _last(place: str) -> str:
    return unquote(place.replace("\\", "/").rpartition("/")[2])
