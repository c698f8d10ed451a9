"""Labels of a table without rulings → its rows: by rules across, else by where a label's lines stand to figures."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from archive.documents.layout.page_layout import Glyph, Ruling

#: How a numbered label begins.
NUMBERED = re.compile(
    r"^\s*(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|\d{1,2}\s?[.．、])"
)
#: How the label of a row within a group begins; headings of the text do not.
SUBNUMBERED = re.compile(r"^\s*(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}\s?[.．、])")
_LEVELS = (re.compile(r"^\s*[一二三四五六七八九十]{1,3}、"), re.compile(r"^\s*[（(][一二三四五六七八九十]{1,3}[)）]"))
_FIRST = (re.compile(r"^\s*[（(]一[)）]"), re.compile(r"^\s*1\s?[.．、]"))  # what the first row of a group begins with
_NEAR = 0.4  # heights: how far a label's place may be from that of its figures
_APART = 2.4  # heights between the middles of two lines of one label
_LINES = 8  # of one label
_ALIKE = 0.02  # of the height: type of one size
_ALIGNED = 0.3  # heights by which words that stand under each other may be off
_NEARER = 0.15  # heights by which the lines of one label are nearer to each other than to those of others
_WIDE = 0.6  # heights between two lines that are rather labels of two rows
_WIDE_COST = 1.5
_MANY_NUMBERS = 3  # numbered labels from which a line without a number goes on with the one above, however far it is
_SHORTEST = 2  # characters of a label behind its number
_LEVEL, _TOUCHING = 0.25, -0.2  # of the height that words beside each other share; less is beside a line further
_LOOSE = 4.0  # points
_CENTRED, _BEGINS = 0, 1  # where labels stand to their rows; 2: they end there
_ACROSS = 0.8  # share of the figures' width that a rule must cover to part rows


@dataclass(slots=True)
class Chunk:
    """Chunk or a figure that stand together on a line."""

    glyphs: list[Glyph]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def cy(self) -> float:
        """Middle, vertically."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Label:
    """The lines of one label. ``down``: rows it stands for."""

    chunks: list[Chunk]
    down: int = 1

    @property
    def text(self) -> str:
        """Its lines, parted by line ends."""
        return "\n".join(c.text for c in self.chunks)

    @property
    def cy(self) -> float:
        """The middle of its lines."""
        return (self.chunks[0].y0 + self.chunks[-1].y1) / 2


@dataclass(slots=True)
class LabelledRow:
    """A row with its labels from left to right. ``row``: which row of figures it is; None: all its cells are blank.

    ``known`` False: they may be blank, or the label is a part of another one's.
    """

    y0: float
    y1: float
    row: int | None
    labels: list[Label] = field(default_factory=list)
    known: bool = True


def labelled(
    rows: Sequence[tuple[float, float]],
    words: Sequence[Chunk],
    rules: Sequence[Ruling],
    span: tuple[float, float],
    under: float | None = None,
) -> list[LabelledRow] | None:
    """The rows of a band from top to bottom, each with its labels; None if a row of figures finds none.

    ``rows``: top and bottom of the figures of each; ``span``: left and right end of the figures. ``under``: where the
    headings end, if there are any: labels below may be those of blank rows above and below all figures.
    """
    ordered = sorted(words, key=lambda c: c.cy)
    found = (
        (_by_rules(rows, ordered, rules, span, under) if under is not None else [])
        or _by_rules(rows, ordered, rules, span)
        or _by_places(rows, ordered, under)
    )
    if not found or any(not row.labels for row in found if row.row is not None):
        return None
    return found


def _by_rules(
    rows: Sequence[tuple[float, float]],
    words: Sequence[Chunk],
    rules: Sequence[Ruling],
    span: tuple[float, float],
    under: float = math.inf,
) -> list[LabelledRow]:
    """Rows between the rules under the figures; nothing if rules do not part them all.

    Labels between rules below ``under`` are those of blank rows above and below all figures.
    """
    width = span[1] - span[0]
    across = sorted(r.at for r in rules if min(r.end, span[1]) - max(r.start, span[0]) >= _ACROSS * width)
    places = [bisect_right(across, (y0 + y1) / 2) for y0, y1 in rows]
    if len(across) < 2 or len(set(places)) < len(rows) or (len(rows) > 1 and min(places) == max(places)):
        return []
    first, last = min(places), max(places)
    top = across[first - 1] if first else rows[0][0] - 2 * (rows[0][1] - rows[0][0])
    bottom = across[last] if last < len(across) else rows[-1][1] + 2 * (rows[-1][1] - rows[-1][0])
    cuts, inner = [top, *across[first:last], bottom], (2 * top, 2 * bottom)
    while first > 1 and across[first - 2] >= under - _LOOSE and _held(words, across[first - 2], top):
        first -= 1
        top = across[first - 1]
        cuts.insert(0, top)
    while under < math.inf and last + 1 < len(across) and _held(words, bottom, across[last + 1]):
        last += 1
        bottom = across[last]
        cuts.append(bottom)
    done = [
        LabelledRow(upper, lower, places.index(first + n) if first + n in places else None)
        for n, (upper, lower) in enumerate(itertools.pairwise(cuts))
    ]
    cells: dict[tuple[int, int, int], list[Chunk]] = {}
    for word in words:
        if not top <= word.cy <= bottom:
            continue
        x = (word.x0 + word.x1) / 2
        own = [r.at for r in rules if r.start <= x <= r.end]
        upper = max((y for y in own if y <= word.cy), default=top)
        lower = min((y for y in own if y > word.cy), default=bottom)
        begin = max(0, bisect_right(cuts, upper + 2.0) - 1)
        end = max(begin + 1, min(len(done), bisect_right(cuts, lower + 2.0) - 1))
        column = next((k[2] for k, c in cells.items() if k[:2] == (begin, end) and _overlap(c, word)), None)
        cells.setdefault((begin, end, len(cells) if column is None else column), []).append(word)
    if _hold_several(cells):
        return []
    groups: list[Label] = []
    for (begin, end, _), chunks in cells.items():
        parts = _parts(sorted(chunks, key=lambda c: (round(c.cy), c.x0)))
        if len(parts) == 1:
            done[begin].labels.append(Label(parts[0], end - begin))
        else:
            groups += [Label(part) for part in parts]
    for label in groups:
        _attach(label, done)
    for row in done:
        row.labels.sort(key=lambda label: min(c.x0 for c in label.chunks))
        if row.row is None and row.labels and not inner[0] < row.y0 + row.y1 < inner[1]:
            row.y0, row.y1 = _extent(row.labels[-1])
    return [row for row in done if row.row is not None or any(label.down == 1 for label in row.labels)]


def _extent(label: Label) -> tuple[float, float]:
    return min(c.y0 for c in label.chunks), max(c.y1 for c in label.chunks)


def _held(words: Sequence[Chunk], top: float, bottom: float) -> bool:
    """Whether words stand between two rules."""
    return any(top <= word.cy <= bottom for word in words)


def _hold_several(cells: Mapping[tuple[int, int, int], Sequence[Chunk]]) -> bool:
    """Whether labels of several rows stand between two rules, as where only head and foot of a table are ruled."""
    inner: dict[int, Sequence[Chunk]] = {}  # the labels next to the figures, by row
    for (begin, end, _), chunks in cells.items():
        if end - begin == 1 and (begin not in inner or chunks[0].x0 > inner[begin][0].x1):
            inner[begin] = chunks
    for chunks in inner.values():
        ordered = sorted(chunks, key=lambda c: c.cy)
        if any(NUMBERED.match(c.text) for c in ordered[1:]) or any(map(_is_wide, ordered, ordered[1:])):
            return True
    return False


def _parts(chunks: list[Chunk]) -> list[list[Chunk]]:
    """Several numbered labels that no rule parts, each by itself."""
    parts = [chunks[:1]]
    for chunk in chunks[1:]:
        if NUMBERED.match(chunk.text):
            parts.append([])
        parts[-1].append(chunk)
    return parts


def _overlap(cell: Sequence[Chunk], word: Chunk) -> bool:
    return any(c.x0 < word.x1 and word.x0 < c.x1 for c in cell)


def _by_places(
    rows: Sequence[tuple[float, float]], words: Sequence[Chunk], under: float | None = None
) -> list[LabelledRow]:
    """Each label at the row at whose figures it is centred, begins or ends, whichever suits most labels best.

    Chunk with others to their right at the same height are labels of groups of rows.
    """
    height = sorted(y1 - y0 for y0, y1 in rows)[len(rows) // 2]
    middles = [(y0 + y1) / 2 for y0, y1 in rows]
    groups = _groups(words)
    grouped = {id(word) for group in groups for word in group.chunks}
    alone = [word for word in words if id(word) not in grouped]
    chains = _chains(alone)
    numbers = sum(NUMBERED.match(word.text) is not None for word in alone)
    far = 0.0 if numbers >= _MANY_NUMBERS and 3 * numbers >= len(alone) else _WIDE_COST
    anchors: tuple[Callable[[Sequence[Chunk]], float], ...] = (
        lambda c: (c[0].cy + c[-1].cy) / 2,
        lambda c: c[0].cy,
        lambda c: c[-1].cy,
    )
    tried = [[_grouped(chain, middles, anchor, height, far) for chain in chains] for anchor in anchors]
    mode = min(range(len(anchors)), key=lambda n: sum(cost for cost, _ in tried[n]))
    done = [LabelledRow(y0, y1, n) for n, (y0, y1) in enumerate(rows)]
    pairs = sorted((pair for _, labels in tried[mode] for pair in labels), key=lambda pair: pair[0].chunks[0].y0)
    for label, place in pairs:
        if place is not None:
            done[place].labels.append(label)
    if not _with_blank(done, [label for label, place in pairs if place is None], under, begins=mode == _BEGINS):
        return []
    done.sort(key=lambda row: row.y0 + row.y1)
    _doubt(done, [*groups, *(label for row in done for label in row.labels)], words)
    for label in groups:
        _attach(label, done, mode)
    for row in done:
        row.labels.sort(key=lambda label: label.chunks[0].x0)
    _doubt_begun(done)
    return done


def _with_blank(rows: list[LabelledRow], spare: Sequence[Label], under: float | None, *, begins: bool) -> bool:
    """Add the rows without figures; False if what they are is not certain.

    A numbered label is a row. Other words are the rest of the label above where labels begin at their figures
    (``begins``), and a row where each label has but one line.
    """
    first, last = min(row.y0 for row in rows), max(row.y1 for row in rows)
    own = [label for row in rows for label in row.labels]
    plain = all(len(label.chunks) == 1 for label in own)
    columns = [chunk for label in own for chunk in label.chunks]
    for label in spare:
        inside = first < label.cy < last
        outside = under is not None and under < label.cy and not inside
        outside = outside and is_label(label.chunks[0], columns)
        number = NUMBERED.match(label.text)
        above = [one for row in rows for one in row.labels if one.chunks[-1].y1 <= label.chunks[0].cy]
        if number and (label.cy < last or outside):
            if len(label.text) - number.end() < _SHORTEST:
                return False
            rows.append(LabelledRow(label.chunks[0].y0, label.chunks[-1].y1, None, [label]))
        elif not number and begins and above:
            max(above, key=_foot).chunks += label.chunks
        elif (inside or outside) and plain and not begins:
            rows.append(LabelledRow(label.chunks[0].y0, label.chunks[-1].y1, None, [label]))
        elif inside:
            return False
    return True


def _doubt(rows: Sequence[LabelledRow], labels: Sequence[Label], words: Sequence[Chunk]) -> None:
    """Find the blank rows whose labels stand as near to other words as the lines of one label do."""
    lines = [pair for label in labels for pair in itertools.pairwise(label.chunks)]
    if not lines:
        return
    usual = median(lower.y0 - upper.y1 for upper, lower in lines)
    for row in rows:
        if row.row is not None:
            continue
        own = [chunk for label in row.labels for chunk in label.chunks]
        first, last = own[0], own[-1]
        near = usual + _NEARER * (first.y1 - first.y0)
        row.known = not any(
            (word.cy - last.cy > 0 and word.y0 - last.y1 < near)
            or (first.cy - word.cy > 0 and first.y0 - word.y1 < near)
            for word in words
            if word.x0 < last.x1 and first.x0 < word.x1 and not any(word is chunk for chunk in own)
        )


def _doubt_begun(rows: Sequence[LabelledRow]) -> None:
    """Find the blank rows from a number on down to figures without one: they may be the first lines of those' label."""
    between: list[LabelledRow] | None = None  # blank rows above figures without a number
    for row in reversed(rows):
        numbered = bool(row.labels) and NUMBERED.match(row.labels[-1].text) is not None
        if row.row is not None:
            between = None if numbered else []
        elif between is not None:
            between.append(row)
            if numbered:
                for doubted in between:
                    doubted.known = False
                between = None


def _foot(label: Label) -> float:
    return label.chunks[-1].y1


def is_label(chunk: Chunk, others: Sequence[Chunk]) -> bool:
    """Whether words before or behind all figures may be a row's label: numbered as such, in its type, or in its place.

    A heading of the text is numbered too, but in larger type.
    """
    if in_column(chunk, others) or SUBNUMBERED.match(chunk.text):
        return True
    height = chunk.y1 - chunk.y0
    alike = any(abs(height - (other.y1 - other.y0)) <= _ALIKE * height for other in others)
    return alike and NUMBERED.match(chunk.text) is not None


def in_column(chunk: Chunk, others: Sequence[Chunk]) -> bool:
    """Whether words begin, end or are centred where some of the others are, in type as high."""
    height = chunk.y1 - chunk.y0
    return any(
        abs(height - (other.y1 - other.y0)) <= 0.1 * height
        and min(abs(chunk.x0 - other.x0), abs(chunk.x1 - other.x1), abs(chunk.x0 + chunk.x1 - other.x0 - other.x1))
        <= _ALIGNED * height
        for other in others
    )


def _groups(words: Sequence[Chunk]) -> list[Label]:
    """Labels of groups of rows: lines with other words beside them, with the lines that go on with theirs."""
    found: list[Label] = []
    for chain in _chains(words):
        start = 0
        for end in range(1, len(chain) + 1):
            if end < len(chain) and not NUMBERED.match(chain[end].text):
                continue
            part = chain[start:end]
            nearly = sum(_beside(word, words, _TOUCHING) for word in part)
            level = any(_beside(word, words, _LEVEL) for word in part)
            if (level and 2 * nearly >= len(part)) or 1 < len(part) == nearly:
                found.append(Label(part))
            start = end
    return found


def _chains(words: Sequence[Chunk]) -> list[list[Chunk]]:
    """Lines under each other that may be of one label or of labels in one column."""
    chains: list[list[Chunk]] = []
    for word in words:
        chain = next((c for c in reversed(chains) if _follows(c[-1], word)), None)
        if chain is None:
            chains.append([word])
        else:
            chain.append(word)
    return chains


def _follows(upper: Chunk, lower: Chunk) -> bool:
    height = max(upper.y1 - upper.y0, lower.y1 - lower.y0)
    step = lower.cy - upper.cy
    centred = abs(upper.x0 + upper.x1 - lower.x0 - lower.x1) <= 1.4 * height
    edge = min(abs(upper.x0 - lower.x0), abs(upper.x1 - lower.x1))
    return 0.5 * height < step <= _APART * height and (centred or edge <= 0.6 * height)


def _grouped(
    chain: list[Chunk],
    middles: Sequence[float],
    anchor: Callable[[Sequence[Chunk]], float],
    height: float,
    far: float,
) -> tuple[float, list[tuple[Label, int | None]]]:
    """Cut a chain into labels so that most of them stand at a row. Also tells what it costs.

    ``far``: what it costs that two lines of a label stand as far apart as labels of two rows do.
    """
    best: list[tuple[float, int, int | None]] = [(0.0, 0, None)]
    for end in range(1, len(chain) + 1):
        options: list[tuple[float, int, int | None]] = []
        for start in range(end - 1, max(-1, end - 1 - _LINES), -1):
            row = _row_at(anchor(chain[start:end]), middles, height)
            wide = far * sum(_is_wide(a, b) for a, b in itertools.pairwise(chain[start:end]))
            options.append((best[start][0] + wide + (0.15 if row is None else -1.85) + (row is None), start, row))
            if NUMBERED.match(chain[start].text):
                break
        best.append(min(options, key=lambda option: option[0]))
    labels: list[tuple[Label, int | None]] = []
    end = len(chain)
    while end:
        _, start, row = best[end]
        labels.append((Label(chain[start:end]), row))
        end = start
    return best[-1][0], labels[::-1]


def _is_wide(upper: Chunk, lower: Chunk) -> bool:
    """Whether two lines stand as far apart as labels of two rows do."""
    return lower.y0 - upper.y1 > _WIDE * min(upper.y1 - upper.y0, lower.y1 - lower.y0)


def _row_at(y: float, middles: Sequence[float], height: float) -> int | None:
    n = bisect_right(middles, y)
    near = [k for k in (n - 1, n) if 0 <= k < len(middles) and abs(middles[k] - y) <= _NEAR * height]
    return min(near, key=lambda k: abs(middles[k] - y)) if near else None


def _beside(word: Chunk, others: Sequence[Chunk], share: float) -> bool:
    """Whether other words stand to the right of some at their height, sharing so much of it."""
    least = share * (word.y1 - word.y0)
    return any(
        other.x0 >= word.x1 - 2.0 and min(other.y1, word.y1) - max(other.y0, word.y0) >= least for other in others
    )


def _attach(group: Label, rows: list[LabelledRow], mode: int = _CENTRED) -> None:
    """Put a group's label to the first row it stands for, as a cell over all of them.

    Its first row is the nearest above its place that begins the numbering anew; its last is as far below its middle as
    the first is above it (or at its end, by ``mode``), but never beyond the next row that begins the numbering.
    """
    middles = [(row.y0 + row.y1) / 2 for row in rows]
    place = (group.cy, group.chunks[0].cy, group.chunks[-1].cy)[mode]
    first = max((n for n, y in enumerate(middles) if y <= place + _LOOSE), default=0)
    level = next((n for n, form in enumerate(_LEVELS) if form.match(group.text)), None)
    anew = [n for n, row in enumerate(rows) if level is not None and _begins(row, level)]
    if mode != _BEGINS:
        first = max((n for n in anew if n <= first), default=first)
    last = (
        len(rows)
        if mode == _BEGINS
        else sum(y <= (2 * place - middles[first], 0, place)[mode] + _LOOSE for y in middles)
    )
    group.down = max(1, min([last, *(n for n in anew if n > first)]) - first)
    rows[first].labels.append(group)


def _begins(row: LabelledRow, level: int) -> bool:
    """Whether a row begins the numbering within a group, or is of the group's own level."""
    return any(_FIRST[level].match(label.text) or _LEVELS[level].match(label.text) for label in row.labels)
