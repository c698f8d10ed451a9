"""Compare the fees collected (行政事业性收费 12.5万元) that the text states, in 万元, with the table.

A text rounds, and writes 元 where the table has 万元: told is only an amount that is another one by all of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from archive.forms.money import MIX_UP, converted
from archive.parser.narrative_bodies import Reporter
from archive.parser.narrative_figures import MONEY, Figure, Masked
from archive.parser.narrative_words import words

FEE_WORDS = "事业性收费"
#: Key under ``[narrative]`` of the form files.
FEES_KEY = "fees"


def amounts(masked: Masked, body: Reporter) -> Iterator[Figure]:
    """The amounts in 万元 that a sentence says this body collected this year, each where it stands."""
    text, known = masked.text, words()
    if MONEY not in text or known.fees.other.search(text) or known.retracted.search(text):
        return
    for found in known.fees.pattern.finditer(text):
        mark = found.end() - 1
        since = text.rfind(";", 0, found.start()) + 1
        if known.before.search(text, since, mark) or body.is_others(text, since, mark, found.start()):
            continue
        if not body.is_whole(text, since, found.start()):
            continue
        figure = masked.money[text.count(MONEY, 0, mark)]
        if figure.value < 0:
            continue
        yield figure._replace(value=converted(figure.value, figure.unit, "万元"))


def differ(amount: Decimal, printed: Decimal) -> bool:
    """Whether two amounts are not the same, however they were rounded and whichever unit one of them was written in."""
    return not any(_are_equal(amount * factor, printed) for factor in (Decimal(1), MIX_UP, 1 / MIX_UP))


def _are_equal(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(_last_digit_value(one), _last_digit_value(other)) and (one == 0) == (other == 0)


def _last_digit_value(number: Decimal) -> Decimal:
    """What the last printed digit counts, at most 1."""
    exponent = number.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(0, exponent)) if isinstance(exponent, int) else Decimal(0)
