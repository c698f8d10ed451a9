"""A text object → glyphs. Characters stand where TextCode puts them; how wide they are only their font would tell.

Coordinates are points, y downwards (GB/T 33190-2016, 11: text objects).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from operator import sub

from archive.documents.contrast import BLACK, RGB, on_paper
from archive.documents.layout.page_layout import Glyph
from archive.documents.openfixed.colours import ink_of, is_white
from archive.documents.openfixed.package import Element, local_name
from archive.documents.openfixed.space import FAR, NO, NUMBERS, YES, Matrix, number, then, transform_point

_ASCENT, _DESCENT = 0.88, 0.12  # of the size: where a Chinese character's box stands on its base line
_LEAN = math.radians(8)  # text that leans more is a watermark
MAX_CHARACTERS = 20_000  # in one text object
_DISTINCT = 3_000  # characters whose widths are remembered
_WIDE = "\u2e80"  # from here on characters are as wide as high
_RATIOS = dict.fromkeys("“”‘’—…·", 1.0) | dict.fromkeys("MWmw@%", 0.8)  # widths of others that are not half the size
_AHEAD = (1, 0), (0, 1), (-1, 0), (0, -1)  # where the next character stands, by ReadDirection
_TURNS = (1.0, 0.0, 0.0, 1.0), (0.0, 1.0, -1.0, 0.0), (-1.0, 0.0, 0.0, -1.0), (0.0, -1.0, 1.0, 0.0)
_TOUCHING = 0.1  # of the size: characters no further apart are one piece
_ODD = frozenset(("ReadDirection", "CharDirection", "HScale"))
_BLACK = "0 0 0"  # what nearly all text is
_IGNORED = frozenset("\u200b\u200c\u200d\ufeff\u00ad")


def glyphs(
    item: Element,
    attributes: Mapping[str, str],
    matrix: Matrix,
    white: list[Glyph],
    leaning: list[tuple[float, float, RGB]],
) -> list[Glyph]:
    """The printed characters, those that touch as one; ``turn``: quarter turns counter-clockwise against the page.

    ``attributes``: the object's; ``matrix`` leads from its own space to points. Text that is not painted, or
    leans, gives none. ``white``: takes those that are printed in white too; ``leaning``: where those lean that are left
    out, and their ink.
    """
    size = number(attributes.get("Size"), 0.0)
    codes: list[Element] = []
    pale = False
    ink = BLACK
    for inside in item:
        kind = local_name(inside.tag)
        if kind == "TextCode":
            codes.append(inside)
        elif kind == "FillColor":
            if inside.get("Alpha") == "0":
                return []
            value = inside.get("Value", _BLACK)
            if value != _BLACK or "Alpha" in inside.attrib:
                pale = value != _BLACK and is_white(value)
                ink = ink_of(value, number(inside.get("Alpha"), 255.0))
    if not size > 0 or (attributes.get("Fill") in NO and attributes.get("Ruling") not in YES):
        return []
    if "Alpha" in attributes:
        ink = on_paper(*ink, number(attributes["Alpha"], 255.0))
    found = _lay_out(codes, attributes, size, matrix, leaning, ink)
    if ink != BLACK:
        for glyph in found:
            glyph.ink = ink
    if pale:
        white += found
    return found


def is_unplaced(item: Element, attributes: Mapping[str, str], matrix: Matrix) -> bool:
    """Whether a text object has text of which a size or a place is no number: nobody knows where that is seen."""
    values = [number(attributes.get("Size"), 0.0), *matrix]
    for code in item:
        text = code.text or ""
        if local_name(code.tag) == "TextCode" and text.strip():
            where, last = code.attrib, min(len(text), MAX_CHARACTERS) - 1
            values += [number(where.get("X"), 0.0), number(where.get("Y"), 0.0)]
            values += [*deltas(where.get("DeltaX"), last), *deltas(where.get("DeltaY"), last)]
    return len(values) > 1 + len(matrix) and not all(map(math.isfinite, values))


def _lay_out(
    codes: list[Element],
    attributes: Mapping[str, str],
    size: float,
    matrix: Matrix,
    leaning: list[tuple[float, float, RGB]],
    ink: RGB,
) -> list[Glyph]:
    """The characters of text that is painted."""
    upright = matrix[1] == matrix[2] == 0.0 and matrix[0] > 0 and matrix[3] > 0
    if upright and len(codes) == 1 and _ODD.isdisjoint(attributes):
        whole = _piece(codes[0], size, matrix)
        if whole is not None:
            return [whole]
    reading = _quarter(attributes["ReadDirection"]) if "ReadDirection" in attributes else 0
    turned = _quarter(attributes["CharDirection"]) if "CharDirection" in attributes else 0
    turn, leans = _turn(matrix, turned)
    if leans:
        where = codes[0].attrib if codes else {}
        x, y = transform_point(matrix, number(where.get("X"), 0.0) + size / 2, number(where.get("Y"), 0.0) - size / 2)
        if -FAR < x < FAR and -FAR < y < FAR:
            leaning.append((x, y, ink))
        return []
    wide = number(attributes["HScale"], 1.0) * size if "HScale" in attributes else size
    run = _Run(size, wide, reading, turned, matrix, turn)
    x = y = 0.0
    for code in codes:
        text = code.text or ""
        if text[:1] in ("\n", "\r"):  # set out by hand or by a program: no characters of the page
            text = text.strip()
        where = code.attrib
        x, y = number(where.get("X"), x), number(where.get("Y"), y)
        if text:
            run.add(text[:MAX_CHARACTERS].replace("\\0020", " "), x, y, where.get("DeltaX"), where.get("DeltaY"))
    return run.done


def _piece(code: Element, size: float, matrix: Matrix) -> Glyph | None:
    """The characters of an upright TextCode as one glyph, as in most text objects; None if it is not that plain."""
    text, where = code.text or "", code.attrib
    last = len(text) - 1
    if not 0 <= last < MAX_CHARACTERS or "\\" in text or " " in text or "DeltaY" in where or not text.isprintable():
        return None
    x, y = number(where.get("X"), 0.0), number(where.get("Y"), 0.0)
    if last:
        steps = _steps_of(where.get("DeltaX"), text)
        if len(steps) < last:
            return None
        near = _TOUCHING * size
        if min(text) >= _WIDE:
            width = size
            if not (-near <= min(steps) - size and max(steps) - size <= near):
                return None
        else:
            widths = _widths(text, size)
            width = widths[-1]
            if not _touch(steps, widths, near):
                return None
        width = sum(steps) + width
    elif text.isspace():
        return None
    else:
        width = size if text >= _WIDE else size * _RATIOS.get(text, 0.5)
    a, _, _, d, e, f = matrix
    x0, x1 = a * x + e, a * (x + width) + e
    y0, y1 = d * (y - size * _ASCENT) + f, d * (y + size * _DESCENT) + f
    plain = -FAR < x0 <= x1 < FAR and -FAR < y0 <= y1 < FAR
    return Glyph(text, x0, y0, x1, y1) if plain else None


class _Widths(dict[str, float]):
    """Character → its width in one size: Chinese as wide as high, others half of that."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self._size = size

    def __missing__(self, character: str) -> float:
        found = self[character] = self._size if character >= _WIDE else self._size * _RATIOS.get(character, 0.5)
        return found


@lru_cache(16)
def _of_size(size: float) -> _Widths:
    return _Widths(size)


def _widths(text: str, size: float) -> list[float]:
    """How wide each character is."""
    known = _of_size(size)
    found = list(map(known.__getitem__, text))
    if len(known) > _DISTINCT:
        known.clear()
    return found


def _touch(steps: list[float], widths: list[float], near: float) -> bool:
    """Whether each character begins where the one before ends, as most do."""
    off: list[float] = list(map(sub, steps, widths))
    return -near <= min(off) and max(off) <= near


def _turn(matrix: Matrix, turned: int) -> tuple[int, bool]:
    """Quarter turns counter-clockwise of upright characters, and whether they lean."""
    if turned:
        matrix = then((*_TURNS[turned], 0.0, 0.0), matrix)
    if matrix[1] == 0.0 and matrix[0] > 0:
        return 0, False
    angle = math.atan2(-matrix[1], matrix[0])
    if not math.isfinite(angle):
        return 0, True
    turn = round(angle / (math.pi / 2))
    return turn % 4, abs(angle - turn * math.pi / 2) > _LEAN


def _quarter(text: str | None) -> int:
    """Quarter turns clockwise: 0, 90, 180 or 270 degrees."""
    angle = number(text, 0.0) if text else 0.0
    return round(angle / 90) % 4 if -FAR < angle < FAR else 0


class _Run:
    """The characters of a text object, laid out TextCode by TextCode. ``done``: their loose boxes."""

    def __init__(self, size: float, wide: float, reading: int, turned: int, matrix: Matrix, turn: int) -> None:
        self._size, self._wide, self._matrix, self._turn = size, wide, matrix, turn
        self._reading = reading
        self._own = _TURNS[turned]
        a, b, c, d, _, _ = matrix
        self._straight = b == c == 0.0 and a > 0 and d > 0 and turned == 0
        self._together = reading == turned == 0
        self.done: list[Glyph] = []

    def add(self, text: str, x: float, y: float, across: str | None, down: str | None) -> None:
        """Lay the characters out from ``x``, ``y`` by the deltas, or by their widths where there are none."""
        if len(text) == 1:
            if not text.isspace():
                self._box(text, x, y, self._width(text), spaced=False)
            return
        last = len(text) - 1
        wide = self._wide
        widths = _widths(text, wide)
        near = _TOUCHING * self._size
        if across and not down and self._together and text.isprintable() and " " not in text:
            steps = _steps_of(across, text)
            if len(steps) == last and _touch(steps, widths, near):
                self._box(text, x, y, sum(steps) + widths[-1], spaced=False)
                return
        dx, dy = self._steps(widths, _steps_of(across, text), _steps_of(down, text))
        held, left, end, spaced = "", x, x, False
        for i, character in enumerate(text):
            width = widths[i]
            move = dx[i] if i < last else width
            # letters are as wide as their step says: no font is at hand
            if 0 < move <= (self._wide if character.isalpha() else width * 1.3):
                width = move
            if held and not (self._together and -near <= x - end <= near and not dy[i - 1] and not character.isspace()):
                self._box(held, left, y - dy[i - 1], end - left, spaced=spaced)
                held, spaced = "", False
            if character.isspace():
                spaced = True
            else:
                left = left if held else x
                held += character
            end = x + width
            if i < last:
                x += move
                y += dy[i]
        if held:
            self._box(held, left, y, end - left, spaced=spaced)

    def _steps(self, widths: list[float], dx: list[float], dy: list[float]) -> tuple[list[float], list[float]]:
        """From each character but the last to the next; what a short list leaves open goes on as it ended."""
        last = len(widths) - 1
        if not dx and not dy:
            ahead_x, ahead_y = _AHEAD[self._reading]
            return [ahead_x * width for width in widths], [ahead_y * self._size] * last
        tail_x, tail_y = dx[-1] if dx and not dy else 0.0, dy[-1] if dy and not dx else 0.0
        return dx + [tail_x] * (last - len(dx)), dy + [tail_y] * (last - len(dy))

    def _width(self, character: str) -> float:
        """Width of a character: Chinese as wide as high, others half of that."""
        if character >= _WIDE:
            return self._wide
        return self._wide * _RATIOS.get(character, 0.5)

    def _box(self, text: str, x: float, y: float, width: float, *, spaced: bool) -> None:
        if not text.isprintable():
            text = "".join(
                c for c in text if (c.isprintable() or c >= "\ue000") and not c.isspace() and c not in _IGNORED
            )
            if not text:
                return
        a, _, _, d, e, f = self._matrix
        up, low = self._size * _ASCENT, self._size * _DESCENT
        if self._straight:
            x0, x1 = a * x + e, a * (x + width) + e
            y0, y1 = d * (y - up) + f, d * (y + low) + f
        else:
            m, n, o, p = self._own
            corners = [
                transform_point(self._matrix, x + m * u + o * v, y + n * u + p * v)
                for u, v in ((0, -up), (width, -up), (0, low), (width, low))
            ]
            xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
            x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
        if -FAR < x0 <= x1 < FAR and -FAR < y0 <= y1 < FAR:
            self.done.append(Glyph(text, x0, y0, x1, y1, spaced, self._turn))


def _steps_of(written_steps: str | None, text: str) -> list[float]:
    """The steps between the characters of a text; some producers count those beyond U+FFFF as two."""
    last = len(text) - 1
    if not written_steps or max(text) <= "\uffff":
        return deltas(written_steps, last)
    units = last + sum(c > "\uffff" for c in text)
    found = deltas(written_steps, units)
    if len(found) + (text[-1] > "\uffff") < units:
        return found[:last]
    steps: list[float] = []
    at = 0
    for c in text[:-1]:
        wide = 1 + (c > "\uffff")
        steps.append(sum(found[at : at + wide]))
        at += wide
    return steps


def deltas(text: str | None, most: int) -> list[float]:
    """DeltaX or DeltaY: numbers, where "g n v" stands for n times v. What is broken ends the list."""
    if not text:
        return []
    tokens = (text.replace(",", " ") if "," in text else text).split(None, 3 * most + 3)
    if "g" not in text and len(tokens) <= most:
        try:
            return list(map(NUMBERS.__getitem__, tokens))
        except ValueError:
            pass
    found: list[float] = []
    place = 0
    try:
        while place < len(tokens) and len(found) < most:
            if tokens[place] == "g":
                count = min(int(float(tokens[place + 1])), most - len(found))
                found += [NUMBERS[tokens[place + 2]]] * count
                place += 3
            else:
                found.append(float(tokens[place]))
                place += 1
    except (ValueError, IndexError, OverflowError):
        return found
    return found
