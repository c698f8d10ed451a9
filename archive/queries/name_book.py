"""Find names by a part of them: all names stand in one text, which is searched at once. Pure.

A loop over 300,000 names takes longer than a page may take; to search a text of so many is a matter of milliseconds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from archive.fuzzy_lookup import comparable_name

_MIN_LATIN_PART = 3  # letters: fewer stand somewhere in nearly every name
_MAX_ENTRIES_TRIED = 5_000  # that begin so, or hold one of several words, to see which of them fits best
_FIRST_CJK = "\u2e80"


class NameBook:
    """Entries with their names, Chinese ones and those in Latin letters apart; an entry is known by its number."""

    def __init__(self, entries: Iterable[Iterable[str]]) -> None:
        chinese, latin = _NameText(), _NameText()
        for names in entries:
            sorted_names: tuple[list[str], list[str]] = [], []
            for name in dict.fromkeys(names):
                sorted_names[not _is_chinese(name)].append(name)
            chinese.add(sorted_names[0])
            latin.add(sorted_names[1])
        self._chinese, self._latin = chinese.joined(), latin.joined()

    def find(self, text: str, most: int) -> list[int]:
        """Return at most so many entries: those called so, then those that begin so, those that have it somewhere, and
        those that have each word of it.
        """
        whole, words = comparable_name(text), [*filter(None, map(comparable_name, text.split()))]
        numbers = dict.fromkeys(islice(self._numbers(whole, words), 4 * most)) if whole else {}
        return [*numbers][:most]

    def _numbers(self, whole: str, words: Sequence[str]) -> Iterator[int]:
        names = self._names_like(whole)
        begun = [*islice(names.find(f"\t{whole}"), _MAX_ENTRIES_TRIED)]
        yield from (one for one in begun if names.has(one, f"\t{whole}\t"))
        yield from begun
        if _tells_apart(whole):
            yield from names.find(whole)
        first, *others = sorted(words, key=lambda word: (_is_chinese(word), -len(word)))
        if others and _tells_apart(first):
            tried = islice(self._names_like(first).find(first), _MAX_ENTRIES_TRIED)
            yield from (one for one in tried if all(self._names_like(word).has(one, word) for word in others))

    def _names_like(self, word: str) -> _NameText:
        return self._chinese if _is_chinese(word) else self._latin


class _NameText:
    """The names of all entries in one text: a line for each entry, a tab before and behind each name."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._starts = array("L")
        self._text = ""
        self._length = 0

    def add(self, names: Sequence[str]) -> None:
        """Add the names of the next entry."""
        line = "\t".join(["", *names, "\n"])
        self._lines.append(line)
        self._starts.append(self._length)
        self._length += len(line)

    def joined(self) -> _NameText:
        """Make the text, after which nothing is added."""
        self._text, self._lines = "".join(self._lines), []
        self._starts.append(self._length)
        return self

    def find(self, pattern: str) -> Iterator[int]:
        """Give the entries in which a pattern stands, in their order."""
        at = self._text.find(pattern)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            yield number
            at = self._text.find(pattern, self._starts[number + 1])

    def has(self, number: int, word: str) -> bool:
        """Whether a word stands in the names of an entry."""
        return self._text.find(word, self._starts[number], self._starts[number + 1]) >= 0


def _tells_apart(word: str) -> bool:
    """Whether a word is long enough to tell names apart that have it somewhere."""
    return _is_chinese(word) or len(word) >= _MIN_LATIN_PART


def _is_chinese(text: str) -> bool:
    return any(one >= _FIRST_CJK for one in text)
