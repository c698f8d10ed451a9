"""RTF (often named .doc) → Document: its text and tables are written as Word XML, which :mod:`docx` then reads.

Pictures leave a mark at their position; tables inside cells become paragraphs of those cells.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import NamedTuple
from xml.sax.saxutils import escape

from archive.documents.docx import W, read_word_parts
from archive.documents.model import MAX_TABLE_COLUMNS, Document, Limits, UnreadableError
from archive.findings import finding

MAX_TOKENS = 1_000_000
UNDEFINED_CELL_TWIPS = 1_000  # the width of a cell if the file gives none
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,9})? ?|((?:\\'[0-9A-Fa-f]{2}|[^\\{}]++)++)|\\([^A-Za-z])|([{}])", re.DOTALL
)
_BYTE = re.compile(rb"\\'([0-9A-Fa-f]{2})")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARSET = "gb18030"  # of bytes: programs write characters outside it as Unicode escapes
_WORDS = tomllib.loads(files("archive.documents").joinpath("rtf_words.toml").read_text("utf-8"))

Edges = list[tuple[int, str]]  #: for each cell of a row its right edge in twips, and the Word XML of its merging


def open_rtf(data: bytes, limits: Limits) -> Document:
    """Read an RTF file; with a finding if it is cut short (groups are left open). Raises UnreadableError."""
    writer = _WordWriter()
    xml = f'<w:document xmlns:w="{W[1:-1]}"><w:body>{writer.write(data)}</w:body></w:document>'
    document = read_word_parts({"word/document.xml": xml.encode("utf-8", "replace")}, limits)
    if not writer.groups:
        return document
    if not document.blocks:
        raise UnreadableError("truncated")
    return replace(document, findings=(finding("document_damaged", case="cut_short"), *document.findings))


class _GroupState(NamedTuple):
    """The state that a closing brace restores. ``after_unicode``: how many characters repeat a Unicode sign for old
    programs (the control word ``uc``); ``looks``: slot (bold, italic …) → its Word XML.
    """

    is_silent: bool
    after_unicode: int
    looks: dict[str, str]


class _WordWriter:
    """Writes an RTF file's text as Word XML in one pass; ``groups``: states of open braces, empty at a complete end."""

    def __init__(self) -> None:
        """Begin an empty body. Text is gathered as runs, these as paragraphs, cells, rows and, last, tables."""
        self.groups: list[_GroupState] = []
        self._is_silent, self._after_unicode, self._looks = _GroupState(is_silent=False, after_unicode=1, looks={})
        self._to_skip = 0  # characters that still repeat the last Unicode sign
        self._runs: list[str] = []
        self._body: list[str] = []
        self._in_table = False
        self._left, self._merging = 0, ""  # of the row; of the next cell, as Word XML
        self._edges: Edges = []
        self._cell: list[str] = []  # paragraphs of the current cell
        self._cells: list[str] = []
        self._rows: list[tuple[int, Edges, list[str]]] = []

    def write(self, data: bytes) -> str:
        """Return the text of an RTF file, at most that of ``MAX_TOKENS``, as the Word XML of a body."""
        at, is_starred = 0, False
        for _ in range(MAX_TOKENS):
            token = _TOKEN.match(data, at)
            if token is None:
                break
            at = token.end()
            word, number, text, sign, brace = token.groups()
            if word == b"bin":
                at += max(int(number or 0), 0)
            elif is_starred and word and word.decode() not in _WORDS["starred_text"]:
                self._is_silent = True
            elif word:
                self._do_word(word.decode(), int(number) if number else None)
            elif text:
                characters = _BYTE.sub(lambda code: bytes.fromhex(code[1].decode()), text.translate(None, b"\r\n\0"))
                skipped = min(self._to_skip, len(characters))
                self._to_skip -= skipped
                self._add_text(characters[skipped:].decode(_CHARSET, "replace"))
            elif brace == b"{":
                self.groups.append(_GroupState(self._is_silent, self._after_unicode, dict(self._looks)))
            elif brace and self.groups:
                self._is_silent, self._after_unicode, self._looks = self.groups.pop()
            elif sign and sign != b"*":
                self._do_word("par" if sign in b"\r\n" else sign.decode("latin-1"), None)
            is_starred = sign == b"*"
        self._end_paragraph()
        self._end_table()
        return "".join(self._body)

    def _do_word(self, name: str, number: int | None) -> None:
        r"""Apply a control word, ``\strike0``: ``number`` 0 ends a look; a word of ``silent`` hides its group."""
        if name == "u" and number is not None:
            self._add_text(chr(number & 0xFFFF))
            self._to_skip = self._after_unicode
            return
        self._to_skip = 0
        if name in _WORDS["signs"]:
            self._add_text(_WORDS["signs"][name])
        elif name in _WORDS["elements"]:
            self._add_run(_WORDS["elements"][name])
        elif name in _WORDS["looks"]:
            slot, look = _WORDS["looks"][name]
            self._looks[slot] = "" if number == 0 else look
        elif not self._is_silent:
            self._do_layout(name, number or 0)
        self._is_silent = self._is_silent or name in _WORDS["silent"]

    def _do_layout(self, name: str, number: int) -> None:
        """Apply a control word for characters, paragraphs, cells or rows."""
        match name:
            case "plain":
                self._looks.clear()
            case "uc":
                self._after_unicode = number
            case "pard" | "intbl":
                self._in_table = name == "intbl"
            case "par" | "sect" | "page" | "nestcell":
                self._end_paragraph()
            case "cell":
                self._end_paragraph()
                self._cells.append("".join(self._cell))
                self._cell.clear()
            case "row":
                self._end_row()
            case "trowd" | "trleft":
                self._left, self._merging, self._edges = number, "", []
            case "clvmgf" | "clvmrg":
                self._merging = _WORDS["merged"][name]
            case "cellx" if len(self._edges) < MAX_TABLE_COLUMNS:
                self._edges.append((number, self._merging))
                self._merging = ""

    def _add_text(self, text: str) -> None:
        if text:
            self._add_run(f'<w:t xml:space="preserve">{escape(_NOT_IN_XML.sub("", text))}</w:t>')

    def _add_run(self, element: str) -> None:
        if not self._is_silent:
            self._runs.append(f"<w:r><w:rPr>{''.join(self._looks.values())}</w:rPr>{element}</w:r>")

    def _end_paragraph(self) -> None:
        """Add the runs gathered so far as a paragraph of the current cell or of the body."""
        if self._runs:
            if not self._in_table:
                self._end_table()
            (self._cell if self._in_table else self._body).append(f"<w:p>{''.join(self._runs)}</w:p>")
            self._runs.clear()

    def _end_row(self) -> None:
        """Add the cells gathered so far as a row; cells without a right edge get the usual width."""
        if self._cells:
            edges = self._edges[: len(self._cells)]
            while len(edges) < len(self._cells):
                edges.append(((edges[-1][0] if edges else self._left) + UNDEFINED_CELL_TWIPS, ""))
            self._rows.append((self._left, edges, self._cells))
            self._cells = []

    def _end_table(self) -> None:
        """Write the rows gathered so far as one Word table; the right edges of all cells together are its grid."""
        self._end_row()
        grid = sorted({edge for left, edges, _ in self._rows for edge in (left, *(edge for edge, _ in edges))})
        columns = {edge: number for number, edge in enumerate(grid)}
        rows: list[str] = []
        for left, edges, cells in self._rows:
            col = columns[left]
            row = f'<w:tr><w:trPr><w:gridBefore w:val="{col}"/></w:trPr>'
            for (edge, merging), content in zip(edges, cells, strict=True):
                width = max(1, columns[edge] - col)
                row += f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/>{merging}</w:tcPr>{content}</w:tc>'
                col = columns[edge]
            rows.append(f"{row}</w:tr>")
        if rows:
            self._body.append(f"<w:tbl>{''.join(rows)}</w:tbl>")
        self._rows = []
