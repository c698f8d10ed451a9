"""What a text from outside loses before it goes out: persons are masked, titles of what rulings withhold are hidden.

Persons are masked by the rule by which they are masked in what is searched. A title is found however it is spelt:
widths are folded, and blanks and signs that nobody sees do not count.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from archive.parser.masking import mask

__all__ = ["HIDDEN", "mask", "mask_text", "mask_titles", "spell_alike"]

HIDDEN = "（已隐藏）"  #: stands where a title is withheld
_UNSEEN_LETTERS = "\u115f\u1160\u2800"  # Hangul fillers and the empty braille pattern: letters to Unicode, but blank
_UNSEEN_CATEGORIES = ("C", "M", "Z")  # control and format signs, variation selectors and other marks, blanks
_REST_OF_BRACKET = re.compile(r"[^()]{0,200}\)")  # of a title that goes on in the bracket, or behind its own words
_BRACKET = re.compile(r"\([^()]{0,200}\)")


class _Spellings(dict[int, str]):
    """The one spelling of each character, by its code, looked up once."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code))
        kept = (one for one in plain if unicodedata.category(one)[0] not in _UNSEEN_CATEGORIES)
        self[code] = "".join(one for one in kept if one not in _UNSEEN_LETTERS)
        return self[code]


_SPELLINGS = _Spellings()


def spell_alike(text: str) -> str:
    """Give the text in the one spelling in which titles are compared."""
    return text.translate(_SPELLINGS)


def mask_text(text: str, titles: tuple[str, ...]) -> str:
    """Give a text as it may go out, through whatever door: persons masked, ``titles`` (spelt alike) hidden."""
    return mask(mask_titles(text, titles))


def mask_titles(text: str, titles: tuple[str, ...]) -> str:
    """Give the text with ``HIDDEN`` in the place of each title (spelt alike), to the end of the bracket it ends in."""
    if not titles or not _any_of(titles).search(plain := spell_alike(text)):
        return text
    places = [at for at, letter in enumerate(text) for _ in _SPELLINGS[ord(letter)]]
    parts, end = [], 0
    for match in _any_of(titles).finditer(plain):
        start, last = places[match.start()], places[_end_of_title(plain, match) - 1] + 1
        if start >= end:
            parts += [text[end:start], HIDDEN]
        end = max(end, last)
    return "".join([*parts, text[end:]])


def _end_of_title(plain: str, match: re.Match[str]) -> int:
    """Where a title ends, with the rest of the bracket that it ends in or that follows it."""
    is_open = match[0].count("(") > match[0].count(")")
    rest = (_REST_OF_BRACKET if is_open else _BRACKET).match(plain, match.end())
    return rest.end() if rest else match.end()


@lru_cache(maxsize=8)
def _any_of(titles: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(titles, key=len, reverse=True))))
