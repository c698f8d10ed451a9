"""How exactly values of each indicator are kept: the columns of the cells table are made from this."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from archive.forms.loader import all_forms

#: Decimals kept of an amount: 万元 to a hundredth of a 分. Finer figures are kept exactly beside their column.
AMOUNT_DIGITS = 6
#: by how much a figure is wrong that was written in 元 for 万元, or the other way round
MIX_UP = Decimal(10_000)


@cache
def indicator_digits() -> dict[str, int]:
    """Return by indicator id, over all forms, the decimals of its values: 0 for counts, 6 for amounts."""
    digits: dict[str, int] = {}
    for plan in reversed(all_forms()):
        for place in plan.places.values():
            digits.setdefault(place.id, AMOUNT_DIGITS if place.kind.endswith("amount") else 0)
    return digits
