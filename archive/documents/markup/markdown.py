"""Markdown whose tables are HTML (as converters of PDF write it, MinerU and others): its lines become elements.

Read as a page its headings and paragraphs would run together, as a page's line ends are blanks.
"""

from __future__ import annotations

import re

from archive.documents.charset import decode
from archive.documents.pipe_tables import unmarked

_HEAD = 1 << 16
_HEADING = re.compile(r"(#{1,6})[ \t]{1,9}(\S.{0,400})")
_HEADING_LINE = re.compile(rb"(?:^|\n)[ ]{0,3}#{1,6}[ \t]{1,9}[^\s#{][^\n<>{;]{1,400}(?:\r?\n|$)")
_HTML_WRAPPER = re.compile("</?(?:html|body)>", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|pre|style|script)\b", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\[\]\"<>]{0,200})\]\(([^()\s\"<>]{1,500})\)")
_TABLE = re.compile(r"<(/?)table\b", re.IGNORECASE)


def is_markdown(data: bytes) -> bool:
    """Whether a text with tags is Markdown: a line of it is a heading, and nothing before that says that it is a page.

    MinerU has ``<html><body>`` around each table.
    """
    head = data[:_HEAD]
    page = _PAGE.search(head)
    end = page.start() if page else len(head)
    return head.find(b"#", 0, end) >= 0 and _HEADING_LINE.search(head, 0, end) is not None


def to_html(data: bytes) -> bytes:
    """Markdown as a page in UTF-8: each line outside of its tables that begins with no tag as an element of its own."""
    lines: list[str] = []
    depth = 0
    for line in _HTML_WRAPPER.sub("", decode(data).text).splitlines():
        tables = _TABLE.findall(line) if "<" in line else []
        text = line.strip()
        if depth or tables or not text or text.startswith("<"):
            lines.append(line)
        elif heading := _HEADING.match(text):
            level = len(heading[1])
            lines.append(f"<h{level}>{_convert_inline(heading[2])}</h{level}>")
        else:
            lines.append(f"<p>{_convert_inline(text)}</p>")
        depth = max(0, depth + sum(-1 if closes else 1 for closes in tables))
    return "\n".join(lines).encode("utf-8", "replace")


def _convert_inline(text: str) -> str:
    images = _IMAGE.sub(r'<img src="\2" alt="\1">', text)
    return images if images != text else unmarked(text)
