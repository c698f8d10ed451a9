"""HTML → Pages: the main text of a page as paragraphs and tables, what the page says about itself, and its parts."""

from __future__ import annotations

from archive.documents.findings import limit_reached
from archive.documents.grid import number_tables
from archive.documents.markup.blocks import Block, BlockReader
from archive.documents.markup.content import Content, find_content
from archive.documents.markup.meta import breadcrumb, labelled, meta_tags, title_of
from archive.documents.markup.parts import parts_of
from archive.documents.markup.scan import Scan, scan
from archive.documents.markup.scripts import hidden_body
from archive.documents.markup.vocabulary import Vocabulary, vocabulary
from archive.documents.pages import Limits, Pages, Paragraph
from storage.records import Finding

_ENOUGH_MARKERS = 3
MAX_BLOCKS = 20_000


def read(data: bytes, limits: Limits) -> Pages:
    """Read a page. Locators carry ``css``; those of a text found in a script carry ``script`` too and hold within it.

    ``unreadable``: ``empty``, or ``charset_broken``: more than 1 % of the characters are broken (the blocks are given
    all the same).
    """
    words = vocabulary()
    page = scan(data, limits)
    if page is None:
        return Pages(kind="html", blocks=(), unreadable="empty")
    meta = meta_tags(page)
    title = title_of(page)
    content = find_content(page, words, meta.get("articletitle", ""))
    inner = _from_script(page, content, words, limits) if content.markers < _ENOUGH_MARKERS else None
    blocks, findings = _blocks(page, content, words, limits)
    if inner is not None:
        blocks, more = inner
        findings += more
    if len(blocks) > MAX_BLOCKS:
        blocks = blocks[:MAX_BLOCKS]
        findings.append(limit_reached("段落数", "paragraphs", MAX_BLOCKS))
    meta = {**labelled(page, words, content.element, report=content.markers >= _ENOUGH_MARKERS), **meta}
    findings = [*page.findings, *findings]
    unreadable = "charset_broken" if page.decoded.refused else ""
    return Pages(
        kind="html",
        blocks=number_tables(blocks),
        meta=meta,
        title=title,
        breadcrumb=breadcrumb(page, content.element),
        parts=parts_of(page, content.element, words, bare=content.markers < _ENOUGH_MARKERS),
        findings=tuple(findings),
        unreadable=unreadable if blocks or unreadable else "" if page.text else "empty",
    )


def _blocks(page: Scan, content: Content, words: Vocabulary, limits: Limits) -> tuple[list[Block], list[Finding]]:
    reader = BlockReader(page, words, limits, content.left_out)
    blocks = reader.read(content.element)
    if content.title is not None:
        text = " ".join(b.text for b in reader.read(content.title) if isinstance(b, Paragraph))
        compact = "".join(text.split())
        head = "".join("".join(b.text.split()) for b in blocks[:3] if isinstance(b, Paragraph))
        if compact and compact not in head:
            blocks.insert(0, Paragraph(text=text, heading=1, locator={"css": reader.path(content.title)}))
    return [b for b in (_without_furniture(b, words) for b in blocks) if b is not None], reader.findings


def _without_furniture(block: Block, words: Vocabulary) -> Block | None:
    """None for a paragraph that is furniture wherever it stands; the line of dates loses its counters."""
    if not isinstance(block, Paragraph) or len(block.text) > 200:
        return block
    compact = "".join(block.text.split())
    if words.lines.search(compact):
        return None
    text = words.tails.sub("", block.text).strip()
    if not text:
        return None
    return block if text == block.text else Paragraph(text=text, heading=block.heading, locator=block.locator)


def _from_script(
    page: Scan, content: Content, words: Vocabulary, limits: Limits
) -> tuple[list[Block], list[Finding]] | None:
    body = hidden_body(page.root, words)
    if body is None:
        return None
    inner = scan(body.encode("utf-8", "replace"), limits)
    if inner is None:
        return None
    found = find_content(inner, words, "")
    if found.markers <= content.markers:
        return None
    reader = BlockReader(inner, words, limits, found.left_out, script=True)
    return reader.read(next(inner.root.iter("body"), inner.root)), reader.findings
