"""Compare two texts: pair the paragraphs that belong together, and mark what changed in each (pure functions).

Only lines of content are compared, not menus and footers of a page. Results are given without what is withheld.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

from archive.parser.text import content_numbers
from archive.queries.results import MarkedParagraph, ParagraphChange
from archive.queries.withholding import Secrets
from storage.records import Reading
from storage.search_texts import SearchParagraph

#: Lines of text compared at most, so that a hostile document cannot make a comparison endless.
MOST_LINES = 4_000
_MAX_PAIRED_LINES = 60  # runs with more lines are paired in order, not by similarity
_MAX_TOKENS = 1_500  # a longer difference within a paragraph is marked as a whole
_MIN_SIMILARITY = 0.3  # two paragraphs at least this similar (0 to 1) count as one paragraph that changed
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[A-Za-z]+|\s+|.", re.DOTALL)
_LONG, _ENDS = 160, 60  # unchanged text of more than 160 characters is cut to 60 at each end
Span = tuple[int, int]
Run = tuple[int, int, int, int]  #: start and end in the earlier text, start and end in the later text
_Similarity = tuple[float, int, int]  # similarity (0 to 1), and the indexes of the two lines


def written_paragraphs(readings: Iterable[Reading | None]) -> list[SearchParagraph]:
    """Return the paragraphs of an edition, at most ``MOST_LINES``: without menus, footers and blank lines, but still
    with persons and withheld titles. ``readings``: of its documents, None for one that is not read.
    """
    paragraphs: list[SearchParagraph] = []
    for reading in filter(None, readings):
        lines = list(_lines(reading))
        numbers = content_numbers([line.text for line in lines])
        paragraphs += [lines[number] for number in numbers if lines[number].text]
    return paragraphs[:MOST_LINES]


def without_ends(
    before: Sequence[SearchParagraph], after: Sequence[SearchParagraph], secrets: Secrets
) -> Iterator[list[SearchParagraph]]:
    """Yield both texts without the equal paragraphs at their beginning and end, and without what is withheld."""
    head, tail = _common_ends([one.text for one in before], [one.text for one in after])
    for lines in (before, after):
        middle = lines[head : len(lines) - tail]
        yield [replace(one, text=secrets.text(one.text), heading=secrets.text(one.heading)) for one in middle]


def _lines(reading: Reading) -> Iterator[SearchParagraph]:
    """Yield each line of a reading with its place, headings as paragraph 0 of their section; blanks as one space."""
    parts = [(one.heading, one.key, one.text) for one in reading.sections] or [("", "", reading.text)]
    for section, (heading, key, text) in enumerate(parts, start=1):
        place: dict[str, Any] = {"document": reading.document, "section": section, "heading": heading, "key": key}
        if heading:
            yield SearchParagraph(text=" ".join(heading.split()), paragraph=0, **place)
        for paragraph, line in enumerate(text.split("\n"), start=1):
            yield SearchParagraph(text=" ".join(line.split()), paragraph=paragraph, **place)


def count_changed_lines(before: Sequence[SearchParagraph], after: Sequence[SearchParagraph]) -> int:
    """Return how many lines differ between two texts; of a replaced run those of its longer side."""
    runs = _runs([one.text for one in before], [one.text for one in after])
    return sum(max(j - i, m - k) for i, j, k, m in runs)


def paragraph_changes(
    before: Sequence[SearchParagraph], after: Sequence[SearchParagraph]
) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs that differ: each earlier one with its later wording, and which parts changed."""
    earlier, later = [one.text for one in before], [one.text for one in after]
    return tuple(
        _change(before[at] if at is not None else None, after[to] if to is not None else None)
        for i, j, k, m in _runs(earlier, later)
        for at, to in _paired(earlier[i:j], later[k:m], i, k)
    )


def _runs(before: Sequence[str], after: Sequence[str], most: int = MOST_LINES) -> list[Run]:
    """Return the runs that differ, but one for all if more than ``most`` items lie between the equal ends."""
    head, tail = _common_ends(before, after)  # skipping these first is much faster
    one, other = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(one), len(other)) > most:
        return [(head, head + len(one), head, head + len(other))]
    changes = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [(i + head, j + head, k + head, m + head) for tag, i, j, k, m in changes if tag != "equal"]


def _common_ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Return how many items are equal at the beginning and, without these, at the end."""
    most = min(len(one), len(other))
    head = next((at for at in range(most) if one[at] != other[at]), most)
    tail = next((at for at in range(most - head) if one[-1 - at] != other[-1 - at]), most - head)
    return head, tail


def _paired(earlier: Sequence[str], later: Sequence[str], i: int, k: int) -> Iterator[tuple[int | None, int | None]]:
    """Yield the indexes of an earlier line and of its changed form, in order: the most similar pairs; None for a line
    without a partner. ``i``, ``k``: indexes of the run's first lines.
    """
    if max(len(earlier), len(later)) <= _MAX_PAIRED_LINES:
        pairs = list(_pair_similar(_likeness(earlier, later)))
    else:
        pairs = [(at, at) for at in range(min(len(earlier), len(later)))]
    done_earlier = done_later = 0  # lines before these are yielded
    for at, to in (*pairs, (len(earlier), len(later))):
        yield from ((i + one, None) for one in range(done_earlier, at))
        yield from ((None, k + one) for one in range(done_later, to))
        if at < len(earlier) and to < len(later):
            yield i + at, k + to
        done_earlier, done_later = at + 1, to + 1


def _pair_similar(similar: Sequence[_Similarity]) -> Iterator[tuple[int, int]]:
    """Yield pairs of indexes (earlier line, later line) in order, none crossing another: the most similar pair, before
    it those found likewise among the lines before both, behind it those among the lines after both.
    """
    if not similar:
        return
    _similarity, at, to = max(similar, key=itemgetter(0))
    yield from _pair_similar([one for one in similar if one[1] < at and one[2] < to])
    yield at, to
    yield from _pair_similar([one for one in similar if one[1] > at and one[2] > to])


def _likeness(earlier: Sequence[str], later: Sequence[str]) -> list[_Similarity]:
    """Return (similarity, indexes of both lines) of the pairs with ``_MIN_SIMILARITY`` or more, in order. Similarity is
    the share of character pairs that both lines have, 0 to 1 (Dice coefficient).
    """
    pairs_of_later = [_pairs(one) for one in later]
    similarities = []
    for at, pairs in enumerate(map(_pairs, earlier)):
        for to, others in enumerate(pairs_of_later):
            share = 2 * len(pairs & others) / (len(pairs) + len(others))
            if share >= _MIN_SIMILARITY:
                similarities.append((share, at, to))
    return similarities


def _pairs(line: str) -> frozenset[str]:
    """Return all pairs of adjacent characters; for a line of one character this character."""
    return frozenset(map("".join, pairwise(line))) or frozenset([line])


def _change(before: SearchParagraph | None, after: SearchParagraph | None) -> ParagraphChange:
    """Return a change with its marks; one of the two is None for a paragraph that was added or removed."""
    paragraph = after or before
    assert paragraph is not None
    marks = _changed_parts(before.text, after.text) if before is not None and after is not None else ([], [])
    return ParagraphChange(
        op="added" if before is None else "removed" if after is None else "replaced",
        heading=paragraph.heading,
        key=paragraph.key,
        before=_marked_paragraph(before, marks[0]),
        after=_marked_paragraph(after, marks[1]),
    )


def _marked_paragraph(written: SearchParagraph | None, marks: Sequence[Span]) -> MarkedParagraph | None:
    if written is None:
        return None
    locator = {"section": written.section, "paragraph": written.paragraph}
    return MarkedParagraph(text=written.text, marks=tuple(marks), document=written.document, locator=locator)


def _changed_parts(before: str, after: str) -> tuple[list[Span], list[Span]]:
    """Return the spans that differ in each paragraph; numbers and Latin words are compared as a whole."""
    first, second = _TOKEN.findall(before), _TOKEN.findall(after)
    runs = _runs(first, second, _MAX_TOKENS)
    return _spans(first, [(i, j) for i, j, _, _ in runs]), _spans(second, [(k, m) for *_, k, m in runs])


def _spans(tokens: Sequence[str], runs: Iterable[Span]) -> list[Span]:
    """Return the positions, in the text, of runs of its tokens."""
    ends = [*accumulate(map(len, tokens), initial=0)]
    return [(ends[i], ends[j]) for i, j in runs if j > i]


def segments(paragraph: MarkedParagraph) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a paragraph, each with whether it changed; long unchanged pieces beside changes are cut."""
    at = 0
    for begin, end in paragraph.marks:
        if at < begin:
            yield _cut(paragraph.text[at:begin], first=at == 0, last=False), False
        yield paragraph.text[begin:end], True
        at = end
    rest = paragraph.text[at:]
    if rest:
        yield (_cut(rest, first=False, last=True) if paragraph.marks else rest), False


def _cut(text: str, *, first: bool, last: bool) -> str:
    """Return a long text without its middle; the ``first`` piece keeps only its end, the ``last`` only its start."""
    if len(text) <= _LONG:
        return text
    return f"{'' if first else text[:_ENDS]}…{'' if last else text[-_ENDS:]}"
