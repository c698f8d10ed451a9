"""Divide the text of a report into paragraphs and sentences with fingerprints, to compare it with another's. Pure.

A passage is compared without blanks and signs, without the body's own name, and with years told from the reporting year
(y0年, y-1年), so that a text copied from last year or from another body has the same marks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import blake2b

from archive.assessment.contradictions import data, weight
from archive.findings import finding
from archive.forms.labels import fold
from archive.forms.loader import load_forms
from storage.records import Finding, Section

_STOP = re.compile("[。！？；!?;]")
_KEPT = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z.%-]+|(?<!\d)\.|\.(?!\d)|(?<!y)-")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")
_NUMBER = re.compile(r"(?<![\d.第y-])(\d{1,12}(?:\.\d{1,4})?)(?![\d.年月日号时〕\]])")
_TEXT = 60_000  #: characters of a report that are looked at
_BANDS = 3
MAX_QUOTED_CHARS = 60
_NAME = "本机关"
_SHORTEST = 3  # letters of a name that is taken out of a text
_LABEL = 6  # letters of a label of the form that tells a line of a table from a sentence

#: The mark of a paragraph, and how many letters it has.
Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or sentence. ``mark``: equal for equal passages (64 bits, signed); ``verbatim``: the same with the
    years as they are printed; ``letters``: how long it is without blanks and signs; ``text``: as printed; ``counts``:
    the figures it gives that are neither dates nor numbers of documents.
    """

    mark: int
    verbatim: int
    letters: int
    text: str
    counts: tuple[Decimal, ...] = ()

    @property
    def counting(self) -> bool:
        """Whether it gives so many figures that they cannot well be the same in another year."""
        least = data()["copied"]["paragraphs"]
        return weight(self.counts).reaches(least["figures"], least["bits"])


def names_of(name: str, aliases: Iterable[str] = (), place: str = "") -> tuple[str, ...]:
    """A body's names as they are taken out of its text, longest first: its own and its aliases, each with and without
    its place, and its place.
    """
    full = {fold(one) for one in (name, *aliases)}
    short = {one.removeprefix(fold(place)) for one in full} | {fold(place)} if place else set()
    variants = {one for one in full | short if len(one) >= _SHORTEST}
    return tuple(sorted(variants, key=lambda one: (-len(one), one)))


def paragraphs(sections: Sequence[Section], year: int, names: Sequence[str]) -> tuple[Passage, ...]:
    """The long paragraphs of a report on ``year``, those that quote form or law left out."""
    least = data()["copied"]["paragraphs"]["letters"]
    return tuple(_passages(_lines(sections), year, names, least, counting=True))


def sentences(sections: Sequence[Section], year: int, names: Sequence[str]) -> tuple[Passage, ...]:
    """The sentences of a report on ``year``, those left out that are short or quote form or law."""
    least = data()["twins"]["text"]["letters"]
    parts = (part for line in _lines(sections) for part in _STOP.split(line))
    return tuple(_passages(parts, year, names, least, counting=False))


def _lines(sections: Sequence[Section]) -> Iterator[str]:
    budget = _TEXT
    for section in sections:
        yield from section.text[:budget].split("\n")
        budget -= len(section.text)
        if budget <= 0:
            return


def _passages(
    texts: Iterable[str], year: int, names: Sequence[str], least: int, *, counting: bool
) -> Iterator[Passage]:
    visited: set[int] = set()
    quoted = data()["boilerplate"]["words"]
    for text in texts:
        if len(text) < least:
            continue
        plain = fold(text)
        if any(word in plain for word in quoted) or _is_of_a_table(plain):
            continue
        for name in names:
            plain = plain.replace(name, _NAME)
        relative = _YEAR.sub(lambda match: f"y{int(match[1]) - year}", plain)
        bare = _KEPT.sub("", relative)
        if len(bare) < least:
            continue
        mark = digest(bare)
        if mark not in visited:
            visited.add(mark)
            verbatim = mark if relative == plain else digest(_KEPT.sub("", plain))
            counts = tuple(Decimal(one) for one in _NUMBER.findall(relative)) if counting else ()
            yield Passage(mark, verbatim, len(bare), text.strip(), counts)


@cache
def _labels() -> tuple[str, ...]:
    """The labels of the forms' rows, columns and headings."""
    tables = [table for form in load_forms() for table in form.tables]
    rows = [row for table in tables for row in table.rows]
    labels = {
        *(name for table in tables for name in (table.corner, table.header, table.group_header)),
        *(name for row in rows for name in (row.label, *row.variants, *row.groups)),
        *(name for row in rows for column in row.columns for name in (column.label, *column.variants)),
        *(name for form in load_forms() for one in form.sections for name in (one.heading, *one.variants)),
    }
    return tuple(sorted(label for label in map(fold, labels) if len(label) >= _LABEL))


def _is_of_a_table(plain: str) -> bool:
    """Whether a line holds little but labels of the form: a table that was taken for text."""
    return 2 * sum(len(label) for label in _labels() if label in plain) >= len(plain)


def digest(text: str) -> int:
    """A mark (64 bits, signed) of any text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


# ---------------------------------------------------------------------------------------------- alike


def shared_by(reports: Iterable[tuple[str, Iterable[Passage]]], most: int) -> frozenset[int]:
    """The marks that more than ``most`` bodies have: boilerplate. ``reports``: the body and the passages of each."""
    pairs = {(body, passage.mark) for body, passages in reports for passage in passages}
    count = Counter(mark for _, mark in pairs)
    return frozenset(mark for mark, bodies in count.items() if bodies > most)


def sketch(passages: Sequence[Passage], boilerplate: Collection[int]) -> tuple[int, ...] | None:
    """Three keys of which two texts that are alike share one at least; None of a text too short to be compared.

    MinHash (Broder 1997) over the marks of the sentences, in three bands of two: texts that share nine tenths of their
    sentences have a key in common in 99 of 100 cases, those that share a third in 30.
    """
    least = data()["twins"]["text"]
    own = [one for one in passages if one.mark not in boilerplate]
    if len(own) < least["sentences"] or sum(one.letters for one in own) < least["total_letters"]:
        return None
    lowest = [min(_rotated(one.mark, number) for one in own) for number in range(2 * _BANDS)]
    return tuple(digest(f"{band} {lowest[2 * band]} {lowest[2 * band + 1]}") for band in range(_BANDS))


def _rotated(mark: int, number: int) -> int:
    return int.from_bytes(blake2b(mark.to_bytes(8, signed=True), digest_size=8, salt=bytes([number])).digest())


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts share. ``letters``: of the sentences that stand in both; ``share``: of the shorter one's."""

    letters: int
    share: Decimal

    @property
    def enough(self) -> bool:
        """Whether the two texts are the same for the most part."""
        least = data()["twins"]["text"]
        return bool(self.letters >= least["total_letters"] and self.share >= least["share"])


def likeness(one: Sequence[Passage], other: Sequence[Passage]) -> Likeness:
    """Hold two texts' sentences against each other."""
    theirs = {passage.mark for passage in other}
    same = sum(passage.letters for passage in one if passage.mark in theirs)
    shorter = min(sum(passage.letters for passage in text) for text in (one, other))
    return Likeness(same, Decimal(same) / shorter if shorter else Decimal(0))


def text_copied(
    now: Sequence[Passage], before: Sequence[Passage], boilerplate: Collection[int], year: int
) -> Iterator[tuple[Finding, Marks]]:
    """Find the long paragraphs that the report on ``year`` repeats from the report before. A finding with figures in
    its paragraphs and one without are kept apart, each with the marks and letters of its paragraphs.
    """
    least = data()["copied"]["paragraphs"]
    marks, verbatim = {one.mark for one in before}, {one.verbatim for one in before}
    same = [one for one in now if one.mark not in boilerplate and (one.mark in marks or one.verbatim in verbatim)]
    counting, plain = [one for one in same if one.counting], [one for one in same if not one.counting]
    letters = sum(one.letters for one in plain)
    if letters < max(least["total_letters"], least["share"] * sum(one.letters for one in now)):
        plain = []
    for code, passages in (("paragraph_copied", counting), ("text_copied", plain)):
        if passages:
            longest = sorted(passages, key=lambda one: (-one.letters, one.mark))[: least["kept"]]
            all_letters = [one.letters for one in passages]
            quoted = _quoted(max(passages, key=lambda one: one.letters).text)
            yield retold(code, year, all_letters, quoted), tuple((one.mark, one.letters) for one in longest)


def _quoted(text: str) -> str:
    """The beginning of a paragraph. Half a telephone number could not be masked any more, so it does not end in one."""
    cut = text[:MAX_QUOTED_CHARS]
    return cut if cut == text else cut.rstrip("0123456789０１２３４５６７８９ -")


def retold(code: str, year: int, letters: Sequence[int], quoted: str | None) -> Finding:
    """Word a finding about paragraphs that are last year's. ``letters``: of each paragraph."""
    return finding(code, found=quoted, year=year, before=year - 1, count=len(letters), letters=sum(letters))
