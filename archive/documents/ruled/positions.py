"""Tables without vertical rulings: rows of figures under each other make columns, wherever blanks are between them.

A band is a run of rows that end in figures. Its columns are where figures stand (and headings over columns that are
blank throughout), its rows where figures stand or where rules part them; labels of several lines go to the row at which
they are centred (or begin, or end, whichever the table does). What is not certain stays lines.
"""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from archive.documents.note_marks import FIGURE
from archive.documents.ruled.labels import NUMBERED, Chunk, Label, in_column, is_label, labelled
from archive.documents.ruled.lines import rows_of
from archive.documents.ruled.page import Glyph, Stroke

Span = tuple[float, float]  # left, right

_VALUE = re.compile(rf"^(?:{FIGURE}|[-—–－/／\\]|无|零|\ufffc)$")
_DIGIT = re.compile(r"[\d,，.]")
_FIGURE = re.compile(r"[-+\d,，.]$")
_LONGEST = 18
_WORD_GAP = 1.0  # heights of the type that part two cells of words
_FIGURE_GAP = 0.3  # and two figures
_TOUCHING = 0.08  # and words from a figure that stands below others
_STOPS = frozenset("、，。；：")
_INKED = 0.35  # of the width of these
_SEVERAL = 2  # figures above and below it
_NUMBER_GAP = 0.2  # and words from a numbered label beside them
_LOOSE = 0.15  # heights by which figures at the same end of a column may differ
_LEFT, _RIGHT = attrgetter("x0"), attrgetter("x1")
_OFF = 0.85  # of the size of the type: figures nearer to each other, one above the other, are of one row
_WIDE = "\u3400"  # the first Chinese character
_HEAD_GAP = 0.3  # and two headings
_HEADS = 8  # lines above a band that may be its headings
_BESIDE = 0.2  # of the height that headings beside each other share
_CLOSE = 0.3  # heights between a figure and the lines of its label above and below
_NEXT = 2.5  # heights to the next row of a table that is blank throughout
_BETWEEN_HEADED = 40  # and where headings tell where the columns are
_GAP = 4.0  # heights between two lines of such a band
_BETWEEN = 10  # lines of labels between two rows of figures
_FAR = 14.0  # heights between two rows of one band
_PITCH = 3.0  # heights: the lines of one cell stand nearer
_RIGHT_BELOW = 0.8  # heights between two lines of one label
_MANY = 8  # columns of a row of figures that needs no label
MAX_LINES = 2_000


@dataclass(slots=True)
class Row:
    """A row: its figures by column, its labels from left to right."""

    y0: float
    y1: float
    figures: dict[int, Chunk] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)


@dataclass(slots=True)
class Band:
    """Rows over the same columns. ``columns``: where figures stand; ``edges``: between them, the first left of all.

    ``doubtful``: labels of rows left out, which may be blank or may be none. ``heads``: what stands above each column
    and no other, in lines.
    """

    rows: list[Row]
    edges: list[float]
    left: float
    columns: list[Span]
    doubtful: list[str] = field(default_factory=list)
    heads: tuple[str, ...] = ()

    @property
    def label_height(self) -> float:
        """How high the type of its labels is; 0 without labels."""
        heights = sorted([c.y1 - c.y0 for row in self.rows for label in row.labels for c in label.chunks])
        return heights[len(heights) // 2] if heights else 0.0

    @property
    def glyphs(self) -> set[int]:
        """The identities of all glyphs in it."""
        chunks = [c for row in self.rows for c in row.figures.values()]
        chunks += [c for row in self.rows for label in row.labels for c in label.chunks]
        return {id(g) for chunk in chunks for g in chunk.glyphs}


def bands(
    glyphs: Sequence[Glyph], rules: Sequence[Stroke], before: Sequence[Span] = (), above: Sequence[Span] = ()
) -> list[Band]:
    """The bands of a page, from top to bottom, each certain. ``rules``: horizontal lines that bound no grid.

    ``before``: the columns of the band at the end of the page before; the first band without headings may go on there.
    ``above``: pieces at the foot of the page before, the lowest first, that may be headings of what stands at the head
    of this one.
    """
    lines = [_chunks(row) for row in rows_of(glyphs)]
    if len(lines) > MAX_LINES:
        return []
    lines = _untouched(_levelled(lines))
    found: list[Band] = []
    at = 0
    while at < len(lines):
        if _first_figure(lines[at]) is None:
            end = _blank_end(lines, at) if found or before else at
            if end > at:
                found.append(_blank_band(lines, at, end))
            at = end + 1
            continue
        extent = _extent(lines, at, () if found else before)
        band = _band(lines, extent, rules, () if found else before, above)
        if band is not None:
            found.append(band)
        at = (extent.last if band is None else extent.tail) + 1
    return found


def _chunks(row: list[Glyph]) -> list[Chunk]:
    row = sorted(row, key=lambda g: g.x0)
    height = _height(row)
    parts: list[list[Glyph]] = [[row[0]]]
    for n, glyph in enumerate(row[1:], 1):
        before = parts[-1][-1]
        gap = glyph.x0 - before.x1
        figures = gap > _FIGURE_GAP * height and _both_figures(before, glyph)
        numbered = gap > _NUMBER_GAP * height and NUMBERED.match("".join(g.text for g in row[n : n + 4])) is not None
        if gap > _WORD_GAP * height or figures or numbered:
            parts.append([glyph])
        elif gap > -0.1 * height or glyph.text != before.text or abs(glyph.x0 - before.x0) > 0.2 * height:
            parts[-1].append(glyph)
    return [
        Chunk(
            part,
            "".join(g.text for g in part),
            part[0].x0,
            min(g.y0 for g in part),
            part[-1].x1,
            max(g.y1 for g in part),
        )
        for part in parts
    ]


def _height(glyphs: Sequence[Glyph]) -> float:
    """The height of the type: some fonts tell a box for 一 that is hardly higher than its stroke."""
    heights = sorted([g.y1 - g.y0 for g in glyphs])
    return heights[len(heights) // 2]


def _both_figures(before: Glyph, glyph: Glyph) -> bool:
    return _DIGIT.match(before.text) is not None and _DIGIT.match(glyph.text) is not None


def _untouched(lines: list[list[Chunk]]) -> list[list[Chunk]]:
    """The lines with figures that nearly touch the label before them apart from it.

    They stand where the first figures of several other lines do, before more figures of their own line.
    """
    touched = [n for n, line in enumerate(lines) if _touches(line)]
    if not touched:
        return lines
    firsts = [line[at] for line in lines if (at := _first_figure(line))]
    done = list(lines)
    for n in touched:
        at = len(lines[n]) - len(_tail(lines[n])) - 1
        label, figure = _at_figure(lines[n][at])
        if sum(_is_beneath(figure, other) for other in firsts) >= _SEVERAL:
            label.x1 = min(label.x1, figure.x0)
            done[n] = [*lines[n][:at], label, figure, *lines[n][at + 1 :]]
    return done


def _touches(line: list[Chunk]) -> bool:
    """Whether a line is words that end in a figure, with a gap before it, and then nothing but figures."""
    at = len(line) - len(_tail(line)) - 1
    if at < 0 or at == len(line) - 1 or not _DIGIT.match(line[at].text[-1:]):
        return False
    label, figure = _at_figure(line[at])
    height = figure.y1 - figure.y0
    return bool(label.glyphs) and _is_value(figure) and figure.x0 - _end(label.glyphs[-1]) > _TOUCHING * height


def _end(glyph: Glyph) -> float:
    """Where the ink of what words end with ends: most of the box of a stop is blank."""
    return glyph.x0 + _INKED * (glyph.x1 - glyph.x0) if glyph.text in _STOPS else glyph.x1


def _at_figure(chunk: Chunk) -> tuple[Chunk, Chunk]:
    """Words and the characters of a figure at their end."""
    glyphs = chunk.glyphs
    first = len(glyphs)
    while first and _FIGURE.match(glyphs[first - 1].text):
        first -= 1
    return _chunk(glyphs[:first], chunk), _chunk(glyphs[first:], chunk)


def _chunk(glyphs: list[Glyph], of: Chunk) -> Chunk:
    x0, x1 = (glyphs[0].x0, glyphs[-1].x1) if glyphs else (of.x0, of.x0)
    return Chunk(glyphs, "".join(g.text for g in glyphs), x0, of.y0, x1, of.y1)


def _is_beneath(one: Chunk, other: Chunk) -> bool:
    """Whether two figures begin, end or have their middles at one place."""
    off = min(abs(one.x0 - other.x0), abs(one.x1 - other.x1), abs(one.x0 + one.x1 - other.x0 - other.x1) / 2)
    return off <= _LOOSE * (one.y1 - one.y0)


def _levelled(lines: list[list[Chunk]]) -> list[list[Chunk]]:
    """The lines with figures that stand a little off the others of their row set among them.

    Rows of a table never overlap: what does is of one row, set higher or lower in its cell, or a figure in two lines.
    """
    wide = sorted([g.x1 - g.x0 for line in lines for chunk in line for g in chunk.glyphs if g.text >= _WIDE])
    near = _OFF * wide[len(wide) // 2] if wide else 0.0  # a Chinese character is as wide as its type is high
    tails = [_tail(line) for line in lines]
    done = list(lines)
    n = 0
    while n < len(lines):
        last = n
        while last + 1 < len(lines) and _is_off(tails[last], tails[last + 1], near):
            last += 1
        own = n + 1 if last == n + 2 else max(n, last, key=lambda m: len(tails[m]))
        off = [chunk for m in range(n, last + 1) if m != own for chunk in tails[m]]
        even = last == n + 1 and len(tails[n]) == len(tails[last])  # which is the row's own line is not certain
        if n < last <= n + 2 and not even and not any(_under(a, b) for a in off for b in lines[own]):
            for m in range(n, last + 1):
                done[m] = lines[m][: len(lines[m]) - len(tails[m])]
            done[own] = sorted([*lines[own], *_stacked(off)], key=lambda chunk: chunk.x0)
        n = last + 1
    return [line for line in done if line]


def _tail(line: list[Chunk]) -> list[Chunk]:
    """The figures at the end of a line."""
    first = len(line)
    while first and _is_value(line[first - 1]):
        first -= 1
    return line[first:]


def _is_off(chunks: list[Chunk], others: list[Chunk], near: float) -> bool:
    """Whether figures stand nearer to others, above or below them, than those of two rows can."""
    return bool(chunks and others) and abs(chunks[0].cy - others[0].cy) < near


def _under(one: Chunk, other: Chunk) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1


def _stacked(chunks: list[Chunk]) -> list[Chunk]:
    """Figures of which the lines stand under each other made one each."""
    done: list[Chunk] = []
    for chunk in sorted(chunks, key=lambda chunk: chunk.y0):
        above = next((other for other in done if _under(other, chunk)), None)
        if above is None:
            done.append(chunk)
            continue
        done.remove(above)
        sides = min(above.x0, chunk.x0), above.y0, max(above.x1, chunk.x1), chunk.y1
        done.append(Chunk([*above.glyphs, *chunk.glyphs], f"{above.text}\n{chunk.text}", *sides))
    return done


def _is_value(chunk: Chunk) -> bool:
    """Whether it is a figure, or a mark that stands for one."""
    text = chunk.text.replace("\n", "")
    return len(text) <= _LONGEST and _VALUE.match(text) is not None


def _first_figure(line: Sequence[Chunk]) -> int | None:
    """Where the figures of a row begin, if it is one: words, if any, then nothing but figures."""
    first = next((n for n, chunk in enumerate(line) if _is_value(chunk)), None)
    if first is None or not all(_is_value(chunk) for chunk in line[first:]):
        return None
    return first if first > 0 or len(line) > 1 else None


@dataclass(frozen=True, slots=True)
class _Extent:
    """Lines of a band: from its first label (``first``), its figures from ``at`` to ``last``, at the right of ``left``.

    ``tail``: the last line of labels below its figures; beyond ``rows`` they are at most the rest of its last label.
    ``headed``: it is known where its columns begin. ``named``: the column of its labels has a heading too.
    """

    first: int
    at: int
    last: int
    rows: int
    tail: int
    left: float
    headed: bool
    named: bool


def _is_lone(lines: Sequence[Sequence[Chunk]], n: int, left: float) -> bool:
    """Whether a line is the only figure of a row, between two lines of its label."""
    if len(lines[n]) > 1 or not _is_value(lines[n][0]) or lines[n][0].x0 < left or not 0 < n < len(lines) - 1:
        return False
    (figure,), near = lines[n], _CLOSE * (lines[n][0].y1 - lines[n][0].y0)
    upper, lower = (min(lines[m], key=lambda c: abs(c.cy - figure.cy)) for m in (n - 1, n + 1))
    labels = all(chunk.x1 <= left for m in (n - 1, n + 1) for chunk in lines[m])
    return labels and figure.y0 - upper.y1 <= near and lower.y0 - figure.y1 <= near


def _extent(lines: list[list[Chunk]], at: int, before: Sequence[Span]) -> _Extent:
    """The lines of the band whose first row of figures is ``at``. ``before``: see ``bands``."""
    start = _first_figure(lines[at]) or 0
    left = lines[at][start].x0
    begin, named = _headed(lines, at, lines[at][start - 1].x1 if start else 0.0, left)
    if begin is None and before and all(max(c.x1 for c in line) <= before[0][0] for line in lines[:at]):
        begin = before[0][0]  # a table that goes on from the page before
    headed = begin is not None and begin <= left
    left = min(left, begin) if begin is not None else left
    last, n = at, at + 1
    while n < len(lines) and n - last <= (_BETWEEN_HEADED if headed else _BETWEEN):
        line = lines[n]
        height = line[0].y1 - line[0].y0
        gap = line[0].y0 - (lines[n - 1] if headed else lines[last])[0].y1
        if gap > (_GAP if headed else _FAR) * height:
            break
        first = 0 if headed and _is_lone(lines, n, left) else _first_figure(line)
        if first is None:
            if max(chunk.x1 for chunk in line) > left:
                break
        elif max((chunk.x1 for chunk in line[:first]), default=0.0) <= left:
            left, last = min(left, line[first].x0), n
        else:
            break
        n += 1
    first = at
    while (
        first > 0
        and at - first < (_BETWEEN_HEADED if headed else _BETWEEN)
        and max(chunk.x1 for chunk in lines[first - 1]) <= left
    ):
        first -= 1
    rows = _trailing(lines, first, last, left) if headed else last
    tail = max(rows, _wrapped(lines, last, left))
    return _Extent(first, at, last, rows, tail, left, headed, headed and named)


def _headed(lines: list[list[Chunk]], at: int, reach: float, left: float) -> tuple[float | None, bool]:
    """Where the headings begin that stand over the columns of a row of figures, and whether its labels have one too.

    None if there are no headings. ``reach``: where the label of the row ends; ``left``: where its figures begin. Labels
    of rows without figures may stand between, and lines of the row's own label if none is at its height.
    """
    begin: float | None = None
    named, beside = False, reach > 0
    for n in range(at - 1, max(-1, at - 1 - _BETWEEN), -1):
        pieces = [piece for chunk in lines[n] for piece in _split(chunk)]
        right = [piece for piece in pieces if piece.x0 > reach]
        limit = left if begin is None else begin
        if _first_figure(lines[n]) is not None or any(p.x0 <= reach and p.x1 > limit for p in pieces):
            break
        if begin is None:
            if not right or (not beside and all(piece.x1 <= left for piece in right)):
                reach = max(reach, *(piece.x1 for piece in pieces))
                continue
            if len(pieces) < 2:
                break
            named = len(right) < len(pieces) and in_column(pieces[0], lines[n + 1][:1])
        elif lines[n + 1][0].y0 - lines[n][0].y1 > lines[n][0].y1 - lines[n][0].y0:
            break
        begin = (
            min([piece.x0 for piece in right], default=begin) if begin is None else min([begin, *(p.x0 for p in right)])
        )
    return begin, named


def _blank_end(lines: list[list[Chunk]], at: int) -> int:
    """The last line of a table of nothing but blank cells whose headings are line ``at``; ``at`` if it is none.

    The labels of its rows stand under the heading of the labels, and nothing stands beside them.
    """
    heads = lines[at]
    if len(heads) < 2 or any(map(_is_value, heads)):
        return at
    end = at
    while end + 1 < len(lines) and len(lines[end + 1]) == 1:
        (label,), height = lines[end + 1], heads[0].y1 - heads[0].y0
        if label.x1 >= heads[1].x0 or label.y0 - lines[end][0].y1 > _NEXT * height or not in_column(label, heads[:1]):
            break
        end += 1
    after = lines[end + 1] if end + 1 < len(lines) else []
    return at if after and (_first_figure(after) is not None or after[0].y0 < lines[end][0].y1) else end


def _blank_band(lines: list[list[Chunk]], at: int, end: int) -> Band:
    heads = lines[at][1:]
    columns = [(chunk.x0, chunk.x1) for chunk in heads]
    labels = [line[0] for line in lines[at + 1 : end + 1]]
    edges = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(columns)]
    edges = [(max(c.x1 for c in labels) + columns[0][0]) / 2, *edges, columns[-1][1] + 2.0]
    rows = [Row(chunk.y0, chunk.y1, {}, [Label([chunk])]) for chunk in labels]
    return Band(rows, edges, min(c.x0 for c in labels), columns)


def _trailing(lines: list[list[Chunk]], first: int, last: int, left: float) -> int:
    """The last line of labels below a band's figures that are labels of rows of blank cells.

    They are as high as the labels above, no further apart, and begin, end or are centred where those do, or go on with
    the line above.
    """
    labels = [chunk for line in lines[first : last + 1] for chunk in line if chunk.x1 <= left]
    if not labels:
        return last
    own = sorted({chunk.y0 for chunk in labels} | {lines[last][-1].y0})
    height = _height([glyph for chunk in labels for glyph in chunk.glyphs])
    step = max([2.5 * height, *(b - a for a, b in itertools.pairwise(own))])
    tail = last
    while tail + 1 < len(lines):
        line = lines[tail + 1]
        apart = line[0].y0 - lines[tail][0].y0 > 1.1 * step
        own_place = any(is_label(chunk, labels) or _goes_on(lines[tail], chunk) for chunk in line)
        if apart or max(c.x1 for c in line) > left or not own_place:
            break
        tail += 1
    following = lines[tail + 1] if tail + 1 < len(lines) else []
    if any(map(_is_value, following)):
        return last  # what they stand for goes on otherwise
    if len(following) > 1 and tail > last and following[-1].x1 > left:
        return tail - 1  # the caption of the next table
    return tail


def _goes_on(line: Sequence[Chunk], chunk: Chunk) -> bool:
    """Whether words in type as high stand right below others of a line, begin, end or are centred where those do."""
    height = chunk.y1 - chunk.y0
    return chunk.y0 - max(c.y1 for c in line) <= _RIGHT_BELOW * height and in_column(chunk, line)


def _band(
    lines: list[list[Chunk]], extent: _Extent, rules: Sequence[Stroke], before: Sequence[Span], above: Sequence[Span]
) -> Band | None:
    first, at, last, left = extent.first, extent.at, extent.last, extent.left
    ranked = [n for n in range(at, last + 1) if _first_figure(lines[n]) is not None or _is_lone(lines, n, left)]
    figures = [lines[n][_first_figure(lines[n]) or 0 :] for n in ranked]
    spans = _spans(figures)
    heads, top = _heads(lines, first, left, spans)
    columns = _columns(figures, spans, _with_above(heads, spans, above) if top == 0 else heads)
    if columns and not heads:
        columns = _gone_on(columns, before)
    if columns is None:
        columns = _by_number(figures, sorted((h.x0, h.x1) for h in heads) or before)
    if columns is None or len(columns) < (1 if extent.named else 2):
        return None
    rows = []
    for line in figures:
        row = Row(min(c.y0 for c in line), max(c.y1 for c in line))
        row.figures = _in_columns(line, columns)
        rows.append(row)
    beneath = [chunk for line in lines[last + 1 : extent.tail + 2] if all(map(_is_value, line)) for chunk in line]
    if _figures_wrap(lines[at : last + 1], columns, left, _rooms(figures, heads, columns)) or beneath:
        return None
    words = [c for line in lines[first : extent.tail + 1] for c in line if c.x1 <= left]
    edges = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(columns)]
    reach = max((c.x1 for c in words), default=left)
    edges = [(reach + columns[0][0]) / 2, *edges, columns[-1][1] + 2.0]
    if not words:
        own = [row for row in rows if not _counts(row, len(columns))]
        return Band(rows, edges, edges[0], columns) if len(own) == 1 and len(columns) >= _MANY else None
    under = max((c.y1 for c in heads), default=-math.inf) if extent.headed else None
    done = labelled([(row.y0, row.y1) for row in rows], words, rules, (columns[0][0], columns[-1][1]), under)
    if done is None:
        return None
    foot = max(chunk.y1 for line in lines[at : extent.rows + 1] for chunk in line)
    for label_row in done:  # what follows its first line may hold figures that were not told from words
        label_row.known = label_row.known and (label_row.row is not None or label_row.y1 <= foot)
    made = [
        Row(
            label_row.y0,
            label_row.y1,
            rows[label_row.row].figures if label_row.row is not None else {},
            label_row.labels,
        )
        for label_row in done
        if label_row.known
    ]
    doubtful = ["".join(label.text for label in row.labels) for row in done if not row.known]
    above_them = _above(lines[max(0, first - _HEADS) : first], [*edges[:-1], math.inf]) if heads else ()
    return Band(made, edges, min(c.x0 for c in words), columns, doubtful, above_them)


def _counts(row: Row, columns: int) -> bool:
    """Whether a row says which column is which: 1, 2, 3 … to the last."""
    return [row.figures[n].text for n in sorted(row.figures)] == [str(n + 1) for n in range(columns)]


def _rooms(figures: Sequence[Sequence[Chunk]], heads: Sequence[Chunk], columns: Sequence[Span]) -> list[float]:
    """How wide a line each column holds at least: as wide as its figures are, and a heading centred over it alone."""
    rooms = [0.0] * len(columns)
    for chunk in (chunk for line in figures for chunk in line if "\n" not in chunk.text):
        for n, (x0, x1) in enumerate(columns):
            if x0 <= chunk.x0 and chunk.x1 <= x1:
                rooms[n] = max(rooms[n], chunk.x1 - chunk.x0)
    for head in heads:
        under = [n for n, (x0, x1) in enumerate(columns) if head.x0 < x1 and x0 < head.x1]
        if len(under) == 1:
            x0, x1 = columns[under[0]]
            if abs(head.x0 + head.x1 - x0 - x1) <= head.y1 - head.y0:
                rooms[under[0]] = max(rooms[under[0]], head.x1 - head.x0)
    return rooms


def _figures_wrap(
    lines: Sequence[Sequence[Chunk]], columns: Sequence[Span], left: float, rooms: Sequence[float]
) -> bool:
    """Whether a figure may go on in the line below it, as where a cell is too narrow for 1204.

    ``rooms``: how wide a line each column holds at least. One that holds a longer figure was not too narrow, and no row
    goes on below the next label.
    """
    above: dict[int, Chunk] = {}
    label: Chunk | None = None
    begun = False  # the next label, below the one of the figures above
    longest = [0] * len(columns)
    for chunk in (chunk for line in lines for chunk in line if chunk.text.isdecimal()):
        for n in _in_columns([chunk], columns):
            longest[n] = max(longest[n], len(chunk.text))
    for n, line in enumerate(lines):
        first = 0 if _is_lone(lines, n, left) else _first_figure(line)
        if first is None:
            if any(map(_is_value, line)):
                return True
            begun = begun or any(label and _under(label, chunk) and NUMBERED.match(chunk.text) for chunk in line)
            continue
        own = _in_columns(line[first:], columns)
        fewer = len(own) < len(above) and own.keys() <= above.keys()
        begun = begun or any(NUMBERED.match(chunk.text) for chunk in line[:first])
        if fewer and not begun:
            for col, chunk in own.items():
                shorter = above[col].text.isdecimal() and len(above[col].text) < longest[col]
                if not shorter and _is_rest(above[col], chunk, rooms[col]):
                    return True
        above, label, begun = own, line[first - 1] if first else None, False
    return False


def _in_columns(chunks: Sequence[Chunk], columns: Sequence[Span]) -> dict[int, Chunk]:
    return {n: c for c in chunks for n, (x0, x1) in enumerate(columns) if x0 <= c.x0 and c.x1 <= x1}


def _is_rest(upper: Chunk, lower: Chunk, room: float) -> bool:
    """Whether ``lower`` may be the rest of a figure that filled its cell, which holds a line as wide as ``room``.

    Nothing is as narrow as one plain digit, and no two lines of a cell stand as far apart as those of labels between.
    """
    if not lower.text.isdecimal() or len(lower.text) > len(upper.text):
        return False
    if len(upper.text) == 1 and upper.text.isascii():
        return False
    apart = lower.cy - upper.cy > _PITCH * (lower.y1 - lower.y0)
    one_more = (upper.x1 - upper.x0) * (1 + 1 / len(upper.text))
    return not apart and ("\n" in upper.text or one_more > room)


def _wrapped(lines: list[list[Chunk]], last: int, left: float) -> int:
    """The last line of words alone below a band that may belong to the label of its last row."""
    tail = last
    while tail + 1 < len(lines) and tail - last < 4:
        line, above = lines[tail + 1], lines[tail]
        close = line[0].y0 - max(c.y1 for c in above) < 0.8 * (line[0].y1 - line[0].y0)
        if not close or max(c.x1 for c in line) > left or _first_figure(line) is not None:
            break
        tail += 1
    return tail


def _heads(lines: list[list[Chunk]], first: int, left: float, spans: Sequence[Span]) -> tuple[list[Chunk], int]:
    """The lowest pieces of the headings above a band whose figures stand at ``spans``, and their uppermost line."""
    found: list[Chunk] = []
    n = first
    while n > max(0, first - _HEADS):
        line = lines[n - 1]
        pieces = [piece for chunk in line for piece in _split(chunk) if piece.x1 > left]
        prose = len(line) == 1 and line[0].x0 <= left and line[0].x1 > spans[min(1, len(spans) - 1)][0]
        if _first_figure(line) is not None or prose:
            break
        fresh = [p for p in pieces if not any(p.x0 < f.x1 and f.x0 < p.x1 for f in found)]
        if found and len(pieces) == 1 and not any(_level(pieces[0], other) for other in found):
            fresh = [p for p in fresh if any(p.x0 < x1 and x0 < p.x1 for x0, x1 in spans)]  # it may be over several
        found += fresh
        n -= 1
    return found, n


def _above(lines: Sequence[Sequence[Chunk]], edges: Sequence[float]) -> tuple[str, ...]:
    """What stands above each column and no other, from the line above upwards as far as there are headings."""
    found: list[list[str]] = [[] for _ in edges[1:]]
    for line in reversed(lines):
        if _first_figure(line) is not None:
            break
        for piece in (piece for chunk in line for piece in _split(chunk)):
            column = bisect_right(edges, (piece.x0 + piece.x1) / 2) - 1
            reach = _HEAD_GAP * (piece.y1 - piece.y0)
            if 0 <= column < len(found) and edges[column] - reach < piece.x0 and piece.x1 < edges[column + 1] + reach:
                found[column].insert(0, piece.text)
    return tuple("\n".join(texts) for texts in found)


def _level(one: Chunk, other: Chunk) -> bool:
    """Whether two pieces of headings stand beside each other, of one and of two lines maybe."""
    return min(one.y1, other.y1) - max(one.y0, other.y0) > _BESIDE * (one.y1 - one.y0)


def _with_above(heads: Sequence[Chunk], spans: Sequence[Span], above: Sequence[Span]) -> list[Chunk]:
    """Headings with those that a page's end parted from them: each over figures that have none on this page."""
    done = list(heads)
    for x0, x1 in above:
        over = [span for span in spans if x0 < span[1] and span[0] < x1]
        if len(over) == 1 and not any(h.x0 < x1 and x0 < h.x1 for h in done):
            done.append(Chunk([], "", x0, 0.0, x1, 0.0))
    return done


def _split(chunk: Chunk) -> list[Chunk]:
    """A piece of heading, parted at gaps where words of neighbouring columns nearly touch."""
    parts: list[list[Glyph]] = [[chunk.glyphs[0]]]
    gap = _HEAD_GAP * _height(chunk.glyphs)
    for glyph in chunk.glyphs[1:]:
        if glyph.x0 - parts[-1][-1].x1 > gap:
            parts.append([])
        parts[-1].append(glyph)
    return [Chunk(p, "".join(g.text for g in p), p[0].x0, chunk.y0, p[-1].x1, chunk.y1) for p in parts]


def _gone_on(columns: list[Span], before: Sequence[Span]) -> list[Span]:
    """The columns with those that are blank on this page, if each is one of those on the page before."""
    met = [[n for n, (x0, x1) in enumerate(before) if x0 < c[1] and c[0] < x1] for c in columns]
    if any(len(places) != 1 for places in met) or len({places[0] for places in met}) < len(met):
        return columns
    found = {places[0]: column for places, column in zip(met, columns, strict=True)}
    return [found.get(n, span) for n, span in enumerate(before)]


def _by_number(rows: Sequence[Sequence[Chunk]], known: Sequence[Span]) -> list[Span] | None:
    """The columns where each row has a figure for every heading, or column ``known`` from the page before, though at
    one end of its cell here and in its middle there; None if these do not stand over the figures in their order.
    """
    if len(known) < _SEVERAL or any(len(row) != len(known) for row in rows):
        return None
    spans = [(min(c.x0 for c in own), max(c.x1 for c in own)) for own in zip(*rows, strict=True)]
    met = [[n for n, (x0, x1) in enumerate(known) if x0 < right and left < x1] for left, right in spans]
    apart = all(a[1] < b[0] for a, b in itertools.pairwise(spans))
    return spans if apart and all(places == [n] for n, places in enumerate(met)) else None


def _spans(rows: list[list[Chunk]]) -> list[Span]:
    """Where figures stand under each other."""
    spans: list[Span] = []
    for x0, x1 in sorted((c.x0, c.x1) for row in rows for c in row):
        if spans and x0 < spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], x1)
        else:
            spans.append((x0, x1))
    return spans


def _columns(rows: list[list[Chunk]], spans: list[Span], heads: list[Chunk]) -> list[Span] | None:
    """All columns, blank ones by their headings; None if two figures of one row share one, or a column may be two."""
    held = [{n for n, (x0, x1) in enumerate(spans) if x0 < c.x1 and c.x0 < x1} for row in rows for c in row]
    filled = []
    start = 0
    for row in rows:
        own = [min(s, default=-1) for s in held[start : start + len(row)]]  # -1: a damaged figure without width
        start += len(row)
        if len(set(own)) < len(own) or -1 in own:
            return None
        filled.append(set(own))
    named = [any(h.x0 < x1 and x0 < h.x1 for h in heads) for x0, x1 in spans]
    for n in range(len(spans) - 1):
        together = any(n in own and n + 1 in own for own in filled)
        one_head = any(h.x0 < spans[n][1] and spans[n + 1][0] < h.x1 for h in heads)
        if not together and (one_head or not (named[n] and named[n + 1])):
            return _beside_heads(rows, spans, heads)
    if not all(sum(h.x0 < x1 and x0 < h.x1 for h in heads) == 1 for x0, x1 in spans):
        # the headings may stand elsewhere, and then they say nothing of columns that are blank
        return _beside_heads(rows, spans, heads) or spans
    return sorted([*spans, *((h.x0, h.x1) for h in heads if not any(h.x0 < x1 and x0 < h.x1 for x0, x1 in spans))])


def _beside_heads(rows: list[list[Chunk]], spans: list[Span], heads: list[Chunk]) -> list[Span] | None:
    """All columns where figures stand at one side of theirs and headings in the middle; None if that is not certain.

    Figures at the right end of their columns stand between the middles of their own heading and the next.
    """
    side = _side(rows, spans)
    ordered = sorted(heads, key=lambda head: head.x0 + head.x1)
    middles = [(head.x0 + head.x1) / 2 for head in ordered]
    if not side or not ordered:
        return None
    places = [bisect_right(middles, x1) - 1 if side > 0 else bisect_left(middles, x0) for x0, x1 in spans]
    if len(set(places)) < len(places) or not 0 <= min(places) <= max(places) < len(ordered):
        return None
    blank = [(head.x0, head.x1) for n, head in enumerate(ordered) if n not in places]
    if any(a[0] < x1 and x0 < a[1] for a in blank for x0, x1 in spans):
        return None
    return sorted([*spans, *blank])


def _side(rows: list[list[Chunk]], spans: list[Span]) -> int:
    """At which end of their columns figures of differing width stand: 1 right, -1 left, 0 neither or not known."""
    held = [[c for row in rows for c in row if x0 <= c.x0 and c.x1 <= x1] for x0, x1 in spans]
    loose = _LOOSE * min(c.y1 - c.y0 for own in held for c in own)
    lefts, rights = ([max(end(c) for c in own) - min(end(c) for c in own) for own in held] for end in (_LEFT, _RIGHT))
    if max(rights) <= loose < max(lefts):
        return 1
    return -1 if max(lefts) <= loose < max(rights) else 0
