"""Search the texts and titles of reports, and show the text around each hit.

The hits are exactly those that a scan of all normalised paragraphs would find (see :mod:`storage.search_texts`). Of
each report the last edition known at the time asked about is searched, or all editions. The only syntax of queries is
quotes, blanks between words, and a minus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from archive.queries import bounds
from archive.queries.bounds import AROUND, HITS, LONGEST_QUERY, MOST_WORDS, SNIPPETS, QueryError
from archive.queries.coverage_of_answer import known_in
from archive.queries.frames import Result
from archive.queries.results import AgencyLine, Known
from archive.queries.selection import agency_lines
from archive.queries.stored import open_snapshot
from archive.queries.where import EVERYTHING, Where, choose
from archive.queries.withheld_content import Outgoing
from storage.home import Home
from storage.projection_tables import ProjectionTables
from storage.search import SearchQuery, bodies, count_searched, find
from storage.search_texts import (
    LONGEST_PHRASE,
    SearchParagraph,
    all_normalised,
    drop_invisible_signs,
    normalised,
    unpacked,
    with_places,
)


class Snippet(Result):
    """Text around hits as printed, persons masked, "…" where it is cut. ``marks``: begin and end of each hit in it.

    ``heading`` and ``key`` (the form's section; ``title``) of the section it stands in; ``document``: SHA-256;
    ``locator``: ``section`` and ``paragraph`` by number, from 1, in the text that ``nianbao show --text`` prints; a
    heading is paragraph 0, what stands in the title alone section 0.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    heading: str
    key: str
    document: str
    locator: Mapping[str, int]


class SearchHit(Result):
    """An edition whose text has what was searched for. ``last``: it is the report's last known at the time asked about.
    ``only_headings``: words stand only in its headings of the national form. ``occurrences``: how often the words
    stand in it, without these headings unless they do so only there; ``cut``: it is longer than what is searched.
    """

    agency: AgencyLine
    year: int
    edition: str
    first_seen: datetime
    last: bool
    only_headings: bool
    occurrences: int
    snippets: tuple[Snippet, ...]
    cut: bool


class SearchAnswer(Result):
    """Hits in reports' own text first, then those only in headings of the national form; of both the latest reporting
    year first, of one year those first seen last first.

    ``words`` and ``without``: normalised, as they were searched for. ``total``: how many editions have them,
    ``only_headings`` of them only in headings of the national form; ``hits`` are those from ``offset`` on.
    ``searched``: editions in whose text it was looked for; ``unread``: editions held of which no text could be read;
    ``cut``: those of which only the beginning is searched; ``withheld``: those that a ruling withholds, whether or not
    they have it. ``known``: where there is no hit, how much is known of what was asked about.
    """

    as_of: datetime
    words: tuple[str, ...]
    without: tuple[str, ...]
    all_editions: bool
    total: int
    only_headings: int
    offset: int
    hits: tuple[SearchHit, ...]
    searched: int
    unread: int
    cut: int
    withheld: int
    known: Known | None = None


def search(
    home: Home,
    query: str,
    where: Where = EVERYTHING,
    *,
    all_editions: bool = False,
    limit: int = HITS,
    offset: int = 0,
    most_snippets: int = SNIPPETS,
    around: int = AROUND,
    with_counts: bool = True,
) -> SearchAnswer:
    """Return the reports of the chosen agencies with all words of ``query`` in their text. ``query``: as in
    :func:`parse_search`; ``all_editions``: search former editions (earlier contents) too, not only the last ones
    known then; ``limit`` and ``offset``: the page of hits; ``most_snippets``: at most so many for each hit, with
    ``around`` characters on either side; ``with_counts``: count what was searched, which reads a row of every
    edition. Reports with the words in their own text come before those with some only in headings of the form.
    Withheld editions, and those with the words only in what is withheld, are no hits, but counted. Raises
    QueryError for an invalid search, :class:`NotKnownError` for an unknown place, portal, agency or year.
    """
    words, without = parse_search(query)
    limit = bounds.number(limit, "limit", 0, bounds.MOST_HITS)
    offset = bounds.number(min(offset, bounds.FARTHEST), "offset", 0, bounds.FARTHEST)
    most_snippets = bounds.number(most_snippets, "snippets", 0, bounds.MOST_SNIPPETS)
    around = bounds.number(around, "around", 1, bounds.MOST_AROUND)
    chosen = choose(home, where)
    request = SearchQuery(
        words=words,
        without=without,
        as_of=chosen.as_of,
        last=not all_editions,
        years=chosen.years,
        kinds=None if chosen.kinds is None else {kind.value for kind in chosen.kinds},
        portals=None if chosen.everywhere else set(chosen.portals),
        agencies=None if chosen.is_by_kind else set(chosen.agencies),
    )
    out = chosen.out
    with open_snapshot(home) as store:
        tables = store.tables
        with store.read() as connection:
            withheld = out.editions | _only_in_secrets(connection, tables, request, out)
            everything = count_searched(connection, tables, request) if withheld and with_counts else None
            request = replace(request, excluded_editions=withheld)
            searched, unread, cut = count_searched(connection, tables, request) if with_counts else (0, 0, 0)
            of_own, own = find(connection, tables, replace(request, own=True), limit, offset)
            limit_behind, offset_behind = limit - len(of_own), max(0, offset - own)
            behind, headings = find(connection, tables, replace(request, own=False), limit_behind, offset_behind)
            total = own + headings
            rows = [*((row, False) for row in of_own), *((row, True) for row in behind)]
            texts = bodies(connection, tables, [row.no for row, _ in rows])
        knowledge = None if total or not with_counts else known_in(chosen)
        if knowledge is not None and not knowledge.duties:
            chosen.check_years()
        agencies = agency_lines(home, {row.agency for row, _ in rows})
    return SearchAnswer(
        as_of=chosen.as_of,
        words=tuple(map(drop_invisible_signs, words)),
        without=tuple(map(drop_invisible_signs, without)),
        all_editions=all_editions,
        total=total,
        only_headings=headings,
        offset=offset,
        hits=tuple(
            SearchHit(
                agency=agencies[row.agency],
                year=row.year,
                edition=row.edition,
                first_seen=row.since,
                last=row.until is None or row.until > chosen.as_of,
                only_headings=only_headings,
                occurrences=count,
                snippets=excerpts,
                cut=row.cut,
            )
            for row, only_headings in rows
            for passages in [_passages_without_secrets(texts[row.no], out)]
            for counting in [[one for one in passages if only_headings or not one.is_form_heading]]
            for count, excerpts in [snippets(counting, words, most_snippets, around)]
        ),
        searched=searched,
        unread=unread,
        cut=cut,
        withheld=sum(everything[:2]) - searched - unread if everything else 0,
        known=knowledge,
    )


def _passages_without_secrets(body: bytes, out: Outgoing) -> list[SearchParagraph]:
    """Return the passages of a packed text without what is withheld; persons are already masked in the index."""
    passages = unpacked(body)
    if not out.secrets:
        return list(passages)
    return [replace(one, text=out.text(one.text), heading=out.text(one.heading)) for one in passages]


def _only_in_secrets(connection: Connection, tables: ProjectionTables, query: SearchQuery, out: Outgoing) -> set[str]:
    """Return editions whose text matches only by a withheld title or address: as hits they would reveal it."""
    editions: set[str] = set()
    for secret in sorted(out.secrets.titles | out.secrets.addresses):
        naming = replace(query, words=(normalised(secret)[:LONGEST_PHRASE],), without=())
        rows, _ = find(connection, tables, naming, bounds.MOST_HITS, 0)
        texts = bodies(connection, tables, [row.no for row in rows])
        for row in rows:
            passages = _passages_without_secrets(texts[row.no], out)
            lines = all_normalised([one.text for one in passages if not one.is_form_heading])
            if not all(any(word in line for line in lines) for word in query.words):
                editions.add(row.edition)
    return editions


_MINUS = "-－−"
_WORD = re.compile(
    rf"(?P<minus>[{_MINUS}])?(?:[\"＂](?P<plain>[^\"＂]*)[\"＂]?|[“”](?P<curved>[^“”]*)[“”]?|(?P<bare>[^\s\"＂“”]+))"
)


def parse_search(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the normalised phrases that texts must and must not contain. In ``规划 "国土 空间" -矿产`` quotes make a
    phrase, a minus excludes. Raises :class:`QueryError` if there is no word, or too many or too long ones.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(code="query.long_search", most=f"{LONGEST_QUERY:,}", count=f"{len(text):,}")
    phrases: dict[bool, dict[str, None]] = {False: {}, True: {}}  # by whether they are excluded
    for match in _WORD.finditer(text):
        written = next(quoted for quoted in (match["plain"], match["curved"], match["bare"]) if quoted is not None)
        phrase = normalised(written)
        if len(phrase) > LONGEST_PHRASE:
            raise QueryError(code="query.long_phrase", text=phrase[:20], most=LONGEST_PHRASE, count=len(phrase))
        if phrase:
            phrases[match["minus"] is not None][phrase] = None
    words, without = phrases[False], phrases[True]
    if (count := len(words) + len(without)) > MOST_WORDS:
        raise QueryError(code="query.many_words", count=count, most=MOST_WORDS)
    if not words:
        raise QueryError(code="query.no_word", text=text)
    return tuple(words), tuple(without)


Span = tuple[int, int]
_MAX_WIDENING = 4  # a snippet with several hits has at most 4 times ``around`` characters
CUT = "…"


def snippets(
    passages: Iterable[SearchParagraph], words: Sequence[str], most: int, around: int
) -> tuple[int, tuple[Snippet, ...]]:
    """Return how often ``words`` (normalised) occur, and up to ``most`` snippets, ``around`` characters on either side.
    Passages with a word that no earlier passage has are chosen first, and paragraphs before headings, which are alike
    in most reports. The snippets are in the order of the text.
    """
    paragraphs = list(passages)
    lines = all_normalised([one.text for one in paragraphs])
    words_of_lines = ((at, [word for word in words if word in line]) for at, line in enumerate(lines))
    words_by_line = {at: here for at, here in words_of_lines if here}
    count = sum(lines[at].count(word) for at, here in words_by_line.items() for word in here)
    words_so_far: set[str] = set()
    first, rest = list[int](), list[int]()
    for at, here in sorted(words_by_line.items(), key=lambda one: not paragraphs[one[0]].paragraph):
        (rest if words_so_far.issuperset(here) else first).append(at)
        words_so_far.update(here)
    chosen = sorted([*first, *rest][:most])
    return count, tuple([_snippet(paragraphs[at], lines[at], words_by_line[at], around) for at in chosen])


def _snippet(passage: SearchParagraph, line: str, words: Sequence[str], around: int) -> Snippet:
    """Return the text around the first hits of ``words``; ``line``: the passage in its normalised form."""
    located, text = with_places(passage.text), line
    spans = sorted(match.span() for word in words for match in re.finditer(re.escape(word), text))
    if located is not None:
        places, text = located[1], passage.text
        spans = [(places[begin], _end_in_print(text, places, end)) for begin, end in spans]
    spans = _merge_spans(spans)
    begin, end = max(0, spans[0][0] - around), spans[0][1] + around
    for start, stop in spans[1:]:
        if start > end or stop + around - begin > _MAX_WIDENING * around:
            break
        end = stop + around
    end = min(len(text), end)
    visible = [(start, stop) for start, stop in spans if begin <= start and stop <= end]
    head, tail = CUT if begin else "", CUT if end < len(text) else ""
    shift = len(head) - begin
    return Snippet(
        text=f"{head}{text[begin:end]}{tail}",
        marks=tuple((start + shift, stop + shift) for start, stop in visible),
        heading=passage.heading,
        key=passage.key,
        document=passage.document,
        locator={"section": passage.section, "paragraph": passage.paragraph},
    )


def _end_in_print(text: str, places: Sequence[int], end: int) -> int:
    """Return where a match that ends at ``end`` in the normalised text ends in the printed text, without blanks."""
    last = places[end - 1]
    after = next((places[at] for at in range(end, len(places)) if places[at] > last), len(text))
    return last + max(1, len(text[last:after].rstrip()))


def _merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch as one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
