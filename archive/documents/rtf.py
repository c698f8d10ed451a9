"""RTF (often named .doc) → Document: its words and tables are written as Word XML, which :mod:`docx` then reads.

Pictures are marked where they stand; tables within cells become paragraphs of their cells.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import pairwise
from xml.sax.saxutils import escape

from archive.documents.docx import W, read_word_parts
from archive.documents.model import MAX_TABLE_COLUMNS, Document, Limits, UnreadableError
from archive.findings import finding

MAX_TOKENS = 1_000_000
_TOKEN = re.compile(rb"\\([A-Za-z]{1,32})(-?\d{1,9})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}]+)", re.DOTALL)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARSET = "gb18030"  # of bytes: programs write what is in no such charset as Unicode
_WORDS = tomllib.loads(files("archive.documents").joinpath("rtf_words.toml").read_text("utf-8"))


@dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces. ``after_unicode``: characters that stand for one Unicode sign before them."""

    silent: bool = False
    after_unicode: int = 1
    looks: dict[str, str] = field(default_factory=dict)


def open_rtf(data: bytes, limits: Limits) -> Document:
    """Read an RTF file. Raises UnreadableError."""
    writer = _WordWriter()
    xml = f'<w:document xmlns:w="{W[1:-1]}"><w:body>{writer.write(data)}</w:body></w:document>'
    document = read_word_parts({"word/document.xml": xml.encode("utf-8", "replace")}, limits)
    if writer.is_sound:
        return document
    if not document.blocks:
        raise UnreadableError("truncated")
    return replace(document, findings=(finding("document_damaged", case="cut_short"), *document.findings))


class _WordWriter:
    """Writes what an RTF file prints as Word XML, in one pass over its tokens."""

    def __init__(self) -> None:
        self._group = _Group()
        self._groups: list[_Group] = []
        self.is_sound = False  # the outermost group ends where the file ends
        self._done: list[str] = []
        self._runs: list[str] = []
        self._bytes = bytearray()
        self._to_skip = 0  # characters that stand for the last Unicode sign
        self._in_table = False
        self._edges = [0]  # of the row at hand in twips, from its left side on
        self._merged = [""]  # how each of its cells is merged with those above or below it, in Word XML
        self._cell: list[str] = []  # paragraphs of the cell at hand
        self._cells: list[str] = []
        self._rows: list[tuple[list[int], list[str], list[str]]] = []  # edges, merging and content of cells

    def write(self, data: bytes) -> str:
        """Return the body."""
        at, is_starred = 0, False
        for _ in range(MAX_TOKENS):
            token = _TOKEN.match(data, at)
            if token is None:
                break
            at = token.end()
            word, number, code, sign, brace, text = token.groups()
            if word == b"bin":
                at += max(int(number or 0), 0)
            elif is_starred and word and word.decode() not in _WORDS["starred_text"]:
                self._group.silent = True
            elif word:
                self._do_word(word.decode(), int(number) if number else None)
            elif brace:
                self._do_brace(brace)
                self.is_sound = not self._groups and not data[at : at + 1024].strip(b"\0\r\n\t }")
            elif code or text:
                self._add_bytes(bytes([int(code, 16)]) if code else text.translate(None, b"\r\n\0"))
            elif sign != b"*":
                self._do_word("par" if sign in b"\r\n" else sign.decode("latin-1"), None)
            is_starred = sign == b"*"
        self._end_paragraph()
        self._end_table()
        return "".join(self._done)

    def _do_brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            self._groups.append(self._group)
            self._group = replace(self._group, looks=dict(self._group.looks))
        elif self._groups:
            self._group = self._groups.pop()

    def _do_word(self, name: str, number: int | None) -> None:
        if name == "u" and number is not None:
            self._add_text(chr(number & 0xFFFF))
            self._to_skip = self._group.after_unicode
            return
        self._to_skip = 0
        self._flush()
        if name in _WORDS["signs"]:
            self._add_text(_WORDS["signs"][name])
        elif name in _WORDS["elements"]:
            self._add_element(_WORDS["elements"][name])
        elif name in _WORDS["looks"]:
            slot, look = _WORDS["looks"][name]
            self._group.looks[slot] = "" if number == 0 else look
        elif not self._group.silent:
            self._do_layout(name, number or 0)
        self._group.silent = self._group.silent or name == "pict" or name in _WORDS["silent"]

    def _do_layout(self, name: str, number: int) -> None:
        """Do what a word says of characters, paragraphs, cells and rows."""
        group = self._group
        match name:
            case "plain":
                group.looks.clear()
            case "uc":
                group.after_unicode = number
            case "pard":
                self._in_table = False
            case "intbl":
                self._in_table = True
            case "par" | "sect" | "page" | "nestcell":
                self._end_paragraph()
            case "cell":
                self._end_paragraph()
                self._cells.append("".join(self._cell))
                self._cell.clear()
            case "row":
                self._end_row()
            case "trowd" | "trleft":
                self._edges, self._merged = [number if name == "trleft" else 0], [""]
            case "clvmgf" | "clvmrg":
                self._merged[-1] = _WORDS["merged"][name]
            case "cellx" if len(self._edges) <= MAX_TABLE_COLUMNS:
                self._edges.append(number)
                self._merged.append("")

    def _add_bytes(self, data: bytes) -> None:
        """Add bytes of the text, without those that stand for a Unicode sign before them."""
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        self._bytes += data[skipped:]

    def _flush(self) -> None:
        """Write the bytes gathered so far, which only together are characters."""
        if self._bytes:
            text = self._bytes.decode(_CHARSET, "replace")
            self._bytes.clear()
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        self._add_element(f'<w:t xml:space="preserve">{escape(_NOT_IN_XML.sub("", text))}</w:t>')

    def _add_element(self, element: str) -> None:
        self._flush()
        if not self._group.silent:
            self._runs.append(f"<w:r><w:rPr>{''.join(self._group.looks.values())}</w:rPr>{element}</w:r>")

    def _end_paragraph(self) -> None:
        self._flush()
        if not self._runs:
            return
        paragraph = f"<w:p>{''.join(self._runs)}</w:p>"
        self._runs.clear()
        if self._in_table:
            self._cell.append(paragraph)
        else:
            self._end_table()
            self._done.append(paragraph)

    def _end_row(self) -> None:
        if self._cells:
            edges = self._edges[: len(self._cells) + 1]
            edges += [edges[-1] + 1_000 * (n + 1) for n in range(len(self._cells) + 1 - len(edges))]  # undefined cells
            self._rows.append((edges, self._merged, self._cells))
            self._cells = []

    def _end_table(self) -> None:
        """Write the rows gathered so far as one table over a grid of all their edges."""
        self._end_row()
        grid = sorted({edge for edges, _, _ in self._rows for edge in edges})
        at = {edge: number for number, edge in enumerate(grid)}
        if rows := "".join(_write_row([at[edge] for edge in edges], *row) for edges, *row in self._rows):
            self._done.append(f"<w:tbl>{rows}</w:tbl>")
        self._rows = []


def _write_row(columns: list[int], merged: list[str], cells: list[str]) -> str:
    """Return a row; ``columns``: where its cells begin and end on the grid."""
    first = f'<w:trPr><w:gridBefore w:val="{columns[0]}"/></w:trPr>'
    written = (
        f'<w:tc><w:tcPr><w:gridSpan w:val="{max(1, right - left)}"/>{merging}</w:tcPr>{content}</w:tc>'
        for content, merging, (left, right) in zip(cells, merged + [""] * len(cells), pairwise(columns), strict=False)
    )
    return f"<w:tr>{first}{''.join(written)}</w:tr>"
