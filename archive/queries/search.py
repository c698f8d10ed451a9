"""Full-text search over the texts and titles of reports, with the text around each hit.

What is found is exactly what a scan of the normalised paragraphs would find (:mod:`storage.search_texts` says what that
is); of each report the last edition known by then is searched, or all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.choices import AROUND, HITS, SNIPPETS
from archive.queries.chosen import agency_lines
from archive.queries.grounds import Known
from archive.queries.known import known_in
from archive.queries.outgoing import Outgoing, outgoing
from archive.queries.overview import check_year
from archive.queries.results import AgencyLine
from archive.queries.search_query import parse
from archive.queries.search_results import SearchAnswer, SearchHit
from archive.queries.search_snippets import snippets
from archive.queries.stored import open_snapshot, records
from archive.queries.where import Where, choose
from archive.queries.withholding import Withheld, portals_concerned
from storage.home import Home
from storage.projection_tables import SearchTables
from storage.projections import ProjectionStore
from storage.records import Edition
from storage.search import Asked, bodies, count_searched, find
from storage.search_texts import LONGEST_PHRASE, Passage, all_normalised, normalised, unpacked


def search(
    home: Home,
    query: str,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    all_editions: bool = False,
    as_of: datetime | None = None,
    limit: int = HITS,
    offset: int = 0,
    most_snippets: int = SNIPPETS,
    around: int = AROUND,
) -> SearchAnswer:
    """Find the reports of the chosen agencies whose text has all words of ``query``.

    ``query``: as :func:`archive.queries.search_query.parse` reads it; ``limit`` and ``offset`` turn over the hits;
    ``most_snippets`` of each are given, with ``around`` characters on either side. Raises QueryError where nothing can
    be searched for so, :class:`NotKnownError` where a place, portal, agency or year is named of which nothing is known.
    """
    parsed = parse(query)
    years = bounds.reporting_years(years)
    limit = bounds.number(limit, "limit", 0, bounds.MOST_HITS)
    offset = bounds.number(min(offset, bounds.FARTHEST), "offset", 0, bounds.FARTHEST)
    most_snippets = bounds.number(most_snippets, "snippets", 0, bounds.MOST_SNIPPETS)
    around = bounds.number(around, "around", 1, bounds.MOST_AROUND)
    as_of = instant_of_question(home, as_of)
    asked = Asked(
        words=parsed.words,
        without=parsed.without,
        as_of=as_of,
        last=not all_editions,
        years=years,
        **_narrowed(home, where),
    )
    out = outgoing(home)
    with open_snapshot(home) as store:
        hidden = _hidden_editions(home, store, out.ruled)
        tables = store.tables.search
        with store.read() as connection:
            hidden |= _only_in_secrets(connection, tables, asked, out)
            everything = count_searched(connection, tables, asked) if hidden else None
            asked = replace(asked, hidden=hidden)
            searched, unread, cut = count_searched(connection, tables, asked)
            found, total = find(connection, tables, asked, limit, offset, among=searched)
            texts = bodies(connection, tables, [row.no for row in found])
        known = None if total else _knowledge(home, store, where, years, as_of)
        agencies = agency_lines(home, {row.agency for row in found})
    return SearchAnswer(
        as_of=as_of,
        words=parsed.words,
        without=parsed.without,
        all_editions=all_editions,
        total=total,
        offset=offset,
        hits=tuple(
            _search_hit(
                row, _passages_given_out(texts[row.no], out), agencies[row.agency], asked, most_snippets, around
            )
            for row in found
        ),
        searched=searched,
        unread=unread,
        cut=cut,
        withheld=sum(everything[:2]) - searched - unread if everything else 0,
        known=known,
    )


def _search_hit(
    row: Row[Any], passages: Sequence[Passage], agency: AgencyLine, question: Asked, most: int, around: int
) -> SearchHit:
    count, shown = snippets(passages, question.words, most, around)
    return SearchHit(
        agency=agency,
        year=row.year,
        edition=row.edition,
        first_seen=row.since,
        last=row.until is None or row.until > question.as_of,
        occurrences=count,
        snippets=shown,
        cut=row.cut,
    )


def _passages_given_out(body: bytes, out: Outgoing) -> list[Passage]:
    """The passages of a text as they may go out; persons are masked in them already."""
    passages = unpacked(body)
    if not out.secrets:
        return list(passages)
    return [replace(one, text=out.text(one.text), heading=out.text(one.heading)) for one in passages]


def _only_in_secrets(connection: Connection, tables: SearchTables, question: Asked, out: Outgoing) -> frozenset[str]:
    """The editions that have what is searched for in a withheld title or address alone: as hits they would tell it."""
    found: set[str] = set()
    for secret in sorted(out.secrets.titles | out.secrets.addresses):
        naming = replace(question, words=(normalised(secret)[:LONGEST_PHRASE],), without=())
        rows, _ = find(connection, tables, naming, bounds.MOST_HITS, 0)
        texts = bodies(connection, tables, [row.no for row in rows])
        for row in rows:
            lines = all_normalised([one.text for one in _passages_given_out(texts[row.no], out)])
            if not all(any(word in line for line in lines) for word in question.words):
                found.add(row.edition)
    return frozenset(found)


def _knowledge(
    home: Home, store: ProjectionStore, where: Where | None, years: Collection[int] | None, as_of: datetime
) -> Known:
    """How much is known of what was searched in vain."""
    chosen = choose(home, where)
    found = known_in(store, chosen, years, as_of)
    if not found.duties:
        for year in years or ():
            check_year(home, chosen, year)
    return found


def _narrowed(home: Home, where: Where | None) -> Mapping[str, Any]:
    """What of a choice narrows the statement; the registry is only asked where it has to be."""
    if where is None or where == Where():
        return {}
    kinds = None if where.kinds is None else {kind.value for kind in where.kinds}
    if where == Where(kinds=where.kinds):
        return {"kinds": kinds}
    chosen = choose(home, replace(where, kinds=None))
    agencies = None if where.agency is None else set(chosen.agencies)
    return {"kinds": kinds, "portals": set(chosen.portals), "agencies": agencies}


def _hidden_editions(home: Home, store: ProjectionStore, ruled: Withheld) -> frozenset[str]:
    """The editions that rulings withhold."""
    if not ruled:
        return frozenset()
    table = store.tables.editions
    of_portals = table.c.portal.in_(sorted(portals_concerned(home, ruled)))
    return frozenset(one.id for one in records(store, table, Edition, of_portals) if ruled.hides(one))
