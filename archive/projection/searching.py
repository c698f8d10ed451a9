"""What is searched of an edition: its title and all paragraphs of its page and files, each once, persons masked.

Tables of the form are no text. What a page and its file print alike is searched once, where it stands first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from archive.parser.masking import mask
from archive.projection.binding import Report
from storage.records import Agency, Edition, Reading
from storage.search_texts import SearchParagraph, SearchText, drop_invisible_signs, normalised

#: Characters of an edition that are searched; the rest is not, and answers say so.
LONGEST = 400_000
TITLE = "title"  #: the key of a title, which stands in no section


def edition_texts(
    editions: Mapping[Report, Sequence[Edition]], readings: Mapping[str, Reading], agencies: Mapping[str, Agency]
) -> list[SearchText]:
    """Give what is searched of every edition, with the time in which it is the last of its report."""
    texts = []
    for report_editions in editions.values():
        for edition, until in editions_with_ends(report_editions):
            passages, cut = _within(_passages(edition, readings), LONGEST)
            text = SearchText(
                edition=edition.id,
                agency=edition.agency,
                kind=agencies[edition.agency].kind.value,
                year=edition.year,
                since=edition.first_seen,
                until=until,
                passages=passages,
                cut=cut,
            )
            texts.append(text)
    return texts


def editions_with_ends(editions: Iterable[Edition]) -> Iterator[tuple[Edition, datetime | None]]:
    """Each edition of a report with the instant from which a later one takes its place as the last known.

    The order is that of every question: by when they were first seen, those that nobody can date before all others.
    """
    ordered = sorted(editions, key=attrgetter("order"))
    for place, edition in enumerate(ordered, start=1):
        yield edition, min((later.first_seen for later in ordered[place:]), default=None)


def _passages(edition: Edition, readings: Mapping[str, Reading]) -> Iterator[SearchParagraph]:
    """The paragraphs of the documents of an edition; what one before them says already is left out, as of one page that
    was fetched many times.
    """
    documents = dict.fromkeys((edition.main, *edition.documents))
    documents_read = [readings[document] for document in documents if document in readings]
    unlike: dict[object, Reading] = {}
    for one in documents_read:
        unlike.setdefault((one.title, one.sections, one.text), one)
    texts: set[str] = set()
    for reading in unlike.values():
        passages = [(normalised(passage.text), passage) for passage in _of_reading(reading)]
        yield from (passage for alike, passage in passages if alike not in texts)
        texts.update(alike for alike, _ in passages)  # what one document prints twice stands there twice


def _of_reading(reading: Reading) -> Iterator[SearchParagraph]:
    def passage(text: str, section: int, heading: str, key: str, paragraph: int) -> SearchParagraph:
        return SearchParagraph(
            text=text, document=reading.document, section=section, heading=heading, key=key, paragraph=paragraph
        )

    parts = [(one.heading, one.key, one.text) for one in reading.sections] or [("", "", reading.text)]
    printed = {" ".join(line.split()) for heading, _, text in parts for line in (heading, *text.split("\n"))}
    title = " ".join(reading.title.split())
    if title and title not in printed:
        yield passage(title, 0, "", TITLE, 0)
    for number, (heading, key, text) in enumerate(parts, start=1):
        title_text = mask(drop_invisible_signs(heading))
        if title_text.strip():
            yield passage(title_text, number, title_text, key, 0)
        # masked as a whole: a name may stand behind the label of the line before
        lines = mask("\n".join([drop_invisible_signs(line) for line in text.split("\n")])).split("\n")
        for line, paragraph in enumerate(lines, start=1):
            if paragraph.strip():
                yield passage(paragraph.strip(), number, title_text, key, line)


def _within(passages: Iterable[SearchParagraph], most: int) -> tuple[tuple[SearchParagraph, ...], bool]:
    """The first ``most`` characters, and whether there were more."""
    first_passages: list[SearchParagraph] = []
    budget = most
    for passage in passages:
        if len(passage.text) > budget:
            return (*first_passages, *([replace(passage, text=passage.text[:budget])] if budget else ())), True
        budget -= len(passage.text)
        first_passages.append(passage)
    return tuple(first_passages), False
