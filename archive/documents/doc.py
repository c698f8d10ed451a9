""".doc (Word 97–2003) and .wps → Pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.documents.ole import Ole, wps_or_doc
from archive.documents.pages import Limits, Pages, Paragraph, Picture, StoredImage, Table
from archive.documents.paragraph_tables import Builder
from archive.documents.word97.header import is_encrypted, is_whole
from archive.documents.word97.images import images
from archive.documents.word97.model import NotWord97Error
from archive.documents.word97.paragraphs import paragraphs
from archive.findings import finding
from storage.records import Finding


def read(data: bytes, limits: Limits) -> Pages:
    """Read a Word 97 or WPS file. ``unreadable``: ``encrypted``, ``truncated``, ``damaged`` or ``empty``."""
    ole = Ole(data)
    kind = wps_or_doc(ole.names)
    if is_encrypted(ole):
        return Pages(kind=kind, blocks=(), unreadable="encrypted")
    findings: list[Finding] = []
    builder = Builder(limits, findings)
    sound = True
    blocks: Sequence[Paragraph | Table]
    try:
        blocks = builder.build(paragraphs(ole))
    except NotWord97Error:
        blocks, sound = (), False
    shown = tuple(_pictures(ole, builder.drawn, len(blocks), limits))
    cut = ole.torn or not ole.rooted
    if blocks and cut:
        findings.append(finding("document_damaged", case="cut_short"))
    nothing = "needs_ocr" if shown else "empty" if sound else "damaged"
    return Pages(
        kind=kind,
        blocks=tuple(blocks),
        findings=tuple(findings),
        unreadable="truncated" if cut and not (blocks and is_whole(ole)) else "" if blocks else nothing,
        pictures=shown,
    )


def _pictures(ole: Ole, drawn: Sequence[int], end: int, limits: Limits) -> Iterator[Picture]:
    """The images, each where it stands if there are as many as places for them, else behind the text."""
    found = list(images(ole, limits.pictures))
    places = drawn if len(drawn) == len(found) else [end] * len(found)
    for number, (at, data) in enumerate(zip(places, found, strict=True), 1):
        yield Picture(at=at, source=StoredImage(data), locator={"picture": number})
