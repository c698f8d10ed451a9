"""The findings of `nianbao check`: their codes in order, and thresholds (``contradictions.toml``). Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from archive.assessment.data_files import data_file


@dataclass(frozen=True, slots=True)
class Code:
    """A code of `nianbao check`. ``about``: which two things are compared; ``flags``: cell flags that say the same."""

    id: str
    about: str
    flags: frozenset[str]


class Weight(NamedTuple):
    """How much figures prove: the number of different ones that are not 0, and log2(1 + value) added up over them."""

    values: int
    bits: int

    def reaches(self, values: int, bits: int) -> bool:
        """Whether there is as much as this."""
        return self.values >= values and self.bits >= bits


def weight(values: Iterable[Decimal | None]) -> Weight:
    """Weigh figures, each value once."""
    different = {abs(value) for value in values if value}
    return Weight(len(different), int(sum(math.log2(1 + one) for one in different)))


@cache
def codes() -> Mapping[str, Code]:
    """Every code by its id, in the order in which they are listed."""
    return {one["id"]: Code(one["id"], one["about"], frozenset(one.get("flags", ()))) for one in data()["code"]}


def printed_codes() -> list[str]:
    """Return the codes of contradictions that are printed in the report: they are no doubt about how it was read."""
    printed: list[str] = data()["printed"]["codes"]
    return printed


def data() -> dict[str, Any]:
    """The data file."""
    return data_file("contradictions.toml")
