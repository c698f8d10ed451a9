"""The characters of a page, in bulk: code points from one call, a box and an angle from one call each."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress, pairwise, repeat
from operator import sub

from archive.documents.layout.page_layout import quarter
from archive.documents.lookalike_characters import without_twins
from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.downwards import large, printed_box
from archive.documents.pdfium.library import Handle

MAX_GLYPHS = 40_000  # on one page
_LEAN = math.radians(8)  # text that leans more runs in no direction of the page
_TINY = 0.1  # of the height of the middle one of a page's characters: a point of ink
_STARS = "★☆"  # in the middle of a seal
_BY_CHANCE = 2  # characters of a text around a seal that may stand upright
HYPHEN = "\ufffe"  # pdfium's mark for a hyphen at a line's end; "\x02" where characters are asked for one by one
_BLANKS = frozenset("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\xad")
_NOT_PRINTED = _BLANKS | frozenset(map(chr, range(0x2000, 0x200B)))


@dataclass(slots=True)
class Characters:
    """Printed characters of a page as parallel lists; boxes in points of the page.

    ``spaced``: a blank stood before. ``turns``: quarter turns counter-clockwise of each, or empty if ``turn`` is all.
    ``leaning``: the indexes of those that lean, which are left out, and their middles.
    """

    indexes: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    spaced: list[bool] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    bottom: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    turn: int = 0
    turns: list[int] = field(default_factory=list)
    cut: bool = False
    leaning: list[tuple[int, float, float]] = field(default_factory=list)


def characters_of(text: Handle) -> Characters:
    """What is printed on a page, whether or not it can be seen."""
    total = library.count_characters(text)
    done = Characters(cut=total > MAX_GLYPHS)
    count = min(total, MAX_GLYPHS)
    if count <= 0:
        return done
    codes = _codes(text, count)
    if isinstance(codes, str):
        done.indexes = [index for index, character in enumerate(codes) if character not in _NOT_PRINTED]
        done.texts = [codes[index] for index in done.indexes]
        done.spaced = [index - before > 1 for before, index in pairwise([-1, *done.indexes])]
    else:
        spaced = False
        for index, character in enumerate(codes):
            if character in _NOT_PRINTED:
                spaced = True
            elif character:
                done.indexes.append(index)
                done.texts.append(character)
                done.spaced.append(spaced)
                spaced = False
    _boxed(done, text)
    _turned(done, text)
    return done


def _codes(text: Handle, count: int) -> list[str] | str:
    """A string per character; the two halves of a surrogate pair are the empty string and the character."""
    buffer = (ctypes.c_ushort * (count + 1))()
    if library.page_text(text, 0, count, ctypes.addressof(buffer)) == count + 1:
        whole = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
        if len(whole) == count and not _SURROGATE.search(whole):
            plain = without_twins(whole)
            return plain.replace(HYPHEN, "-") if len(plain) == count else [without_twins(c) for c in whole]
    return _one_by_one(text, count)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _one_by_one(text: Handle, count: int) -> list[str]:
    """Where characters without a code, or beyond the first plane, make the string shorter than the page."""
    done: list[str] = []
    high = 0
    for unit in map(bulk.unicode_of, repeat(bulk.pointer(text)), range(count)):
        if 0xD800 <= unit < 0xDC00:
            high = unit
            done.append("")
            continue
        code = unit
        if 0xDC00 <= unit < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) if high else 0xFFFD
        high = 0
        character = chr(code) if 0 < code < 0x110000 else "\ufffd"
        done.append("-" if character in ("\x02", HYPHEN) else without_twins(character))
    return done


def _boxed(characters: Characters, text: Handle) -> None:
    """Fill in the loose boxes; what has none is dropped, what is larger than its type gets its size.

    What is so small that nobody sees it is dropped too.
    """
    number = len(characters.indexes)
    words, known = bulk.answers(bulk.loose_box, number, 4, 1, repeat(bulk.pointer(text)), characters.indexes)
    values = bulk.floats(words)
    characters.left, characters.top, characters.right, characters.bottom = (list(values[n::4]) for n in range(4))
    if not all(known):
        _keep(characters, known)
    heights = list(map(sub, characters.top, characters.bottom))
    ordered = sorted(heights)
    if ordered and ordered[0] < _TINY * ordered[len(ordered) // 2]:
        _leave_tiny(characters, heights, _TINY * ordered[len(ordered) // 2])
        heights = list(map(sub, characters.top, characters.bottom))
        ordered = sorted(heights)
    for at in large(heights, ordered):
        box = characters.left[at], characters.bottom[at], characters.right[at], characters.top[at]
        if (printed := printed_box(text, characters.indexes[at], box)) is not None:
            characters.left[at], characters.bottom[at], characters.right[at], characters.top[at] = printed


def _leave_tiny(characters: Characters, heights: Sequence[float], least: float) -> None:
    """Drop what is neither as high nor as wide as ``least``."""
    wide = map(sub, characters.right, characters.left)
    _keep(characters, [high >= least or width >= least for high, width in zip(heights, wide, strict=True)])


def _keep(characters: Characters, which: Sequence[object]) -> None:
    for name in ("indexes", "texts", "spaced", "left", "top", "right", "bottom"):
        setattr(characters, name, list(compress(getattr(characters, name), which)))


def _turned(characters: Characters, text: Handle) -> None:
    """How the text runs (pdfium counts angles clockwise).

    Text that leans among other text is a watermark or a seal: dropped.
    """
    angles = list(map(bulk.angle_of, repeat(bulk.pointer(text)), characters.indexes))
    if not any(angles):
        return
    upright = [_is_upright(angle) for angle in angles]
    if not all(upright):
        _straighten(angles, upright, characters.indexes, text)
        _lean_with_neighbours(upright, characters.texts)
    if 2 * sum(upright) >= len(angles) > sum(upright):
        characters.leaning = [
            (index, (x0 + x1) / 2, (y0 + y1) / 2)
            for index, x0, y0, x1, y1, stands in zip(
                characters.indexes,
                characters.left,
                characters.bottom,
                characters.right,
                characters.top,
                upright,
                strict=True,
            )
            if not stands
        ]
        _keep(characters, upright)
        angles = list(compress(angles, upright))
    turns = [quarter(-angle) for angle in angles]
    counted = Counter(turns)
    characters.turn = max(counted, key=lambda turn: (counted[turn], -turn))
    if len(counted) > 1:
        characters.turns = turns


def _is_upright(angle: float) -> bool:
    return abs(math.remainder(angle, math.pi / 2)) <= _LEAN


def _straighten(angles: list[float], upright: list[bool], indexes: Sequence[int], text: Handle) -> None:
    """Mark what is upright but for its strokes: italics that a program makes of a font that has none.

    pdfium tells the angle at which the strokes of a character stand; how its line runs tells its matrix.
    """
    leaning = [n for n, stands in enumerate(upright) if not stands]
    some = [indexes[n] for n in leaning]
    words, known = bulk.answers(bulk.character_matrix, len(some), 6, 1, repeat(bulk.pointer(text)), some)
    values = bulk.floats(words)
    for n, ok, a, b, c, d in zip(leaning, known, values[0::6], values[1::6], values[2::6], values[3::6], strict=True):
        if ok and a * d - b * c > 0 and _is_upright(angle := -math.atan2(b, a)):
            angles[n], upright[n] = angle, True


def _lean_with_neighbours(upright: list[bool], texts: Sequence[str]) -> None:
    """Mark what is upright only by chance: a few characters of text that runs around a seal, and the star in it."""
    for n, text in enumerate(texts):
        if text in _STARS and not all(upright[max(0, n - 1) : n + 2]):
            upright[n] = False
    leaning = [n for n, stands in enumerate(upright) if not stands]
    for one, next_one in pairwise(leaning):
        if next_one - one - 1 <= _BY_CHANCE:
            upright[one:next_one] = [False] * (next_one - one)
