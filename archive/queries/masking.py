"""What a text from outside loses before it goes out: persons are masked, titles of what rulings withhold are hidden.

Persons are masked by the rule by which they are masked in what is searched.
"""

from __future__ import annotations

import re
from functools import lru_cache

from archive.parser.masking import mask

__all__ = ["HIDDEN", "mask", "mask_titles"]

HIDDEN = "（已隐藏）"  #: stands where a title is withheld


def mask_titles(text: str, titles: tuple[str, ...]) -> str:
    """The text with ``HIDDEN`` in the place of each of ``titles`` (given without blanks), whatever blanks it has."""
    return _any_of(titles).sub(HIDDEN, text) if titles else text


@lru_cache(maxsize=8)
def _any_of(titles: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(titles, key=len, reverse=True)
    return re.compile("|".join(r"\s*".join(map(re.escape, title)) for title in longest_first))
