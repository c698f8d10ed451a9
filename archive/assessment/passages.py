"""Split a report's text into paragraphs and sentences with fingerprints, to compare it with another report. Pure.

Passages are compared without blanks and punctuation, without the agency's own name, and with years relative to the
reporting year (y0年, y-1年), so that a text copied from last year or from another agency has the same fingerprints.
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
_IGNORED_SIGNS = re.compile(r"[^\u3400-\u9fff0-9a-zA-Z.%-]+|(?<!\d)\.|\.(?!\d)|(?<!y)-")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")
_NUMBER = re.compile(r"(?<![\d.第y-])(\d{1,12}(?:\.\d{1,4})?)(?![\d.年月日号时〕\]])")
_MAX_TEXT_CHARS = 60_000  # of a report that are compared
_BANDS = 3
MAX_QUOTED_CHARS = 60
_OWN_NAME = "本机关"  # replaces the agency's names
_MIN_NAME_CHARS = 3  # of a name that is replaced
_MIN_LABEL_CHARS = 6  # of a form's label by which a line of a table is recognised

#: Paragraphs as (mark, number of letters).
Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or sentence. ``mark``: its fingerprint (64 bits, signed), with years relative to the reporting year;
    ``verbatim``: the same with the years as printed; ``letters``: its length without blanks and punctuation; ``text``:
    as printed; ``counts``: its figures that are neither dates nor document numbers.
    """

    mark: int
    verbatim: int
    letters: int
    text: str
    counts: tuple[Decimal, ...] = ()

    @property
    def has_many_figures(self) -> bool:
        """True if it has so many figures that they are hardly all the same in another year."""
        least = data()["copied"]["paragraphs"]
        return weight(self.counts).reaches(least["figures"], least["bits"])


def names_of(name: str, aliases: Iterable[str] = (), place: str = "") -> tuple[str, ...]:
    """Return an agency's names that are replaced in its text, longest first: name and aliases, each with and without
    the place, and the place alone; none of fewer than three characters.
    """
    full = {fold(variant) for variant in (name, *aliases)}
    short = {variant.removeprefix(fold(place)) for variant in full} | {fold(place)} if place else set()
    variants = {variant for variant in full | short if len(variant) >= _MIN_NAME_CHARS}
    return tuple(sorted(variants, key=lambda variant: (-len(variant), variant)))


def paragraphs(sections: Sequence[Section], year: int, names: Sequence[str]) -> tuple[Passage, ...]:
    """Return the long paragraphs of a report on ``year``, without those that quote the form or the law."""
    least = data()["copied"]["paragraphs"]["letters"]
    return tuple(_passages(_lines(sections), year, names, least, with_counts=True))


def sentences(sections: Sequence[Section], year: int, names: Sequence[str]) -> tuple[Passage, ...]:
    """Return the long sentences of a report on ``year``, without those that quote the form or the law."""
    least = data()["twins"]["text"]["letters"]
    parts = (part for line in _lines(sections) for part in _STOP.split(line))
    return tuple(_passages(parts, year, names, least, with_counts=False))


def _lines(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the lines of the sections until ``_MAX_TEXT_CHARS`` are reached."""
    budget = _MAX_TEXT_CHARS
    for section in sections:
        yield from section.text[:budget].split("\n")
        budget -= len(section.text)
        if budget <= 0:
            return


def _passages(
    texts: Iterable[str], year: int, names: Sequence[str], least: int, *, with_counts: bool
) -> Iterator[Passage]:
    """Yield each different text of ``least`` or more letters as a passage (``with_counts``: with its numbers), but none
    that quotes the law or is a line of the form. ``names`` become 本机关, and years are counted from ``year``, so that
    paragraphs of two years can be the same.
    """
    visited: set[int] = set()
    boilerplate = data()["boilerplate"]["words"]
    for text in texts:
        if len(text) < least:
            continue
        plain = fold(text)
        if any(word in plain for word in boilerplate) or _is_table_line(plain):
            continue
        for name in names:
            plain = plain.replace(name, _OWN_NAME)
        relative = _YEAR.sub(lambda match: f"y{int(match[1]) - year}", plain)
        bare = _IGNORED_SIGNS.sub("", relative)
        if len(bare) < least:
            continue
        mark = digest(bare)
        if mark not in visited:
            visited.add(mark)
            verbatim = mark if relative == plain else digest(_IGNORED_SIGNS.sub("", plain))
            counts = tuple(Decimal(number) for number in _NUMBER.findall(relative)) if with_counts else ()
            yield Passage(mark, verbatim, len(bare), text.strip(), counts)


@cache
def _labels() -> tuple[str, ...]:
    """Return the longer labels of all forms (rows, columns, headers, headings): a line made of them is no passage."""
    tables = [table for form in load_forms() for table in form.tables]
    rows = [row for table in tables for row in table.rows]
    labels = {
        *(name for table in tables for name in (table.corner, table.header, table.group_header)),
        *(name for row in rows for name in (row.label, *row.variants, *row.groups)),
        *(name for row in rows for column in row.columns for name in (column.label, *column.variants)),
        *(name for form in load_forms() for one in form.sections for name in (one.heading, *one.variants)),
    }
    return tuple(sorted(label for label in map(fold, labels) if len(label) >= _MIN_LABEL_CHARS))


def _is_table_line(plain: str) -> bool:
    """True if labels of the form are at least half of a line: then it is a table row that was read as text."""
    return 2 * sum(len(label) for label in _labels() if label in plain) >= len(plain)


def digest(text: str) -> int:
    """Return the mark of a text: a hash of 64 bits, signed."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


# ---------------------------------------------------------------------------------------------- alike


def shared_by(reports: Iterable[tuple[str, Iterable[Passage]]], most: int) -> frozenset[int]:
    """Return the marks that more than ``most`` agencies share: boilerplate. ``reports``: (agency, passages) of each."""
    pairs = {(agency, passage.mark) for agency, passages in reports for passage in passages}
    counts = Counter(mark for _, mark in pairs)
    return frozenset(mark for mark, agencies in counts.items() if agencies > most)


def sketch(passages: Sequence[Passage], boilerplate: Collection[int]) -> tuple[int, ...] | None:
    """Return three keys of a text; similar texts share at least one of them. None if the text is too short. MinHash
    (Broder 1997) over the marks (hashes) of the sentences, without ``boilerplate``, in three bands of two: texts that
    share nine tenths of their sentences have a common key in 99 of 100 cases, texts that share a third in 30.
    """
    least = data()["twins"]["text"]
    own = [passage for passage in passages if passage.mark not in boilerplate]
    if len(own) < least["sentences"] or sum(passage.letters for passage in own) < least["total_letters"]:
        return None
    lowest = [min(_hashed(passage.mark, number) for passage in own) for number in range(2 * _BANDS)]
    return tuple(digest(f"{band} {lowest[2 * band]} {lowest[2 * band + 1]}") for band in range(_BANDS))


def _hashed(mark: int, number: int) -> int:
    """Return the hash of a mark by the MinHash function with this ``number``."""
    return int.from_bytes(blake2b(mark.to_bytes(8, signed=True), digest_size=8, salt=bytes([number])).digest())


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts share. ``letters``: of the sentences in both; ``share``: these letters by the shorter text's."""

    letters: int
    share: Decimal

    @property
    def enough(self) -> bool:
        """True if the two texts are mostly the same."""
        least = data()["twins"]["text"]
        return bool(self.letters >= least["total_letters"] and self.share >= least["share"])


def likeness(one: Sequence[Passage], other: Sequence[Passage]) -> Likeness:
    """Compare the sentences of two texts."""
    other_marks = {passage.mark for passage in other}
    same = sum(passage.letters for passage in one if passage.mark in other_marks)
    shorter = min(sum(passage.letters for passage in text) for text in (one, other))
    return Likeness(same, Decimal(same) / shorter if shorter else Decimal(0))


def text_copied(
    now: Sequence[Passage], before: Sequence[Passage], boilerplate: Collection[int], year: int
) -> Iterator[tuple[Finding, Marks]]:
    """Find the long paragraphs that the report on ``year`` repeats from the report before: one finding for those with
    many figures, and one for the others if they are enough of the report; each with the marks (hashes) of its longest
    paragraphs. ``now``, ``before``: the paragraphs of both reports; ``boilerplate``: marks of paragraphs that many
    agencies share, which do not count.
    """
    least = data()["copied"]["paragraphs"]
    marks, verbatim = {one.mark for one in before}, {one.verbatim for one in before}
    same = [one for one in now if one.mark not in boilerplate and (one.mark in marks or one.verbatim in verbatim)]
    figured, plain = [one for one in same if one.has_many_figures], [one for one in same if not one.has_many_figures]
    letters = sum(one.letters for one in plain)
    if letters < max(least["total_letters"], least["share"] * sum(one.letters for one in now)):
        plain = []
    for code, passages in (("paragraph_copied", figured), ("text_copied", plain)):
        if passages:
            longest = sorted(passages, key=lambda one: (-one.letters, one.mark))[: least["kept"]]
            all_letters = [one.letters for one in passages]
            quoted = _quoted(max(passages, key=lambda one: one.letters).text)
            yield copied_finding(code, year, all_letters, quoted), tuple((one.mark, one.letters) for one in longest)


def _quoted(text: str) -> str:
    """Return the beginning of a paragraph; it does not end in half a telephone number, which could not be masked."""
    cut = text[:MAX_QUOTED_CHARS]
    return cut if cut == text else cut.rstrip("0123456789０１２３４５６７８９ -")


def copied_finding(code: str, year: int, letters: Sequence[int], quoted: str | None) -> Finding:
    """Make a finding about paragraphs copied from last year's report: their lengths; ``quoted``: how one begins."""
    return finding(code, found=quoted, year=year, before=year - 1, count=len(letters), letters=sum(letters))
