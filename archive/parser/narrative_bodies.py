"""Whose figures a sentence gives: those of the body that reports, or of more or fewer bodies than its tables count.

A government's tables count its whole area, a bureau's the bureau, an office's the office. What is said of the county
(全县, 我县) is therefore held against the tables of a county's government only, and what is said of the government not
against those of its bureaux. Where nobody can tell who reports, neither is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archive.identity.names import complete, kind_of
from archive.parser.narrative_words import compiled, words
from storage.records import AgencyKind

_OWN_AREA = frozenset({AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})


@dataclass(frozen=True, slots=True)
class Whose:
    """``other``: words for other bodies than the one that reports; ``own``: those for it, which end their reach."""

    other: re.Pattern[str]
    own: re.Pattern[str]

    def is_others(self, text: str, since: int, mark: int) -> bool:
        """Whether the figure at ``mark`` of a masked sentence is another body's; its clauses begin at ``since``."""
        ends = [found.end() for found in self.other.finditer(text, since) if found.start() < mark]
        return bool(ends) and self.own.search(text, ends[-1], mark) is None


def whose(agencies: Sequence[str]) -> Whose:
    """What tells whose figures they are in the report of these agencies; none: nobody knows who reports."""
    return _whose(tuple(agencies[:8]))


@lru_cache(maxsize=512)
def _whose(agencies: tuple[str, ...]) -> Whose:
    data = words().whose
    names = [complete(name) for name in agencies]
    kinds = {kind_of(name) for name in names}
    levels = {
        next((level for level in data["levels"] if name.chain and name.chain[-1].endswith(level)), "") for name in names
    }
    own = levels if len(levels) == 1 and kinds <= _OWN_AREA else set()
    areas = "|".join(level for level in data["levels"] if level not in own)
    other = [data["areas"].replace("LEVELS", areas), data["more"], *_subjects(data, kinds)]
    return Whose(compiled("|".join(other)), compiled(data["own"]))


def _subjects(data: Mapping[str, Any], kinds: set[AgencyKind]) -> list[str]:
    """Governments and their offices that a sentence says received and answered, but for the one that reports."""
    if kinds == {AgencyKind.OFFICE}:
        return []
    return [data["office"]] if kinds == {AgencyKind.GOVERNMENT} else [data["office"], data["government"]]
