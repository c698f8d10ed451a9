"""HTML → Pages: the main text of a page as paragraphs and tables, what the page says about itself, and its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from archive.documents.charset import decode
from archive.documents.findings import struck_out
from archive.documents.markup.block_locators import Block, Located, title_text
from archive.documents.markup.blocks import BLOCKS, BlockReader
from archive.documents.markup.content import Content, find_content
from archive.documents.markup.escaped_markup import escaped_markup
from archive.documents.markup.flow import Raw, RawTable
from archive.documents.markup.furniture import mark_furniture
from archive.documents.markup.grids import BoxGrid, find_grids
from archive.documents.markup.hidden_text import reveal
from archive.documents.markup.images import pictures_of
from archive.documents.markup.markdown import is_markdown, to_html
from archive.documents.markup.meta import breadcrumb, labelled, meta_tags, title_of
from archive.documents.markup.parts import parts_of
from archive.documents.markup.paths import Paths
from archive.documents.markup.scan import MAX_BYTES, Element, Scan, scan
from archive.documents.markup.scripts import hidden_body
from archive.documents.markup.tree_text import prepare, silence
from archive.documents.markup.vocabulary import Vocabulary, vocabulary
from archive.documents.pages import Limits, Pages, Paragraph, Picture
from archive.findings import finding
from storage.records import Finding

_ENOUGH_MARKERS = 3
_FORM_TABLES = 2  # the forms have three or four; a page with fewer may build them otherwise
_FORM_CELLS = 8
MAX_BLOCKS = 20_000


@dataclass(slots=True)
class _Work:
    """A page that was walked over, with where its main text stands."""

    page: Scan
    reader: BlockReader
    raw: list[Raw]
    content: Content


def read(data: bytes, limits: Limits) -> Pages:
    """Read a page. Locators carry ``css``; those of a text found in a script, or with its markup escaped, carry
    ``script`` too and hold within it.

    ``unreadable``: ``empty``, or ``charset_broken``: more than 1 % of the characters are broken (the blocks are given
    all the same).
    """
    words = vocabulary()
    page = scan(to_html(data) if is_markdown(data) else data, limits)
    if page is None:
        return Pages(kind="html", blocks=(), unreadable="empty")
    meta = meta_tags(page)
    title = title_of(page)
    escaped = escaped_markup(page)
    sources = prepare(page)
    work = _walked(page, words, limits, meta.get("articletitle", ""))
    if page.hidden and (revealed := reveal(page, words)):
        work = _walked(page, words, limits, meta.get("articletitle", ""))
        page.findings.append(finding("hidden_text", found="; ".join(revealed)[:500]))
    enough = work.content.markers >= _ENOUGH_MARKERS
    # what is escaped was read as words, its tags too
    found = _from_script(escaped, work.content.markers - 1, words, limits) if escaped else None
    if found is None and not enough:
        found = _from_script(sources, work.content.markers, words, limits)
    blocks, pictures, findings = _blocks(work, words, limits) if found is None else (found[0], (), found[1])
    if len(blocks) > MAX_BLOCKS:
        blocks = blocks[:MAX_BLOCKS]
        findings = [*findings, finding("limit_reached", bound="paragraphs", expected=MAX_BLOCKS)]
    element = work.content.element
    unreadable = "charset_broken" if page.decoded.refused else ""
    return Pages(
        kind="html",
        blocks=tuple(blocks),
        meta={**labelled(page, words, element, title, report=enough), **meta},
        title=title,
        breadcrumb=breadcrumb(page, element),
        parts=parts_of(page, element, words, escaped or (() if enough else sources), bare=not enough),
        findings=(*page.findings, *findings),
        unreadable=unreadable if blocks or unreadable else "" if page.text or pictures else "empty",
        pictures=pictures,
    )


def _walked(page: Scan, words: Vocabulary, limits: Limits, article_title: str) -> _Work:
    reader = BlockReader(page, words, limits)
    raw = reader.page()
    return _Work(page, reader, raw, find_content(page, words, article_title))


def _blocks(work: _Work, words: Vocabulary, limits: Limits) -> tuple[list[Block], tuple[Picture, ...], list[Finding]]:
    content, page = work.content, work.page
    raw = _with_grids(work, _main_blocks(work))
    mark_furniture(raw, content.element, words)
    struck = _struck_text(page, content.element) if page.struck else {}
    located = Located(Paths(page.ids), words, struck=struck)
    if struck_text := "".join(struck.values()):
        work.reader.findings.append(struck_out(struck_text))
    blocks = located.blocks(raw)
    if content.title is not None:
        text = located.without_furniture(title_text(work.reader.blocks(content.title)))
        compact = "".join(text.split())
        head = "".join("".join(b.text.split()) for b in blocks[:3] if isinstance(b, Paragraph) and _may_be_a_title(b))
        if compact and compact not in head:
            blocks.insert(0, Paragraph(text=text, heading=1, locator={"css": Paths(page.ids).of(content.title)}))
    pictured = next(content.element.iter("img"), None) is not None and b"data:image/" in page.source
    pictures = pictures_of(page, content.element, blocks, limits) if pictured else ()
    return blocks, pictures, work.reader.findings


def _may_be_a_title(block: Paragraph) -> bool:
    """Whether a paragraph may hold the page's title or a line of it: no sentence, no link to a file so named."""
    return not (block.link or block.text.endswith("。"))


def _struck_text(page: Scan, content: Element) -> dict[Element, str]:
    """What is crossed out in the main text, by the cell it stands in, or by its own element outside of tables."""
    found: dict[Element, str] = {}
    for element, text in page.struck.items():
        around = [element, *element.iterancestors()]
        if content in around:
            holder = next((one for one in around if one.tag in ("td", "th")), element)
            found[holder] = found.get(holder, "") + text
    return found


def _with_grids(work: _Work, raw: list[Raw]) -> list[Raw]:
    """Where a report has next to no tables, those that are built of other elements are looked for."""
    tables = sum(1 for block in raw if isinstance(block, RawTable) and sum(map(len, block.rows)) > _FORM_CELLS)
    if tables >= _FORM_TABLES or work.content.markers < _ENOUGH_MARKERS:
        return raw
    grids = find_grids(work.content.element)
    if not grids:
        return raw
    members: dict[Element, BoxGrid | None] = {}
    for grid in grids:
        members.update(dict.fromkeys(grid.members))
        members[grid.members[0]] = grid
    for element in work.content.left_out:
        silence(element)
    return work.reader.blocks(work.content.element, members)


def _main_blocks(work: _Work) -> list[Raw]:
    """The blocks of the main text, without what is left out of it."""
    page, content = work.page, work.content
    left_out = content.left_out
    if any(element.tag not in BLOCKS for element in left_out):  # it stands within a line: read that anew without it
        for element in left_out:
            silence(element)
        return work.reader.blocks(content.element)
    start, end = page.spans.get(content.element, (0, 0))
    gone = [page.spans[element] for element in left_out]
    return [
        block
        for block in work.raw
        if start <= block.start
        and block.end <= end
        and not any(a <= block.start and block.end <= b for a, b in gone)
        and (start < block.start < end or block.start < block.end or _is_in(block, content.element))
    ]


def _is_in(block: Raw, content: Element) -> bool:
    """Whether a table without any text, which has no place of its own in the page's text, stands in the content."""
    return isinstance(block, RawTable) and any(ancestor is content for ancestor in block.element.iterancestors())


def _from_script(
    sources: Sequence[tuple[str, str]], markers: int, words: Vocabulary, limits: Limits
) -> tuple[list[Block], list[Finding]] | None:
    body = hidden_body(sources, words)
    if body is None:
        return None
    inner = scan(body.encode("utf-8", "replace"), limits)
    if inner is None:
        return None
    prepare(inner)
    work = _walked(inner, words, limits, "")
    if work.content.markers <= markers:
        return None
    located = Located(Paths(inner.ids), words, {"script": True})
    return located.blocks(work.reader.blocks(next(inner.root.iter("body"), inner.root))), work.reader.findings


def as_standard(data: bytes) -> bytes | None:
    """The page written anew from the tree of the standard, in its own charset; None for one that is too large.

    libxml2 forgives in ways of its own: a table that is never closed swallows the next one, and a stray </body> ends
    the page. Where that leaves tables out, this tree (lexbor's), which browsers show, is read as well.
    """
    if len(data) > MAX_BYTES:
        return None
    decoded = decode(data)
    written = LexborHTMLParser(decoded.text).html
    return written.encode(decoded.charset, "xmlcharrefreplace") if written else None
