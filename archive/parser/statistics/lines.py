"""Read the printed rows of the statistical table from running text in which label, unit and figure stand apart.

Either a row a line, its fields parted by tabs or blanks, or a field a line. Which columns there are, a header of the
same shape says. What ran together is nobody's: its labels are rows without a figure.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.spelling import LONGEST_ITEM
from archive.identity.names import Name
from archive.parser.rows import Item
from archive.parser.signatures import dates_a_signature
from archive.parser.statistics.headers import (
    FIGURES,
    LABEL,
    OTHER,
    UNIT,
    YEAR,
    column_kind,
    unit_in,
    unit_of,
    unit_of_column,
    without_unit,
)
from archive.parser.statistics.naming import is_label
from archive.parser.statistics.row import Doubt, StatisticsRow
from archive.parser.statistics.titles import ABOVE, doubt_above
from archive.parser.values import is_number, looks_like_value

_APART = re.compile(r"\t+|[ \u3000\xa0]{2,}|\u3000")
_TABS = re.compile(r"\t")
_MOST = 20_000  # lines
_COLUMNS = 8  # of a table in text


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    locator: Mapping[str, object]


@dataclass(slots=True)
class _Reader:
    """Where we are: ``kinds`` of the columns, ``wide`` where a row is a line; ``record``: the fields of a row so far,
    each of which is a line. ``above``: the lines before a header; ``aside``: what they say against what is below them.
    """

    year: int | None
    own: Sequence[Name] = ()
    kinds: tuple[str, ...] = ()
    heads: dict[str, str] = field(default_factory=dict)
    wide: bool = False
    begun: list[_Text] = field(default_factory=list)  # of a header of which each field is a line
    record: list[_Text] = field(default_factory=list)
    found: list[StatisticsRow] = field(default_factory=list)
    above: deque[str] = field(default_factory=lambda: deque(maxlen=ABOVE))
    aside: Doubt | None = None
    stray: _Text | None = None  # a field of no row, right before

    def line(self, one: _Text) -> None:
        """Go on by one line."""
        if self._header(one):
            return
        self.above.appendleft(one.text)
        if len(one.text) > 2 * LONGEST_ITEM:
            self._close()
            self.kinds = ()
        elif self.kinds and dates_a_signature(one.text):
            self._close()
        elif self.wide and self.kinds:
            self._row(one)
        elif self.kinds:
            self._field(one)
        elif is_label(one.text):
            self.found.append(StatisticsRow((one.text,), doubt=Doubt.HEADER))

    def end(self) -> None:
        """Nothing comes any more."""
        self._close()

    # ------------------------------------------------------------------------------------------------- headers

    def _header(self, one: _Text) -> bool:
        """Whether a line is a header, or goes on with one."""
        fields = _fields(one.text)
        if len(fields) < 2:
            fields = one.text.split()
        kinds = [column_kind(text, self.year) for text in fields[:_COLUMNS]]
        if 1 < len(fields) <= _COLUMNS and kinds[0] == LABEL and None not in kinds and kinds.count(LABEL) == 1:
            self._close()
            self._set(fields, wide=True)
            return True
        kind = column_kind(one.text, self.year)
        if kind == LABEL:
            self._close()
            self.kinds, self.begun = (), [one]
            return True
        if self.begun and kind is not None and len(self.begun) < _COLUMNS:
            self.begun.append(one)
            return True
        if len(self.begun) > 1:
            self._set([begun.text for begun in self.begun], wide=False)
        self.begun = []
        return False

    def _set(self, headers: Sequence[str], *, wide: bool) -> None:
        kinds = [column_kind(text, self.year) or OTHER for text in headers]
        self.kinds, self.wide, self.begun = tuple(kinds), wide, []
        self.aside = doubt_above(self.above, self.year, self.own)
        self.heads = {kind: unit_of_column(text) for kind, text in zip(kinds, headers, strict=True)}

    # ------------------------------------------------------------------------------------------------- rows

    def _row(self, one: _Text) -> None:
        """A row on a line: as many fields as columns, parted by tabs; else by blanks, if its end has their shape."""
        fields = _tabs(one.text)
        if len(fields) != len(self.kinds):
            fields = _fields(one.text)
        if len(fields) != len(self.kinds):
            words = one.text.split()
            rest = len(self.kinds) - 1
            fields = ["".join(words[:-rest]), *words[-rest:]] if len(words) > rest else []
        if len(fields) == len(self.kinds) and self._has_shape(fields):
            self.found.append(self._printed([_Text(text, one.locator) for text in fields]))
            return
        label = next((text for text in (one.text, *_fields(one.text)[:1], *one.text.split()[:1]) if is_label(text)), "")
        filled = any(is_number(text) for text in one.text.split()[1:])
        if label or filled:
            self.found.append(StatisticsRow((label or one.text,), doubt=Doubt.COLUMN, filled=filled))

    def _field(self, one: _Text) -> None:
        """A field of a row that has one a line. A label may begin on the line before, with what is no field."""
        if is_label(one.text):
            begun = self.stray if not self.record else self._behind()
            whole = f"{begun.text}{one.text}" if begun is not None and not looks_like_value(begun.text) else ""
            if whole and is_label(whole):
                self.record = [field for field in self.record if field is not begun]
                one = _Text(whole, one.locator)
            self._close(one)
            self.record, self.stray = [one], None
        elif self.record and len(self.record) < len(self.kinds) + 1:
            self.record.append(one)
        else:
            self._close(one)
            self.stray = one

    def _behind(self) -> _Text | None:
        """What stands behind the fields of a whole row."""
        return self.record[-1] if len(self.record) > len(self.kinds) else None

    def _close(self, after: _Text | None = None) -> None:
        """End the row that is open. ``after``: what goes on behind it, if anything of a table does."""
        record, self.record = self.record, []
        if not record:
            return
        fields = [one.text for one in record]
        if len(record) > len(self.kinds) and self._has_shape(fields[: len(self.kinds)]):
            # a whole row, and behind it the label of one that is not known; another figure, and nobody knows whose
            behind = fields[len(self.kinds)]
            if not looks_like_value(without_unit(behind)):
                self.found.append(self._printed(record[: len(self.kinds)]))
                if after is not None:  # else it is what stands below the table: who signs, a heading
                    self.found.append(StatisticsRow((behind,), filled=True))
                return
        pages = {one.locator.get("page") for one in record}
        if len(record) == len(self.kinds) and self._has_shape(fields) and len(pages) == 1:
            self.found.append(self._printed(record))
            return
        filled = any(is_number(text) for text in fields[1:])
        self.found.append(StatisticsRow((fields[0],), doubt=Doubt.COLUMN if len(fields) > 1 else None, filled=filled))

    def _has_shape(self, fields: Sequence[str]) -> bool:
        """Whether what stands in the columns can stand there: a unit is no figure, a figure is one or a mark."""
        for kind, text in zip(self.kinds[1:], fields[1:], strict=True):
            if (kind == UNIT and is_number(text)) or (kind in FIGURES and not looks_like_value(without_unit(text))):
                return False
        return bool(fields[0].strip()) and not is_number(fields[0])

    def _printed(self, fields: Sequence[_Text]) -> StatisticsRow:
        figures: dict[str, Item] = {}
        units = [unit_in(fields[0].text)]
        for at, (kind, one) in enumerate(zip(self.kinds, fields, strict=True)):
            if kind in FIGURES and self.kinds.count(kind) == 1:
                figures[kind] = Item(one.text, at, 1, one.locator)
            elif kind == UNIT:
                units += [unit_of(one.text), self.heads.get(UNIT, "")]
        # where figures are of another year, what added up is so as well
        foreign = Doubt.OTHER if YEAR not in figures and OTHER in self.kinds else None
        doubt = self.aside or foreign or (None if figures else Doubt.HEADS)
        filled = any(is_number(item.text) for item in figures.values())
        printed_units = tuple(unit for unit in units if unit)
        return StatisticsRow((fields[0].text,), printed_units, figures, self.heads, doubt, filled=filled)


def _fields(text: str) -> list[str]:
    return [part.strip() for part in _APART.split(text.strip())]


def _tabs(text: str) -> list[str]:
    return [part.strip() for part in _TABS.split(text)]


def text_rows(pages: Pages, year: int | None, own: Sequence[Name] = ()) -> list[StatisticsRow]:
    """The rows of a table that stands in the text, in reading order; ``own``: names of the body that reports."""
    reader = _Reader(year, own)
    for one in _texts(pages):
        reader.line(one)
    reader.end()
    return reader.found


def _texts(pages: Pages) -> Iterator[_Text]:
    """The lines of the text: at most so many."""
    left = _MOST
    for block in pages.blocks:
        for one in _lines_of(block):
            if left == 0:
                return
            left -= 1
            yield one


def _lines_of(block: Paragraph | Table) -> Iterable[_Text]:
    if isinstance(block, Table):
        return () if block.cols > 1 or block.ruled else [_Text(cell.text, cell.locator) for cell in block.cells]
    if block.furniture:
        return ()
    return [_Text(text, block.locator) for text in block.text.split("\n") if text.strip()]
