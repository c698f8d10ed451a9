"""List what became known about duties and reports between two times, from stored histories: late, missing, changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from archive.queries.bounds import QueryError
from archive.queries.citing import citing_rulings
from archive.queries.coverage_of_answer import unjudged
from archive.queries.duty_rows import capture_refs, look_refs
from archive.queries.frames import Result
from archive.queries.results import AgencyLine, CaptureRef, LookRef, by_minute
from archive.queries.revisions import REPORTED_CODES, RevisionLine, find_changes
from archive.queries.selection import Selection
from archive.queries.stored import editions_of_reports, histories
from archive.queries.where import EVERYTHING, Where, aware, choose, instant_of_question
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Edition, EvidenceGrade, LookOutcome, Status, StatusInterval, editions_known

_PERIODS = (30, 365, 3_650)  # days before ``until``, if there is no ``since``
_MAX_PORTALS = 100  # with more portals, only the first period is read
_GRAVEST_FIRST = (
    *("missing", "not_found", "withdrawn", "page_gone", "silent_revision", "late"),
    *(*REPORTED_CODES, "taken_back", "appeared"),
)
_GRAVE = {Status.LATE: "late", Status.MISSING: "missing", Status.NOT_FOUND: "not_found"}


class NewsItem(Result):
    """What became known of a duty at ``at``. ``kind``: ``late``, ``missing``, ``not_found``, ``appeared`` (seen, and
    not late), ``taken_back`` (it was told late, missing or not found, and that does not hold), or a change as in
    :class:`RevisionLine`.

    ``status`` and ``evidence``: of the duty from then on (None for changes); ``previous_evidence``: of the same status
    until then (None: the status is new). ``editions``, ``looks``, ``captures``: ids of what it rests on, ``look_refs``
    and ``capture_refs`` the same with addresses and times; ``address``: of the report. Of a withheld report neither
    editions, captures nor address are given. ``cited_in``: works that cite it.
    """

    at: datetime
    kind: str
    agency: AgencyLine
    year: int
    status: Status | None
    evidence: EvidenceGrade | None
    zh: str
    en: str
    address: str | None
    editions: tuple[str, ...]
    looks: tuple[str, ...]
    captures: tuple[str, ...]
    look_refs: tuple[LookRef, ...] = ()
    capture_refs: tuple[CaptureRef, ...] = ()
    cited_in: tuple[str, ...] = ()
    previous_evidence: EvidenceGrade | None = None


class News(Result):
    """What became known after ``since`` and until ``until``, oldest first; of one minute the gravest last.

    ``looks``: looks at listings that ended in that time, ``ok_looks`` those read to their end, ``visits`` fetches that
    showed a page of a report; ``not_looked_at``: portals of which no listing was read to its end then;
    ``unjudged``: those of which nothing was ever read and judged. ``withheld``: changes left out because a ruling
    withholds the report.
    """

    since: datetime
    until: datetime
    items: tuple[NewsItem, ...]
    withheld: int
    looks: int
    ok_looks: int
    visits: int
    portals: int
    not_looked_at: tuple[str, ...]
    unjudged: tuple[str, ...]


def news(
    home: Home,
    where: Where = EVERYTHING,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> News:
    """List what became known about the chosen duties after ``since`` and until ``until`` (None: the time asked about).
    ``since``: by default 30 days before ``until``, or if there was no news, a year or ten years. Later looks (readings
    of lists) do not change what was known at an earlier time. ``evidence``: only news of statuses with one of these
    grades, which excludes changes of a report's content, as they have no grade. Raises QueryError if ``until`` is not
    after ``since``, :class:`NotKnownError` for an unknown place.
    """
    until = instant_of_question(home, until or where.as_of)
    if since is None:
        for days in _PERIODS:
            answer = news(home, where, since=until - timedelta(days), until=until, evidence=evidence)
            if answer.items or answer.portals > _MAX_PORTALS:
                break
        return answer
    aware("since", since)
    if until <= since:
        instant_of_question(home, since)  # raises an error for a day in the future
        raise QueryError(code="query.no_time_between")
    chosen = choose(home, replace(where, as_of=until))
    changes = [one for one in find_changes(chosen, REPORTED_CODES) if one.line.known > since]
    turns = list(_news_turns(chosen, since))
    editions = editions_of_reports(chosen.store, {(now.agency, now.year) for _, now, _ in turns})
    items = [_item_of_line(one.line) for one in changes if not one.secret]
    items += [
        replace(_item_of_turn(chosen, kind, now, editions[now.agency, now.year]), previous_evidence=previous)
        for kind, now, previous in turns
    ]
    items = _with_evidence(chosen, [one for one in items if evidence is None or one.evidence in evidence])
    look_counts, visited = Observations(home).count_looks(since, until), CaptureStore(home).visits(since, until)
    ok = {name: look_counts[name][LookOutcome.OK] if name in look_counts else 0 for name in chosen.portals}
    return News(
        since=since,
        until=until,
        items=_newest_last(items),
        withheld=sum(one.secret for one in changes) if evidence is None else 0,  # only changes are withheld
        looks=sum(look_counts[name].total() for name in chosen.portals if name in look_counts),
        ok_looks=sum(ok.values()),
        visits=sum(visited[name] for name in chosen.portals),
        portals=len(chosen.portals),
        not_looked_at=tuple(sorted(name for name, count in ok.items() if not count)),
        unjudged=unjudged(chosen),
    )


def _newest_last(items: Iterable[NewsItem]) -> tuple[NewsItem, ...]:
    """Sort news by the minute; within one the gravest last, as people read from the end."""

    def weight(one: NewsItem) -> tuple[object, ...]:
        return _GRAVEST_FIRST.index(one.kind), one.agency.division or "", one.agency.id, one.year, one.en

    gravest_last = sorted(items, key=weight, reverse=True)
    return tuple(sorted(gravest_last, key=lambda one: one.at.replace(second=0, microsecond=0)))


def _with_evidence(chosen: Selection, items: Sequence[NewsItem]) -> list[NewsItem]:
    """Return the items with the addresses and times of their looks and captures, and the works that cite the report."""
    home, citing = chosen.home, citing_rulings(chosen.home, chosen.as_of)
    looks = look_refs(home, {name for one in items for name in one.looks})
    captures = capture_refs(home, {name for one in items for name in one.captures})
    return [
        replace(
            one,
            look_refs=tuple(looks[name] for name in one.looks if name in looks),
            capture_refs=tuple(captures[name] for name in one.captures if name in captures),
            cited_in=tuple(
                chosen.out.text(str(ruling.decision["title"])) for ruling in citing.get((one.agency.id, one.year), ())
            ),
        )
        for one in items
    ]


def _news_turns(chosen: Selection, since: datetime) -> Iterator[tuple[str, StatusInterval, EvidenceGrade | None]]:
    """Yield kind, status interval and previous evidence of each piece of news after ``since``: a chosen duty (a report
    owed) got another status, or its status better evidence. A status of less than a minute is passed over.
    """
    table = chosen.store.tables.statuses
    other, until = table.alias("turned"), chosen.as_of
    is_same = (other.c.agency == table.c.agency, other.c.year == table.c.year)
    has_turned = select(other.c.no).where(*is_same, other.c.since > since, other.c.since <= until).exists()
    in_time = (table.c.since <= until, table.c.until.is_(None) | (table.c.until > since))
    for intervals in histories(chosen.store, chosen.agencies, *chosen.conditions(table), *in_time, has_turned):
        # a duty that became known after ``since`` has no interval before its first one
        for before, now in pairwise([*([None] if intervals[0].since > since else []), *by_minute(intervals)]):
            if now and (kind := _news_kind(before, now)):
                yield kind, now, before.evidence if before and before.status is now.status else None


def _news_kind(before: StatusInterval | None, now: StatusInterval) -> str | None:
    """Return what news ``now`` is after ``before``: late, missing or not found (also if only the proof is new), a first
    showing (``appeared``), or that such a status no longer holds (``taken_back``); None if it is no news.
    """
    was = before and before.status
    if now.status in _GRAVE:
        is_proof = now.evidence is EvidenceGrade.PROVEN and not (before and before.evidence is now.evidence)
        return _GRAVE[now.status] if now.status is not was or is_proof else None
    if now.first_shown and not (before and before.first_shown):
        return "appeared"
    return "taken_back" if was in _GRAVE else None


def _item_of_turn(chosen: Selection, kind: str, now: StatusInterval, editions: Iterable[Edition]) -> NewsItem:
    """Return the news that the status ``now`` began; of a withheld report without editions, captures and address."""
    out = chosen.out
    editions_then = editions_known(editions, now.since)
    secret = out.ruled.hides_any((now.agency, now.year), editions_then)
    open_editions = [] if secret else editions_then
    return NewsItem.of(
        now,
        at=now.since,
        kind=kind,
        agency=chosen.line(now.agency),
        zh=out.text(now.zh),
        en=out.text(now.en),
        address=out.address(open_editions[-1].track) if open_editions else None,
        editions=tuple(one.id for one in open_editions),
        captures=() if secret else now.captures,
    )


def _item_of_line(line: RevisionLine) -> NewsItem:
    """Return a change of a report as news. It rests on looks if lists showed it, else on captures."""
    on_lists = line.change in {"withdrawn", "returned"}
    return NewsItem.of(
        line,
        at=line.known,
        kind=line.change,
        status=None,
        evidence=None,
        address=line.address or None,
        editions=tuple(dict.fromkeys(filter(None, (line.before, line.after)))),
        looks=line.evidence if on_lists else (),
        captures=() if on_lists else line.evidence,
    )
