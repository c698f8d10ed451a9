"""Where words stand in a text: how often, and the text around them as printed (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.queries.search_results import Snippet
from storage.making import maker
from storage.search_texts import Passage
from storage.search_words import all_normalised, with_places

Span = tuple[int, int]
_WIDEST = 4  # times the characters around one hit: as long may a snippet of several hits be
CUT = "…"


@dataclass(frozen=True, slots=True)
class _Met:
    """A passage, as it is compared, and the words that stand in it."""

    passage: Passage
    line: str
    words: Sequence[str]


def snippets(
    passages: Iterable[Passage], words: Sequence[str], most: int, around: int
) -> tuple[int, tuple[Snippet, ...]]:
    """How often ``words`` (normalised) stand in a text, and ``most`` snippets, ``around`` characters on either side.

    Chosen are first those that show a word which none before shows, paragraphs before headings, which most reports
    print alike; they are given in the order of the text.
    """
    met: list[_Met] = []
    count = 0
    held = list(passages)
    for passage, line in zip(held, all_normalised([one.text for one in held]), strict=True):
        found = [word for word in words if word in line]
        if found:
            count += sum([line.count(word) for word in found])
            met.append(_met(passage, line, found))
    return count, tuple(_snippet(one, around) for one in _chosen(met, most))


_met = maker(_Met, "passage", "line", "words")


def _spans(line: str, word: str) -> list[Span]:
    """Every place of a word, none overlapping the one before."""
    spans: list[Span] = []
    at = line.find(word)
    while at >= 0:
        spans.append((at, at + len(word)))
        at = line.find(word, at + len(word))
    return spans


def _chosen(met: Sequence[_Met], most: int) -> list[_Met]:
    shown: set[str] = set()
    first: list[int] = []
    rest: list[int] = []
    for number in sorted(range(len(met)), key=lambda at: not met[at].passage.paragraph):
        (rest if shown.issuperset(met[number].words) else first).append(number)
        shown.update(met[number].words)
    return [met[number] for number in sorted([*first, *rest][:most])]


def _snippet(met: _Met, around: int) -> Snippet:
    located = with_places(met.passage.text)
    text = met.line
    spans = sorted(span for word in met.words for span in _spans(text, word))
    if located is not None:
        _, places = located
        text = met.passage.text
        spans = [(places[begin], _end(text, places, end)) for begin, end in spans]
    spans = _merged(spans)
    begin, end = max(0, spans[0][0] - around), spans[0][1] + around
    for start, stop in spans[1:]:
        if start > end or stop + around - begin > _WIDEST * around:
            break
        end = stop + around
    end = min(len(text), end)
    shown = [(start, stop) for start, stop in spans if begin <= start and stop <= end]
    head, tail = CUT if begin else "", CUT if end < len(text) else ""
    shift = len(head) - begin
    passage = met.passage
    return Snippet(
        text=f"{head}{text[begin:end]}{tail}",
        marks=tuple((start + shift, stop + shift) for start, stop in shown),
        heading=passage.heading,
        key=passage.key,
        document=passage.document,
        locator={"section": passage.section, "paragraph": passage.paragraph},
    )


def _end(text: str, places: Sequence[int], end: int) -> int:
    """Where what ends before the normalised place ``end`` ends in the text as printed, blanks behind it left out."""
    last = places[end - 1]
    after = next((places[at] for at in range(end, len(places)) if places[at] > last), len(text))
    return last + max(1, len(text[last:after].rstrip()))


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
