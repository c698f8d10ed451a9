"""Portals as their schedules see them: what is due, crawl now, let rest, resume."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from archive.assessment.calendar import local_day
from crawler import portals as known_portals
from crawler.operations.due_crawls import Gap
from crawler.operations.planner import PortalState, states
from crawler.operations.schedule_settings import pause_setting, set_schedule
from nianbao.language import Language
from nianbao.messages import say
from nianbao.operate.visits import CATALOGUE, Changed, Seen, Values, change, page
from nianbao.sentences import worded
from nianbao.templates import value_text

_ON_A_PAGE = 50


@page("portals", "portals.html")
def portals(visit: Seen, q: str = "", begin: int = 0) -> Values:
    """Portals by name, those whose name or place has ``q``; ``begin``: how many were on the pages before."""
    rows = [
        name
        for name, kind in known_portals.classes(visit.home.path).items()
        if q.strip().lower() in name or q.strip() in kind.place
    ]
    end = max(0, begin) + _ON_A_PAGE
    now, lang = visit.home.clock.now(), visit.lang
    faults = known_portals.broken(visit.home.path)
    return {
        "q": q, "count": len(rows), "more": urlencode({"q": q, "begin": end}) if len(rows) > end else "",
        "states": [
            (one, _next(one, lang, now), [_gap(gap, lang) for gap in one.gaps])
            for one in states(visit.home, rows[end - _ON_A_PAGE : end])
        ],
        "broken": {name: worded(fault, lang, on_page=True) for name, fault in faults.items()},
    }  # fmt: skip


def _next(state: PortalState, lang: Language, now: datetime) -> tuple[str, str]:
    """When the next crawl is, and why then, in the reader's language."""
    due, resumes = state.due, state.plan.paused
    if due is None:
        return say(CATALOGUE, lang, "portals.rests"), ""
    if resumes is not None and resumes > now:
        return say(CATALOGUE, lang, "portals.paused", day=local_day(resumes)), ""
    late = say(CATALOGUE, lang, "portals.overdue") if due.at <= now else ""
    why = say("cli", lang, f"due.{due.why}", deadline=due.deadline)
    return " · ".join(filter(None, (value_text(due.at), late))), why


def _gap(gap: Gap, lang: Language) -> str:
    """A look of proof that was not made, in the reader's language."""
    key = "due.gap_open" if gap.filled is None else "due.gap_filled"
    first = say("cli", lang, key, at=value_text(gap.filled))
    return say("cli", lang, "due.gap", deadline=gap.deadline, tries=gap.tries, first=first)


@change("portals/{name}/crawl")
def crawl(visit: Changed, name: str) -> str:
    """Crawl a portal now."""
    visit.jobs.crawl(known_portals.find(name, visit.home.path).name, visit.session.name, visit.lang)
    return "runs"


@change("portals/{name}/pause")
def pause(visit: Changed, name: str) -> str:
    """Let a portal rest."""
    settings = pause_setting(visit.home, visit.form.one("until"))
    set_schedule(visit.home, [name], settings, by=visit.session.name, reason=visit.form.one("reason"))
    return f"portals?{urlencode({'q': name})}"


@change("portals/{name}/resume")
def resume(visit: Changed, name: str) -> str:
    """Crawl a portal again that rests."""
    set_schedule(visit.home, [name], {"paused": "no"}, by=visit.session.name, reason=visit.form.one("reason"))
    return f"portals?{urlencode({'q': name})}"
