"""Find what a person may mean by a few words: agencies, their reports, places, portals, indicators, texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from archive.queries import bounds
from archive.queries.bounds import NotKnownError, QueryError
from archive.queries.duty_rows import duty_lines
from archive.queries.frames import Result
from archive.queries.named_things import NamedThing, Sort, find_agencies, indicators, places, portals
from archive.queries.results import AgencyLine
from archive.queries.search import SearchAnswer, SearchHit, search
from archive.queries.selection import agency_lines
from archive.queries.stored import open_snapshot
from archive.queries.where import choose
from storage.home import Home
from storage.records import AgencyKind, Status
from storage.registry import agencies_by_id

SHOWN = 8  #: matches of each kind
_TEXTS_SHOWN = 3
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?:年度?)?")


class Match(Result):
    """Something that the words may mean. ``sort``: ``agency``, ``report``, ``place``, ``portal``, ``indicator`` or
    ``text`` (a report whose text has the words).

    ``id``: of the agency, place, portal, indicator or edition; of a report agency and year. ``agency_id``: of the
    agency that it is or belongs to; ``year``: of the report. ``zh``,
    ``en``: what it is; of a text the passage, with ``marks`` where the words stand in it. ``status``: of the report.
    """

    sort: str
    id: str
    name: str
    zh: str
    en: str
    agency_id: str | None = None
    kind: AgencyKind | None = None
    place: str | None = None
    year: int | None = None
    status: Status | None = None
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """The passage of a text; ``marks`` are positions in it."""
        return self.zh


class FindAnswer(Result):
    """What was found, the best of each sort first. ``years``: those that the words name. ``texts``: how many reports
    have the words in their text, of ``searched``; a few of them are matches.
    """

    as_of: datetime
    words: str
    years: tuple[int, ...]
    matches: tuple[Match, ...]
    texts: int
    searched: int


def find(home: Home, query: str, *, as_of: datetime | None = None) -> FindAnswer:
    """Find what a few words mean: a name in Chinese, English or pinyin, a code, an id; with a year also its reports.

    Raises QueryError for a text that is too long for a name.
    """
    bounds.name(query)
    years = tuple(sorted({int(one) for one in _YEAR.findall(query)}))
    words = _YEAR.sub(" ", query).strip() if years else query.strip()
    if not words:
        words, years = query.strip(), ()
    with open_snapshot(home):
        as_of_question = choose(home, as_of=as_of).as_of
        ids = find_agencies(home, words, SHOWN)
        lines = [agency_lines(home, ids)[one] for one in ids]
        texts = _search(home, words, years, as_of)
        matches = [
            *map(_thing, places(home).find(words, SHOWN)),
            *(_match_of(Sort.AGENCY, line.id, line, line.place, line.place) for line in lines),
            *_reports(home, lines, years, as_of),
            *map(_thing, indicators().find(words, SHOWN)),
            *map(_thing, portals(home).find(words, SHOWN)),
            *(_text(hit) for hit in (texts.hits if texts else ()) if hit.snippets),
        ]
    return FindAnswer(
        as_of=texts.as_of if texts else as_of_question,
        words=words,
        years=years,
        matches=tuple(matches),
        texts=texts.total if texts else 0,
        searched=texts.searched if texts else 0,
    )


def _match_of(sort: Sort, name: str, agency: AgencyLine, zh: str, en: str, **more: Any) -> Match:
    """Return a match that is an agency or belongs to one; ``name``: the id of the match."""
    return Match(
        sort=sort.value, id=name, zh=zh, en=en, name=agency.name, agency_id=agency.id, kind=agency.kind,
        place=agency.place, **more,
    )  # fmt: skip


def _thing(one: NamedThing) -> Match:
    return Match(sort=one.sort.value, id=one.id, name=one.name, zh=one.zh, en=one.en)


def _reports(
    home: Home, agencies: Collection[AgencyLine], years: Collection[int], as_of: datetime | None
) -> Iterator[Match]:
    """Yield the reports of the agencies found on the years in the query."""
    if not years or not agencies:
        return
    ids = [one.id for one in agencies]
    chosen = choose(home, years=years, as_of=as_of).only(*agencies_by_id(home, ids))
    lines = duty_lines(chosen, links=False)
    for line in sorted(lines, key=lambda line: (ids.index(line.agency.id), line.year)):
        name = f"{line.agency.id}/{line.year}"
        yield _match_of(Sort.REPORT, name, line.agency, line.zh, line.en, year=line.year, status=line.status)


def _search(home: Home, words: str, years: Collection[int], as_of: datetime | None) -> SearchAnswer | None:
    """Search the texts of reports; None if the words are no valid search."""
    try:
        return search(home, words, years=years or None, as_of=as_of, limit=_TEXTS_SHOWN, most_snippets=1)
    except (QueryError, NotKnownError):
        return None


def _text(hit: SearchHit) -> Match:
    [snippet] = hit.snippets
    return _match_of(Sort.TEXT, hit.edition, hit.agency, snippet.text, snippet.text, year=hit.year, marks=snippet.marks)
