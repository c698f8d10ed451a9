"""Tables drawn with characters (┌─┬─┐, +---+---+) → grids with their merged cells; rows such as |a|b| → plain ones.

Where a stroke stands is a matter of how wide characters are shown: the wide ones two columns or one, box-drawing
characters two or one. The way in which most strokes meet is taken; where none makes them meet, strokes are counted
instead, row by row, and nothing is known of merged cells.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from archive.documents.grid import number_tables, relocated
from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.documents.pipe_tables import GAP, is_strokes, parts_figures, piped, rows_as_table

_DOWN = frozenset("│┃║|｜┆┇┊┋╎╏╽╿︱")
_ACROSS = frozenset("─━═-—－┄┅┈┉╌╍╼╾=")
_CORNERS = frozenset(chr(code) for code in range(0x250C, 0x254C)) | frozenset(
    chr(code) for code in range(0x2552, 0x2574)
)
_BOX = range(0x2500, 0x2580)
_MEET = 0.97  # share of strokes that stand below others in a way of showing characters
_WAYS = ((2, 1), (2, 2), (1, 1))  # columns of a wide character, of one that draws
_DRAWS = re.compile("[─━═]{2}|\\+[-=]{2}")
_DRAWN_WITH = "─━═+"  # each way of _DRAWS begins with one
_LEAST = 3  # lines of a drawn table
_PIPES = frozenset("|｜│┃")  # between the cells of a row that has no edges
_PIPE = re.compile(f"[{''.join(sorted(_PIPES))}]")
_RULE = re.compile(r"[|+](?:[-=─━═]{3,400}[|+]){1,200}")  # across a whole table, between the strokes at its sides
_RULED = re.compile("[-:=—–─\\s]+")  # the cells of Markdown's |---|---|
_CELL = 200  # characters of a cell
_WIDEST = 200  # strokes of a line; what is drawn wider is no table that anybody reads


@dataclass(slots=True)
class _Stroke:
    """``at``: its number, from 0; ``signs``: what draws in its table; ``strokes``: the places of these."""

    at: int
    text: str
    signs: frozenset[str]
    places: list[int] = field(default_factory=list)  # of each character
    end: int = 0
    strokes: set[int] = field(default_factory=set)


def with_drawn_tables(pages: Pages) -> Pages:
    """The document with the tables that are drawn in its paragraphs; the same object where there are none."""
    if not any(isinstance(block, Paragraph) and _draws(block.text) for block in pages.blocks):
        return pages
    parted = parts_figures(block.text for block in pages.blocks if isinstance(block, Paragraph))
    blocks: list[Paragraph | Table] = []
    before: list[int] = []  # of each block, how many of those made stand before it
    at = count = 0
    while at < len(pages.blocks):
        block = pages.blocks[at]
        end = at + 1
        if isinstance(block, Paragraph) and _draws(block.text):
            while end < len(pages.blocks) and (
                _continues_table(pages.blocks[end]) or (parted and _stands_between(pages.blocks, end))
            ):
                end += 1
            run = [one for one in pages.blocks[at:end] if isinstance(one, Paragraph)]
            if parted and is_strokes(block.text) and blocks and isinstance(above := blocks[-1], Paragraph):
                run.insert(0, above)  # the cell before the first stroke
                blocks.pop()
            new = _in_lines(run, parted=parted)
            count += sum(isinstance(one, Table) for one in new)
        else:
            new = [block]
        before += [len(blocks)] * (end - at)
        blocks += new
        at = end
    if not count:
        return pages
    before.append(len(blocks))
    numbered = number_tables(relocated(block, _without_number) for block in blocks)
    pictures = tuple(replace(picture, at=before[min(picture.at, len(before) - 1)]) for picture in pages.pictures)
    return replace(pages, blocks=numbered, pictures=pictures)


def _draws(text: str) -> bool:
    if text[:1] in _PIPES or text[-1:] == "|" or "\n|" in text:
        return True
    # few paragraphs hold one of these at all, and to look for one letter takes next to no time
    return any([sign in text for sign in _DRAWN_WITH]) and _DRAWS.search(text) is not None  # noqa: C419


def _continues_table(block: Paragraph | Table) -> bool:
    return isinstance(block, Paragraph) and (block.text[-1:] == "|" or any(map(_belongs, block.text.split("\n"))))


def _stands_between(blocks: Sequence[Paragraph | Table], at: int) -> bool:
    """Whether a paragraph is a cell, or a line of one, whose strokes stand in paragraphs of their own."""
    block = blocks[at]
    if not isinstance(block, Paragraph) or len(block.text) > _CELL:
        return False
    below = blocks[at + 1 : at + 1 + GAP]
    return any(isinstance(other, Paragraph) and is_strokes(other.text) for other in below)


def _in_lines(run: Sequence[Paragraph], *, parted: bool) -> list[Paragraph | Table]:
    """The tables drawn in paragraphs on end, and what else stands in them; cells are located by their paragraph.

    ``parted``: whether pipes part figures in the document, as converters write tables.
    """
    lines = [(line, block) for block in run for line in block.text.split("\n")]
    texts = [line for line, _ in lines]
    done: list[Paragraph | Table] = []
    at = checked_to = 0  # up to ``asked`` no table of rows |a|b| begins
    while at < len(lines):
        table, end = None, at
        if may_begin_table(texts[at]):
            table, end = read_drawn_table(texts, at)
        elif at >= checked_to:
            table, end = _piped(texts, at)
            checked_to = end
        if table is None and parted:
            end = at + 1
            if "|" in texts[at]:
                before = done[-1] if done else None
                found = piped(texts, at, before.text if isinstance(before, Paragraph) else "")
                if found.took:
                    done.pop()
                table, end = rows_as_table(found.rows), found.end
        if table is not None:
            cells = tuple(replace(c, locator=lines[_line(c.locator)][1].locator) for c in table.cells)
            done.append(replace(table, cells=cells))
            at = end
            continue
        end = max(end, at + 1)  # what proves to be no table is not asked again line by line
        done += [replace(block, text=line.strip()) for line, block in lines[at:end] if line.strip()]
        at = end
    return done


def _piped(lines: Sequence[str], start: int) -> tuple[Table | None, int]:
    """The table of rows |a|b| that begins in line ``start``, as :func:`read_drawn_table` gives it."""
    end = start
    while end < len(lines) and (row := _cells_between(lines[end])) and len(row) <= _WIDEST:
        end += 1
    if end - start < _LEAST:
        return None, end
    held = [(at, texts) for at in range(start, end) for texts in [_cells_between(lines[at])]]
    rows = [(at, texts) for at, texts in held if not all(map(_RULED.fullmatch, texts))]
    cells = tuple(
        GridCell(row=number, col=col, text=text.strip(), locator={"line": at + 1})
        for number, (at, texts) in enumerate(rows)
        for col, text in enumerate(texts)
    )
    wide = max((len(texts) for _, texts in rows), default=0)
    return (Table(cells=cells, rows=len(rows), cols=wide, ruled=False) if wide > 1 else None), end


def _cells_between(line: str) -> list[str]:
    """What stands between the strokes of a row that begins and ends with one; nothing of another line."""
    plain = line.strip()
    if len(plain) < _LEAST or plain[0] not in _PIPES or plain[-1] not in _PIPES:
        return []
    return _PIPE.split(plain[1:-1])


def _line(locator: Mapping[str, object]) -> int:
    line = locator["line"]
    return line - 1 if isinstance(line, int) else 0


def _without_number(locator: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in locator.items() if key != "table"}


def may_begin_table(line: str) -> bool:
    """Whether a line may be the upper edge of a drawn table."""
    plain = line.strip()
    return len(plain) > 2 and _is_edge(plain) and (plain[0] in _CORNERS or (plain[0] == "+" and plain[-1] == "+"))


def read_drawn_table(lines: Sequence[str], start: int) -> tuple[Table | None, int]:
    """The table that begins in line ``start``, and the line behind it; None if it is none. Locators tell the line.

    Where none begins, no other does before the line given.
    """
    end = start
    signs = _DOWN | ({"+"} if lines[start].strip().startswith("+") else _CORNERS)
    while end < len(lines) and _belongs(lines[end]) and sum(map(lines[end].count, signs)) <= _WIDEST:
        end += 1
    held = [_Stroke(at, lines[at].rstrip(), signs) for at in range(start, end)]
    if len(held) < _LEAST:
        return None, start
    for wide, box in _WAYS:
        if _place_characters(held, wide, box) >= _MEET and (table := _grid(held)) is not None:
            return table, end
    return _table_by_strokes(held), end


def _belongs(line: str) -> bool:
    plain = line.strip()
    return bool(plain) and (plain[0] in _DOWN or plain[0] in _CORNERS or (plain[0] == "+" and _is_edge(plain)))


def _is_edge(plain: str) -> bool:
    return all(c in _ACROSS or c in _CORNERS or c in "+ " for c in plain) and any(c in _ACROSS for c in plain)


def _rules(plain: str) -> bool:
    """Whether a line holds nothing but an edge, its corners drawn as such or as the strokes that go on in them."""
    return _is_edge(plain) or _RULE.fullmatch(plain) is not None


def _place_characters(held: Sequence[_Stroke], wide: int, box: int) -> float:
    """Place all characters; the share of strokes that stand where corners of an edge do."""
    corners: set[int] = set()
    signs = held[0].signs
    for line in held:
        x = 0
        line.places, line.strokes = [], set()
        for character in line.text:
            line.places.append(x)
            if character in signs:
                line.strokes.add(x)
            x += _columns(character, wide, box)
        line.end = x
        if _rules(line.text.strip()):
            corners.update(line.strokes)
    strokes = [x for line in held if not _rules(line.text.strip()) for x in line.strokes]
    return sum(x in corners for x in strokes) / len(strokes) if strokes else 0.0


def _columns(character: str, wide: int, box: int) -> int:
    if ord(character) in _BOX:
        return box
    return wide if unicodedata.east_asian_width(character) in "WF" else 1


def _grid(held: Sequence[_Stroke]) -> Table | None:
    """The cells by where strokes stand; None if some are no rectangles."""
    xs = sorted({x for line in held for x in line.strokes})
    if len(xs) > _WIDEST:
        return None
    ruled = [_ruled_intervals(line, xs) for line in held]
    edges = [n for n, slots in enumerate(ruled) if any(slots)]
    if len(xs) < 2 or len(edges) < 2 or edges[0] != 0 or edges[-1] != len(held) - 1:
        return None
    rows = list(pairwise(edges))
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for number, (above, below) in enumerate(rows):
        for slot in range(len(xs) - 1):
            if (number, slot) in owner:
                continue
            last = slot
            while last + 2 < len(xs) and not any(xs[last + 1] in line.strokes for line in held[above + 1 : below]):
                last += 1
            bottom = number
            while bottom + 1 < len(rows) and not any(ruled[rows[bottom][1]][slot : last + 1]):
                bottom += 1
            for place in ((r, s) for r in range(number, bottom + 1) for s in range(slot, last + 1)):
                if owner.setdefault(place, (number, slot)) != (number, slot):
                    return None
    cells = []
    reach: dict[tuple[int, int], tuple[int, int]] = {}
    for (row, slot), begin in owner.items():
        bottom, last = reach.get(begin, begin)
        reach[begin] = max(bottom, row), max(last, slot)
    for begin, (bottom, last) in sorted(reach.items()):
        inside = held[edges[begin[0]] + 1 : edges[bottom + 1]]
        text = "\n".join(filter(None, (_between(line, xs[begin[1]], xs[last + 1]) for line in inside)))
        locator = {"line": (inside[0] if inside else held[edges[begin[0]]]).at + 1}
        span = (bottom - begin[0] + 1, last - begin[1] + 1)
        cells.append(GridCell(row=begin[0], col=begin[1], rowspan=span[0], colspan=span[1], text=text, locator=locator))
    return Table(cells=tuple(cells), rows=len(rows), cols=len(xs) - 1)


def _ruled_intervals(line: _Stroke, xs: Sequence[int]) -> list[bool]:
    """Whether a stroke goes across, between each of ``xs`` and the next."""
    found = []
    for left, right in pairwise(xs):
        inside = _inside(line, left, right)
        found.append(bool(inside) and all(c in _ACROSS or c in line.signs for c in inside))
    return found


def _inside(line: _Stroke, left: int, right: int) -> str:
    """What stands between two places; those of a line ascend."""
    return line.text[bisect_right(line.places, left) : bisect_left(line.places, right)]


def _between(line: _Stroke, left: int, right: int) -> str:
    text = "".join(c for c in _inside(line, left, right) if c not in line.signs).strip()
    return "" if all(c in _ACROSS or c in " +" for c in text) and len(text) > 2 else text


def _table_by_strokes(held: Sequence[_Stroke]) -> Table | None:
    """Rows between edges, their cells by the number of strokes."""
    rows: list[list[tuple[str, int]]] = []
    row: list[tuple[str, int]] = []
    for line in held:
        plain = line.text.strip()
        if _rules(plain):
            rows += [row] if row else []
            row = []
            continue
        parts = list(_cell_texts(plain, line.signs))
        row += [("", line.at)] * (len(parts) - len(row))
        for at, text in enumerate(parts):
            before, first = row[at]
            row[at] = ("\n".join(filter(None, (before, text))), first)
        if _DRAWS.search(plain):  # an edge of all but the merged cells, whose text goes on in it
            rows += [row] if row else []
            row = []
    rows += [row] if row else []
    cells = tuple(
        GridCell(row=r, col=c, text=text, locator={"line": at + 1})
        for r, own in enumerate(rows)
        for c, (text, at) in enumerate(own)
    )
    return Table(cells=cells, rows=len(rows), cols=max(map(len, rows)), ruled=False) if cells else None


def _cell_texts(plain: str, signs: frozenset[str]) -> Iterator[str]:
    """What stands between the strokes of a line; a piece of a rule is nothing."""
    text = ""
    for character in plain[1:]:
        if character in signs:
            yield "" if all(c in _ACROSS for c in text) else text.strip()
            text = ""
        else:
            text += character
    if text.strip():
        yield text.strip()
