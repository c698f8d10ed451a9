"""Tables without vertical rulings: rows of figures under each other make columns, wherever blanks are between them.

A band is a run of rows that end in figures. Its columns are where figures stand (and headings over columns that are
blank throughout), its rows where figures stand or where rules part them; labels of several lines go to the row at which
they are centred (or begin, or end, whichever the table does). What is not certain stays lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.documents.ruled.labels import NUMBERED, Chunk, Label, labelled
from archive.documents.ruled.lines import rows_of
from archive.documents.ruled.page import Glyph, Stroke

Span = tuple[float, float]  # left, right

_VALUE = re.compile(
    r"^(?:[-+－—–−±增减]?\d(?:[\d,，]*\d)?(?:\.\d+)?\s?(?:件|条|次|万元|元|万|%|％)?|[-—–－/／]|无|零)$"
)
_DIGIT = re.compile(r"[\d,，.]")
_LONGEST = 18
_WORD_GAP = 1.0  # heights of the type that part two cells of words
_FIGURE_GAP = 0.3  # and two figures
_NUMBER_GAP = 0.2  # and words from a numbered label beside them
_HEAD_GAP = 0.3  # and two headings
_HEADS = 8  # lines above a band that may be its headings
_BETWEEN = 10  # lines of labels between two rows of figures
_FAR = 14.0  # heights between two rows of one band
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
    """Rows over the same columns. ``columns``: where figures stand; ``edges``: between them, the first left of all."""

    rows: list[Row]
    edges: list[float]
    left: float
    columns: list[Span]

    @property
    def glyphs(self) -> set[int]:
        """The identities of all glyphs in it."""
        chunks = [c for row in self.rows for c in row.figures.values()]
        chunks += [c for row in self.rows for label in row.labels for c in label.chunks]
        return {id(g) for chunk in chunks for g in chunk.glyphs}


def bands(glyphs: Sequence[Glyph], rules: Sequence[Stroke], before: Sequence[Span] = ()) -> list[Band]:
    """The bands of a page, from top to bottom, each certain. ``rules``: horizontal lines that bound no grid.

    ``before``: the columns of the band at the end of the page before; the first band without headings may go on there.
    """
    lines = [_chunks(row) for row in rows_of(glyphs)]
    if len(lines) > MAX_LINES:
        return []
    found: list[Band] = []
    at = 0
    while at < len(lines):
        if _first_figure(lines[at]) is None:
            at += 1
            continue
        first, last, left = _extent(lines, at)
        band = _band(lines, first, at, last, left, rules, () if found else before)
        if band is not None:
            found.append(band)
        at = last + 1
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


def _is_value(chunk: Chunk) -> bool:
    """Whether it is a figure, or a mark that stands for one."""
    return len(chunk.text) <= _LONGEST and _VALUE.match(chunk.text) is not None


def _first_figure(line: list[Chunk]) -> int | None:
    """Where the figures of a row begin, if it is one: words, if any, then nothing but figures."""
    first = next((n for n, chunk in enumerate(line) if _is_value(chunk)), None)
    if first is None or not all(_is_value(chunk) for chunk in line[first:]):
        return None
    return first if first > 0 or len(line) > 1 else None


def _extent(lines: list[list[Chunk]], at: int) -> tuple[int, int, float]:
    """First and last line of the band whose first row of figures is ``at``, and the left end of its figures."""
    first = _first_figure(lines[at]) or 0
    left, last, n = lines[at][first].x0, at, at + 1
    while n < len(lines) and n - last <= _BETWEEN:
        line = lines[n]
        height = line[0].y1 - line[0].y0
        if line[0].y0 - lines[last][0].y1 > _FAR * height:
            break
        start = _first_figure(line)
        if start is None:
            if max(chunk.x1 for chunk in line) > left:
                break
        elif max((chunk.x1 for chunk in line[:start]), default=0.0) <= left:
            left, last = min(left, line[start].x0), n
        else:
            break
        n += 1
    first = at
    while first > 0 and at - first < _BETWEEN and max(chunk.x1 for chunk in lines[first - 1]) <= left:
        first -= 1
    return first, last, left


def _band(
    lines: list[list[Chunk]],
    first: int,
    at: int,
    last: int,
    left: float,
    rules: Sequence[Stroke],
    before: Sequence[Span],
) -> Band | None:
    ranked = [line for line in lines[at : last + 1] if _first_figure(line) is not None]
    figures = [line[_first_figure(line) or 0 :] for line in ranked]
    spans = _spans(figures)
    heads = _heads(lines, first, left, spans)
    columns = _columns(figures, spans, heads)
    if columns and not heads:
        columns = _gone_on(columns, before)
    if columns is None or len(columns) < 2:
        return None
    rows = []
    for line in figures:
        row = Row(min(c.y0 for c in line), max(c.y1 for c in line))
        row.figures = {n: c for c in line for n, (x0, x1) in enumerate(columns) if x0 <= c.x0 and c.x1 <= x1}
        rows.append(row)
    beneath = lines[last + 1] if last + 1 < len(lines) else []
    if _figures_wrap(lines[at : last + 1], columns) or (beneath and all(map(_is_value, beneath))):
        return None
    tail = _wrapped(lines, last, left)
    words = [c for line in lines[first : tail + 1] for c in line if c.x1 <= left]
    edges = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(columns)]
    reach = max((c.x1 for c in words), default=left)
    edges = [(reach + columns[0][0]) / 2, *edges, columns[-1][1] + 2.0]
    if not words:
        return Band(rows, edges, edges[0], columns) if len(rows) == 1 and len(columns) >= _MANY else None
    done = labelled([(row.y0, row.y1) for row in rows], words, rules, (columns[0][0], columns[-1][1]))
    if done is None:
        return None
    made = [
        Row(
            label_row.y0,
            label_row.y1,
            rows[label_row.row].figures if label_row.row is not None else {},
            label_row.labels,
        )
        for label_row in done
    ]
    return Band(made, edges, min(c.x0 for c in words), columns)


def _figures_wrap(lines: Sequence[list[Chunk]], columns: Sequence[Span]) -> bool:
    """Whether a figure may go on in the line below it, as where a cell is too narrow for 1204."""
    above: dict[int, Chunk] = {}
    for line in lines:
        first = _first_figure(line)
        if first is None:
            if any(map(_is_value, line)):
                return True
            continue
        own = {n: c for c in line[first:] for n, (x0, x1) in enumerate(columns) if x0 <= c.x0 and c.x1 <= x1}
        numbered = any(NUMBERED.match(chunk.text) for chunk in line[:first])
        parts = [(above[n].text, c.text) for n, c in own.items() if n in above]
        if not numbered and len(own) < len(above) and len(parts) == len(own) and any(_is_rest(*p) for p in parts):
            return True
        above = own
    return False


def _is_rest(upper: str, lower: str) -> bool:
    """Whether ``lower`` may be the rest of a figure that filled its cell: nothing is as narrow as one plain digit."""
    full = len(upper) > 1 or not upper.isascii()
    return full and lower.isdecimal() and len(lower) <= len(upper)


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


def _heads(lines: list[list[Chunk]], first: int, left: float, spans: Sequence[Span]) -> list[Chunk]:
    """The lowest pieces of the headings above a band whose figures stand at ``spans``."""
    found: list[Chunk] = []
    for line in reversed(lines[max(0, first - _HEADS) : first]):
        pieces = [piece for chunk in line for piece in _split(chunk) if piece.x1 > left]
        prose = len(line) == 1 and line[0].x0 <= left and line[0].x1 > spans[min(1, len(spans) - 1)][0]
        if _first_figure(line) is not None or prose:
            break
        fresh = [p for p in pieces if not any(p.x0 < f.x1 and f.x0 < p.x1 for f in found)]
        if found and len(pieces) == 1:  # over several columns, or at another height than its neighbours
            fresh = [p for p in fresh if any(p.x0 < x1 and x0 < p.x1 for x0, x1 in spans)]
        found += fresh
    return found


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
            return None
    if not all(sum(h.x0 < x1 and x0 < h.x1 for h in heads) == 1 for x0, x1 in spans):
        return spans  # the headings stand elsewhere, so they say nothing of columns that are blank
    return sorted([*spans, *((h.x0, h.x1) for h in heads if not any(h.x0 < x1 and x0 < h.x1 for x0, x1 in spans))])
