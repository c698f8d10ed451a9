"""The rule by which portals are crawled: when the next crawl is due and why, and which deadlines lack a look that
proves absence. Pure.

This follows from the portal's plan, the deadlines and its crawls so far. An absence is proved by three looks: at
``Plan.proof_at`` on the day after a due date, then ``second_after`` and ``third_after`` the first complete one of them
(docs/operating.md). A crawl that fails is tried again through the day, and on the days after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from archive.assessment.calendar import day_begins, day_ends, local_day
from archive.assessment.deadlines import due as due_date
from archive.assessment.deadlines import local_due
from storage.records import SHANGHAI, AgencyKind, LookOutcome, Run

NEVER = datetime.max.replace(tzinfo=SHANGHAI)  #: the end of a pause that lasts until the operator ends it
_DAY = timedelta(days=1)
_REFUSED = (LookOutcome.BLOCKED, LookOutcome.ROBOTS)  # of looks
_UNANSWERED = (LookOutcome.UNREACHABLE, *_REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """By what rule one portal is crawled; times and days are those of Asia/Shanghai. The season is around a due date.
    ``paused``: when crawls go on after a pause; None without one.
    """

    every_days: timedelta = timedelta(days=7)  # between two crawls, outside the season
    season_every_days: timedelta = timedelta(days=1)  # between two crawls in the season
    paused: datetime | None = None
    season_before: timedelta = timedelta(days=7)
    season_after: timedelta = timedelta(days=14)
    proof_at: time = time(9)  # of the first crawl of proof, on the day after the due date (docs/operating.md)
    second_after: timedelta = timedelta(hours=24)  # from the end of the first complete crawl of proof
    third_after: timedelta = timedelta(hours=168)  # likewise
    proof_span: timedelta = timedelta(days=30)  # after the due date, in which crawls of proof are tried
    retry_after: timedelta = timedelta(hours=2)  # between a failed crawl and its retry, while a crawl of proof is due
    refused_retry_after: timedelta = timedelta(hours=12)  # the same, if the portal refused us
    alike_span: timedelta = timedelta(hours=24)  # no retry if all crawls of so long a time had the same outcomes
    trouble_every: timedelta = timedelta(days=1)  # between a failed crawl and the next, at other times
    jitter: timedelta = timedelta(minutes=30)  # crawls that are due at the same time begin within this time


@dataclass(frozen=True, slots=True)
class NextCrawl:
    """The next crawl of a portal, not before ``at``. ``why``: ``first``, ``regular``, ``season`` (around a due date),
    ``trouble`` (the last one failed), or ``proof``, ``second`` or ``third``: the crawls of proof after ``deadline``.
    ``early``: when a crawl began that came too soon after the first crawl of proof to be the second; None: none did.
    """

    at: datetime
    why: str
    deadline: date | None = None
    early: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A deadline without a complete crawl on the day after it. ``tries``: the number of crawls begun on that day;
    ``filled``: the start of the first complete crawl afterwards, None if there is none yet.
    """

    deadline: date
    tries: int
    filled: datetime | None


def is_refused(crawl: Run) -> bool:
    """Whether the portal turned us away from at least one listing."""
    return not crawl.looks.keys().isdisjoint(_REFUSED)


def is_answered(crawl: Run) -> bool:
    """Whether a crawl ended normally and every listing answered, even if it was not read to its end."""
    looks = crawl.looks
    return bool(looks) and crawl.reached_end and looks.keys().isdisjoint(_UNANSWERED)


def is_through(crawl: Run) -> bool:
    """Whether every listing answered, and at least one was read to its end."""
    return "ok" in crawl.looks and is_answered(crawl)


def _end(crawl: Run) -> datetime:
    assert crawl.finished is not None, "only crawls that have ended are judged"
    return crawl.finished


def deadlines_of(place: str, around: date) -> tuple[date, ...]:
    """Return the dates around a day, in order, on which reports are due by law, custom or a local rule of ``place``."""
    dates: set[date] = set()
    for year in (around.year - 2, around.year - 1, around.year):
        for kind in AgencyKind:
            statutory = due_date(kind, year)
            days = (statutory.due, statutory.practice, *(local.due for local in local_due(place, kind, year)))
            dates.update(day for day in days if day is not None)
    return tuple(sorted(dates))


def next_due(
    portal: str, plan: Plan, deadlines: Sequence[date], crawls: Sequence[Run], now: datetime
) -> NextCrawl | None:
    """Return when and why ``portal`` is to be crawled next (before ``now`` if it is due already); None while it is
    paused without an end. ``crawls``: its crawls that have ended, in the order of their start.
    """
    if plan.paused == NEVER:
        return None
    next_crawl = NextCrawl(now, "first")
    if crawls:
        settled = settled_crawls(crawls, plan.alike_span)
        is_fine = is_through(crawls[-1]) or crawls[-1] in settled
        next_crawl = _regular(plan, deadlines, crawls[-1], _jitter(portal, plan), is_fine=is_fine)
        owed = [one for day in deadlines if (one := _proof(portal, plan, day, crawls, settled, now)) is not None]
        if owed:
            next_crawl = _sooner(min(owed, key=lambda one: one.at), next_crawl, plan)
    return next_crawl if plan.paused is None else replace(next_crawl, at=max(next_crawl.at, plan.paused))


def complete_crawls(crawls: Iterable[Run]) -> list[Run]:
    """Return, of crawls in order, those that are through and left no more listings partial than the one before."""
    complete: list[Run] = []
    partial_before = None
    for crawl in crawls:
        partial = crawl.looks.get("partial", 0)
        if is_through(crawl) and (partial_before is None or partial <= partial_before):
            complete.append(crawl)
        partial_before = partial
    return complete


def settled_crawls(crawls: Sequence[Run], alike: timedelta) -> list[Run]:
    """Return the crawls that a retry would not improve: complete ones, and answered ones with the same outcomes as all
    crawls of the time ``alike`` before. So a portal that never shows whole lists is not crawled every hour.
    """
    settled: list[Run] = []
    complete = {id(crawl) for crawl in complete_crawls(crawls)}
    before: Run | None = None
    since = NEVER
    for crawl in crawls:
        if not is_answered(crawl) or before is None or crawl.looks != before.looks:
            since = crawl.started
        before = crawl
        if id(crawl) in complete or (is_answered(crawl) and crawl.started - since >= alike):
            settled.append(crawl)
    return settled


def find_gaps(deadlines: Sequence[date], crawls: Sequence[Run], now: datetime) -> tuple[Gap, ...]:
    """Return the past deadlines without a complete crawl on the next day, in order; none before the first crawl."""
    gaps: list[Gap] = []
    complete = complete_crawls(crawls)
    for deadline in deadlines:
        begin = day_ends(deadline)
        end = begin + _DAY
        if now < end or not any(crawl.started < begin for crawl in crawls):
            continue
        first = next((crawl.started for crawl in complete if crawl.started >= begin), None)
        if first is None or first >= end:
            gaps.append(Gap(deadline, sum(begin <= crawl.started < end for crawl in crawls), first))
    return tuple(gaps)


def _sooner(proof: NextCrawl, regular: NextCrawl, plan: Plan) -> NextCrawl:
    """Return the crawl that proves absence if it comes first, or so soon after the regular one that it can replace it.
    It never replaces a regular crawl before the deadline's end: reports on that one were certainly published in time.
    """
    assert proof.deadline is not None
    patience = plan.season_every_days / 2 if regular.at >= day_ends(proof.deadline) else timedelta(0)
    return proof if proof.at <= regular.at + patience else regular


def _regular(plan: Plan, deadlines: Sequence[date], last: Run, jitter: timedelta, *, is_fine: bool) -> NextCrawl:
    """Return the next regular crawl: daily in the season around a deadline, from its first day on, else weekly.
    Intervals count from the start of the last crawl, and are at least its length. ``is_fine``: the last needs no retry.
    """
    took = _end(last) - last.started
    soon = last.started + max(plan.season_every_days, took)
    seasons = [(day_begins(day) - plan.season_before, day_ends(day) + plan.season_after) for day in deadlines]
    if any(begin <= soon <= end for begin, end in seasons):
        return NextCrawl(soon, "season")
    if not is_fine and plan.trouble_every < plan.every_days:
        return NextCrawl(last.started + max(plan.trouble_every, took), "trouble")
    late = last.started + max(plan.every_days, took)
    begins = [begin for begin, _ in seasons if last.started < begin <= late]
    return NextCrawl(min(begins) + jitter, "season") if begins else NextCrawl(late, "regular")


def _proof(
    portal: str, plan: Plan, deadline: date, crawls: Sequence[Run], settled: Sequence[Run], now: datetime
) -> NextCrawl | None:
    """Return the next of the three crawls after ``deadline`` that prove what is missing; None if none is left, or it is
    too late. ``crawls``: as for :func:`next_due`; ``settled``: those that a retry would not improve; only they prove.
    """
    if now > day_ends(deadline) + plan.proof_span:
        return None
    after = [crawl for crawl in settled if crawl.started >= day_ends(deadline)]
    if not after:
        morning = datetime.combine(deadline + _DAY, plan.proof_at, SHANGHAI)
        return _next_try(plan, NextCrawl(morning + _jitter(portal, plan), "proof", deadline), crawls)
    for why, wait in (("second", plan.second_after), ("third", plan.third_after)):
        at = _end(after[0]) + wait
        if not any(crawl.started >= at for crawl in after):
            early = after[-1].started if why == "second" and len(after) > 1 else None
            return _next_try(plan, NextCrawl(at, why, deadline, early), crawls)
    return None


def _next_try(plan: Plan, owed: NextCrawl, crawls: Sequence[Run]) -> NextCrawl:
    """Return ``owed``, or its next retry if it was tried already: through that day, then once each morning."""
    last = crawls[-1]
    if last.started < owed.at:  # keep a distance from the crawl before, which may have been late and ended just now
        return replace(owed, at=max(owed.at, _end(last) + plan.retry_after))
    day = local_day(last.started)
    again = _end(last) + (plan.refused_retry_after if is_refused(last) else plan.retry_after)
    if not day == local_day(owed.at) == local_day(again):
        again = max(again, datetime.combine(day + _DAY, plan.proof_at, SHANGHAI))
    return replace(owed, at=again)


def _jitter(portal: str, plan: Plan) -> timedelta:
    """Return the part of the plan's jitter that is fixed for this portal, by a hash."""
    digest = hashlib.sha256(portal.encode()).digest()
    return plan.jitter * (int.from_bytes(digest[:4], "big") / 2**32)
