"""Classify a printed text by all that it can be: label, header, unit, value. Each text is classified once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.documents.bounded_cache import Remembered
from archive.forms.spelling import LONGEST, key
from archive.parser.labels import LabelMatch, columns_called, heading_hit, is_corner, row_hit, strip_block
from archive.parser.values import is_number, is_plain, looks_like_value


@dataclass(slots=True, eq=False)  # one for each text: being the same is being equal
class TextClasses:
    """What a text can be: ``key`` is that of a label. Never changed; freezing it would make it cost twice as much.

    ``plain``: it is nothing but the digits of a figure. ``number``, ``value``: it is a figure, or could stand where one
    does (blank, a mark). ``row``, ``heading``: what it
    names of a form; ``columns``: table key → ids of the columns so called; ``block``: it names this block of the
    remedies, ``over``: two of them (行政诉讼); ``corner``: it holds the words of the table's corner.
    """

    key: str = ""
    blank: bool = False
    number: bool = False
    value: bool = False
    row: LabelMatch | None = None
    heading: LabelMatch | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    block: str | None = None
    over: bool = False
    corner: bool = False
    plain: bool = False


_MOST = 16_384  #: texts remembered


def _classes_of(text: str) -> TextClasses:
    if is_plain(text):
        return TextClasses(text, number=True, value=True, plain=True)
    heading = heading_hit(text)
    return TextClasses(
        key=key(text),
        blank=not text.strip(),
        number=is_number(text),
        value=looks_like_value(text),
        row=row_hit(text),
        heading=heading,
        columns=columns_called(text),
        block=strip_block(text),
        over=heading is not None and heading.kind == "group" and heading.table == "remedies",
        corner=is_corner(text),
    )


classes_of = Remembered(
    _classes_of, longest=LONGEST, most=_MOST
).__getitem__  #: what a text can be; long ones are no labels


def heads_a_column(text: str) -> bool:
    """Whether a text is the heading of a column and of nothing else, though it may name a row as well (总计)."""
    classes = classes_of(text)
    return bool(classes.columns) and not (classes.heading or classes.block or classes.corner)
