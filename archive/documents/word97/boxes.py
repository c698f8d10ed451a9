"""The text boxes of a document: their text, and where in the main text they are anchored ([MS-DOC] 2.8.32, 2.8.37)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from archive.documents.word97.header import ANCHORS, BOXES, Streams
from archive.documents.word97.pieces import Piece, pieces

ANCHOR = "\x08"  # stands in the text where a shape is anchored
_SHAPE, _BOX = 26, 22  # bytes of an Spa and of an FTXBXS
_TABLES = 50  # boxes of which the tables are read
_SHAPE_OF_BOX = 14  # where an FTXBXS names its shape
_FIELD_CODES = "\x13\x14\x15"
_CELL = "\x07"  # the mark that ends a cell or a row
_SHOWN = {ord("\r"): "\n", ord(ANCHOR): None} | {ord(mark): None for mark in _FIELD_CODES}


@dataclass(slots=True)
class Boxes:
    """``texts``: what boxes print by the place of their anchor in the main text; ``tables``: those that hold tables."""

    texts: dict[int, str] = field(default_factory=dict)
    tables: list[list[Piece]] = field(default_factory=list)


def boxes(word: Streams, printed: Callable[[Piece], str]) -> Boxes:
    """The text boxes that are anchored in the main text. ``printed``: the text of a piece."""
    done = Boxes()
    anchors, texts = word.part(ANCHORS), word.part(BOXES)
    shapes, count = (len(anchors) - 4) // (4 + _SHAPE), (len(texts) - 4) // (4 + _BOX)
    first, length = word.box_text
    if shapes < 1 or count < 1 or length <= 0:
        return done
    own = _within(pieces(word, first + length), first, first + length)
    story = "".join(map(printed, own))
    ends = struct.unpack_from(f"<{count + 1}i", texts)
    held: dict[int, str] = {}
    if any(a > b for a, b in pairwise(ends)):
        return done  # damaged: what belongs to which box is not known
    for n in range(count):
        shape = struct.unpack_from("<I", texts, 4 * (count + 1) + _BOX * n + _SHAPE_OF_BOX)[0]
        text = story[max(ends[n], 0) : max(ends[n + 1], 0)]
        if _CELL in text:
            done.tables += [_within(own, ends[n], ends[n + 1])] if len(done.tables) < _TABLES else []
        else:
            held[shape] = held.get(shape, "") + text.translate(_SHOWN).strip("\n\0")
    places = struct.unpack_from(f"<{shapes}i", anchors)
    named = [struct.unpack_from("<I", anchors, 4 * (shapes + 1) + _SHAPE * n)[0] for n in range(shapes)]
    # each is printed once, however many anchors name it
    done.texts = {place: text for place, shape in zip(places, named, strict=True) if (text := held.pop(shape, ""))}
    return done


def _within(found: Iterable[Piece], begin: int, end: int) -> list[Piece]:
    """The pieces, cut to the characters from ``begin`` to ``end``."""
    done: list[Piece] = []
    place = 0
    for piece in found:
        skip, stop = max(0, begin - place), min(len(piece.text), end - place)
        if skip < stop:
            done.append(Piece(piece.start + piece.width * skip, piece.width, piece.text[skip:stop]))
        place += len(piece.text)
    return done


def with_boxes(text: str, place: int, held: Mapping[int, str]) -> str:
    """The text, which begins at ``place`` of the main text, with the boxes that are anchored in it."""
    first, *rest = text.split(ANCHOR)
    done, place = [first], place + len(first)
    for part in rest:
        done.append(f"\n{held[place]}\n{part}" if place in held else part)
        place += 1 + len(part)
    return "".join(done)
