"""Units of money: the one table of what each is worth, and how it is written. Pure."""

from __future__ import annotations

from decimal import Decimal

_TENS = {"": 1, "十": 10, "百": 100, "千": 1_000}
_BASES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_PLAIN = {"元": 1, "百元": 100, "千元": 1_000}
#: unit → how many 元 it is worth
WORTH = {unit: Decimal(worth) for unit, worth in _PLAIN.items()} | {
    f"{tens}{base}元": Decimal(times * worth) for base, worth in _BASES.items() for tens, times in _TENS.items()
}
#: the source of a pattern for any of them
UNIT = r"(?:[百千]|[十百千]?[万萬亿億])?元"
#: by how much a figure is wrong that was written in 元 for 万元, or the other way round
MIX_UP = WORTH["万元"]
_NAMES = {worth: unit for unit, worth in reversed(WORTH.items())}  # in simplified characters: these stand first


def unit_worth(worth: Decimal) -> str:
    """The unit that is worth so many 元; "" if there is none."""
    return _NAMES.get(worth, "")


def converted(amount: Decimal, unit: str, into: str) -> Decimal:
    """An amount in another unit."""
    return amount if unit == into else amount * (WORTH[unit] / WORTH[into])
