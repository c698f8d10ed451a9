"""Assign the values of one row to the columns of the form.

By count where it fits exactly, else by the header of a true grid, else not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from archive.documents.ocr.confidence import is_recognised
from archive.parser.rows import Item, Source
from archive.parser.values import is_number, looks_like_value

_APART = 2  # fields from one heading to the next, with others between them
_SUMMED = 5  # columns of a row whose last is the sum of the others
_MOST = 500  # cells of a row, the blank ones at its end aside, among which places are looked for
_WIDEST = 64  # cells of a row whose shape is worth remembering
Header = Mapping[str, tuple[int, int]]  #: column id → (first grid column, end) of its header cell


@dataclass(slots=True)
class ColumnAssignment:
    """``cells``: column id → item (None: blank without a cell of its own). ``start``: grid column of the first value.

    ``problem``: "" or ``count`` (nothing could be placed). ``single``: one value where the row should hold several.
    ``doubt``: there are more cells than columns, and no header says which are which.
    """

    cells: Mapping[str, Item | None]
    start: int | None = None
    problem: str = ""
    single: bool = False
    doubt: bool = False


def fit_row(
    items: Sequence[Item], ids: Sequence[str], source: Source, header: Header, start: int | None, *, even: bool = True
) -> ColumnAssignment:
    """Match ``items`` with the columns ``ids`` (in the form's order).

    ``start``: where values begin in rows alike, if known. ``even``: rows alike have equally many fields, so that none
    lost the blank ones at its ends. The header of a true grid goes before the count, the count before everything else.
    """
    if source == "grid" and len(header) == len(ids):
        found = _by_header(items, ids, header, partly=False)
        if not found.problem and (whole := _figures_between_strokes(items, len(ids))):
            under = {id(item) for item in found.cells.values()}
            if any(id(item) not in under for item in whole):
                return ColumnAssignment(dict(zip(ids, whole, strict=True)), doubt=True)
        if not found.problem or _reordered(header, ids):
            return found
    if _contradicts(header, ids):
        return ColumnAssignment({}, problem="count")
    if below := _fit_below_headings(items, ids, source, header):
        return below
    windows = windows_of(items, len(ids))
    blank = not any(item.text.strip() for item in items)
    certain = blank or (source == "ragged" and _field_for_field(items, ids, header))
    if windows and (certain or (len(windows) == 1 and _certain(items, windows[0], len(ids), source, start, even))):
        fit = _fit_in_order(items, ids, source, windows[0])
        doubt = not blank and (
            _may_reach_beyond(items, windows[0], len(ids), source) or _figures_below_headers(fit, header, source)
        )
        return replace(fit, doubt=doubt)
    if source == "grid" and len(items) < len(ids):
        found = _by_header(items, ids, header, partly=True)
        if not found.problem:
            return found
    if source == "grid" and (whole := _figures_between_strokes(items, len(ids))):
        return ColumnAssignment(dict(zip(ids, whole, strict=True)), doubt=True)
    if source != "grid" and (figures := _one_figure_each(items, ids, header)):
        return ColumnAssignment(figures)
    from_start = source == "ragged" and start is not None and not blank
    return _fit_from(items, ids, start) if from_start and start is not None else _fit_short_row(items, ids, source)


def filled_items(items: Iterable[Item]) -> list[Item]:
    """The cells of a row that are not blank."""
    return [item for item in items if item.text.strip()]


def pushed_together(items: Sequence[Item], size: int) -> bool:
    """Whether the figures of a row of text stand at its beginning, and blanks where its sum would."""
    count = len(filled_items(items))
    pushed = (
        size >= _SUMMED and 1 < count < size and len(filled_items(items[:count])) == count and is_number(items[0].text)
    )
    return pushed and "line" in items[0].locator  # where places are told, columns are true


def _fit_below_headings(
    items: Sequence[Item], ids: Sequence[str], source: Source, header: Header
) -> ColumnAssignment | None:
    """The row by the fields of its headings, where counting its cells would tell something else."""
    if source == "ragged" and len(items) > len(ids) and (fields := _by_fields(items, ids, header)):
        return ColumnAssignment(fields)
    if source in {"grid", "ragged"} and (fields := _fit_printed_columns(items, ids, header)):
        return ColumnAssignment(fields, doubt=len(filled_items(items)) > len(filled_items(fields.values())))
    return None


def _by_fields(items: Sequence[Item], ids: Sequence[str], header: Header) -> Mapping[str, Item]:
    """What stands in the fields of the headings, where others lie between these and all of them are blank: a merged
    cell was written as one field and blank ones. Else none.
    """
    places = sorted(first for first, _ in header.values())
    if len(header) != len(ids) or any(right - left < _APART for left, right in pairwise(places)):
        return {}
    by_col = {item.col: item for item in items}
    found = {name: by_col[first] for name in ids if (first := header[name][0]) in by_col}
    return found if len(found) == len(ids) and len(filled_items(items)) == len(filled_items(found.values())) else {}


def _fit_printed_columns(items: Sequence[Item], ids: Sequence[str], header: Header) -> Mapping[str, Item]:
    """What stands in the fields of the headings where fewer columns are printed than the form has, and blank fields
    fill the rows up: counted, a figure would go to another column than that of its heading, and a blank to this one.
    """
    if not 0 < len(header) < len(ids) <= len(items) or len(ids) >= _SUMMED or items[-1].text.strip():
        return {}
    by_col = {item.col: item for item in items}
    found = {name: by_col[first] for name in ids if name in header and (first := header[name][0]) in by_col}
    if len(found) < len(header):
        return {}
    counted = dict(zip(ids, items, strict=False))
    amiss = any(item.text.strip() and not counted[name].text.strip() for name, item in found.items())
    return found if amiss else {}


def _may_reach_beyond(items: Sequence[Item], first: int, size: int, source: Source) -> bool:
    """Whether cells outside the window could have been meant: in a true grid any, elsewhere one before a lone value."""
    spare = [item for item in items[first + size :] if not item.text.strip()]
    return (source == "grid" and bool(spare) and size > 1) or (first > 0 and (source == "grid" or size == 1))


def _figures_between_strokes(items: Sequence[Item], size: int) -> list[Item]:
    """The figures of a recognised row, as many as it has columns, among blank cells that a stroke down the page cut off
    from theirs; none where it is anything else.
    """
    if len(items) <= size:  # nearly all
        return []
    figures = filled_items(items)
    whole = len(figures) == size and all(looks_like_value(item.text) for item in figures)
    return figures if whole and is_recognised(figures[0].locator) else []


def _one_figure_each(items: Sequence[Item], ids: Sequence[str], header: Header) -> Mapping[str, Item]:
    """The figures of a block that names fewer columns than the form's has, its rows having one for each: that of
    another form stands there; else none.
    """
    singly = 0 < len(header) == len(items) < len(ids) < _SUMMED and all(is_number(item.text) for item in items)
    return dict(zip(_order(header), items, strict=True)) if singly else {}


def _figures_below_headers(fit: ColumnAssignment, header: Header, source: Source) -> bool:
    """Whether a blank ends the row, and figures stand beside the headers of those columns that have one."""
    cells = list(fit.cells.values())
    if source != "grid" or not header or all(cell is not None and cell.text.strip() for cell in (cells[0], cells[-1])):
        return False
    return any(
        (item := fit.cells.get(name)) is not None and not (item.col < end and item.col + item.span > first)
        for name, (first, end) in header.items()
    )


def _certain(items: Sequence[Item], first: int, size: int, source: Source, start: int | None, even: bool) -> bool:
    """Whether the only window is the true one: in shifted rows a blank at its ends may be a field of something else."""
    inside = items[first : first + size]
    if source == "grid" and len(items) > size > 1:
        return inside[0].col == start
    if source != "ragged" or size == 1:
        return True
    if inside[0].text.strip() and inside[-1].text.strip():
        return True
    return inside[0].col == start if start is not None else even


def _field_for_field(items: Sequence[Item], ids: Sequence[str], header: Header) -> bool:
    """Whether a row has a field for each of its columns and no other, each as far in its line as the column's name."""
    if not len(items) == len(ids) == len(header) or len(ids) == 1:
        return False
    return all(header.get(name) == (item.col, item.col + item.span) for name, item in zip(ids, items, strict=True))


def _fit_from(items: Sequence[Item], ids: Sequence[str], start: int) -> ColumnAssignment:
    """Place by the field at which values begin in rows alike; blank fields at the end may have been cut off."""
    by_col = {item.col: item for item in items}
    if any(item.text.strip() and not start <= item.col < start + len(ids) for item in items):
        return ColumnAssignment({}, problem="count")
    cells = {name: by_col.get(start + i) for i, name in enumerate(ids)}
    return ColumnAssignment(cells, start=start, doubt=cells[ids[-1]] is None)  # cut off, or one within was lost


def windows_of(items: Sequence[Item], size: int) -> list[int]:
    """Where ``size`` cells in a row can be the values: nothing but blanks, or text that is no value, lies outside."""
    windows = []
    if len(items) > _MOST:
        end = max([at for at, item in enumerate(items) if item.text.strip()], default=0) + size + 1
        items = items[:end] if end <= _MOST else []
    for first in range(len(items) - size + 1):
        outside = [*items[:first], *items[first + size :]]
        inside = items[first : first + size]
        if all(not item.text.strip() or not looks_like_value(item.text) for item in outside) and (
            len(items) == size or all(looks_like_value(item.text) for item in inside)
        ):
            windows.append(first)
    return windows


def _fit_in_order(items: Sequence[Item], ids: Sequence[str], source: Source, first: int) -> ColumnAssignment:
    inside = items[first : first + len(ids)]
    figures = filled_items(inside)
    if (
        source == "ragged"
        and len(ids) > 3
        and len(figures) == 1
        and figures[0] is inside[0]
        and is_number(inside[0].text)
    ):
        return ColumnAssignment({ids[0]: inside[0]}, single=True)
    return ColumnAssignment(dict(zip(ids, inside, strict=True)), start=inside[0].col if inside else None)


def _order(header: Header) -> list[str]:
    return sorted(header, key=lambda name: header[name])


def _reordered(header: Header, ids: Sequence[str]) -> bool:
    """All columns have headers of their own, in another order than the form's."""
    return len(header) == len(ids) and set(header) == set(ids) and _order(header) != list(ids)


def _contradicts(header: Header, ids: Sequence[str]) -> bool:
    """Some columns are named, and stand in another order than the form's: neither header nor order can be trusted."""
    return _order(header) != [name for name in ids if name in header]


def _by_header(items: Sequence[Item], ids: Sequence[str], header: Header, *, partly: bool) -> ColumnAssignment:
    """Place by the header above each cell.

    Every named column must find a cell of its own, and no figure be left over before them (nor, if not all are named,
    anywhere).
    """
    spans = tuple([(item.col, item.col + item.span) for item in items])
    found, spare = (_cells_under_headers if len(items) <= _WIDEST else _cells_under_headers.__wrapped__)(
        spans, tuple(header.values()), partly
    )
    if not found or (spare and any(is_number(items[at].text) for at in spare)):
        return ColumnAssignment({}, problem="count")
    places = dict(zip(header, found, strict=True))
    return ColumnAssignment({name: items[places[name]] for name in ids if name in places})


@lru_cache(maxsize=1024)
def _cells_under_headers(
    spans: tuple[tuple[int, int], ...], headers: tuple[tuple[int, int], ...], partly: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For each header the one cell under it, and the cells that must hold no figure then: those left over before them.

    ``partly``: those left over anywhere. Nothing if a header has no cell or several, or two share theirs. Rows of a
    table have the same few shapes.
    """
    found: list[int] = []
    for first, end in headers:
        under = [at for at, (left, right) in enumerate(spans) if left < end and right > first]
        if len(under) != 1 or under[0] in found:
            return (), ()
        found += under
    begin = min(first for first, _ in headers) if headers else 0
    spare = [at for at, (left, _) in enumerate(spans) if at not in found and (partly or left < begin)]
    return tuple(found), tuple(spare)


def _fit_short_row(items: Sequence[Item], ids: Sequence[str], source: Source) -> ColumnAssignment:
    """Fewer cells than columns.

    Blank ones are blank, one merged over the row counts for its first column, else nothing.
    """
    width = sum(item.span for item in items)
    if not filled_items(items) and len(items) < len(ids) and (source != "grid" or width >= len(ids)):
        blanks: list[Item | None] = [*items, *[None] * (len(ids) - len(items))]
        return ColumnAssignment(dict(zip(ids, blanks, strict=True)))
    if len(items) == 1 and items[0].span >= len(ids) > 1:
        return ColumnAssignment({ids[0]: items[0]}, single=True)
    return ColumnAssignment({}, problem="count")
