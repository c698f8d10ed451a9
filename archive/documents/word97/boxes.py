"""The text boxes of a document: their text, and where in the main text they are anchored ([MS-DOC] 2.8.32, 2.8.37)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from archive.documents.runs import Run, Visibility
from archive.documents.word97.header import ANCHORS, BOXES, Streams
from archive.documents.word97.pieces import TextPiece, pieces
from archive.documents.word97.property_pages import Look, Looks

ANCHOR = "\x08"  # stands in the text where a shape is anchored
_SHAPE, _BOX = 26, 22  # bytes of an Spa and of an FTXBXS
_TABLES = 50  # boxes of which the tables are read
_SHAPE_OF_BOX = 14  # where an FTXBXS names its shape
_FIELD_CODES = "\x13\x14\x15"
_BREAK = Run("\n")
_CELL = "\x07"  # the mark that ends a cell or a row
_SHOWN = {ord("\r"): "\n", ord(ANCHOR): None} | {ord(mark): None for mark in _FIELD_CODES}


@dataclass(slots=True)
class Boxes:
    """``texts``: runs of boxes by the place of their anchor in the main text; ``tables``: those that hold tables."""

    texts: dict[int, list[Run]] = field(default_factory=dict)
    tables: list[list[TextPiece]] = field(default_factory=list)


def boxes(word: Streams, looks: Looks) -> Boxes:
    """The text boxes that are anchored in the main text. ``looks``: how stretches of the file are printed."""
    done = Boxes()
    anchors, texts = word.part(ANCHORS), word.part(BOXES)
    shapes, count = (len(anchors) - 4) // (4 + _SHAPE), (len(texts) - 4) // (4 + _BOX)
    first, length = word.box_text
    if shapes < 1 or count < 1 or length <= 0:
        return done
    own = _within(pieces(word, first + length), first, first + length)
    story = "".join(piece.text for piece in own)
    printed: list[Look | None] = []
    for piece in own:
        printed += piece.printed_as(looks) or [None] * len(piece.text)
    ends = struct.unpack_from(f"<{count + 1}i", texts)
    held: dict[int, list[Run]] = {}
    if any(a > b for a, b in pairwise(ends)):
        return done  # damaged: what belongs to which box is not known
    for n in range(count):
        shape = struct.unpack_from("<I", texts, 4 * (count + 1) + _BOX * n + _SHAPE_OF_BOX)[0]
        begin, end = max(ends[n], 0), max(ends[n + 1], 0)
        text = story[begin:end].rstrip("\r\n\0")
        if _CELL in text:
            done.tables += [_within(own, ends[n], ends[n + 1])] if len(done.tables) < _TABLES else []
        else:
            runs = runs_of(text, printed[begin:end] if any(printed[begin:end]) else None)
            held.setdefault(shape, []).extend(run._replace(text=run.text.translate(_SHOWN)) for run in runs)
    places = struct.unpack_from(f"<{shapes}i", anchors)
    named = [struct.unpack_from("<I", anchors, 4 * (shapes + 1) + _SHAPE * n)[0] for n in range(shapes)]
    # each is printed once, however many anchors name it
    done.texts = {place: runs for place, shape in zip(places, named, strict=True) if (runs := held.pop(shape, []))}
    return done


def _within(found: Iterable[TextPiece], begin: int, end: int) -> list[TextPiece]:
    """The pieces, cut to the characters from ``begin`` to ``end``."""
    done: list[TextPiece] = []
    place = 0
    for piece in found:
        skip, stop = max(0, begin - place), min(len(piece.text), end - place)
        if skip < stop:
            done.append(TextPiece(piece.start + piece.width * skip, piece.width, piece.text[skip:stop]))
        place += len(piece.text)
    return done


def runs_of(text: str, printed: Sequence[Look | None] | None) -> list[Run]:
    """A text as runs; ``printed``: how each of its characters is."""
    if printed is None:
        return [Run(text)] if text else []
    runs: list[Run] = []
    at = 0
    for look, group in groupby(printed[: len(text)]):
        end = at + sum(1 for _ in group)
        runs.append(look.of(text[at:end]) if look is not None else Run(text[at:end]))
        at = end
    return runs


def with_boxes(runs: Iterable[Run], place: int, held: Mapping[int, Sequence[Run]]) -> list[Run]:
    """The runs, which begin at ``place`` of the main text, with the boxes that are anchored in them."""
    done: list[Run] = []
    for run in runs:
        first, *rest = run.text.split(ANCHOR)
        done.append(run._replace(text=first))
        place += len(first)
        for part in rest:
            if place in held and run.visible is not Visibility.HIDDEN:
                done += [_BREAK, *held[place], _BREAK]
            done.append(run._replace(text=part))
            place += 1 + len(part)
    return done
