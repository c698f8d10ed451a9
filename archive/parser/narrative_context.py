"""The context of a sentence: where it stands, what it has counted so far, and the findings about a difference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from archive.findings import finding
from archive.forms.model import Form, Sum
from archive.parser.narrative_bodies import Reporter
from archive.parser.narrative_figures import COUNT, Figure, Masked, excerpt
from archive.parser.narrative_words import Phrase, PhraseMatch
from storage.records import Cell, Finding

_IN_BRACKETS = re.compile(r"\([^()]*\)")
AMONG = "其中"
WHOLES = ("received", "answered", "handled")  #: all applications, which outcomes part
ANSWERED = "answered"  #: what all outcomes add up to


class SentenceContext(NamedTuple):
    """Where a sentence stands: the section by its heading, the sentence before it in its paragraph, the same across the
    lines of a list (``lead``), and of those before it in its paragraph the last with anything to compare, masked.
    """

    section: str
    last: str
    lead: str
    before: Masked | None


class Comparison(NamedTuple):
    """A sentence, as it is and masked, with the cells it is compared with and the body whose report it is."""

    form: Form
    cells: Mapping[str, Cell]
    sentence: str
    masked: Masked
    body: Reporter


@dataclass(frozen=True, slots=True)
class SentenceCounts:
    """What a sentence has counted so far: where each thing is counted, which count is the table's, and the lists of
    outcomes.
    """

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    agreed: dict[str, PhraseMatch] = field(default_factory=dict)
    lists: list[tuple[Phrase, PhraseMatch]] = field(default_factory=list)


def sum_of(cells: Mapping[str, Cell], terms: Sum) -> Decimal | None:
    """The sum of cells; None unless each has a number: a blank one is not 0."""
    total = Decimal(0)
    for name, sign in terms:
        cell = cells.get(name)
        if cell is None or cell.value is None:
            return None
        total += cell.value * sign
    return total if terms else None


def marks(text: str) -> list[int]:
    """Where the counts of a text stand that are in no brackets of their own."""
    return [at for at, sign in enumerate(without_brackets(text)) if sign == COUNT]


def without_brackets(text: str) -> str:
    """A text with blanks for what stands in brackets."""
    return _IN_BRACKETS.sub(lambda found: " " * len(found[0]), text)


def last_count(text: str, at: int) -> int:
    """Where the last count before a place stands that is in no brackets of its own; -1 if there is none."""
    return without_brackets(text[:at]).rfind(COUNT)


def is_all(comparison: Comparison, mark: int) -> bool:
    """Whether the figure at ``mark``, which is parted, is one of all applications in the table; -1: there is none."""
    return mark < 0 or is_of_all(comparison, comparison.masked.count_at(mark).value)


def is_of_all(comparison: Comparison, whole: Decimal) -> bool:
    """Whether a figure is one of all applications in the table."""
    sums = (terms for what in WHOLES for terms in comparison.form.narrative.get(what, ()))
    return any(whole == sum_of(comparison.cells, terms) for terms in sums)


def conflict(
    comparison: Comparison, rule: str, what: tuple[str, str], terms: Sum, printed: Decimal, figure: Figure
) -> Finding:
    """Make the finding that a sentence counts otherwise than the table."""
    return finding(
        "narrative_conflict",
        cells=[name for name, _ in terms],
        expected=printed,
        found=f"{figure.value.normalize():f}",
        rule=rule,
        what=what,
        quoted=excerpt(comparison.sentence, figure.start),
    )
