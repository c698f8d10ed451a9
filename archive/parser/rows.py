"""Turn blocks into logical rows: a label and the cells after it, however the table was broken up on its way here.

Rows come from tables (here) and from labels and values on lines of their own (:mod:`archive.parser.line_rows`).
Nothing is placed here; see :mod:`archive.parser.cell_placement`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter
from typing import Literal, NamedTuple

from archive.documents.ocr.confidence import is_recognised
from archive.documents.pages import GridCell, Table
from archive.forms.spelling import LONGEST, UNSEEN, numbers_columns
from archive.parser.labels import LabelMatch
from archive.parser.ocr_correction import corrected_text
from archive.parser.text_classes import TextClasses, classes_of
from archive.parser.values import STAIN, is_number, looks_like_value

Kind = Literal["data", "header", "caption"]
Source = Literal["grid", "ragged", "list", "lines"]

_COL, _LOCATOR = attrgetter("col"), attrgetter("locator")
_BLANKS = 3  # in a row between two labels: they are cells of the first
_HEADED = 2  # cells that make a header: what it is of, and a column
#: What stands over the labels of a table's rows.
OF_LABELS = frozenset(("项目", "项目名称", "事项", "指标", "指标名称", "类别", "内容", "名称", "情形", "办理情况"))
_CELLS = 5  # behind a label: more than a column's header has right of it
_WIDEST = 64  # cells of a row whose shape is worth remembering
_WORDED = re.compile(r"\d|^.{0,8}$")  # a word in a cell of figures has a digit, or is short
_SEVERAL = 4  # figures in a row, between which a label seldom stands
_ITEM_NUMBER = re.compile(r"\s*[（(]?([1-9])[)）.．、]?\s*")  # in a cell of its own, left of its label
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[\u4e00-\u9fff]\s*[\u4e00-\u9fff]")  # a label has two characters at least
_FIGURE = TextClasses(number=True, value=True, plain=True)  # any plain figure, where only that it is one matters


@dataclass(slots=True, eq=False)
class Item:
    """One cell of a row, never changed. ``carried``: it began in a row above (rowspan).

    ``ocr_text``: what recognition gave, where ``text`` is what it most likely means; "" where they are the same.
    ``head``: the heading of its column, where that is printed with the figure.
    """

    text: str
    col: int
    span: int
    locator: Mapping[str, object]
    carried: bool = False
    ocr_text: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """``kind``: ``data`` (labelled or not), ``header`` or ``caption``.

    ``source``: ``grid`` (a table: numbers of columns are reliable), ``ragged`` (tabs, pipes: a field for each column,
    perhaps shifted), ``list`` (lines, blank ones kept) or ``lines`` (blank ones lost).
    ``locator``: where its label stands; ``fuzzy``: the label was recognised with a slip.
    ``own``: what of ``lead`` begins in this row, where it names no place: its label, without those of its groups.
    ``whole``: all cells of a grid's row that names no place, those before ``items`` and behind them too.
    ``blanks``: of a row read from lines, how many blank ones stand before each of its items and behind the last.
    ``levels``: of headings read from lines, the line of each of its texts.
    """

    kind: Kind
    source: Source
    table: int
    hit: LabelMatch | None = None
    lead: str = ""
    own: str = ""
    label_col: int = 0
    items: list[Item] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    last: bool = False
    locator: Mapping[str, object] = field(default_factory=dict)
    fuzzy: bool = False
    whole: Sequence[Item] = ()
    blanks: tuple[int, ...] = ()
    levels: tuple[int, ...] = ()

    @property
    def numbers(self) -> int:
        """How many items hold a number."""
        return sum([is_number(item.text) for item in self.items])


def table_rows(table: Table, number: int) -> Iterator[Row]:
    """The rows of a grid, top to bottom."""
    source: Source = "grid" if table.ruled else "ragged"
    from_image = any(map(is_recognised, map(_LOCATOR, table.cells)))
    lines = _rejoined(_covering(table)) if from_image else _covering(table)
    for cells in (
        _stained(_join_torn_label([_as_meant(item) for item in cells]) for cells in lines) if from_image else lines
    ):
        for items in _unfold(cells):
            yield from _rows_of(items, source, number)


def _rejoined(rows: Iterable[list[Item]]) -> Iterator[list[Item]]:
    """Recognised rows, those taken apart by a line of letters that passed for a ruling in one again.

    All figures of the upper reach down into the lower, in which nothing begins but the rest of its label.
    """
    above: list[Item] | None = None
    for items in rows:
        begun = {item.col: item for item in items if not item.carried}
        if above is not None and _continues_row(above, items, begun):
            above = [
                replace(item, text=f"{item.text}\n{begun[item.col].text}") if item.col in begun else item
                for item in above
            ]
            continue
        if above is not None:
            yield above
        above = items
    if above is not None:
        yield above


def _continues_row(above: Sequence[Item], items: Sequence[Item], begun: Mapping[int, Item]) -> bool:
    """Whether a row is the rest of the one above, and not a row of its own."""
    figures = [item for item in above if is_number(item.text)]
    carried = {item.col for item in items if item.carried}
    if len(figures) < _SEVERAL or not begun or any(item.col not in carried for item in figures):
        return False
    upper = {item.col: item for item in above if not item.carried and item.col not in carried}
    if {(item.col, item.span) for item in upper.values()} != {(item.col, item.span) for item in begun.values()}:
        return False
    named = [classes_of(item.text).row is not None for row in (upper, begun) for item in row.values()]
    return not all(named) and all(_WORD.search(item.text) for item in begun.values())


def _stained(rows: Iterable[list[Item]]) -> Iterator[list[Item]]:
    """Recognised rows, in which what stands among figures and is none is ink that was not read.

    It stands below the header of a column, in a row of figures, or is no word and stands between several figures:
    a tick, a word of a seal. What was read of it is kept.
    """
    below: set[int] = set()
    figures = False
    for items in rows:
        cell_classes = [classes_of(item.text) for item in items]
        numbers = sum(classes.number for classes in cell_classes)
        figures = figures or numbers > 1 or (numbers > 0 and any(classes.row is not None for classes in cell_classes))
        if not figures:
            below.update(
                col
                for item, classes in zip(items, cell_classes, strict=True)
                if classes.columns
                for col in range(item.col, item.col + item.span)
            )
        elif numbers or any(classes.row is not None for classes in cell_classes):
            among = _among_figures(items, cell_classes)
            items = [  # noqa: PLW2901 — the same row
                replace(item, text=STAIN, ocr_text=item.ocr_text or item.text)
                if not item.carried and _names_nothing(classes) and (item.col in below or at in among)
                else item
                for at, (item, classes) in enumerate(zip(items, cell_classes, strict=True))
            ]
        yield items


def _among_figures(items: Sequence[Item], cell_classes: Sequence[TextClasses]) -> Collection[int]:
    """Which cells of a row hold no word and stand between figures, of which there are several."""
    figures = [at for at, classes in enumerate(cell_classes) if classes.number]
    if len(figures) < _SEVERAL:
        return ()
    return [at for at in range(figures[0] + 1, figures[-1]) if not _WORD.search(items[at].text)]


def _names_nothing(classes: TextClasses) -> bool:
    named = classes.row or classes.heading or classes.columns or classes.block or classes.over or classes.corner
    return not classes.value and not named and not classes.blank


def _covering(table: Table) -> Iterator[list[Item]]:
    by_row = dict(table.by_row())
    open_cells: list[GridCell] = []
    for r in range(table.rows):
        if open_cells:
            open_cells = [cell for cell in open_cells if cell.row + cell.rowspan > r]
        started = by_row.get(r)
        if not started:
            continue
        items = [Item(_visible_text(c.text), c.col, c.colspan, c.locator, True) for c in open_cells]
        items += [Item(_visible_text(c.text), c.col, c.colspan, c.locator) for c in started]
        open_cells += [cell for cell in started if cell.rowspan > 1]
        items.sort(key=_COL)
        yield items


def _visible_text(text: str) -> str:
    """The text of a cell; none where it holds nothing but signs that nobody sees."""
    return "" if text and text[0] in UNSEEN and not text.strip(UNSEEN) else text


def _as_meant(item: Item) -> Item:
    """A recognised cell with the label or figure that its text most likely is."""
    text = corrected_text(item.text) if is_recognised(item.locator) else item.text
    return item if text == item.text else replace(item, text=text, ocr_text=item.text)


def _join_torn_label(items: list[Item]) -> list[Item]:
    """A recognised row with a label in one again that strokes of its letters tore over neighbouring cells."""
    names = [
        not item.carried and bool(_HAN.search(item.text)) and _names_nothing(classes_of(item.text)) for item in items
    ]
    if sum(names) < _HEADED:
        return items
    first = names.index(True)
    end = next((at for at in range(first, len(items)) if not names[at]), len(items))
    pieces = items[first:end]
    torn = "".join([item.ocr_text or item.text for item in pieces])
    text = corrected_text(torn)
    if len(pieces) < _HEADED or classes_of(text).row is None:
        return items
    span = sum(item.span for item in pieces)
    return [*items[:first], replace(pieces[0], text=text, span=span, ocr_text=torn), *items[end:]]


def _unfold(items: list[Item]) -> list[list[Item]]:
    """Sub-rows joined by line breaks inside their cells, taken apart.

    Only where every cell has as many lines as labels.
    """
    for at, item in enumerate(items):
        if "\n" not in item.text or item.carried:
            continue
        lines = item.text.split("\n")
        if not all((hit := classes_of(line).row) and not hit.vague for line in lines):
            continue
        values = [other.text.split("\n") for other in items[at + 1 :]]
        if values and all(len(parts) == len(lines) for parts in values):
            return [
                [*items[:at]]
                + [
                    Item(lines[i] if n == 0 else values[n - 1][i], it.col, it.span, it.locator, it.carried)
                    for n, it in enumerate(items[at:])
                ]
                for i in range(len(lines))
            ]
    return [items]


class _RowShape(NamedTuple):
    """What a row is, by the classes of its cells alone.

    ``hit``: the row of the form that its cell ``at`` names. Without one, its values are the cells from ``at`` to
    ``end``, and it names no place. ``cut``: rows of the form stand side by side in it, the last from here on.
    """

    kind: Kind
    hit: LabelMatch | None = None
    at: int = 0
    end: int = 0
    cut: int = 0


def _rows_of(items: list[Item], source: Source, number: int) -> Iterator[Row]:
    """The logical rows of one row of a table: one, or those that stand side by side in it."""
    cell_classes = [classes_of(item.text) for item in items]
    if any("：" in item.text or ":" in item.text for item in items):
        items, cell_classes = _unheaded(items, cell_classes, _with_heads(items))
    if sum(bool(one.columns) for one in cell_classes) >= _HEADED and any(one.number for one in cell_classes):
        items, cell_classes = _unheaded(items, cell_classes, _beside_heads(items, cell_classes))
    if any(map(_names_vaguely, cell_classes)) and (joined := _numbered(items, cell_classes)) is not None:
        items, cell_classes = joined, [classes_of(item.text) for item in joined]
    classes = tuple([_FIGURE if one.plain else one for one in cell_classes])
    shape = (_shape_of if len(classes) <= _WIDEST else _shape_of.__wrapped__)(classes)
    if shape is not None and shape.cut and source == "grid":
        yield from _rows_of(items[: shape.cut], source, number)
        yield from _rows_of(items[shape.cut :], source, number)
    elif (row := _classify(items, cell_classes, shape, source, number)) is not None:
        yield row


def _unheaded(
    items: list[Item], cell_classes: list[TextClasses], split: list[Item] | None
) -> tuple[list[Item], list[TextClasses]]:
    return (items, cell_classes) if split is None else (split, [classes_of(item.text) for item in split])


def _beside_heads(items: list[Item], cell_classes: Sequence[TextClasses]) -> list[Item] | None:
    """The row without headings that stand each before its figure (自然人, 26, 商业企业, 3); None if it is no such."""
    first = next((at for at, one in enumerate(cell_classes) if one.columns), 0)
    heads, figures = items[first::2], items[first + 1 :: 2]
    even = len(heads) == len(figures) >= _HEADED and all(one.columns for one in cell_classes[first::2])
    if not even or not all(one.value for one in cell_classes[first + 1 :: 2]):
        return None
    return items[:first] + [replace(item, head=head.text) for head, item in zip(heads, figures, strict=True)]


def _with_heads(items: list[Item]) -> list[Item] | None:
    """The row with the figures that have the heading of their column before them taken apart; None if it is no such."""
    pairs = [split_heading(item.text) for item in items]
    if sum(pair is not None for pair in pairs) < _HEADED:
        return None
    return [
        replace(item, text=pair[1], head=pair[0]) if pair is not None else item
        for item, pair in zip(items, pairs, strict=True)
    ]


def split_heading(text: str) -> tuple[str, str] | None:
    """The heading of a column and the figure behind its colon (自然人：26); None if a text is no such."""
    before, colon, behind = text.replace("：", ":").rpartition(":")
    if not colon or len(text) > LONGEST or not classes_of(before).columns or not looks_like_value(behind):
        return None
    return before.strip(), behind.strip()


def _names_vaguely(classes: TextClasses) -> bool:
    return classes.row is not None and classes.row.vague


def _numbered(items: list[Item], cell_classes: Sequence[TextClasses]) -> list[Item] | None:
    """The row with the number of its item (3.) joined to the label (其他) in the next cell; None if none stands so.

    Left of the number stands the label of its group, without which 其他 may be any: a serial number stands first.
    """
    for at, (item, classes) in enumerate(zip(items[1:], cell_classes[1:], strict=True), 1):
        number = _ITEM_NUMBER.fullmatch(items[at - 1].text) if _names_vaguely(classes) else None
        if number is not None and any(one.row is not None for one in cell_classes[: at - 1]):
            label = replace(item, text=f"{number[1]}.{item.text.strip()}", ocr_text=item.ocr_text or item.text)
            return [*items[: at - 1], label, *items[at + 1 :]]
    return None


def _classify(
    items: list[Item], cell_classes: Sequence[TextClasses], shape: _RowShape | None, source: Source, number: int
) -> Row | None:
    if shape is None:
        return Row("data", source, number, items=items) if len(items) >= 5 else None
    texts = [item.head for item in items if item.head]
    texts += [item.text for item, one in zip(items, cell_classes, strict=True) if not one.blank]
    kind, hit, at, end, _ = shape
    if kind != "data":
        return Row(kind, source, number, texts=texts, items=items)
    lead = _lead([one.key for one in cell_classes[:at]])
    if hit is None:
        if _counts_columns(items[at:end], lead):
            return Row("header", source, number, texts=texts, items=items)
        own = _lead([one.key for item, one in zip(items[:at], cell_classes, strict=False) if not item.carried])
        return replace(_anonymous(items[:end], source, number, at, lead, own), whole=items)
    label = items[at]
    return Row(
        "data", source, number, hit, lead, "", label.col, items[at + 1 :], texts, locator=label.locator,
        fuzzy=bool(label.ocr_text),
    )  # fmt: skip


def _counts_columns(items: Sequence[Item], lead: str) -> bool:
    """Whether cells are the numbers of their columns: 1, 2, 3 …, or from 0 as programs count. No row of the form adds
    up so.

    A few are enough where ``lead`` says so; blank ones, below a corner, count for nothing.
    """
    if len(items) < (fewest := _HEADED if numbers_columns(lead) else _CELLS):
        return False
    counted = [text for item in items if (text := item.text.strip())]
    return len(counted) >= fewest and count_up(counted)


def count_up(texts: list[str]) -> bool:
    """Whether texts are 1, 2, 3 …, or 0, 1, 2 …, to the last."""
    first = 0 if texts[:1] == ["0"] else 1
    return texts == [str(at) for at in range(first, first + len(texts))]


def _lead(keys: Sequence[str]) -> str:
    """What stands before a row's values; a merged cell that was written into each of its columns once."""
    return "".join([name for at, name in enumerate(keys) if not at or name != keys[at - 1]])


@lru_cache(maxsize=2048)
def _shape_of(cell_classes: tuple[TextClasses, ...]) -> _RowShape | None:
    """What a row is; None for a blank one. The rows of all reports are the same few but for their figures."""
    words = [(at, one) for at, one in enumerate(cell_classes) if not one.value]
    filled = sum(not one.blank for one in cell_classes)
    if not filled:
        return None
    found = [(at, one.row) for at, one in words if one.row is not None]
    sure = [(at, hit) for at, hit in found if not hit.vague]
    captioned = any(one.heading is not None and one.heading.kind == "caption" for _, one in words)
    if captioned and not (sure and all(one.value for one in cell_classes[sure[-1][0] + 1 :] or (TextClasses(),))):
        return _RowShape("caption")  # one beside a label and its cells is merged over its rows
    if cut := _header_end(cell_classes, words, sure):
        return _RowShape("header", cut=cut)
    if _is_header([one for _, one in words], cell_classes, filled, bool(sure)):
        return _RowShape("header")
    if not found:
        return _values_of(cell_classes)
    at, hit = (sure or found)[-1]
    behind = [one for other, one in words if other > at]
    if len(behind) > 1 and not any(one.number for one in cell_classes[at + 1 :]):
        # words where its figures should be (约30, *7, 不详): they are told, as no values
        worded = bool(sure) and not any(map(is_any_label, behind)) and _fills(cell_classes[at + 1 :], behind)
        return _RowShape("data", hit, at) if worded else _values_of(cell_classes)
    return _RowShape("data", hit, at, cut=_last_row_start(cell_classes, sure))


def _header_end(
    cell_classes: Sequence[TextClasses],
    words: Sequence[tuple[int, TextClasses]],
    sure: Sequence[tuple[int, LabelMatch]],
) -> int:
    """Where a label with its cells stands beside the header of other rows (信息内容, 本年收费金额); else 0."""
    if not sure or sure[0][0] < _HEADED or len(cell_classes) == sure[-1][0] + 1:
        return 0
    at = sure[0][0]
    before = [one for other, one in words if other < at]
    header = any(one.heading is not None and one.heading.kind == "header" for one in before)
    named = header and any(one.columns for one in before) and not any(one.number for one in cell_classes[:at])
    return at if named and all(one.value for one in cell_classes[at + 1 :]) else 0


def _last_row_start(cell_classes: Sequence[TextClasses], sure: Sequence[tuple[int, LabelMatch]]) -> int:
    """Where the last of several rows begins that stand side by side: behind a label and its cells another label.

    Between the labels of one row, a group's and its own, no figure stands, nor several blanks. 0 if there is but one.
    """
    for (at, hit), (behind, other) in zip(sure[-2:-1], sure[-1:], strict=False):
        between = cell_classes[at + 1 : behind]
        is_clear = any(not one.blank for one in between) or len(between) >= _BLANKS
        if is_clear and hit.ids != other.ids and all(one.value for one in between):
            return behind
    return 0


def _fills(cells: Sequence[TextClasses], words: Sequence[TextClasses]) -> bool:
    """Whether words stand for figures: the same in all cells, or one with a digit or a mark in each."""
    return len({one.key for one in words}) == 1 or all(one.value or _WORDED.search(one.key) for one in cells)


def is_any_label(word: TextClasses) -> bool:
    """Whether a text is a label of any kind."""
    named = word.row is not None or word.heading is not None or word.block is not None
    return named or bool(word.columns) or word.over or word.corner


def _values_of(cell_classes: tuple[TextClasses, ...]) -> _RowShape:
    """A row that names no place: its trailing run of values, a column of remarks left out."""
    end = len(cell_classes)
    while end > 5 and not cell_classes[end - 1].value:
        end -= 1
    at = end
    while at > 0 and cell_classes[at - 1].value:
        at -= 1
    return _RowShape("data", None, at, end)


def _is_header(words: Sequence[TextClasses], cell_classes: Sequence[TextClasses], filled: int, sure: bool) -> bool:
    """Whether a row is one of a table's header. ``words``: its cells that are no figures; ``sure``: it has a label."""
    if not words:
        return False
    if any(one.corner for one in words):
        return not sure or not any(
            one.number for one in cell_classes
        )  # a corner may reach too far down, over the first row
    header = any(one.heading is not None and one.heading.kind == "header" for one in words)
    if (sure and not header) or any(one.number for one in cell_classes):
        return False
    if header:
        return True
    if sum(one.value and not one.blank for one in cell_classes) > len(words):
        return False  # a row of marks (/, —) is one of the table's figures
    if filled == 1 and words[0].row is not None and len(cell_classes) - cell_classes.index(words[0]) > _CELLS:
        return False  # 其他 or 总计 alone before blanks: a row that was left so
    columns = sum(bool(one.columns) for one in words)
    blocks = sum(one.block is not None or one.over for one in words)
    labels = sum(one.key in OF_LABELS for one in words)
    return columns >= 2 or blocks >= 2 or columns + blocks == filled or columns == filled - labels == labels == 1


def _anonymous(items: list[Item], source: Source, number: int, at: int, lead: str, own: str) -> Row:
    """A row that names no place: its values from ``at`` on, and what stands before them."""
    texts = [item.text for item in items if not classes_of(item.text).blank]
    col = items[at - 1].col if at else -1
    locator = items[at - 1 if at else 0].locator
    return Row("data", source, number, None, lead, own, col, items[at:], texts, locator=locator)
