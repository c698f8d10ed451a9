"""The table of writers: a report in every format and style in which portals publish it, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archive.forms.printer import PrintedTable
from imitation.documents import archived, flat, html, ofd, portable, rich, scanned, sheets, word
from imitation.wording import Block, SectionHeading

Writer = Callable[[str, Sequence[Block]], bytes]


def _parts(title: str, blocks: Sequence[Block]) -> bytes:
    """Return a zip with the text in one document and each table in a file of its own, in different formats."""
    tables = [block for block in blocks if isinstance(block, PrintedTable)]
    text: list[Block] = [block for block in blocks if not isinstance(block, PrintedTable)]
    files = [("1 年度报告.docx", word.docx(title, text))]
    for number, table in enumerate(tables):
        titled_blocks: list[Block] = [SectionHeading(f"附表{number + 1}"), table]
        kind, write = (("xls", sheets.xls), ("docx", word.docx), ("xlsx", sheets.xlsx))[number % 3]
        files.append((f"{number + 2} 附表.{kind}", write(f"附表{number + 1}", titled_blocks)))
    return archived.zipped(files)


#: name → writer; the part of the name before "-" is the kind that the reader recognises
WRITERS: dict[str, Writer] = {
    "html": html.page,
    "html-word": lambda title, blocks: html.page(title, blocks, variant="word", charset="gbk"),
    "html-crumbled": lambda title, blocks: html.page(title, blocks, variant="crumbled", declared="gb2312"),
    "html-unclosed": lambda title, blocks: html.page(title, blocks, variant="unclosed"),
    "html-split": lambda title, blocks: html.page(title, blocks, variant="split"),
    "html-nested": lambda title, blocks: html.page(title, blocks, variant="nested", charset="gb18030"),
    "html-excel": lambda title, blocks: html.page(title, blocks, variant="excel"),
    "mhtml": lambda title, blocks: archived.mhtml(html.page(title, blocks)),
    "docx": word.docx,
    "rtf": rich.rtf,
    "pdf": portable.pdf,
    "pdf-pieces": lambda title, blocks: portable.pdf(title, blocks, style=portable.PdfStyle(pieces=True)),
    "pdf-open": lambda title, blocks: portable.pdf(title, blocks, style=portable.PdfStyle(open_ends=True)),
    "pdf-unruled": lambda title, blocks: portable.pdf(title, blocks, style=portable.PdfStyle(ruled=False)),
    "pdf-turned": lambda title, blocks: portable.pdf(title, blocks, style=portable.PdfStyle(turned=1)),
    "ofd": ofd.ofd,
    "ofd-single": lambda title, blocks: ofd.ofd(title, blocks, style=ofd.OfdStyle(single=True, filled=True)),
    "xlsx": sheets.xlsx,
    "xlsx-apart": lambda title, blocks: sheets.xlsx(title, blocks, style=sheets.SheetStyle(apart=True, numbers=False)),
    "xls": sheets.xls,
    "xls-apart": lambda title, blocks: sheets.xls(title, blocks, style=sheets.SheetStyle(apart=True)),
    "zip": lambda title, blocks: archived.zipped([("说明.txt", b""), ("年报.docx", word.docx(title, blocks))]),
    "zip-parts": _parts,
    "text-tabs": flat.text,
}
#: writers of pictures, of which a page takes seconds to read
PICTURED: dict[str, Writer] = {
    "scan": lambda title, blocks: scanned.scanned_pdf(title, blocks, scanned.Scan(skew=0.6, noise=6)),
    "scan-tiff": lambda title, blocks: scanned.tiff(title, blocks, scanned.Scan(dpi=200, seal=True)),
    "zip-jpeg": lambda title, blocks: archived.zipped(
        (f"{page}.jpg", image) for page, image in enumerate(scanned.image_files(title, blocks, "jpeg"), 1)
    ),
    "ofd-pictured": lambda title, blocks: ofd.pictured(title, scanned.image_files(title, blocks, "png")),
}
