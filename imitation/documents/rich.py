"""Turn blocks into RTF as word processors save it under the name .doc: GBK, merged cells."""

from __future__ import annotations

from collections.abc import Iterable

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, SectionHeading

_COLUMN = 1_000  # twips


def rtf(title: str, blocks: Iterable[Block]) -> bytes:
    """Return an RTF document: title, headings, paragraphs and ruled tables."""
    out = [r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}{\*\generator Imitation;}"]
    out.append(rf"\uc1\pard\outlinelevel0 {_escape(title)}\par")
    for block in blocks:
        if isinstance(block, PrintedTable):
            out += _table_rows(block)
        elif isinstance(block, SectionHeading):
            out.append(rf"\pard\outlinelevel1 {_escape(block.text)}\par")
        else:
            out.append(rf"\pard\plain\f0 {_escape(block)}\par")
    return "\n".join([*out, "}"]).encode("ascii")


def _table_rows(table: PrintedTable) -> Iterable[str]:
    covered = {(row, cell.col): cell for cell in table.cells for row in range(cell.row, cell.row + cell.rowspan)}
    for number in range(table.rows):
        definition, texts, col = r"\trowd\trgaph108", [], 0
        while col < table.cols:
            cell = covered.get((number, col), PrintedCell(row=number, col=col, text=""))
            col += cell.colspan
            if cell.rowspan > 1:
                definition += r"\clvmgf" if cell.row == number else r"\clvmrg"
            definition += rf"\cellx{col * _COLUMN}"
            lines = cell.text.split("\n") if cell.row == number else [""]
            texts.append(r"\par ".join(_escape(line) for line in lines) + r"\cell ")
        yield definition + r"\pard\intbl " + "".join(texts) + r"\row"


def _escape(text: str) -> str:
    return "".join(_escape_character(character) for character in text)


def _escape_character(character: str) -> str:
    if character in "\\{}":
        return "\\" + character
    if character < "\x80":
        return character
    return "".join(f"\\'{byte:02x}" for byte in character.encode("gbk"))
