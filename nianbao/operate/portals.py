"""Pages of portals: condition, next crawl and its reason, why looks were partial; crawl now, pause, resume."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from urllib.parse import urlencode

from archive.assessment.calendar import local_day
from archive.queries.look_answers import scopes
from archive.queries.overview import totals
from archive.queries.review import ReviewLine, review
from crawler import portals as known_portals
from crawler.operations.due_crawls import deadlines_of
from crawler.operations.health import Problem, gather
from crawler.operations.health import problems as find_problems
from crawler.operations.planner import PortalState, known_settings, plan_of, set_schedule, states
from crawler.operations.planner import pause_setting as pause_until
from nianbao.language import Language
from nianbao.messages import say
from nianbao.operate.visits import ChangeRequest, OperatorRequest, ReadRequest, Values, change, page
from nianbao.sentences import due_sentence, gap_sentence, look_reason, notes_sentence, reasons_in_words, worded
from nianbao.web.portals import is_well
from storage.errors import ProjectionError
from storage.home import Home
from storage.operator_records import Schedules
from storage.records import Schedule

_ON_A_PAGE = 30
_MAX_RUNS = 10  # last crawls on the page of a portal …
_SHOWN = timedelta(days=400)  # … if they are not older than this
_DAY = timedelta(days=1)


@page("portals", "portals.html")
def portals(visit: ReadRequest, q: str = "", begin: int = 0) -> Values:
    """Show portals with ``q`` in name or place, those that need a person first; ``begin``: portals to skip."""
    q, folder = q.strip(), visit.home.path
    names = _names_with(visit.home, q)
    problems = problems_by_portal(visit.home, visit.lang)
    few = _few(visit.home)
    needs = dict.fromkeys(set(few) & {*names}, "few")
    needs |= {name: problems[name][0].code if problems[name] else "incomplete" for name in names if name in problems}
    names.sort(key=lambda name: (name not in needs, needs.get(name) == "overdue", not problems.get(name), name))
    end = max(0, begin) + _ON_A_PAGE
    chosen = names[end - _ON_A_PAGE : end]
    by_name = {one.name: one for one in states(visit.home, chosen)}
    return {
        "q": q, "count": len(names), "more": urlencode({"q": q, "begin": end}) if len(names) > end else "",
        "needs": needs.values(),
        "rows": [_row(visit, by_name[name], problems.get(name, ()), few) for name in chosen],
        "pauses": _pauses(visit.home),
        "broken": {
            name: worded(fault, visit.lang, on_page=True) for name, fault in known_portals.broken(folder).items()
        },
        "year": _year_ahead(visit.home),
    }  # fmt: skip


def _pauses(home: Home) -> dict[str | None, Schedule]:
    """Return for each portal with a pause of its own (None: for all portals) the setting by which it began."""
    pauses: dict[str | None, Schedule] = {}
    for row in Schedules(home).history():
        before, paused = pauses.get(row.portal), row.settings.get("paused")
        if paused is None:
            pauses.pop(row.portal, None)
        elif before is None or before.settings.get("paused") != paused:
            pauses[row.portal] = row
    return pauses


def _names_with(home: Home, q: str) -> list[str]:
    return [name for name, kind in known_portals.classes(home.path).items() if q.lower() in name or q in kind.place]


@page("portals/{name}", "portal.html")
def portal(visit: ReadRequest, name: str) -> Values:
    """Show one portal: its condition, its lists, its last crawls, and the history of its settings."""
    home = visit.home
    kind = known_portals.find(name, home.path)
    [state] = states(home, [kind.name])
    problems = problems_by_portal(home, visit.lang).get(state.name, ())
    runs = Schedules(home).crawls(home.clock.now() - _SHOWN, [name]).get(name, ())
    lists, latest = sorted(scopes(home, name), key=is_well), Schedules(home).latest()
    return {
        "row": (row := _row(visit, state, problems, _few(home))),
        "lists": lists, "all_well": all(map(is_well, lists)), "declared": kind.listings,
        "reason": partial(look_reason, language=visit.lang), "said": partial(notes_sentence, language=visit.lang),
        "cases": row["cases"], "runs": runs[::-1][:_MAX_RUNS],
        "own_days": known_settings(latest.get(name)).get("every_days", ""),
        "days_of_all": plan_of(known_settings(latest.get(None))).every_days,
        "history": [one for one in Schedules(home).history() if one.portal in {None, name}][::-1],
    }  # fmt: skip


def _row(visit: OperatorRequest, state: PortalState, problems: Sequence[Problem], few: Collection[str]) -> Values:
    """Return the values that pages show of a portal: its condition with reasons, and its next crawl.

    ``few``: portals of which hardly any departments are known.
    """
    now = visit.home.clock.now()
    paused = state.plan.paused is not None and state.plan.paused > now
    looks = {*state.crawls[-1].looks} if state.crawls else set()
    outcome = "never" if state.last is None else "well" if looks == {"ok"} else "partial" if "ok" in looks else "failed"
    level = problems[0].code if problems else "few" if outcome == "well" and state.name in few else outcome
    notes = state.last.notes if state.last else ()
    return {
        "state": state, "level": level, "problems": problems, "paused": paused,
        "is_due": state.due and state.due.at <= now,
        "notes": notes_sentence(notes, visit.lang),
        "few": say("web", visit.lang, "overview.few", names=state.place) if state.name in few else "",
        "cases": (cases := _cases(visit.home, state.name)), "to_decide": len(cases),
        "why_next": due_sentence(state.due, state.plan.paused, visit.lang),
        "gaps": [gap_sentence(one.deadline, one.tries, one.filled, visit.lang) for one in state.gaps],
    }  # fmt: skip


def _cases(home: Home, portal: str) -> Sequence[ReviewLine]:
    """Return what a person should decide about a portal; nothing before anything is read."""
    try:
        return review(home, portal)
    except ProjectionError:
        return ()


def _few(home: Home) -> Collection[str]:
    """Return the portals of which hardly any departments are known; none before anything is read."""
    try:
        return totals(home).known.few
    except ProjectionError:
        return ()


def problems_by_portal(home: Home, lang: Language) -> Mapping[str, Sequence[Problem]]:
    """Return portal → its problems, the worst first, none if only its last crawl was incomplete; "" → the archive's."""
    facts = gather(home)
    incomplete = [name for name, one in facts.portals.items() if one.crawls and {*one.crawls[-1].looks} != {"ok"}]
    problems = (replace(one, values=reasons_in_words(one.values, lang)) for one in find_problems(facts))
    in_order = sorted(problems, key=lambda one: one.portal)
    by_portal = {portal: [*group] for portal, group in groupby(in_order, key=lambda one: one.portal)}
    return dict.fromkeys(incomplete, ()) | by_portal


def _year_ahead(home: Home) -> Values:
    """Return the plan of crawls, and each due date of a season not yet over with the look that proves absences."""
    plan = plan_of(known_settings(Schedules(home).latest().get(None)))
    today = local_day(home.clock.now())
    days = [day for day in deadlines_of("", today) if day + plan.season_after >= today]
    return {
        "plan": plan,
        "dates": [(one, datetime.combine(one + _DAY, plan.proof_at)) for one in days],
    }  # fmt: skip


@change("portals/{name}/crawl")
def crawl(visit: ChangeRequest, name: str) -> str:
    """Start a crawl of a portal."""
    visit.jobs.crawl(known_portals.find(name, visit.home.path).name, visit.session.name, visit.lang)
    return "runs"


@change("due/crawl")
def crawl_due(visit: ChangeRequest) -> str:
    """Start the crawls of all portals that are due, of those that the page showed; return the next page."""
    portal_states = states(visit.home, _names_with(visit.home, visit.form.one("q")))
    now = visit.home.clock.now()  # a portal that was never crawled is due at the instant at which it was asked about
    due = [one.name for one in portal_states if one.due and one.due.at <= now]
    visit.jobs.crawl_all(due, visit.session.name, visit.lang)
    return "runs"


@change("portals/{name}/pause")
def pause(visit: ChangeRequest, name: str) -> str:
    """Pause the crawls of a portal."""
    return _set(visit, name, pause_until(visit.home, visit.form.one("until")))


@change("portals/{name}/resume")
def resume(visit: ChangeRequest, name: str) -> str:
    """Resume the crawls of a paused portal."""
    return _set(visit, name, {"paused": "no"})


@change("portals/{name}/pace")
def pace(visit: ChangeRequest, name: str) -> str:
    """Set the days between two regular crawls; an empty field restores the default."""
    return _set(visit, name, {"every_days": visit.form.one("every_days")})


def _set(visit: OperatorRequest, name: str, settings: dict[str, str]) -> str:
    set_schedule(visit.home, [name], settings, by=visit.session.name, reason=visit.form.one("reason"))
    return f"portals/{name}"
