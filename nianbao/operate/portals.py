"""Portals as their schedules see them: what is due, crawl now, let rest, resume."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.assessment.calendar import local_day
from crawler import portals as known_portals
from crawler.operations.due_crawls import Gap
from crawler.operations.planner import PortalState, states
from crawler.operations.schedule_settings import pause_setting, set_schedule
from nianbao.language import Language
from nianbao.messages import say
from nianbao.operate.login import CATALOGUE, Archive, Change, Operator, page, to
from nianbao.operate.runs import Work
from nianbao.page_routes import PageRoute
from nianbao.sentences import worded
from nianbao.templates import shown

router = APIRouter(route_class=PageRoute)
_ON_A_PAGE = 50


@router.get("/{lang}/portals")
def portals(
    request: Request, lang: Language, home: Archive, session: Operator, q: str = "", begin: int = 0
) -> Response:
    """Portals by name, those whose name or place has ``q``; ``begin``: how many were on the pages before."""
    wanted = [
        name
        for name, kind in known_portals.classes(home.path).items()
        if q.strip().lower() in name or q.strip() in kind.place
    ]
    begin = max(0, begin)
    on_page = states(home, wanted[begin : begin + _ON_A_PAGE])
    more = urlencode({"q": q, "begin": begin + _ON_A_PAGE}) if len(wanted) > begin + _ON_A_PAGE else ""
    faults = known_portals.broken(home.path)
    now = home.clock.now()
    values: dict[str, Any] = {
        "states": [(one, _next(one, lang, now), [_gap(gap, lang) for gap in one.gaps]) for one in on_page],
        "count": len(wanted),
        "more": more,
        "broken": {name: worded(fault, lang, on_page=True) for name, fault in faults.items()},
    }
    return page(request, "portals.html", lang, session, q=q, **values)


def _next(state: PortalState, lang: Language, now: datetime) -> tuple[str, str]:
    """When the next crawl is, and why then, in the reader's language."""
    due, resumes = state.due, state.plan.paused
    if due is None:
        return say(CATALOGUE, lang, "portals.rests"), ""
    if resumes is not None and resumes > now:
        return say(CATALOGUE, lang, "portals.paused", day=local_day(resumes)), ""
    late = say(CATALOGUE, lang, "portals.overdue") if due.at <= now else ""
    why = say("cli", lang, f"due.{due.why}", deadline=due.deadline)
    return " · ".join(filter(None, (shown(due.at), late))), why


def _gap(gap: Gap, lang: Language) -> str:
    """A look of proof that was not made, in the reader's language."""
    key = "due.gap_open" if gap.filled is None else "due.gap_filled"
    first = say("cli", lang, key, at=shown(gap.filled))
    return say("cli", lang, "due.gap", deadline=gap.deadline, tries=gap.tries, first=first)


@router.post("/{lang}/portals/{name}/crawl")
def crawl(lang: Language, name: str, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Crawl a portal now."""
    del form
    work.crawl(known_portals.find(name, home.path).name, session.name, lang)
    return to(lang, "runs")


@router.post("/{lang}/portals/{name}/pause")
def pause(lang: Language, name: str, home: Archive, session: Operator, form: Change) -> Response:
    """Let a portal rest."""
    settings = pause_setting(home, form.one("until"))
    set_schedule(home, [name], settings, by=session.name, reason=form.one("reason"))
    return to(lang, f"portals?{urlencode({'q': name})}")


@router.post("/{lang}/portals/{name}/resume")
def resume(lang: Language, name: str, home: Archive, session: Operator, form: Change) -> Response:
    """Crawl a portal again that rests."""
    set_schedule(home, [name], {"paused": "no"}, by=session.name, reason=form.one("reason"))
    return to(lang, f"portals?{urlencode({'q': name})}")
