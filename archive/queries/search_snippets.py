"""Where words stand in a text: how often, and the text around them as printed (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.queries.search_results import Snippet
from storage.search_texts import Passage, all_normalised, with_places

Span = tuple[int, int]
_WIDEST = 4  # times the characters around one hit: as long may a snippet of several hits be
CUT = "…"


def snippets(
    passages: Iterable[Passage], words: Sequence[str], most: int, around: int
) -> tuple[int, tuple[Snippet, ...]]:
    """How often ``words`` (normalised) stand in a text, and ``most`` snippets, ``around`` characters on either side.

    Chosen are first those that show a word which none before shows, paragraphs before headings, which most reports
    print alike; they are given in the order of the text.
    """
    held = list(passages)
    lines = all_normalised([one.text for one in held])
    met: dict[int, list[str]] = {}
    count = 0
    for word in words:
        for at, line in enumerate(lines):
            if word in line:
                met.setdefault(at, []).append(word)
                count += line.count(word)
    chosen = _choose_places([(at, met[at], held[at].paragraph) for at in sorted(met)], most)
    return count, tuple([_snippet(held[at], lines[at], met[at], around) for at in chosen])


def _spans(line: str, word: str) -> list[Span]:
    """Every place of a word, none overlapping the one before."""
    spans: list[Span] = []
    at = line.find(word)
    while at >= 0:
        spans.append((at, at + len(word)))
        at = line.find(word, at + len(word))
    return spans


def _choose_places(met: Sequence[tuple[int, Sequence[str], int]], most: int) -> list[int]:
    """The places of the passages that are shown. ``met``: place, words in it, number of its paragraph."""
    shown: set[str] = set()
    first: list[int] = []
    rest: list[int] = []
    for at, words, _ in sorted(met, key=lambda one: not one[2]):
        (rest if shown.issuperset(words) else first).append(at)
        shown.update(words)
    return sorted([*first, *rest][:most])


def _snippet(passage: Passage, line: str, words: Sequence[str], around: int) -> Snippet:
    located = with_places(passage.text)
    text = line
    spans = sorted(span for word in words for span in _spans(text, word))
    if located is not None:
        _, places = located
        text = passage.text
        spans = [(places[begin], _end(text, places, end)) for begin, end in spans]
    spans = _merge_spans(spans)
    begin, end = max(0, spans[0][0] - around), spans[0][1] + around
    for start, stop in spans[1:]:
        if start > end or stop + around - begin > _WIDEST * around:
            break
        end = stop + around
    end = min(len(text), end)
    shown = [(start, stop) for start, stop in spans if begin <= start and stop <= end]
    head, tail = CUT if begin else "", CUT if end < len(text) else ""
    shift = len(head) - begin
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


def _merge_spans(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
