"""Portals as their schedules see them: what is due, crawl now, let rest, resume."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crawler import portals as known_portals
from crawler.operations.scheduling.setting import pause_setting, set_schedule
from crawler.operations.scheduling.state import states
from nianbao.operate.entry import Archive, Change, Operator, to
from nianbao.operate.rendering import page
from nianbao.operate.runs import Work
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang

router = APIRouter(route_class=PageRoute)
_ON_A_PAGE = 50


@router.get("/{lang}/portals")
def portals(request: Request, lang: Lang, home: Archive, session: Operator, q: str = "", begin: int = 0) -> Response:
    """Portals by name, those whose name or place has ``q``; ``begin``: how many were on the pages before."""
    wanted = [
        name
        for name, kind in known_portals.classes(home.path).items()
        if q.strip().lower() in name or q.strip() in kind.place
    ]
    begin = max(0, begin)
    shown = states(home, wanted[begin : begin + _ON_A_PAGE])
    more = urlencode({"q": q, "begin": begin + _ON_A_PAGE}) if len(wanted) > begin + _ON_A_PAGE else ""
    broken = known_portals.broken(home.path)
    return page(request, "portals.html", lang, session, states=shown, q=q, count=len(wanted), more=more, broken=broken)


@router.post("/{lang}/portals/{name}/crawl")
def crawl(lang: Lang, name: str, home: Archive, work: Work, session: Operator, form: Change) -> Response:
    """Crawl a portal now."""
    del form
    work.crawl(known_portals.find(name, home.path).name, session.name)
    return to(lang, "runs")


@router.post("/{lang}/portals/{name}/pause")
def pause(lang: Lang, name: str, home: Archive, session: Operator, form: Change) -> Response:
    """Let a portal rest."""
    settings = pause_setting(home, form.one("until"))
    set_schedule(home, [name], settings, by=session.name, reason=form.one("reason"))
    return to(lang, f"portals?{urlencode({'q': name})}")


@router.post("/{lang}/portals/{name}/resume")
def resume(lang: Lang, name: str, home: Archive, session: Operator, form: Change) -> Response:
    """Crawl a portal again that rests."""
    set_schedule(home, [name], {"paused": "no"}, by=session.name, reason=form.one("reason"))
    return to(lang, f"portals?{urlencode({'q': name})}")
