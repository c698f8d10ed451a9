"""When the next crawl of a portal is due, and why. Pure: a plan, the deadlines and the crawls so far decide.

The looks that prove an absence (docs/operating.md): at 09:00 of the day after a due date, again 24 hours
after the first whole one, and again 168 hours after it; each is tried again through the day, and on the days after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from archive.assessment.calendar import day_begins, day_ends, local_day
from crawler.operations.scheduling.hours import opening
from crawler.operations.scheduling.plans import NEVER, Plan
from storage.mending import UNENDED
from storage.records import SHANGHAI

_DAY = timedelta(days=1)
_REFUSED = ("blocked", "robots")
_NOT_THROUGH = ("unreachable", *_REFUSED)
_ENDED_ILL = UNENDED | {"unreachable"}


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl that has ended. ``looks``: how many, by outcome."""

    started: datetime
    finished: datetime
    outcome: str
    looks: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the portal turned us away, from a listing at least."""
        return any(self.looks.get(outcome) for outcome in _REFUSED)

    @property
    def through(self) -> bool:
        """Whether every listing answered, in whatever shape, and one at least to its end."""
        return bool(self.looks.get("ok")) and self.answered

    @property
    def answered(self) -> bool:
        """Whether every listing answered, in whatever shape."""
        fell_out = self.outcome in _ENDED_ILL or any(self.looks.get(outcome) for outcome in _NOT_THROUGH)
        return bool(self.looks) and not fell_out


@dataclass(frozen=True, slots=True)
class Due:
    """The next crawl: not before ``at``, for the reason ``why``: ``first``, ``regular``, ``season``, ``trouble``, or
    ``proof``, ``second`` and ``third`` look after the due date ``deadline``.
    """

    at: datetime
    why: str
    deadline: date | None = None


def next_due(portal: str, plan: Plan, deadlines: Sequence[date], crawls: Sequence[Crawl], now: datetime) -> Due | None:
    """When ``portal`` is to be crawled next; None while it rests until somebody says otherwise.

    ``crawls`` in the order of their start. What is due already has an instant before ``now``.
    """
    if not crawls:
        wanted = Due(now, "first")
    else:
        good = settled(crawls, plan.alike)
        owed = [one for day in deadlines if (one := _proof(portal, plan, day, (crawls, good), now)) is not None]
        wanted = _regular(portal, plan, deadlines, crawls[-1], tried=crawls[-1].through or crawls[-1] in good)
        if owed:
            wanted = _sooner(min(owed, key=lambda one: one.at), wanted, plan)
    at = wanted.at
    if plan.resumes is not None:
        if plan.resumes == NEVER:
            return None
        at = max(at, plan.resumes)
    return Due(opening(plan.window, at), wanted.why, wanted.deadline)


def _sooner(proof: Due, wanted: Due, plan: Plan) -> Due:
    """The look of proof, where it comes first, or soon after and serves both.

    It never takes the place of a crawl within the due date: what that one shows was published in time, beyond doubt.
    """
    assert proof.deadline is not None
    after = plan.season_every / 2 if wanted.at >= day_ends(proof.deadline) else timedelta(0)
    return proof if proof.at <= wanted.at + after else wanted


def whole(crawls: Iterable[Crawl]) -> list[Crawl]:
    """The crawls that got through and read no fewer listings to their end than the one before: those worth no retry."""
    kept: list[Crawl] = []
    partial = None
    for crawl in crawls:
        now = crawl.looks.get("partial", 0)
        if crawl.through and (partial is None or now <= partial):
            kept.append(crawl)
        partial = now
    return kept


def settled(crawls: Sequence[Crawl], alike: timedelta) -> list[Crawl]:
    """The crawls that another try would not better: whole ones, and those that were answered and ended just as all the
    crawls of so long a time before them. A portal that never shows its lists to the end is not asked for them hourly.
    """
    kept: list[Crawl] = []
    good = {id(crawl) for crawl in whole(crawls)}
    before: Crawl | None = None
    since = datetime.max.replace(tzinfo=SHANGHAI)
    for crawl in crawls:
        if not crawl.answered or before is None or crawl.looks != before.looks:
            since = crawl.started
        before = crawl
        if id(crawl) in good or (crawl.answered and crawl.started - since >= alike):
            kept.append(crawl)
    return kept


def _regular(portal: str, plan: Plan, deadlines: Sequence[date], last: Crawl, *, tried: bool) -> Due:
    """The next crawl of the rule: daily in a season, at the latest on a season's first day, else by the week."""
    gap = last.finished - last.started  # counted from the start, but never so that one follows upon the other
    soon = last.started + max(plan.season_every, gap)
    if any(_begins(plan, day) <= soon <= day_ends(day) + plan.season_after for day in deadlines):
        return Due(soon, "season")
    if not tried and plan.trouble < plan.every:
        return Due(last.started + max(plan.trouble, gap), "trouble")
    late = (
        last.started + max(plan.every, gap) + _spread(portal, last.started.isoformat(), plan.jitter) - plan.jitter / 2
    )
    late = max(late, last.started + max(plan.every / 2, gap))  # whatever the jitter
    season = [_begins(plan, day) for day in deadlines if last.started < _begins(plan, day) <= late]
    if season:
        return Due(min(season) + _spread(portal, "", plan.jitter), "season")
    return Due(late, "regular")


def _begins(plan: Plan, deadline: date) -> datetime:
    return day_begins(deadline) - plan.season_before


def _proof(
    portal: str, plan: Plan, deadline: date, made: tuple[Sequence[Crawl], Sequence[Crawl]], now: datetime
) -> Due | None:
    """The next look that is owed after ``deadline``, if one is. ``made``: all crawls, and the settled ones."""
    crawls, good = made
    end = day_ends(deadline)
    if now > end + plan.proof_for:
        return None
    jitter = _spread(portal, "", plan.jitter)
    first_at = datetime.combine(deadline + _DAY, plan.proof_at, SHANGHAI) + jitter
    after = [crawl for crawl in good if crawl.started >= end]
    if not after:
        return _tried(plan, "proof", deadline, first_at, crawls)
    first = after[0]
    for why, wait in (("second", plan.second_after), ("third", plan.third_after)):
        at = first.finished + wait
        if not any(crawl.started >= at for crawl in after):
            return _tried(plan, why, deadline, at, crawls)
    return None


def _tried(plan: Plan, why: str, deadline: date, at: datetime, crawls: Sequence[Crawl]) -> Due:
    """The look that is due at ``at``, or the next try at it: through that day, then once each morning."""
    tries = [crawl for crawl in crawls if crawl.started >= at]
    if not tries:
        return Due(at, why, deadline)
    last = tries[-1]
    today = local_day(last.started)
    again = last.finished + (plan.blocked_retry if last.refused else plan.retry)
    if today == local_day(at) == local_day(again):
        return Due(again, why, deadline)
    return Due(max(again, datetime.combine(today + _DAY, plan.proof_at, SHANGHAI)), why, deadline)


def _spread(portal: str, salt: str, jitter: timedelta) -> timedelta:
    """A share of the jitter that is the portal's own, and the same whenever it is asked for."""
    digest = hashlib.sha256(f"{portal}\n{salt}".encode()).digest()
    return jitter * (int.from_bytes(digest[:4], "big") / 2**32)
