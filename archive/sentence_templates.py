"""Fill sentences: ``{name}`` is a value, ``{count:report|reports}`` the word that agrees with a number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any


def fill(template: str, values: Mapping[str, object]) -> str:
    """The sentence with its values. Raises KeyError for a name that there is no value of."""
    return _COUNTING.vformat(template, (), values) if "|" in template else template.format_map(values)


@cache
def value_names(template: str) -> frozenset[str]:
    """The names of the values that a sentence is filled with."""
    return frozenset(name.partition(".")[0] for _, name, _, _ in Formatter().parse(template) if name is not None)


class _Counting(Formatter):
    """Fills a sentence in whose words agree with a number: ``{count:report is|reports are}``, the first with one."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, divided, many = format_spec.partition("|")
        if not divided:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else many


_COUNTING = _Counting()
