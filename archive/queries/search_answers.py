"""What a search is answered with. Frozen records with ``to_dict()``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.queries.record import Result
from archive.queries.results import AgencyLine, Known


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit(Result):
    """An edition whose text has what was searched for. ``last``: it is the report's last known at the time asked about.

    ``occurrences``: how often the words stand in it; ``cut``: it is longer than what is searched.
    """

    agency: AgencyLine
    year: int
    edition: str
    first_seen: datetime
    last: bool
    occurrences: int
    snippets: tuple[Snippet, ...]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer(Result):
    """Hits of the latest reporting year first, of one year those first seen last first.

    ``words`` and ``without``: normalised, as they were searched for. ``total``: how many editions have them, of which
    ``hits`` are those from ``offset`` on. ``searched``: editions in whose text it was looked for; ``unread``: editions
    held of which no text could be read; ``cut``: those of which only the beginning is searched; ``withheld``: those
    that a ruling withholds, whether or not they have it. ``known``: where there is no hit, how much is known of what
    was asked about.
    """

    as_of: datetime
    words: tuple[str, ...]
    without: tuple[str, ...]
    all_editions: bool
    total: int
    offset: int
    hits: tuple[SearchHit, ...]
    searched: int
    unread: int
    cut: int
    withheld: int
    known: Known | None = None
