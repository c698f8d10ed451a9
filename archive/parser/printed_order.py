"""Find the order in which a table without a grid prints its columns, as its headings tell.

Where spans are lost, a merged heading stands for its columns, which a line below it names, or the rest of its own.
Headings are read from top to bottom and line by line; those of merged cells may stand higher or lower than their place,
so a line tells an order, and lines of one heading each tell one only where the form's cannot be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

from archive.forms.loader import load_forms
from archive.forms.model import RowPlan, TablePlan
from archive.forms.spelling import key
from archive.parser.rows import OF_LABELS, Row
from archive.parser.text_classes import TextClasses, classes_of

GROUP = ""  #: the merged heading among the columns of its line
SUM = "小计"  #: the sum of those that a merged heading stands for, where it has a column: in no form
_UNKNOWN = "?"  # before the key of a heading that names nothing
_KIND = 12  # characters that the name of a kind of applicants has at most
_OVER = "*"  # the merged heading over several blocks (行政诉讼)
HeadingLine = list[str]


@dataclass(frozen=True, slots=True)
class PrintedOrder:
    """Columns as their headings stand, or of a table of blocks ``block.column``. ``sure``: no other order is meant.

    ``whole``: all that the headings print is known. ``GROUP`` is a column where those it stands for are not named.
    """

    names: tuple[str, ...]
    sure: bool = True
    whole: bool = True


@cache
def group_headers() -> frozenset[str]:
    """Keys of the merged headings that stand over some of a table's columns (法人或其他组织)."""
    return frozenset(key(t.group_header) for form in load_forms() for t in form.tables if t.group_header)


def names_columns(row: Row) -> int:
    """How many columns, or blocks of columns, a row of headings names."""
    return sum(
        bool(classes.columns) or classes.block is not None or classes.over for classes in map(classes_of, row.texts)
    )


def printed_order(rows: Sequence[Row], plan: RowPlan) -> PrintedOrder | None:
    """The columns of a row below the headings ``rows``; None where these do not tell them."""
    lines = [line for line in _without_repeats(_named_columns(rows, plan)) if line]
    inner = {SUM, *(column.id for column in plan.columns if column.grouped)}
    found = _order(lines, plan.column_ids, inner)
    if found is None or len(set(found.names)) < len(found.names):
        return None
    return found if _all_known(rows, plan) else PrintedOrder(found.names, found.sure, whole=False)


def is_by_rows(rows: Sequence[Row], plan: RowPlan) -> bool:
    """Whether headings a line each stand as the rows of their table do, and none lower than its row as a cell over two
    rows would have it: 自然人 comes before the merged heading beside it, which is one row high.
    """
    inner = {column.id for column in plan.columns if column.grouped}
    lines = list(_named_columns(rows, plan))
    over = next((at for at, line in enumerate(lines) if line == [GROUP]), 0)
    return any(name not in inner for line in lines[:over] for name in line)


def strip_order(
    rows: Sequence[Row], table: TablePlan, behind: Sequence[str] = (), *, by_rows: bool = False
) -> PrintedOrder | None:
    """The columns of a table of blocks below the headings ``rows`` and ``behind``; those of a block if none names one.

    None where headings do not tell them, or tell the form's order as far as they do. ``by_rows``: headings stand as the
    rows of their tables do.
    """
    lines = _from_the_first_block([line for line in _block_lines(rows) if line], [row.id for row in table.rows])
    columns = {column.id for column in table.columns}
    if lines:
        lines[-1] = [*lines[-1], *(token for text in behind if (token := _token(classes_of(text))) in columns)]
    by_place = order_by_place(rows, table)
    if by_place is not None:
        return by_place
    names = [token for line in lines for token in line if token in columns]
    blocks = (_by_rows(lines, table) if by_rows else None) or _blocks(lines, [row.id for row in table.rows])
    form = [column.id for column in table.columns]
    if not names:
        return None
    size = len(set(names))
    runs = [tuple(names[at : at + size]) for at in range(0, len(names), size)]
    alone = _block_order(lines, [row.id for row in table.rows])
    if 1 < len(runs) == len(alone) < len(table.rows) and set(runs) == {runs[0]}:
        return PrintedOrder(tuple(f"{block}.{name}" for block in alone for name in runs[0]))
    if set(runs) != {runs[0]} or len(set(runs[0])) < size or len(runs) not in {1, len(table.rows)}:
        rising = sum(form.index(a) >= form.index(b) for a, b in pairwise(names)) < len(table.rows)
        return None if rising and blocks is None else PrintedOrder((), sure=False)
    if len(runs) == 1:
        return PrintedOrder(runs[0])
    order, sure = blocks if blocks is not None else ([row.id for row in table.rows], True)
    return PrintedOrder(tuple(f"{block}.{name}" for block in order for name in runs[0]), sure)


def _named_columns(rows: Iterable[Row], plan: RowPlan, *, unknown: bool = False) -> Iterator[HeadingLine]:
    """The columns of a row that each line of headings names; ``unknown``: and the headings that name nothing."""
    for texts in _lines(rows):
        line: HeadingLine = []
        for classes in texts:
            named = [name for name in classes.columns.get(plan.table, ()) if name in plan.column_ids]
            if len(named) == 1:
                line += named
            elif classes.key in group_headers() and any(column.grouped for column in plan.columns):
                line.append(GROUP)
            elif unknown:
                line += [_UNKNOWN + classes.key] if _may_be_of_column(classes) else []
            elif classes.key == SUM:
                line.append(SUM)
        yield [name for name, _ in groupby(line)]  # a converter wrote a merged cell out into each of its columns


def _lines(rows: Iterable[Row]) -> Iterator[list[TextClasses]]:
    """What stands in each line of headings."""
    for row in rows:
        texts = [classes_of(item.text) for item in row.items if item.text.strip() and not item.carried]
        if len(row.levels) != len(texts):
            yield texts
            continue
        for _, line in groupby(zip(row.levels, texts, strict=True), key=lambda pair: pair[0]):
            yield [classes for _, classes in line]


def _without_repeats(lines: Iterable[HeadingLine]) -> list[HeadingLine]:
    return [list(line) for line in dict.fromkeys(map(tuple, lines))]


def _order(lines: Sequence[HeadingLine], columns: Sequence[str], inner: set[str]) -> PrintedOrder | None:
    if not lines:
        return None
    for line in lines:
        if GROUP not in line and sorted(line) == sorted(columns):
            return PrintedOrder(tuple(line))
    nested = _nested(lines, inner)
    flat = [name for line in lines for name in line]
    if nested is not None and (len(lines) == 1 or any(len(line) > 1 for line in lines)):
        return nested
    if len(lines) == 1 and GROUP not in flat:
        return PrintedOrder(tuple(flat))
    form = tuple(name for name in columns if name in flat)
    if any(len(line) > 1 for line in lines):
        ranks = _ranks(columns, inner)
        if all(ranks[a] < ranks[b] for line in lines for a, b in pairwise(line)):
            return PrintedOrder(form)
    else:
        ways = _ways(flat, inner)
        if form in ways or _is_in_layers(flat, form, inner):
            return PrintedOrder(form, ways <= {form})
        if len(ways) == 1:
            return PrintedOrder(ways.pop(), sure=False)
    return PrintedOrder(tuple(name for name in flat if name), sure=False)


def _ranks(columns: Sequence[str], inner: set[str]) -> dict[str, int]:
    """Where columns stand in the form, and where the merged heading does, before those it stands for."""
    ranks = {name: 2 * at for at, name in enumerate(columns)}
    return ranks | {GROUP: min([ranks[name] for name in columns if name in inner], default=0) - 1}


def _nested(lines: Sequence[HeadingLine], inner: set[str]) -> PrintedOrder | None:
    """The order that a line with the merged heading tells together with the one that names what this stands for."""
    around = [line for line in lines if GROUP in line]
    within = [line for line in lines if GROUP not in line]
    if len(around) != 1 or len(within) > 1 or any(name not in inner for line in within for name in line):
        return None
    own = [name for name in around[0] if name in inner]
    if own and (within or around[0].count(GROUP) > 1):
        return None
    outer = [name for name in around[0] if name not in inner]
    if len(outer) == 1 and within:  # it stands by itself
        return None
    below = within[0] if within else own or [GROUP]
    if own and not _is_group_together(around[0], inner):
        return None
    return PrintedOrder(tuple(name for at in outer for name in (below if at == GROUP else [at])))


def _is_group_together(line: Sequence[str], inner: set[str]) -> bool:
    """Whether the columns of the merged heading stand together, right behind it or at the end."""
    at = [n for n, name in enumerate(line) if name in inner]
    together = at[-1] - at[0] == len(at) - 1
    return together and (at[0] == line.index(GROUP) + 1 or at[-1] == len(line) - 1)


def _ways(flat: Sequence[str], inner: set[str]) -> set[tuple[str, ...]]:
    """What headings a line each can mean: what they tell one behind another, or a merged one's below their line."""
    if GROUP not in flat or not inner.intersection(flat):
        return {tuple(name for name in flat if name)}
    if not _is_group_together(flat, inner) or flat.count(GROUP) > 1:
        return {tuple(name for name in flat if name)}
    below = [name for name in flat if name in inner]
    outer = [name for name in flat if name not in inner]
    return {tuple(name for at in outer for name in (below if at == GROUP else [at]))}


def _is_in_layers(flat: Sequence[str], form: Sequence[str], inner: set[str]) -> bool:
    """Whether the form's outer columns stand first and then those of its merged heading, each in their order."""
    named = [name for name in flat if name]
    return named == sorted(form, key=lambda name: name in inner)


def _all_known(rows: Iterable[Row], plan: RowPlan) -> bool:
    """Whether no heading among those of the columns, or behind them, is unknown."""
    tokens = [classes for line in _lines(rows) for classes in line]
    begin = max(
        [at + 1 for at, classes in enumerate(tokens) if classes.corner or classes.heading is not None], default=0
    )
    named = [at for at, classes in enumerate(tokens) if plan.table in classes.columns]
    if not named:
        return False
    inside = tokens[begin:] if begin <= named[0] else tokens[named[0] :]
    named_else = group_headers() | OF_LABELS | {SUM}
    return all(plan.table in classes.columns or classes.key in named_else or classes.heading for classes in inside)


def order_with_unknown(rows: Sequence[Row], plan: RowPlan) -> list[str] | None:
    """The labels of a matrix's columns as they stand, with the keys of headings that are none; None where headings do
    not tell them, all are known, or they are more or fewer than the columns.
    """
    inner = {column.id for column in plan.columns if column.grouped}
    lines = _without_repeats(line for line in _named_columns(rows, plan, unknown=True) if line)
    if not any(name.startswith(_UNKNOWN) for line in lines for name in line):  # nearly all
        return None
    several = [line for line in lines if sum(not name.startswith(_UNKNOWN) for name in line) > 1]
    lines = several or [_trimmed([name for line in lines for name in line])]
    inside = inner | {name for line in lines for name in _inside(line, inner)}
    names: Sequence[str] = next((line for line in lines if GROUP not in line and len(line) == len(plan.columns)), ())
    if not names and several:
        nested = _nested(lines, inside)
        names = nested.names if nested is not None else ()
    elif not names:
        ways = _ways(lines[0], inside)
        names = ways.pop() if len(ways) == 1 else ()
    known = [name for name in names if name in plan.column_ids]
    if len(names) != len(plan.columns) or len(set(names)) < len(names) or 2 * len(known) < len(names):
        return None
    labels = {column.id: column.label for column in plan.columns}
    return [labels.get(name, name.removeprefix(_UNKNOWN)) for name in names]


def _may_be_of_column(classes: TextClasses) -> bool:
    """Whether a text above a matrix that names none of its columns may be the heading of one."""
    known = classes.heading or classes.corner or classes.row or classes.value or classes.key in OF_LABELS
    return 0 < len(classes.key) <= _KIND and not known


def _inside(line: Sequence[str], inner: set[str]) -> Iterator[str]:
    """The unknown headings of a line that stand between columns of the merged heading, or in a line of nothing else."""
    known = [name for name in line if not name.startswith(_UNKNOWN)]
    own = bool(known) and all(name in inner for name in known)
    before = ""
    for at, name in enumerate(line):
        if not name.startswith(_UNKNOWN):
            before = name
            continue
        behind = next((other for other in line[at + 1 :] if not other.startswith(_UNKNOWN)), None)
        if own or (behind in inner and at and (before in inner or before == GROUP)):
            yield name


def _trimmed(line: HeadingLine) -> HeadingLine:
    """The line from the first column that it names to the last: what stands around them may be anything."""
    known = [at for at, name in enumerate(line) if not name.startswith(_UNKNOWN)]
    return line[known[0] : known[-1] + 1] if known else []


# a table of blocks: 行政复议, 行政诉讼


def _block_lines(rows: Iterable[Row]) -> Iterator[HeadingLine]:
    """The blocks and columns that each line of headings names."""
    for texts in _lines(rows):
        line = [token for classes in texts if (token := _token(classes))]
        yield line


def _from_the_first_block(lines: list[HeadingLine], blocks: Sequence[str]) -> list[HeadingLine]:
    """The lines from the first that names a block; what stands above it are headings of another table."""
    first = next((at for at, line in enumerate(lines) if _OVER in line or any(name in line for name in blocks)), 0)
    return lines[first:]


def _token(classes: TextClasses) -> str:
    if classes.block is not None:
        return classes.block
    named = classes.columns.get("remedies", ())
    return named[0] if len(named) == 1 else _OVER if classes.over else ""


def _blocks(lines: Sequence[HeadingLine], form: Sequence[str]) -> tuple[list[str], bool] | None:
    """The blocks as their headings stand, and whether that is sure; None for the form's order.

    One block stands in the line of the heading over the others.
    """
    where: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines):
        for at, token in enumerate(line):
            if token in form or token == _OVER:
                where.setdefault(token, (number, at))
    over = where.pop(_OVER, None)
    if len(where) < len(form):
        found = sorted(where, key=lambda name: where[name])
        return None if found == [name for name in form if name in where] else ([*form], False)
    under = [name for name in form if over is not None and where[name] > over and where[name][0] != over[0]]
    if len(under) < len(form) - 1:
        found = sorted(where, key=lambda name: where[name])
        return None if found == [*form] else (found, len({number for number, _ in where.values()}) == 1)
    alone = [name for name in form if name not in under]
    rest = sorted(under, key=lambda name: where[name])
    level = len({where[name][0] for name in rest}) == 1
    last = over is not None and bool(alone) and where[alone[0]] > over
    found = [*rest, *alone] if last else [*alone, *rest]
    sure = (level or rest == [name for name in form if name in rest]) and bool(alone)
    return None if found == [*form] and sure else (found, sure)


def _by_rows(lines: Sequence[HeadingLine], table: TablePlan) -> tuple[list[str], bool] | None:
    """The blocks where the heading over some stands a line before the others, and those it is over below all of these;
    None where they stand otherwise.
    """
    flat = [token for line in lines if len(line) == 1 for token in line]
    under = [token for token in flat if any(row.id == token and row.groups for row in table.rows)]
    others = [row.id for row in table.rows if not row.groups]
    named = [token for token in flat if token == _OVER or token in {row.id for row in table.rows}]
    whole = len(under) + len(others) == len(table.rows) and named == [_OVER, *others, *under]
    return ([*under, *others], True) if whole else None


def _block_order(lines: Sequence[HeadingLine], form: Sequence[str]) -> HeadingLine:
    """The blocks that are named, in a line or each in one of its own, in the form's order; else none."""
    named = [line for line in ([token for token in line if token in form] for line in lines) if line]
    blocks = [token for line in named for token in line]
    level = len(named) == 1 or blocks == [name for name in form if name in blocks]
    return blocks if level and len(set(blocks)) == len(blocks) else []


def order_by_place(rows: Sequence[Row], table: TablePlan) -> PrintedOrder | None:
    """The columns of a table of blocks as the fields of the headings tell, where each column has one of its own."""
    places: dict[int, str] = {}
    blocks: dict[int, str] = {}
    for item in (item for row in rows if row.source in {"grid", "ragged"} for item in row.items):
        classes = classes_of(item.text)
        if classes.block is not None:
            blocks[item.col] = classes.block
        elif (named := classes.columns.get(table.key, ())) and places.setdefault(item.col, named[0]) != named[0]:
            return None
    names: list[str] = []
    for col in sorted(places):
        over = [blocks[at] for at in sorted(blocks) if at <= col]
        names += [f"{over[-1]}.{places[col]}"] if over else []
    known = {place for row in table.rows for place in row.place_ids}
    is_complete = len(set(names)) == len(names) == len(places) and known.issuperset(names)
    each = {row.id: {name.rpartition(".")[2] for name in names if name.startswith(f"{row.id}.")} for row in table.rows}
    alike = all(own == each[table.rows[0].id] for own in each.values())
    return PrintedOrder(tuple(names)) if names and is_complete and alike else None
