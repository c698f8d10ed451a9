"""Outcomes that a text tells one or two of, and not all: 办结 18 件，其中不予公开 2 件; 从办理结果看，予以公开 9 件.

Told of a part of all applications they are no contradiction; told of those received, some of the table's may be of
those that were carried in; and what is not told apart may be counted with what is (不予公开: all that was not granted).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from archive.parser.narrative_words import Few, Found, Phrase


def stand_alone(few: Few, text: str, lists: Sequence[tuple[Phrase, Found]]) -> bool:
    """Whether nothing parts outcomes from each other in a masked sentence, or makes less of the last of them."""
    found = sorted(match.span() for _, match in lists)
    if not all(phrase.is_of_all(text[match.begin : match.end]) for phrase, match in lists):
        return False
    if any(few.between.fullmatch(text, one[1], other[0]) is None for one, other in pairwise(found)):
        return False
    return few.ends.match(text, found[-1][1]) is not None


def counted_with(few: Few, what: str, named: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The outcomes that may be meant by one of them: itself, and any that the sentence does not name besides."""
    others = [other for other in few.held.get(what, ()) if other not in named]
    for number in range(len(others) + 1):
        yield from ((what, *some) for some in combinations(others, number))


def agrees(said: Decimal, printed: Collection[Decimal], room: Decimal) -> bool:
    """Whether a figure may be one of the table's, up to ``room`` of which need not be among those it is told of."""
    return any(one - room <= said <= one for one in printed)
