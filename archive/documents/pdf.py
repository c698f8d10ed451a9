"""Digital PDF → Pages: drawn rulings make tables, the rest is paragraphs. A PDF without text is a scan."""

from __future__ import annotations

from archive.documents.findings import damaged, limit_reached
from archive.documents.grid import number_tables
from archive.documents.pages import Limits, Pages
from archive.documents.ruled.joining import blocks_of
from archive.documents.ruled.layout import PageBlocks, page_blocks
from archive.documents.ruled.page import RuledPage
from archive.documents.ruled.pdfium import PdfError, opened, page_of
from storage.records import Finding

_KEPT = ("title", "creator", "producer", "creationdate", "moddate")  # the author is a person's name
_FEW = 20  # characters on a page that make no text layer yet (a stamp, a page number)
_STRANGE = 0.3  # share of characters without a meaning that make a text layer worthless


def read(data: bytes, limits: Limits) -> Pages:
    """Read a PDF. Locators: ``page`` from 1 and ``box`` in points of the page (left, bottom, right, top).

    ``unreadable``: ``encrypted``, ``truncated``, ``damaged``; kind ``scan`` with ``needs_ocr`` without text to trust.
    """
    findings: list[Finding] = []
    try:
        with opened(data) as document:
            count = len(document)
            said = {key.lower(): value for key, value in document.get_metadata_dict(skip_empty=True).items()}
            meta = {key: said[key].strip()[:300] for key in _KEPT if key in said}
            pages = _pages(document, count, limits, findings)
    except PdfError as error:
        return Pages(kind="pdf", blocks=(), unreadable=error.reason, page_count=0)
    written = [page for page in pages if _has_text(page)]
    if not written:
        drawn = any(page.images > 0.2 or page.glyphs for page in pages)
        return Pages(
            kind="scan" if drawn else "pdf",
            blocks=(),
            meta=meta,
            title=meta.get("title", ""),
            findings=tuple(findings),
            page_count=count,
            unreadable="needs_ocr" if drawn else "empty",
        )
    pictures = [page.number for page in pages if page not in written and page.images > 0.2]
    if pictures:
        findings.append(_pictured(pictures))
    laid: list[PageBlocks] = [page_blocks(page) for page in pages]
    return Pages(
        kind="pdf",
        blocks=number_tables(blocks_of(laid)),
        meta=meta,
        title=meta.get("title", ""),
        findings=tuple(findings),
        page_count=count,
    )


def _pages(document: object, count: int, limits: Limits, findings: list[Finding]) -> list[RuledPage]:
    if count > limits.pages:
        findings.append(limit_reached("页数", "pages", limits.pages))
    pages: list[RuledPage] = []
    characters = 0
    for index in range(min(count, limits.pages)):
        page = page_of(document, index)
        if page is None:
            findings.append(damaged(f"第 {index + 1} 页无法读取。", f"Page {index + 1} cannot be read."))
            continue
        pages.append(page)
        characters += len(page.glyphs)
        if page.cut or characters > limits.characters:
            findings.append(limit_reached("字符或线条数", "characters or lines", limits.characters))
            break
    return pages


def _has_text(page: RuledPage) -> bool:
    """Whether a page has a text layer worth reading: painted characters that mean something."""
    if len(page.glyphs) < _FEW or (page.invisible > 0.5 and page.images > 0.5):
        return False
    strange = sum(1 for g in page.glyphs if g.text == "\ufffd" or "\ue000" <= g.text <= "\uf8ff" or g.text < " ")
    return strange <= _STRANGE * len(page.glyphs)


def _pictured(numbers: list[int]) -> Finding:
    shown = "、".join(map(str, numbers[:20]))
    return damaged(f"第 {shown} 页只有图像，没有文字。", f"Pages {shown} are images without text.")
