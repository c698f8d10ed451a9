"""Turn blocks into whole HTML pages, clean or with the clutter of a paste from a word processor, in UTF-8 or GBK."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import pairwise
from typing import Literal

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.documents.grid import rows_of
from imitation.wording import Block, SectionHeading

Variant = Literal["clean", "word", "crumbled", "unclosed", "split", "nested", "excel"]

_MSO = "mso-pagination:widow-orphan;mso-font-kerning:0pt;font-family:仿宋_GB2312;font-size:12.0pt"


def page(
    title: str,
    blocks: Iterable[Block],
    *,
    variant: Variant = "clean",
    charset: str = "utf-8",
    declared: str | None = None,
    furniture: bool = True,
) -> bytes:
    """Return a page with its report in ``#zoom``.

    ``word``: pasted from Word, with mso styles; ``crumbled``: the same, and each character of a label in its own span;
    ``unclosed``: without </td> and </tr>; ``split``: each table cut into two in a row; ``nested``: inside tables that
    lay out the page; ``excel``: as a spreadsheet is saved. ``declared``: the charset that the page names, by default
    its own. ``furniture``: header, breadcrumb, counter and footer.
    """
    body = fragment(blocks, variant=variant)
    charset_name = declared or charset
    top = _TOP if furniture else ""
    foot = _FOOT if furniture else ""
    text = (
        f'<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset_name}">'
        f'<title>{escape(title)}</title><meta name="ArticleTitle" content="{escape(title)}"></head>\n<body>{top}'
        f'<h1 class="title">{escape(title)}</h1>\n<div id="zoom">\n{body}\n</div>{foot}</body></html>'
    )
    return text.encode(charset, "xmlcharrefreplace")


def fragment(blocks: Iterable[Block], *, variant: Variant = "clean") -> str:
    """Return the markup of the report alone, as an editor stores it."""
    return "\n".join(_block_html(block, variant) for block in blocks)


_TOP = (
    '<div class="header"><script>document.write(new Date())</script>'
    '<a href="/">首页</a> <a href="/zwgk/">政务公开</a></div>'
    '<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/nb/">政府信息公开年报</a></div>'
)
_FOOT = (
    '<div class="share">分享到：<a href="#">微信</a></div><p>浏览次数：<span id="hits">1024</span></p>'
    '<div class="footer">主办单位：人民政府办公室 <a href="/about">网站地图</a></div>'
)


def _block_html(block: Block, variant: Variant) -> str:
    if isinstance(block, PrintedTable):
        return _table_html(block, variant)
    if isinstance(block, SectionHeading):
        return f"<p><strong>{_text_html(block.text, variant)}</strong></p>"
    return f"<p>{_text_html(block, variant)}</p>"


def _text_html(text: str, variant: Variant) -> str:
    """Return the contents of a paragraph or cell, with <br> for line breaks."""
    lines = [_line_html(line, variant) for line in text.split("\n")]
    return "<br>".join(lines)


def _line_html(line: str, variant: Variant) -> str:
    if variant == "word":
        return f'<span style="{_MSO}">{escape(line)}</span><span lang="EN-US" style="{_MSO}"><o:p></o:p></span>'
    if variant == "crumbled":
        return "".join(f'<span style="{_MSO}">{escape(character)}</span>' for character in line)
    return escape(line)


_STYLES = {
    "word": ' class="MsoNormalTable" style="border-collapse:collapse;mso-yfti-tbllook:1184"',
    "excel": ' x:str cellpadding=0 cellspacing=0 style="table-layout:fixed"',
}


def _table_html(table: PrintedTable, variant: Variant) -> str:
    close = variant != "unclosed"
    rows = [
        "<tr>" + "".join(_cell(cell, variant) for cell in row) + ("</tr>" if close else "") for row in rows_of(table)
    ]
    cuts = [0, _row_to_cut_at(table), table.rows] if variant == "split" else [0, table.rows]
    style = _STYLES.get(variant, "")
    tables = "\n".join(
        f'<table border="1"{style}>\n<tbody>' + "\n".join(rows[start:end]) + "</tbody></table>"
        for start, end in pairwise(cuts)
        if start < end
    )
    return f'<table width="100%"><tr><td valign="top">{tables}</td></tr></table>' if variant == "nested" else tables


def _row_to_cut_at(table: PrintedTable) -> int:
    """Return the row nearest to the middle at which no merged cell is cut, or the number of rows if there is none."""
    through = {row for cell in table.cells for row in range(cell.row + 1, cell.row + cell.rowspan)}
    free = [row for row in range(2, table.rows) if row not in through]
    return min(free, key=lambda row: abs(2 * row - table.rows), default=table.rows)


def _cell(cell: PrintedCell, variant: Variant) -> str:
    spans = f' rowspan="{cell.rowspan}"' * (cell.rowspan > 1) + f' colspan="{cell.colspan}"' * (cell.colspan > 1)
    text = _text_html(cell.text, variant) if cell.text else "&nbsp;"
    if variant in ("word", "crumbled"):
        text = f'<p class="MsoNormal" align="center" style="mso-pagination:none">{text}</p>'
    return f"<td{spans}>{text}" + ("" if variant == "unclosed" else "</td>")
