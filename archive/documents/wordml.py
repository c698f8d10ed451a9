"""Word documents that are one XML file, often named .doc: Word 2003 XML and flat .docx (``pkg:package``)."""

from __future__ import annotations

from lxml import etree

from archive.documents.container import ContainerError
from archive.documents.docx import parse
from archive.documents.ooxml.body import Element, read_body
from archive.documents.ooxml.numbering import Numbering, Styles, read_numbering
from archive.documents.pages import Limits, Pages
from storage.records import Finding


def read(data: bytes, limits: Limits) -> Pages:
    """Read it. ``unreadable``: ``damaged``, ``too_large`` or ``empty``."""
    findings: list[Finding] = []
    try:
        root = parse(data, findings)
    except ContainerError as error:
        return Pages(kind="wordml", blocks=(), unreadable=error.reason)
    parts = {part.get(_name_attribute(part), ""): part for part in root.iter("{*}part")}
    document = next((part for name, part in parts.items() if name.endswith("/document.xml")), root)
    styles, lists = parts.get("/word/styles.xml"), parts.get("/word/numbering.xml")
    main = next(document.iter("{*}body"), document)
    body = read_body(
        main,
        limits,
        Styles(etree.tostring(styles)) if styles is not None else Styles(),
        lambda: read_numbering(lists) if lists is not None else Numbering(),
        findings,
    )
    return Pages(
        kind="wordml",
        blocks=body.blocks,
        findings=tuple(findings),
        unreadable="" if body.blocks else "empty",
    )


def _name_attribute(part: Element) -> str:
    return next((str(key) for key in part.attrib if str(key).rpartition("}")[2] == "name"), "name")
