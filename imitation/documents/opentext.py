"""Blocks → .odt, as LibreOffice Writer saves one: merged cells, and a covered one wherever they reach."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, Heading

MIME = "application/vnd.oasis.opendocument.text"
_MADE = (2020, 1, 1, 0, 0, 0)  # the same bytes on every machine
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "meta": "meta", "manifest": "manifest",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def odt(title: str, blocks: Iterable[Block]) -> bytes:
    """A text document: the title, headings, paragraphs and tables."""
    body = [f'<text:p text:style-name="Title">{_inline(title)}</text:p>']
    for number, block in enumerate(blocks, 1):
        if isinstance(block, PrintedTable):
            body.append(_table(block, f"Table{number}"))
        elif isinstance(block, Heading):
            body.append(f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{_inline(block.text)}</text:h>')
        else:
            body.append(f'<text:p text:style-name="Standard">{_inline(block)}</text:p>')
    return packed("".join(body), title=title)


def packed(body: str, *, automatic: str = "", styles: str = "", title: str = "", manifest: str = "") -> bytes:
    """The package around the XML of a body, of its automatic styles and of the styles that those rest on."""
    content = (
        f'{_HEAD}<office:document-content {_SPACES} office:version="1.3"><office:automatic-styles>{automatic}'
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    parts = {
        "mimetype": MIME,
        "content.xml": content,
        "styles.xml": f"{_HEAD}<office:document-styles {_SPACES}><office:styles>{styles}</office:styles>"
        "</office:document-styles>",
        "meta.xml": f"{_HEAD}<office:document-meta {_SPACES}><office:meta><dc:title>{escape(title)}</dc:title>"
        "</office:meta></office:document-meta>",
        "META-INF/manifest.xml": f"{_HEAD}<manifest:manifest {_SPACES}><manifest:file-entry "
        f'manifest:full-path="/" manifest:media-type="{MIME}"/>{manifest}</manifest:manifest>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            plain = name == "mimetype"  # the first, and not compressed: by it the kind is told
            info = zipfile.ZipInfo(name, _MADE)
            archive.writestr(info, text, zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _inline(text: str) -> str:
    return escape(text).replace("\t", "<text:tab/>").replace("  ", '<text:s text:c="2"/>')


def _table(table: PrintedTable, name: str) -> str:
    begin = {(cell.row, cell.col): cell for cell in table.cells}
    covered = {
        (row, col)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for col in range(cell.col, cell.col + cell.colspan)
    } - begin.keys()
    rows = []
    for row in range(table.rows):
        cells = [_cell(begin.get((row, col)), (row, col) in covered) for col in range(table.cols)]
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    head = f'<table:table-column table:number-columns-repeated="{table.cols}"/>'
    return f'<table:table table:name="{name}">{head}{"".join(rows)}</table:table>'


def _cell(cell: PrintedCell | None, covered: bool) -> str:
    if covered:
        return "<table:covered-table-cell/>"
    if cell is None:
        return "<table:table-cell><text:p/></table:table-cell>"
    spans = "".join(
        f' table:number-{what}-spanned="{count}"'
        for what, count in (("columns", cell.colspan), ("rows", cell.rowspan))
        if count > 1
    )
    lines = "".join(f'<text:p text:style-name="P2">{_inline(line)}</text:p>' for line in cell.text.split("\n"))
    return f'<table:table-cell{spans} office:value-type="string">{lines}</table:table-cell>'
