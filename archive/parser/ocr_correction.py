"""Correct recognised text to the label or figure it most likely is; only for cells that were recognised.

A label may carry one slip (two from ten characters on) if one label alone is that near; a figure may have letters that
look like its digits, and specks around it. What was read stays the raw text of the cell.

How sure recognition is, and from when it is believed: ``documents/ocr/confidence``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from archive.forms.loader import load_forms
from archive.forms.spelling import LONGEST, key, looks_like, number
from archive.parser.labels import index
from archive.parser.text_classes import classes_of
from archive.parser.values import is_plain, squeeze

_SHORTEST = 4  # characters of a label that may carry a slip
_LONG = 10  # … and from which it may carry two
_ALIKE = str.maketrans("OoQ○〇DlI|!i", "00000011111")
_RINGED = str.maketrans("⓪①②③④⑤⑥⑦⑧⑨", "0123456789")  # a pen drew the ring
_SPECKS = ".,。、·'`\"”“:;_~^*"
_PEN = re.compile(r"[\s√✓✔VvУJj/\\丿亅丶、一—–_~|!'`´」〕,.°]{1,4}")  # what is read of ticks, rings and rims
_MARKED = re.compile(r"(\d{1,7})(?:\s?[√✓✔VvУJj/\\丿亅」]|\s[一—–\-_~|!'`´丶]){1,2}")
_LATIN = re.compile(r"[A-Za-z]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@lru_cache(maxsize=4096)
def corrected_text(text: str) -> str:
    """Return the label or figure that a recognised text most likely is; the text itself if none is near."""
    if not text or len(text) > LONGEST:
        return text
    if len(text) == 1 and (digit := text.translate(_RINGED)) != text:
        return digit
    classes = classes_of(text)
    if classes.value or classes.row or classes.heading or classes.columns or classes.block or classes.corner:
        return text
    if (figure := _figure_beside_marks(text)) is not None:
        return figure
    if not _HAN.search(text):
        return _figure(text)
    name = nearest_label(key(text)) or _label_without_letters(text) or _looking_alike(key(text))
    if name is None:
        return text
    no = number(text)
    return f"{no}、{name}" if no else name


def _figure_beside_marks(text: str) -> str | None:
    """The figure beside which nothing but strokes of a pen or a seal were read (7 √, 0V, 一 above 0); None if none."""
    lines = [line.strip() for line in text.split("\n") if not _PEN.fullmatch(line)]
    if len(lines) != 1:
        return None
    found = _MARKED.fullmatch(lines[0])
    figure = found[1] if found is not None else lines[0] if is_plain(lines[0]) else text
    return figure if figure != text else None


def _looking_alike(name: str) -> str | None:
    """The one short label that a key is but for a character that looks like its own (规童: 规章); None if none is."""
    if not 1 < len(name) < _SHORTEST:
        return None
    found = [known for known in _short_names() if looks_like(name, known)]
    return found[0] if len(found) == 1 else None


@cache
def _short_names() -> frozenset[str]:
    """The keys of rows and columns that are too short for any other slip."""
    known = index()
    return frozenset(name for name in (*known.rows, *known.columns) if len(name) < _SHORTEST)


def _label_without_letters(text: str) -> str | None:
    """The label that is left without Latin letters, of which no label has any: quotation marks are read as such."""
    plain = _LATIN.sub("", text)
    return nearest_label(key(plain)) if plain != text else None


def _figure(text: str) -> str:
    """A figure in which letters stand for the digits they look like, or specks around it; else the text."""
    plain = squeeze(text).strip(_SPECKS).translate(_ALIKE).strip(_SPECKS)
    return plain if is_plain(plain) else text


@cache
def _names() -> Mapping[str, frozenset[object]]:
    """Every label's key that may carry a slip → what it names."""
    known = index()
    found: dict[str, set[object]] = {}
    for name, (_, ids) in known.rows.items():
        found.setdefault(name, set()).update(ids)
    for name, tables in known.columns.items():
        found.setdefault(name, set()).update(i for ids in tables.values() for i in ids)
    captions = (key(block.caption) for form in load_forms() for table in form.tables for block in table.blocks)
    for name in (*known.groups, *known.headers, *captions):
        found.setdefault(name, set()).add(name)
    return {name: frozenset(ids) for name, ids in found.items() if len(name) >= _SHORTEST}


@lru_cache(maxsize=4096)
def nearest_label(name: str) -> str | None:
    """The label's key nearest to this one; None if none is near enough, or several of different meaning are."""
    if len(name) < _SHORTEST - 1:
        return None
    best, found = 3, list[str]()
    for known in _names():
        most = min(best, 2 if len(known) >= _LONG else 1)
        if abs(len(known) - len(name)) > most or len(set(known) - set(name)) > most:
            continue
        distance = _distance(known, name, most)
        if distance <= most:
            best, found = (distance, [known]) if distance < best else (best, [*found, known])
    return found[0] if found and len({_names()[one] for one in found}) == 1 else None


def _distance(one: str, other: str, most: int) -> int:
    """How many characters are wrong, missing or too many; anything above ``most`` is as good as any other."""
    before = list(range(len(other) + 1))
    for at, character in enumerate(one, 1):
        row = [at]
        for i, against in enumerate(other, 1):
            row.append(min(before[i] + 1, row[i - 1] + 1, before[i - 1] + (character != against)))
        if min(row) > most:
            return most + 1
        before = row
    return before[-1]
