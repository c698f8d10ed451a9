"""Facts on indicators over all forms: kept decimals, English names, and equivalents in other forms."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from archive.forms.loader import FOLDER, all_forms
from archive.forms.model import Sum

#: Decimals of an amount in 万元: a hundredth of a 分. Finer figures are also kept exactly beside their column.
AMOUNT_DIGITS = 6
_NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+\.|其中：)")


@cache
def indicator_digits() -> dict[str, int]:
    """Return indicator id → number of decimals of its values, over all forms: 0 for counts, 6 for amounts."""
    digits: dict[str, int] = {}
    for plan in reversed(all_forms()):
        for place in plan.places.values():
            digits.setdefault(place.id, AMOUNT_DIGITS if place.kind.endswith("amount") else 0)
    return digits


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def english(labels: Iterable[str]) -> str | None:
    """Return the English name of a cell from the labels of its groups, row and column; None if a label has none."""
    names, plain = _data("english.toml"), [_NUMBER.sub("", label) for label in labels]
    return " / ".join(names[label] for label in plain) if names.keys() >= {*plain} else None


class Crossing(StrEnum):
    """How an indicator of one form stands to places of another: it counts the same, nearly the same, or not."""

    SAME = "same"
    NEAR = "near"
    APART = "apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """An entry of the crosswalk: the indicator ``id`` compared with ``terms`` (cells with their signs) of
    another ``form``, of which it is, or seems to be, the sum. ``zh``, ``en``: what both count, or why they
    differ; ``source``: rows that show it.
    """

    kind: Crossing
    id: str
    form: str
    terms: Sum
    zh: str
    en: str
    source: str

    @property
    def places(self) -> tuple[str, ...]:
        """The indicators of the other form."""
        return tuple(place for place, _ in self.terms)


@cache
def crosswalks() -> tuple[Crosswalk, ...]:
    """Return all entries of ``crosswalk.toml``, sorted by kind; the cells under ``is`` are added up (sign 1)."""
    entries = [(kind, {**entry}) for kind in Crossing for entry in _data("crosswalk.toml").get(kind, ())]
    return tuple(
        Crosswalk(kind=kind, terms=tuple((place, 1) for place in entry.pop("is")), **entry) for kind, entry in entries
    )
