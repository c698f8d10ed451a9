"""What a PDF draws without end, taken out before pdfium, which knows no bound, opens the file.

A tiling pattern of next to no step is painted millions of times, a form that names itself (by others, maybe) within
itself to the depth that pdfium allows, several times on each level, or others that name others so: minutes and all
memory, of a kilobyte. What is changed keeps its length, so that the rest of the file stands where its table of contents
says.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping

from archive.documents.pdfium.streams import BEGIN, END

_LEAST = 0.2  # points between the tiles of a pattern; hatching has ten times that
_MOST = 2_000  # forms and patterns looked at
_REACH = 4_096  # bytes of what is said of one
_PATTERN = re.compile(rb"/PatternType\s{0,4}1\b")
_STEP = re.compile(rb"/([XY])Step(\s{0,4})(-?[0-9.]{1,20})(?=[\s/>])")
_MATRIX = re.compile(rb"/Matrix\s{0,4}\[([-+0-9.\s]{1,200})\]")
_FORM = re.compile(rb"/Subtype\s{0,4}/Form\b")
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,9})\s{1,4}([0-9]{1,5})\s{1,4}obj\b")
_NAMED = re.compile(rb"(?<![0-9])([0-9]{1,9})\s{1,4}[0-9]{1,5}\s{1,4}R\b")
_RESOURCES = re.compile(rb"/Resources\s{0,4}([0-9]{1,9})\s{1,4}[0-9]{1,5}\s{1,4}R\b")
_PAINTS = re.compile(rb"\bDo\b")
_CONTENT = 1 << 16  # bytes of the content of a form that are looked at
_SWARM = 20_000  # forms that one may paint in all, itself and what is within those within it
_NOTHING = b"null"

_Span = tuple[int, int]


def tamed(data: bytes) -> tuple[bytes, int]:
    """The same file without what draws without end, and in how many places something was taken out."""
    changes = dict(_steps(data)) if b"/PatternType" in data else {}
    if _FORM.search(data):
        changes.update(_circles(data))
    if not changes:
        return data, 0
    held = bytearray(data)
    for (begin, end), change in changes.items():
        held[begin:end] = change.ljust(end - begin)
    return bytes(held), len(changes)


def _steps(data: bytes) -> Iterator[tuple[_Span, bytes]]:
    """The steps of patterns that are next to none, and what to write in their place."""
    for count, found in enumerate(_PATTERN.finditer(data)):
        if count >= _MOST:
            return
        begin, end = _header_of(data, found.start())
        matrix = _MATRIX.search(data, begin, end)
        across, down = _scales(matrix[1]) if matrix else (1.0, 1.0)
        for step in _STEP.finditer(data, begin, end):
            size = abs(_number(step[3])) * (across if step[1] == b"X" else down)
            if size < _LEAST:
                yield step.span(3), b"9" * len(step[3])


def _scales(matrix: bytes) -> tuple[float, float]:
    """How long a step across and one down becomes under a matrix."""
    a, b, c, d, *_ = [*map(_number, matrix.split()), 0.0, 0.0, 0.0, 0.0]
    return max(abs(a), abs(b)), max(abs(c), abs(d))


def _number(written: bytes) -> float:
    try:
        return float(written)
    except ValueError:
        return 0.0


def _header_of(data: bytes, at: int) -> _Span:
    """From where to where something is said of the object around a place: from its number to its stream or end."""
    begin = max(data.rfind(b" obj", max(0, at - _REACH), at), 0)
    ends = (data.find(mark, at, at + _REACH) for mark in (b"stream", b"endobj"))
    return begin, min((end for end in ends if end >= 0), default=min(len(data), at + _REACH))


def _circles(data: bytes) -> Iterator[tuple[_Span, bytes]]:
    """Where forms name such as they are within, or more than can be painted, and what to write in their place."""
    forms: dict[int, _Span] = {}
    for count, found in enumerate(_FORM.finditer(data)):
        begin, end = _header_of(data, found.start())
        for numbered in _OBJECT.finditer(data, max(0, begin - 20), begin + 5):
            forms[int(numbered[1])] = (begin, end)
        if count >= _MOST:
            break
    resources = {int(there[1]) for span in forms.values() if (there := _RESOURCES.search(data, *span))}
    listed = (
        {int(found[1]): found.end() for found in _OBJECT.finditer(data) if int(found[1]) in resources}
        if resources
        else {}
    )
    named = {number: list(_names(data, span, forms, listed)) for number, span in forms.items()}
    done: set[int] = set()
    painted: dict[int, int] = {}  # by each, itself and all within it
    for first, within_it in named.items():
        if first in done:
            continue
        within, way = {first}, [(first, iter(within_it))]
        while way:
            number, left = way[-1]
            following = next(left, None)
            if following is None:
                way.pop()
                within.discard(number)
                done.add(number)
                most = max((painted.get(inner, 1) for inner, _ in named[number]), default=0)
                painted[number] = 1 + (most * _paintings(data, forms[number][1]) if most else 0)
                if painted[number] > _SWARM:
                    painted[number] = 1
                    yield from ((at, _NOTHING) for _, at in named[number])
            elif following[0] in within:
                yield following[1], _NOTHING
            elif following[0] not in done:
                within.add(following[0])
                way.append((following[0], iter(named[following[0]])))


def _paintings(data: bytes, at: int) -> int:
    """How often the form whose stream begins at a place paints others; of a long one, as far as it is looked at."""
    begun = BEGIN.match(data, at)
    if begun is None:
        return 1
    end = data.find(END, begun.end())
    packed = data[begun.end() : end if end >= 0 else len(data)]
    try:
        content = zlib.decompressobj().decompress(packed, _CONTENT)
    except zlib.error:
        content = packed[:_CONTENT]
    return max(1, len(_PAINTS.findall(content)))


def _names(
    data: bytes, span: _Span, forms: Mapping[int, _Span], listed: Mapping[int, int]
) -> Iterator[tuple[int, _Span]]:
    """The forms that a form names, itself or by its resources (``listed``: where those begin), and where."""
    spans = [span]
    elsewhere = _RESOURCES.search(data, *span)
    if elsewhere is not None and (at := listed.get(int(elsewhere[1]))) is not None:
        spans.append((at, _header_of(data, at)[1]))
    for begin, end in spans:
        for named in _NAMED.finditer(data, begin, end):
            if int(named[1]) in forms:
                yield int(named[1]), named.span()
