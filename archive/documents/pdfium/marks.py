"""Marked content of text objects: characters given in place of what is drawn (ActualText), and optional layers (OC)."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat

from pypdfium2 import raw

from archive.documents.lookalike_characters import as_it_looks
from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.library import Handle

_MOST_MARKS = 20  # of one text object that are looked at
_MOST_CHARACTERS = 40_000
_LONG = 16  # bytes of a mark's name that are looked at
_OC = b"OC"
_SOFT = re.compile("[\u00ad\ufffe\x02]")  # as files have it, and as pdfium tells it
_UNSEEN = "\u200b\ufeff"
_RADICAL = re.compile("[\u2e80-\u2fdf][\u3400-\U0003ffff]|[\u3400-\U0003ffff][\u2e80-\u2fdf]")
_ACTUAL = ctypes.c_char_p.from_param(b"ActualText")

_P = ctypes.c_void_p
_remove = library.fast("FPDFPageObj_RemoveMark", ctypes.c_int, _P, _P)


@dataclass(slots=True)
class Marks:
    """``replaced``: mark → the text objects in place of which it gives characters. ``layered``: objects in layers."""

    replaced: dict[Handle, list[Handle]] = field(default_factory=dict)
    layered: set[Handle] = field(default_factory=set)


def marks_of(texts: Iterable[Handle]) -> Marks:
    """The marks of a page's text objects that bear on what is seen of them."""
    items = list(texts)
    handles = bulk.ready(items)
    counts = list(map(bulk.count_marks, handles))
    found = Marks()
    if not any(counts):
        return found
    said: dict[Handle, tuple[bool, bool]] = {}
    for n in range(min(_MOST_MARKS, max(counts))):
        own = [count > n for count in counts]
        marks = list(map(bulk.mark_at, compress(handles, own), repeat(n)))
        new = list(set(marks) - said.keys())
        said.update(zip(new, _meanings(new), strict=True))
        if any(replaces or layer for replaces, layer in map(said.__getitem__, marks)):
            for item, mark in zip(compress(items, own), marks, strict=True):
                replaces, layer = said[mark]
                if replaces:
                    found.replaced.setdefault(mark, []).append(item)
                if layer:
                    found.layered.add(item)
    return found


def _meanings(marks: Sequence[Handle]) -> list[tuple[bool, bool]]:
    """Whether each mark gives characters in place of others, and whether it names a layer."""
    handles = bulk.ready(marks)
    replaces = [kind == raw.FPDF_OBJECT_STRING for kind in map(bulk.mark_kind_of, handles, repeat(_ACTUAL))]
    length = ctypes.c_ulong()
    at = bulk.pointer(ctypes.addressof(length))
    buffer = (ctypes.c_ushort * _LONG)()
    place = bulk.pointer(ctypes.addressof(buffer))
    layers = []
    for handle in handles:
        bulk.mark_name(handle, place, _LONG, at)  # a longer name leaves the buffer as it was
        layers.append(buffer[0] == _OC[0] and buffer[1] == _OC[1] and not buffer[2])
        buffer[0] = 0
    return list(zip(replaces, layers, strict=True))


def contradicted(page: Handle, text: Handle, marks: Marks) -> dict[Handle, str]:
    """Text objects whose own codes say otherwise than what is given in place of them, with what they say.

    The marks are taken from the page's objects for that.
    """
    if not marks.replaced:
        return {}
    wanted = {item for items in marks.replaced.values() for item in items}
    given = _by_object(text, wanted)
    for mark, items in marks.replaced.items():
        for item in items:
            _remove(item, mark)
    bare = library.load_text(page)
    if not bare:
        return dict.fromkeys(wanted, "")
    try:
        own = _by_object(bare, wanted)
    finally:
        library.close_text(bare)
    found: dict[Handle, str] = {}
    for items in marks.replaced.values():
        one, other = ("".join(said.get(item, "") for item in items) for said in (given, own))
        if not _same(one, other) and (_tells(one) or _tells(other)):
            found.update((item, own.get(item, "")) for item in items)
    return found


def _by_object(text: Handle, handles: set[Handle]) -> dict[Handle, str]:
    """The characters of each of these text objects (``handles``)."""
    count = min(library.count_characters(text), _MOST_CHARACTERS)
    handle = bulk.pointer(text)
    found: dict[Handle, str] = {}
    for n, item in enumerate(map(bulk.text_object, repeat(handle), range(count))):
        if item in handles:
            code = bulk.unicode_of(handle, n)
            found[item] = found.get(item, "") + (chr(code) if 0 < code < 0x110000 else "\ufffd")
    return found


def _plain(text: str, soft: str = "") -> str:
    """What is seen of a text. ``soft``: what stands for a soft hyphen, which is a hyphen only where a line ends."""
    return as_it_looks("".join(_SOFT.sub(soft, text).split()).strip(_UNSEEN))


def _same(one: str, other: str) -> bool:
    """Whether two texts look the same on paper, or nearly so to a reader (a dash for two)."""
    return _alike(_plain(one), _plain(other)) or _alike(_plain(one, "-"), _plain(other, "-"))


def _alike(one: str, other: str) -> bool:
    """Whether two texts are the same, radicals taken for the ideographs that they look like.

    Those that have another code are not all told as compatible with it.
    """
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or _RADICAL.fullmatch(a + b) for a, b in pairs)


def _tells(text: str) -> bool:
    """Whether it has characters that a figure or a label of the form may consist of."""
    return any(c.isalnum() or c in "-/" for c in _plain(text, "-"))
