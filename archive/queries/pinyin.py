"""Spell Chinese names in Hanyu Pinyin without tones, so that a person can type them on any keyboard. Pure.

The readings stand in ``pinyin.toml``. A character that is not there stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from archive.identity.text import any_word
from archive.queries.words import data_file


class Spelling(NamedTuple):
    """A name in Latin letters: ``full`` (wenshangxian) and by its ``initials`` (wsx)."""

    full: str
    initials: str


@lru_cache(maxsize=20_000)  # places and names of departments come again and again
def spell(name: str) -> Spelling:
    """Spell a name."""
    words = _words()
    syllables = _other_words().sub(lambda match: f" {words[match[0]]} ", name).translate(_characters()).split()
    initials = (one[0] if one.isascii() and one.isalpha() else one for one in syllables)
    return Spelling("".join(syllables), "".join(initials))


@cache
def _words() -> Mapping[str, str]:
    """Return words in which characters have another reading than usual."""
    readings: Mapping[str, str] = data_file("pinyin.toml")["words"]
    return readings


@cache
def _other_words() -> re.Pattern[str]:
    return re.compile(any_word(_words()))


@cache
def _characters() -> Mapping[int, str]:
    """Return the usual reading of each character, between blanks."""
    readings: Mapping[str, str] = data_file("pinyin.toml")["characters"]
    return {ord(one): f" {reading} " for reading, characters in readings.items() for one in characters}
