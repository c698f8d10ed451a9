"""Collect the text of an edition for full-text search: title and paragraphs of its page and files, persons masked.

Tables of the form are left out. A paragraph that several documents of the edition print is searched once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from archive.parser.masking import mask
from archive.projection.editions import editions_with_ends
from storage.records import Agency, Edition, Reading, ReportKey
from storage.search_texts import TITLE, SearchParagraph, SearchText, drop_invisible_signs, normalised

#: Characters of an edition that are searched; answers say if there were more.
MAX_SEARCHED_CHARS = 400_000


def edition_texts(
    editions: Mapping[ReportKey, Sequence[Edition]], readings: Mapping[str, Reading], agencies: Mapping[str, Agency]
) -> list[SearchText]:
    """Return the searched text of every edition (its beginning), with the time in which it is its report's newest."""
    texts = []
    for report_editions in editions.values():
        for edition, until in editions_with_ends(report_editions):
            passages, cut = _first_characters(_passages(edition, readings), MAX_SEARCHED_CHARS)
            text = SearchText(
                edition=edition.id,
                agency=edition.agency,
                kind=agencies[edition.agency].kind.value,
                year=edition.year,
                since=edition.known_from,
                until=until,
                passages=passages,
                cut=cut,
            )
            texts.append(text)
    return texts


def _passages(edition: Edition, readings: Mapping[str, Reading]) -> Iterator[SearchParagraph]:
    """Yield the paragraphs of an edition's documents, without those that an earlier document has, too."""
    documents = dict.fromkeys((edition.main, *edition.documents))
    different: dict[object, Reading] = {}  # a page that was fetched many times has many documents with one text
    for one in (readings[document] for document in documents if document in readings):
        different.setdefault((one.title, one.sections, one.text), one)
    texts: set[str] = set()
    for reading in different.values():
        passages = [(normalised(passage.text), passage) for passage in _paragraphs_of(reading)]
        yield from (passage for text, passage in passages if text not in texts)
        texts.update(text for text, _ in passages)


def _paragraphs_of(reading: Reading) -> Iterator[SearchParagraph]:
    """Yield title (if the text lacks it), headings and lines of a reading; names and telephone numbers are masked."""
    passage = partial(SearchParagraph, document=reading.document)
    parts = [(one.heading, one.key, one.text) for one in reading.sections] or [("", "", reading.text)]
    printed = {" ".join(line.split()) for heading, _, text in parts for line in (heading, *text.split("\n"))}
    title = " ".join(reading.title.split())
    if title and title not in printed:
        yield passage(text=title, section=0, heading="", key=TITLE, paragraph=0)
    for number, (heading, key, text) in enumerate(parts, start=1):
        masked_heading = mask(drop_invisible_signs(heading))
        if masked_heading.strip():
            yield passage(text=masked_heading, section=number, heading=masked_heading, key=key, paragraph=0)
        # masked as a whole, because a name may follow its label on the next line
        lines = mask("\n".join([drop_invisible_signs(line) for line in text.split("\n")])).split("\n")
        for line, paragraph in enumerate(lines, start=1):
            if paragraph.strip():
                yield passage(text=paragraph.strip(), section=number, heading=masked_heading, key=key, paragraph=line)


def _first_characters(passages: Iterable[SearchParagraph], most: int) -> tuple[tuple[SearchParagraph, ...], bool]:
    """Return the paragraphs up to ``most`` characters in all, the last one cut, and whether there were more."""
    accepted: list[SearchParagraph] = []
    budget = most
    for passage in passages:
        if len(passage.text) > budget:
            return (*accepted, *([replace(passage, text=passage.text[:budget])] if budget else ())), True
        budget -= len(passage.text)
        accepted.append(passage)
    return tuple(accepted), False
