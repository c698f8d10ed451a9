"""Fill values into sentences: ``{name}`` is a value, ``{count:report|reports}`` a word that agrees with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return the sentence with its values filled in. Raises KeyError for a name without a value."""
    return _COUNTING.vformat(template, (), values) if "|" in template else template.format_map(values)


@cache
def value_names(template: str) -> frozenset[str]:
    """Return the names of the values that a sentence needs."""
    return frozenset(name.partition(".")[0] for _, name, _, _ in Formatter().parse(template) if name is not None)


class _Counting(Formatter):
    """Chooses words by a number: ``{count:report is|reports are}`` gives the first wording if ``count`` is 1."""

    def format_field(self, value: Any, format_spec: str) -> str:
        singular, separator, plural = format_spec.partition("|")
        if not separator:
            return str(super().format_field(value, format_spec))
        return singular if str(value) == "1" else plural


_COUNTING = _Counting()
