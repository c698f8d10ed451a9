"""The paragraphs of the main text, with what their marks end and the numbers that Word writes before them.

Text comes from the piece table, paragraphs from the PAPX pages, rows and merged cells from each row's TDefTable, so
that a merged cell keeps its identity. Deleted and hidden text is left out, as are field codes; struck-out text is given
as such.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from archive.documents.ole import Ole
from archive.documents.ooxml.numbering import Numbering
from archive.documents.pages import UNREAD
from archive.documents.runs import Run, printed
from archive.documents.word97.boxes import ANCHOR, boxes, runs_of, with_boxes
from archive.documents.word97.header import Streams, streams
from archive.documents.word97.lists import has_lists, numbered_styles, read_lists
from archive.documents.word97.model import Mark, Marked
from archive.documents.word97.modifiers import Properties, kept_elsewhere, paragraph_properties
from archive.documents.word97.pieces import TextPiece, pieces
from archive.documents.word97.property_pages import looks, paragraph_runs

_CELL = "\x07"  # the mark that ends a cell or a row
_FIELD_MARKS = "\x13\x14\x15"
_MARK = re.compile(r"([\r\x07\x0c\x13-\x15])")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f]")
_SHOWN = {code: None for code in range(32) if code != 9} | {0x0B: "\n", 0x1E: "-"}


def paragraphs(ole: Ole) -> Iterator[Marked]:
    """The paragraphs of the main text in order; raises NotWord97Error where the structure makes no sense."""
    word = streams(ole)
    runs, printed_as = paragraph_runs(word), looks(word)
    known: dict[bytes, Properties] = {}
    cells, others = _Kinds(word.data, known, cell=True), _Kinds(word.data, known, cell=False)
    numbers = Numbers(word) if has_lists(word.main) else None
    framed = boxes(word, printed_as)
    starts, values = runs.starts, runs.values

    def marked(of: Iterable[TextPiece], texts: Mapping[int, Sequence[Run]]) -> Iterator[Marked]:
        begun = 0  # characters of the main text before those at hand
        runs: list[Run] = []  # of the paragraph at hand
        fields: list[bool] = []  # per open field: whether its result has begun
        codes = 0  # open fields whose result has not begun
        for piece in of:
            place, width, at = piece.start, piece.width, 0
            printing = piece.printed_as(printed_as)
            for own, mark in zip(*[iter([*_MARK.split(piece.text), ""])] * 2, strict=True):
                if own and not codes:
                    new = runs_of(own, printing[at : at + len(own)] if printing else None)
                    runs += with_boxes(new, begun, texts) if texts and ANCHOR in own else new
                begun += len(own) + len(mark)
                at += len(own) + len(mark)
                if not mark:
                    break
                if mark in _FIELD_MARKS:
                    codes += _field(mark, fields)
                    continue
                grpprl = values[bisect_right(starts, place + width * (at - 1))]
                properties, ended = (cells if mark == _CELL else others)[grpprl]
                text, struck, drawn = _printed(runs, in_cell=ended.depth > 0)
                runs = []
                if numbers is not None:
                    text = numbers.before(grpprl, properties, text, ended)
                yield Marked(text, ended, drawn, struck)
        if runs:
            text, struck, _ = _printed(runs, in_cell=False)
            yield Marked(text, Mark(), 0, struck)

    yield from marked(pieces(word), framed.texts)
    for table in framed.tables:
        yield from marked(table, {})


def _field(mark: str, fields: list[bool]) -> int:
    """A field begins, its result begins, or it ends: by how much the number of open codes changes."""
    if mark == "\x13":
        fields.append(False)
        return 1
    if mark == "\x14":
        if not fields or fields[-1]:
            return 0
        fields[-1] = True
        return -1
    return -1 if fields and not fields.pop() else 0


def _printed(runs: Sequence[Run], *, in_cell: bool) -> tuple[str, str, int]:
    """What runs print, what of them is crossed out, how many images and objects stand among them (U+0001)."""
    text, struck = printed(runs, in_cell=in_cell)
    if text.isprintable():
        return text, struck, 0
    return (text.translate(_SHOWN), struck, text.count("\x01")) if _CONTROL.search(text) else (text, struck, 0)


class _Kinds(dict[bytes, tuple[Properties, Mark]]):
    """What style and modifiers make of a paragraph: a document has few kinds, each found when first met.

    ``cell``: it ends with the mark of cells and rows. ``known``: properties by modifiers; rows of a table often name
    a list of their own each in the Data stream, and all are equal.
    """

    def __init__(self, data: bytes, known: dict[bytes, Properties], *, cell: bool) -> None:
        super().__init__()
        self._data = data
        self._known = known
        self._cell = cell

    def __missing__(self, grpprl: bytes) -> tuple[Properties, Mark]:
        listed, data = grpprl[2:], self._data
        elsewhere = kept_elsewhere(listed, data)
        if elsewhere is None:
            properties = paragraph_properties(listed, data)
        elif elsewhere in self._known:
            properties = self._known[elsewhere]
        else:
            properties = self._known[elsewhere] = paragraph_properties(elsewhere, b"")
        self[grpprl] = found = properties, _mark(properties, self._cell)
        return found


def _mark(properties: Properties, cell: bool) -> Mark:
    depth = max(properties.depth, 1 if properties.in_table or properties.ttp else 0)
    if depth > 1:
        cell_end, row_end = properties.inner_cell, properties.inner_ttp
    else:
        row_end = properties.ttp
        cell_end = cell and not row_end
        if cell and depth == 0:
            depth = 1
    heading = properties.outline + 1 if properties.outline < 6 else 0
    return Mark(depth, cell_end and not row_end, row_end, heading, properties.row if row_end else None)


class Numbers:
    """The numbers that Word writes before paragraphs, in a file that has lists."""

    def __init__(self, word: Streams) -> None:
        self._data = word.data
        self._begins = True  # a cell with the next paragraph
        self._lists: Numbering = read_lists(word.main, word.table)
        self._styles: Mapping[int, tuple[int, int]] = numbered_styles(word.main, word.table, self._listed)

    def _listed(self, grpprl: bytes) -> tuple[int | None, int]:
        found = paragraph_properties(grpprl, self._data)
        return found.list, found.level

    def before(self, grpprl: bytes, properties: Properties, text: str, ended: Mark) -> str:
        """The text with its number; empty paragraphs are counted, but stay empty.

        One that is all of a cell shows its number there: U+FFFC stands before it.
        """
        alone, self._begins = self._begins and ended.cell_end, ended.cell_end or ended.row_end or not ended.depth
        number, level = properties.list, properties.level
        if number is None:
            number, level = self._styles.get(int.from_bytes(grpprl[:2], "little"), (0, 0))
        if not number:
            return text
        written = self._lists.next(str(number), level)
        if alone and not text.strip() and written.strip():
            return UNREAD + written.strip()
        return written + text if text.strip() else text
