"""The findings of `nianbao check`: their codes in order, and thresholds (``contradictions.toml``). Pure."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Code:
    """A code of `nianbao check`. ``about``: which two things are compared; ``flags``: cell flags that say the same."""

    id: str
    about: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weight:
    """How much figures tell: ``values``: different ones that are not 0; ``bits``: the sum of log2(1 + value) over
    them.
    """

    values: int
    bits: int

    def reaches(self, least: Mapping[str, int]) -> bool:
        """Whether there is as much as ``least`` asks for (``values``, ``bits``)."""
        return self.values >= least["values"] and self.bits >= least["bits"]


def weight(values: Iterable[Decimal]) -> Weight:
    """Weigh figures, each value once."""
    different = {abs(value) for value in values if value}
    return Weight(len(different), int(sum(math.log2(1 + one) for one in different)))


@cache
def codes() -> Mapping[str, Code]:
    """Every code by its id, in the order in which they are listed."""
    listed = data()["code"]
    return {one["id"]: Code(one["id"], one["about"], frozenset(one.get("flags", ()))) for one in listed}


@cache
def printed_codes() -> frozenset[str]:
    """Return the codes of contradictions that are printed in the report: they are no doubt about how it was read."""
    return frozenset(data()["printed"]["codes"])


@cache
def data() -> dict[str, Any]:
    """The data file."""
    return tomllib.loads(Path(__file__).with_name("contradictions.toml").read_text(encoding="utf-8"))
