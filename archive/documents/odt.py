""".odt → Pages: the content of an OpenDocument text as it would print, and its images.

A package that lost its directory is read from what its local headers still show.
"""

from __future__ import annotations

import html
import io
import re
import zipfile

from lxml import etree

from archive.documents.container import ContainerError, doubled, member, open_zip, rebuilt
from archive.documents.findings import parts_doubled
from archive.documents.office_xml import parsed
from archive.documents.ooxml.relations import pictures
from archive.documents.opendocument.body import read_body
from archive.documents.opendocument.styles import TABLE, TEXT, Element, TextStyles
from archive.documents.pages import UNREAD, Limits, Pages
from archive.findings import finding
from storage.records import Finding, Part

_TITLE = re.compile(rb"<(?:\w{1,20}:)?title>([^<]{1,2000})</")
_CONTENT, _STYLES, _META, _MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
_ENCRYPTED = b"encryption-data"
MAX_ELEMENTS = 600_000


def read(data: bytes, limits: Limits) -> Pages:
    """Read an .odt. ``unreadable``: ``truncated``, ``damaged``, ``encrypted``, ``too_large``, ``missing``, ``empty``,
    ``needs_ocr``.
    """
    findings: list[Finding] = []
    try:
        archive, whole = _open_package(data, limits, findings)
        if _ENCRYPTED in _part(archive, _MANIFEST, limits, findings):
            return Pages(kind="odt", blocks=(), unreadable="encrypted")
        content = _parsed(member(archive, _CONTENT, limits.bytes), findings)
    except ContainerError as error:
        return Pages(kind="odt", blocks=(), unreadable=error.reason)
    body = read_body(content, limits, TextStyles([*_styles(archive, limits, findings), content]), findings)
    names = dict.fromkeys(drawn.relation for drawn in body.drawn)
    images = tuple(Part(kind="image", url=name) for name in names if len(name) < 200)
    match = _TITLE.search(_part(archive, _META, limits, findings))
    return Pages(
        kind="odt",
        blocks=body.blocks,
        title=html.unescape(match[1].decode("utf-8", "replace")).strip()[:300] if match else "",
        parts=images,
        findings=tuple(findings),
        unreadable="needs_ocr" if not body.blocks and images else "truncated" if not whole else _empty(body.blocks),
        pictures=tuple(pictures(archive, body.drawn, {name: name for name in names}, limits)),
    )


def _empty(blocks: tuple[object, ...]) -> str:
    return "" if blocks else "empty"


def _open_package(data: bytes, limits: Limits, findings: list[Finding]) -> tuple[zipfile.ZipFile, bool]:
    """The package, and whether its content is whole; a flat file of XML is all of its package."""
    if not data.startswith(b"PK"):
        flat = io.BytesIO()
        with zipfile.ZipFile(flat, "w") as package:
            package.writestr(_CONTENT, data)
        return open_zip(flat.getvalue()), True
    try:
        archive = open_zip(data)
        findings += parts_doubled(doubled(archive))
        return archive, True
    except ContainerError as error:
        archive, cut = rebuilt(data, limits.bytes, limits.members)
        if _CONTENT not in archive.namelist():
            raise error from None
    findings.append(finding("document_damaged", case="package"))
    return archive, cut != _CONTENT


def _part(archive: zipfile.ZipFile, name: str, limits: Limits, findings: list[Finding]) -> bytes:
    """A lesser part; b"" if there is none, with a finding if it cannot be read."""
    try:
        return member(archive, name, limits.bytes // 4)
    except ContainerError as error:
        if error.reason != "missing":
            findings.append(finding("document_damaged", case="part", name=name))
        return b""


def _styles(archive: zipfile.ZipFile, limits: Limits, findings: list[Finding]) -> list[Element]:
    """The part with the styles that the content's own rest on, if it has any and it makes sense."""
    content = _part(archive, _STYLES, limits, findings)
    try:
        return [_parsed(content, [])] if content else []
    except ContainerError:
        findings.append(finding("document_damaged", case="part", name=_STYLES))
        return []


def _parsed(content: bytes, findings: list[Finding]) -> Element:
    """XML without entities, network or DTD; raises ContainerError. What is not well-formed is mended, and told."""
    return parsed(content, findings, _mark_unread, f"{TABLE}table-cell", most=MAX_ELEMENTS)


def _mark_unread(cell: Element) -> None:
    """Say in a cell that more stood there."""
    etree.SubElement(cell, f"{TEXT}p").text = UNREAD
