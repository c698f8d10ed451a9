""".docx → Pages: the document part of the package as it would print (ECMA-376 part 1), its images and embedded files.

A package that lost its directory is read from what its local headers still show.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from lxml import etree

from archive.documents.container import ContainerError, doubled, member, open_zip, rebuilt
from archive.documents.findings import parts_doubled
from archive.documents.office_xml import parsed
from archive.documents.ole import is_ole
from archive.documents.ooxml.body import Element, W, WordBody, read_body
from archive.documents.ooxml.numbering import Numbering, Styles, read_numbering
from archive.documents.ooxml.relations import embedded, pictures, read_relations
from archive.documents.pages import UNREAD, Limits, Member, Pages, Table
from archive.findings import finding
from storage.records import Finding, Part

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TITLE = re.compile(rb"<(?:\w{1,20}:)?title>([^<]{1,2000})</")
# Empty elements that say how things look and nothing that is read: two thirds of most documents, gone before parsing.
# White print and print too small to be seen stay.
_LOOKS = re.compile(
    rb"<w:(?:kern|szCs|sz(?! w:val=\"[0-2]\")|lang|rFonts|widowControl|spacing|jc|top|start|left|bottom|end|right"
    rb"|insideH|insideV|tcW|bidi|color(?! w:val=\"(?i:f{6})\")|ind|snapToGrid|adjustRightInd|autoSpaceDE|autoSpaceDN"
    rb"|bCs|shd|vAlign)(?: [^<>]*)?/>"
)
_MAIN = re.compile(r"(?:\w{1,40}/)?document\d{0,3}\.xml")
_TABLE = 20  # cells from which a table of the document itself may be the form's
MAX_ELEMENTS = 600_000


def read(data: bytes, limits: Limits) -> Pages:
    """Read a .docx. ``unreadable``: ``truncated``, ``damaged``, ``encrypted``, ``too_large``, ``missing``."""
    if is_ole(data):  # how Office keeps an encrypted package
        return Pages(kind="docx", blocks=(), unreadable="encrypted")
    findings: list[Finding] = []
    whole = True
    try:
        archive, whole = _open_package(data, limits, findings)
        findings += parts_doubled(doubled(archive))
        package = _Package(archive, frozenset(archive.namelist()), limits, findings)
        main = package.main()
        root = parse(_LOOKS.sub(b"", member(archive, main, limits.bytes)), findings)
    except ContainerError as error:
        return Pages(kind="docx", blocks=(), unreadable=error.reason)
    body = read_body(root, limits, package.styles(main), partial(package.numbering, main), findings)
    names = sorted(package.names)
    images = tuple(Part(kind="image", url=name) for name in names if "word/media/" in name and len(name) < 200)
    relations = package.relations(main) if body.drawn or body.chunks else {}
    members = package.members(body, relations, names)
    empty = not body.blocks and not images and not members
    return Pages(
        kind="docx",
        blocks=body.blocks,
        title=package.title(),
        parts=images[:200],
        findings=tuple(findings),
        unreadable="needs_ocr"
        if not body.blocks and images and not members
        else "truncated"
        if not whole
        else "empty"
        if empty
        else "",
        pictures=tuple(pictures(archive, body.drawn, relations, limits)),
        members=members,
    )


def _open_package(data: bytes, limits: Limits, findings: list[Finding]) -> tuple[zipfile.ZipFile, bool]:
    """The package, and whether the document in it is whole."""
    try:
        return open_zip(data), True
    except ContainerError as error:
        archive, cut = rebuilt(data, limits.bytes, limits.members)
        if not any(_MAIN.fullmatch(name) for name in archive.namelist()):
            raise error from None
    findings.append(finding("document_damaged", case="package"))
    return archive, not (cut and _MAIN.fullmatch(cut))


@dataclass(frozen=True, slots=True)
class _Package:
    """The parts of an opened package, each read only where it is needed."""

    archive: zipfile.ZipFile
    names: frozenset[str]
    limits: Limits
    findings: list[Finding]

    def main(self) -> str:
        """The document part; some writers name it document2.xml or put it elsewhere."""
        if "word/document.xml" in self.names:
            return "word/document.xml"
        found = sorted(name for name in self.names if _MAIN.fullmatch(name.lower()))
        if not found:
            raise ContainerError("missing")
        return found[0]

    def part(self, name: str) -> bytes:
        """A lesser part; b"" if there is none, with a finding if it cannot be read."""
        if name not in self.names:  # names differ by more than case (ECMA-376 part 2)
            name = next((own for own in self.names if own.lower() == name.lower()), "")
        if not name:
            return b""
        try:
            return member(self.archive, name, self.limits.bytes // 4)
        except ContainerError:
            self.findings.append(finding("document_damaged", case="part", name=name))
            return b""

    def beside(self, main: str, name: str) -> bytes:
        """A part that lies where the document part does."""
        return self.part(main.rpartition("/")[0] + "/" + name if "/" in main else name)

    def styles(self, main: str) -> Styles:
        """Its styles."""
        return Styles(self.beside(main, "styles.xml"))

    def numbering(self, main: str) -> Numbering:
        """Its lists; none where the part makes no sense."""
        content = self.beside(main, "numbering.xml")
        try:
            return read_numbering(parse(content)) if content else Numbering()
        except ContainerError:
            return Numbering()

    def title(self) -> str:
        """The title among the document's properties."""
        match = _TITLE.search(self.part("docProps/core.xml"))
        return html.unescape(match[1].decode("utf-8", "replace")).strip()[:300] if match else ""

    def relations(self, main: str) -> dict[str, str]:
        """What the document part refers to by which id."""
        folder, _, name = main.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        return read_relations(self.part(f"{prefix}_rels/{name}.rels"), prefix)

    def members(self, body: WordBody, relations: dict[str, str], names: Sequence[str]) -> tuple[Member, ...]:
        """Documents in the document that stand for its tables, where it has none of its own."""
        chunks = [relations[chunk] for chunk in body.chunks if relations.get(chunk) in self.names]
        if any(isinstance(block, Table) and len(block.cells) >= _TABLE for block in body.blocks):
            return tuple(embedded(self.archive, chunks, self.limits))
        inner = [name for name in names if "/embeddings/" in name]
        return tuple(embedded(self.archive, [*chunks, *inner], self.limits))


def parse(content: bytes, findings: list[Finding] | None = None) -> Element:
    """XML without entities, network or DTD; raises ContainerError. Where an entity is named, something is unread.

    What is not well-formed is mended by the parser, and told where there are ``findings``. Where it was cut in a cell
    of a table, that cell says that more stood there.
    """
    # ISO "strict" documents differ by their name space only
    return parsed(content.replace(_STRICT, W.encode()), findings, _mark_unread, "}tc", most=MAX_ELEMENTS, deep=True)


def _mark_unread(cell: Element) -> None:
    """Say in a cell that more stood there."""
    run = etree.SubElement(etree.SubElement(cell, f"{{{W}}}p"), f"{{{W}}}r")
    etree.SubElement(run, f"{{{W}}}t").text = UNREAD
