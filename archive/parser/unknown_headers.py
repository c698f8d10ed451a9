"""Assign figures below headings of which the form has none among its columns, and those below their neighbours.

``上一年项目数量 | 本年数量 | 处理决定数量``: as many headings as the form has columns, and one of them names none. The
column may be the form's under another name: it is taken by its place where all others stand at theirs, and doubted.
Where one of them stands elsewhere, or the heading is certainly none of the form's (备注, 占比, that of other rows), the
figures below it are told and not taken, and those of the others are what stands below their own headings. Slips of the
form's headings, and what is left of one that was cut off, are known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.findings import finding, first_of
from archive.forms.model import RowPlan
from archive.forms.spelling import heads_another, key, stands_beside
from archive.parser.cells import Placement
from archive.parser.extra_rows import columns_left
from archive.parser.printed_order import order_with_unknown
from archive.parser.rows import OF_LABELS, Row
from archive.parser.text_classes import TextClasses, classes_of
from archive.parser.walk import Candidate, HeaderCell

_PIECE = 3  # characters that what is left of a heading has at least where these tell of years, or of several headings
_LONGER = 4  # characters that a body puts into a heading (本年增加/减少, 本年收费金额单位万元)
_LOST = 2  # characters that a heading may have lost within (本年发件)
_SLIPPED = 4  # characters of a heading that may have a slip
_SHARED = 2  # headings of one line at least
_DISTINCTIVE = frozenset("上去今本历累增减")  # of which year, or which way: one of these is no slip
_THIS_YEAR = ("本年", "今年", "现有", "当年")
_LONGEST = 30  # characters of a heading that may be a column's
_NAMED = 5  # headings that a finding names
_MOST = 200  # headings of a table that are looked at


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading with its place, and the column that it names ("" for none).

    ``maybe``: those that it could name, broken off; ``other``: it is certainly none of the row's.
    """

    text: str
    span: tuple[int, int]
    name: str = ""
    maybe: tuple[str, ...] = ()
    other: bool = False


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of rows as they stand (one that is not taken has a name of no column), those to doubt, and the
    headings that are left.
    """

    names: tuple[str, ...]
    doubted: Mapping[str, _Heading]
    left: tuple[str, ...]


def by_misnamed_headings(candidates: Sequence[Candidate], result: Placement) -> None:
    """Give rows the columns that their headings tell, where some of these name none; changes the candidates."""
    groups: dict[tuple[int, int, str, int], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        plan = candidate.plan
        if plan is None or candidate.order or len(candidate.header) >= len(plan.columns):
            continue  # nearly all
        if candidate.row.items and (candidate.header_cells or candidate.headings_above):
            groups[id(candidate.header_cells), id(candidate.headings_above), plan.table, plan.block].append(candidate)
    headings_taken: dict[str, list[str]] = {}
    left: list[str] = []
    for own in groups.values():
        plan = own[0].plan
        if (
            plan is None
            or (headings := _headings_of_columns(own, plan)) is None
            or (judged := _judge(headings, plan)) is None
        ):
            continue
        left += judged.left
        for candidate in own:
            candidate.doubted = frozenset(judged.doubted)
            if judged.names != plan.column_ids:
                _assign(candidate, headings, judged)
        labels = {column.id: column.label for column in plan.columns}
        for name, one in judged.doubted.items():
            cells = [f"{c.plan.id}.{name}" for c in own if c.plan is not None]
            headings_taken.setdefault(f"{''.join(one.text.split())} → {labels[name]}", []).extend(cells)
    if headings_taken:
        cells = [name for under in headings_taken.values() for name in under]
        named = first_of(list(headings_taken), _NAMED, more="")
        result.findings.append(finding("order_only", case="headings", cells=cells, found=named))
    if left:
        result.findings.append(columns_left(list(dict.fromkeys(left))))


def _judge(headings: Sequence[_Heading], plan: RowPlan) -> _Columns | None:
    """Which columns stand below headings; None where these are the form's, each in its place."""
    ids = plan.column_ids
    headings = [replace(one, name=name) if name in one.maybe else one for one, name in zip(headings, ids, strict=True)]
    often = Counter(one.name for one in headings)
    headings = [
        replace(one, name="", other=True) if often[one.name] > 1 and one.name not in {"", name} else one
        for one, name in zip(headings, ids, strict=True)
    ]
    as_form = all(one.name in {"", name} for one, name in zip(headings, ids, strict=True))
    names: list[str] = []
    doubted: dict[str, _Heading] = {}
    left: list[str] = []
    for one, column in zip(headings, plan.columns, strict=True):
        own = column.id
        name = one.name or (own if as_form and not one.other and not _is_of_this_year(one.text, column.label) else "")
        if name and (not one.name or (name != own and name not in classes_of(one.text).columns.get(plan.table, ()))):
            doubted[name] = one
        left += [] if name else [one.text]
        names.append(name or f"?{len(left)}")
    return _Columns(tuple(names), doubted, tuple(left)) if doubted or left else None


def _is_of_this_year(text: str, label: str) -> bool:
    """Whether a heading says that its figures are this year's, where those of the column are last year's."""
    return key(label).startswith("上") and any(word in key(text) for word in _THIS_YEAR)


def _assign(candidate: Candidate, headings: Sequence[_Heading], judged: _Columns) -> None:
    """Let a row have the columns as they stand."""
    candidate.order, candidate.headings_above = judged.names, ()
    if candidate.row.source == "grid":
        candidate.header = {name: one.span for name, one in zip(judged.names, headings, strict=True)}


def _headings_of_columns(own: Sequence[Candidate], plan: RowPlan) -> list[_Heading] | None:
    """The headings of the columns of rows, one for each; None where they are more or fewer, or another block's."""
    first = own[0]
    if len(first.header_cells) > _MOST:
        return None
    if first.row.source == "grid":
        headings = _above_cells(own, plan)
    elif any(column.grouped for column in plan.columns):
        found = order_with_unknown(first.headings_above, plan)
        headings = (
            [_heading_of((text,), (at, at + 1), plan) for at, text in enumerate(found)] if found is not None else None
        )
    else:
        read = [_heading_of((head.text,), (head.first, head.end), plan) for head in _last_line(first.header_cells)]
        headings = _with_rest(read, plan, first.headings_above)
        if headings is read and _are_in_pieces(first.headings_above):
            return None
    if headings is None or len(headings) != len(plan.columns):
        return None
    elsewhere = [one for one in headings if not one.name and plan.table in classes_of(one.text).columns]
    return None if len(elsewhere) == len(headings) else headings


def _with_rest(headings: list[_Heading], plan: RowPlan, above: Sequence[Row]) -> list[_Heading]:
    """The headings of a table in lines, that in its place of which only the rest stands there, in a line of its own
    (本, 年废止件数): where all others stand in one line as in the form, its own says nothing of its place among them.
    """
    known = [one.name for one in headings if one.name]
    unnamed = [one for one in headings if not one.name]
    missing = [column for column in plan.columns if column.id not in known]
    if len(unnamed) != 1 or len(missing) != 1 or known != [name for name in plan.column_ids if name in known]:
        return headings
    rest, whole = key(unnamed[0].text), key(missing[0].label)
    if len(rest) < _LONGER or rest == whole or not whole.endswith(rest):
        return headings
    lines = [_line_of(one.text, above) for one in headings if one.name]
    if len(lines) < _SHARED or len(set(lines)) > 1 or _line_of(unnamed[0].text, above) in lines:
        return headings
    places = {one.name: one for one in headings if one.name} | {
        missing[0].id: replace(unnamed[0], maybe=(), other=False)
    }
    return [places[name] for name in plan.column_ids]


def _line_of(text: str, rows: Sequence[Row]) -> tuple[int, int] | None:
    """The row of headings, and the line in it, in which a text stands."""
    for number, row in enumerate(rows):
        if text in row.texts and len(row.levels) == len(row.texts):
            return number, row.levels[row.texts.index(text)]
    return None


def _are_in_pieces(rows: Sequence[Row]) -> bool:
    """Whether headings read from lines stand in several of these, and not each in one of its own: a heading broken over
    lines is higher than the others, and which stands left of which its pieces do not tell.
    """
    for row in rows:
        if row.levels and len(row.levels) == len(row.texts):
            lines = Counter(at for at, text in zip(row.levels, row.texts, strict=True) if _may_name(classes_of(text)))
            if len(lines) > 1 and max(lines.values()) > 1:
                return True
    return False


def _above_cells(own: Sequence[Candidate], plan: RowPlan) -> list[_Heading] | None:
    """The lowest heading above each cell of a row with as many cells as columns; None where one has none of its own."""
    items = next((c.row.items for c in own if len(c.row.items) == len(plan.columns)), None)
    if items is None:
        return None
    heads = [head for head in own[0].header_cells if _may_name(classes_of(head.text))]
    headings: list[_Heading] = []
    for item in items:
        over = [head for head in heads if head.first < item.col + item.span and head.end > item.col]
        if not over or sum(it.col < over[-1].end and it.col + it.span > over[-1].first for it in items) > 1:
            return None
        headings.append(_heading_of([head.text for head in over[-2:]], (over[-1].first, over[-1].end), plan))
    return headings


def _last_line(heads: Sequence[HeaderCell]) -> Iterator[HeaderCell]:
    """The headings behind that of the labels (信息内容)."""
    cell_classes = [classes_of(head.text) for head in heads]
    begin = max(
        [
            at + 1
            for at, classes in enumerate(cell_classes)
            if classes.heading or classes.corner or classes.key in OF_LABELS
        ],
        default=0,
    )
    if begin:
        yield from (
            head for head, classes in zip(heads[begin:], cell_classes[begin:], strict=True) if _may_name(classes)
        )


def _may_name(classes: TextClasses) -> bool:
    """Whether a text among headings may be that of a column."""
    return bool(classes.key) and not (
        classes.heading or classes.corner or classes.number or classes.block or classes.over
    )


def _heading_of(texts: Sequence[str], span: tuple[int, int], plan: RowPlan) -> _Heading:
    """What a heading names, by itself or with the one above it: ``texts`` from top to bottom."""
    for at in range(len(texts) - 1, -1, -1):
        named = [
            name for name in classes_of("".join(texts[at:])).columns.get(plan.table, ()) if name in plan.column_ids
        ]
        if len(named) == 1:
            return _Heading(texts[-1], span, named[0])
    text, name = texts[-1], key(texts[-1])
    if len(name) > _LONGEST:
        return _Heading(text, span)
    alike = _similar_columns(name, plan)
    if alike:
        return _Heading(text, span, alike[0] if len(alike) == 1 else "", () if len(alike) == 1 else alike)
    summed = any(column.kind == "printed_sum" for column in plan.columns)
    strange = plan.table in classes_of(text).columns or heads_another(text) or (stands_beside(text) and not summed)
    return _Heading(text, span, other=strange)


def _similar_columns(name: str, plan: RowPlan) -> tuple[str, ...]:
    """The columns of a row whose labels a key is but for a slip, a word put in, or characters that were lost.

    Several only of what was cut off alike (本年新, 本年新).
    """
    ids: dict[str, list[str]] = {}
    for column in plan.columns:
        for label in (column.label, *column.variants):
            ids.setdefault(_likeness(name, key(label)), []).append(column.id)
    if begun := tuple(dict.fromkeys(ids.get("begun", ()))):
        return begun if len(begun) == 1 or len(name) >= _PIECE else ()
    alike = tuple(dict.fromkeys(ids.get("alike", ())))
    return alike if len(alike) == 1 else ()


@lru_cache(maxsize=1024)
def _likeness(name: str, label: str) -> str:
    """``begun`` where a key is what is left of a label that was cut off, ``alike`` where it is one but for a slip."""
    signs = _DISTINCTIVE & {*name}
    if label.startswith(name) and (len(name) >= _PIECE or not signs):
        return "begun"
    if signs != _DISTINCTIVE & {*label}:
        return ""
    if label.endswith(name):
        return "begun"
    longer = len(name) - len(label)
    if 0 <= longer <= _LONGER and len(label) >= _PIECE and _holds_in_order(name, label):
        return "alike"
    if -_LOST <= longer < 0 and len(name) >= _SLIPPED and _holds_in_order(label, name):
        return "alike"
    return "alike" if min(len(name), len(label)) >= _SLIPPED and _is_slip(name, label) else ""


def _holds_in_order(name: str, label: str) -> bool:
    """Whether all characters of a label stand in a name, in this order."""
    rest = iter(name)
    return all(character in rest for character in label)


def _is_slip(name: str, label: str) -> bool:
    """Whether one character is missing, too many or wrong."""
    short, long = sorted((name, label), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
