"""Turn blocks into HTML, either plain as from an editor, or with the clutter of a paste from a word processor."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, SectionHeading

_P = '<p style="text-indent: 2em;">{}</p>'
_WORD_P = (
    '<p class="MsoNormal" style="text-indent:32.0pt;mso-char-indent-count:2.0"><span style="font-family:仿宋_GB2312;'
    'font-size:16.0pt;mso-font-kerning:0">{}</span><span lang="EN-US"><o:p></o:p></span></p>'
)


def fragment(blocks: Iterable[Block], *, word: bool = False) -> str:
    """Return the HTML body of an article."""
    return "\n".join(_block_html(block, word) for block in blocks)


def _block_html(block: Block, word: bool) -> str:
    if isinstance(block, PrintedTable):
        return _table_html(block, word)
    if isinstance(block, SectionHeading):
        text = f"<strong>{escape(block.text)}</strong>"
        return (_WORD_P if word else _P).format(_split_years(text, word))
    return (_WORD_P if word else _P).format(_split_years(escape(block), word))


def _split_years(text: str, word: bool) -> str:
    """Split years over several spans, as word processors do: 202 | 5."""
    if not word:
        return text
    for year in range(2019, 2027):
        cut = f'{year // 10}</span><span lang="EN-US" style="font-size:16.0pt">{year % 10}</span><span>'
        text = text.replace(f"{year}年", cut + "年")
    return text


def _table_html(table: PrintedTable, word: bool) -> str:
    rows: list[list[PrintedCell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    body = "\n".join("<tr>" + "".join(_cell_html(cell, word) for cell in row) + "</tr>" for row in rows)
    attributes = (
        'class="MsoNormalTable" border="1" cellspacing="0"' if word else 'border="1" cellspacing="0" cellpadding="0"'
    )
    return f"<table {attributes}><tbody>\n{body}\n</tbody></table>"


def _cell_html(cell: PrintedCell, word: bool) -> str:
    spans = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    spans += f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    text = escape(cell.text) or "&nbsp;"
    if word:
        text = f'<p class="MsoNormal"><span lang="EN-US" style="font-size:10.5pt">{text}<o:p></o:p></span></p>'
    return f"<td{spans}>{text}</td>"
