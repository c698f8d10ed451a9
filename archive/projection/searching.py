"""What is searched of an edition: its title and all paragraphs of its page and files, each once, persons masked.

Tables of the form are no text. What a page and its file print alike is searched once, where it stands first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from archive.parser.masking import mask
from storage.records import Agency, Edition, Reading
from storage.search_texts import Passage, SearchText, normalised, seen

#: Characters of an edition that are searched; the rest is not, and answers say so.
LONGEST = 400_000
TITLE = "title"  #: the key of a title, which stands in no section


def edition_texts(
    editions: Iterable[Edition], readings: Mapping[str, Reading], agencies: Mapping[str, Agency]
) -> list[SearchText]:
    """Give what is searched of every edition, with the time in which it is the last of its report."""
    reports: dict[tuple[str, int], list[Edition]] = defaultdict(list)
    for edition in editions:
        reports[edition.agency, edition.year].append(edition)
    found = []
    for held in reports.values():
        for edition, until in editions_with_ends(held):
            passages, cut = _within(_passages(edition, readings), LONGEST)
            found.append(
                SearchText(
                    edition=edition.id,
                    agency=edition.agency,
                    kind=agencies[edition.agency].kind.value,
                    year=edition.year,
                    since=edition.first_seen,
                    until=until,
                    passages=passages,
                    cut=cut,
                )
            )
    return found


def editions_with_ends(editions: Iterable[Edition]) -> Iterator[tuple[Edition, datetime | None]]:
    """Each edition of a report with the instant from which a later one takes its place as the last known.

    The order is that of every question: by when they were first seen, those that nobody can date before all others.
    """
    ordered = sorted(editions, key=attrgetter("order"))
    earliest: list[datetime | None] = [None]
    for edition in reversed(ordered):
        after = earliest[-1]
        earliest.append(edition.first_seen if after is None else min(after, edition.first_seen))
    yield from zip(ordered, list(reversed(earliest))[1:], strict=True)


def _passages(edition: Edition, readings: Mapping[str, Reading]) -> Iterator[Passage]:
    documents = dict.fromkeys((edition.main, *edition.documents))
    held = [*_unlike(readings[document] for document in documents if document in readings)]
    if len(held) == 1:
        yield from _of_reading(held[0])
        return
    texts: set[str] = set()
    for reading in held:
        found = [(normalised(passage.text), passage) for passage in _of_reading(reading)]
        yield from (passage for alike, passage in found if alike not in texts)
        texts.update(alike for alike, _ in found)  # what one document prints twice stands there twice


def _unlike(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Those that say anything else than one before them, of the many times that one page was fetched."""
    texts = set()
    for reading in readings:
        says = (reading.title, reading.sections, reading.text)
        if says not in texts:
            texts.add(says)
            yield reading


def _of_reading(reading: Reading) -> Iterator[Passage]:
    parts = [(one.heading, one.key, one.text) for one in reading.sections] or [("", "", reading.text)]
    printed = {" ".join(line.split()) for heading, _, text in parts for line in (heading, *text.split("\n"))}
    title = " ".join(reading.title.split())
    if title and title not in printed:
        yield _passage(reading, title, 0, "", TITLE, 0)
    for number, (heading, key, text) in enumerate(parts, start=1):
        named = mask(seen(heading))
        if named.strip():
            yield _passage(reading, named, number, named, key, 0)
        # masked as a whole: a name may stand behind the label of the line before
        for line, paragraph in enumerate(mask(_lines(text)).split("\n"), start=1):
            if paragraph.strip():
                yield _passage(reading, paragraph.strip(), number, named, key, line)


def _lines(text: str) -> str:
    return "\n".join([seen(line) for line in text.split("\n")])


def _passage(reading: Reading, text: str, section: int, heading: str, key: str, paragraph: int) -> Passage:
    return Passage(text=text, document=reading.document, section=section, heading=heading, key=key, paragraph=paragraph)


def _within(passages: Iterable[Passage], most: int) -> tuple[tuple[Passage, ...], bool]:
    """The first ``most`` characters, and whether there were more."""
    kept: list[Passage] = []
    left = most
    for passage in passages:
        if len(passage.text) > left:
            return (*kept, *([replace(passage, text=passage.text[:left])] if left else ())), True
        left -= len(passage.text)
        kept.append(passage)
    return tuple(kept), False
