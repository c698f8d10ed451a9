"""Fill values into sentences: ``{name}`` is a value, ``{count:report|reports}`` a word that agrees with it.

Also put days into words, and shorten ids. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Asia/Shanghai")


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return the sentence with its values filled in. Raises KeyError for a name without a value."""
    return _COUNTING.vformat(template, (), values) if "|" in template else template.format_map(values)


@cache
def value_names(template: str) -> frozenset[str]:
    """Return the names of the values that a sentence needs."""
    return frozenset(name.partition(".")[0] for _, name, _, _ in Formatter().parse(template) if name is not None)


def with_days_in_words(values: Mapping[str, object], language: str) -> Mapping[str, object]:
    """Return the values of a sentence with days and instants in words."""
    return {name: day_in_words(one, language) if isinstance(one, date) else one for name, one in values.items()}


def day_in_words(day: date, language: str) -> str:
    """Return a day as ``1 April 2026`` or ``2026年4月1日``, an instant with its time in Asia/Shanghai."""
    if isinstance(day, datetime) and day.tzinfo:
        day = day.astimezone(_ZONE)
    is_english = language == "en"
    text = f"{day.day} {day:%B %Y}" if is_english else f"{day.year}年{day.month}月{day.day}日"
    return f"{text}{',' * is_english} {day:%H:%M}" if isinstance(day, datetime) else text


#: an address or a quotation, which stay as they are, or a day with or without a time; with re.ASCII no Chinese
#: character counts as a letter
_DAY = re.compile(r"\S*://\S*|“[^”]*”|(?<![\w./-])(?P<day>\d{4}-\d\d-\d\d)(?P<time> \d\d:\d\d)?(?![\w/-])", re.ASCII)


def days_in_words(text: str, language: str) -> str:
    """Return a sentence with its days (2026-04-01, with or without a time) in words."""
    return _DAY.sub(partial(_day_of_match, language=language), text)


def _day_of_match(match: re.Match[str], language: str) -> str:
    try:
        day = (datetime if match["time"] else date).fromisoformat(match[0])
    except ValueError:  # no day
        return match[0]
    return day_in_words(day, language)


_ID = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b", re.ASCII)


def shorten_ids(text: str) -> str:
    """Return a text with its ids shortened to the 8 characters that commands need."""
    return _ID.sub(r"\1", text)


class _Counting(Formatter):
    """Chooses words by a number: ``{count:report is|reports are}`` gives the first wording if ``count`` is 1."""

    def format_field(self, value: Any, format_spec: str) -> str:
        singular, separator, plural = format_spec.partition("|")
        if not separator:
            return str(super().format_field(value, format_spec))
        return singular if str(value) == "1" else plural


_COUNTING = _Counting()
