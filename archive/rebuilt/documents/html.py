"""HTML → Document. The tree is a browser's (lexbor), which closes what authors left open, and it is never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.rebuilt.documents.charset import decode
from archive.rebuilt.documents.model import (
    Document,
    Limits,
    Paragraph,
    SpannedCell,
    Table,
    number_tables,
    place_spanned_rows,
)

MAX_SPAN = 1_000

_SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "select", "textarea", "button", "iframe"})
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6",
     "blockquote", "pre", "form", "fieldset", "header", "footer", "nav", "main", "body", "html", "tr", "td", "th"}
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_HIDING_STYLE = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d])|opacity:0(?![.\d])", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")


def open_html(data: bytes, limits: Limits) -> Document:
    """Read a page."""
    tree = LexborHTMLParser(decode(data)[: limits.characters])
    blocks = number_tables(_blocks(tree.body)) if tree.body else ()
    title = tree.css_first("title")
    return Document(kind="html", blocks=blocks, meta=_meta(tree), title=title.text(strip=True) if title else "")


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the page's metadata by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for node in tree.css("meta[name][content]"):
        name = (node.attributes.get("name") or "").strip().lower()
        found.setdefault(name, (node.attributes.get("content") or "").strip())
    return found


def _blocks(root: LexborNode) -> Iterator[Paragraph | Table]:
    """Walk the tree once: tables that hold figures become tables, all other text becomes paragraphs."""
    words: list[str] = []
    heading = 0
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, is_end = stack.pop()
        if is_end:
            yield from _flush(words, heading)
            heading = 0
            continue
        if node.is_text_node:
            words.append(node.text_content or "")
        elif node.tag == "br":
            words.append("\n")
        elif node.tag == "table" and len(node.css("table")) <= 1:
            yield from _flush(words, heading)
            yield _table(node)
        elif node.tag not in _SKIPPED and not _is_hidden(node):
            if node.tag in _BLOCKS:
                yield from _flush(words, heading)
                heading = int(match[1]) if (match := _HEADING.fullmatch(node.tag or "")) else heading
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
    yield from _flush(words, heading)


def _flush(words: list[str], heading: int) -> Iterator[Paragraph]:
    """Yield the text gathered so far as one paragraph per line and forget it."""
    lines = "".join(words).split("\n")
    words.clear()
    for line in lines:
        if text := _BLANKS.sub(" ", line).strip():
            yield Paragraph(text, heading)


def _table(table: LexborNode) -> Table:
    rows = [
        [_cell(cell) for cell in row.iter() if cell.tag in {"td", "th"}]
        for row in table.css("tr")
        if not _is_hidden(row)
    ]
    return Table(place_spanned_rows(rows))


def _cell(node: LexborNode) -> SpannedCell:
    return SpannedCell(
        text=_cell_text(node),
        rowspan=_span(node, "rowspan"),
        colspan=max(1, _span(node, "colspan")),
        visible=not any(_is_hidden(one) for one in (node, *node.css("[style],[hidden]"))),
    )


def _cell_text(node: LexborNode) -> str:
    """Return the text of a cell; paragraphs and line breaks inside it become new lines."""
    words: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_text_node:
            words.append(re.sub(r"\s+", " ", current.text_content or ""))
        elif current.tag == "br":
            words.append("\n")
        elif current.tag not in _SKIPPED:
            if current.tag in _BLOCKS:
                words.append("\n")
            stack.extend(reversed(list(current.iter(include_text=True))))
    return "\n".join(line.strip() for line in "".join(words).split("\n") if line.strip())


def _span(node: LexborNode, name: str) -> int:
    value = (node.attributes.get(name) or "").strip()
    return min(int(value), MAX_SPAN) if value.isdecimal() and len(value) < 7 else 1


def _is_hidden(node: LexborNode) -> bool:
    style = node.attributes.get("style") or ""
    return "hidden" in node.attributes or _HIDING_STYLE.search(style.replace(" ", "")) is not None
