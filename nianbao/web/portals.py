"""The routes of portals: the bodies of one by years, its lists and what each promised, its crawls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from archive.queries.look_answers import Scope, scopes
from archive.queries.overview import coverage
from archive.queries.results import PortalLine, RunLine
from archive.queries.where import Where
from nianbao.page_routes import PageRoute
from nianbao.parameters import Instant, Lang
from nianbao.questions import question
from nianbao.web.heat_map import steps_to
from nianbao.web.serving import Archive, page, remembered
from storage.home import Home
from storage.records import LookOutcome, Status
from storage.registry import Registry

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_YEARS = 7  #: the newest
_BODIES = 100  #: on one page
_LISTS = 30  #: shown of those that are well
_RUNS = 20  #: the newest
_LEGEND = (
    Status.ON_TIME,
    Status.LATE,
    Status.MISSING,
    Status.UNDETERMINED,
    Status.PUBLISHED,
    Status.NOT_FOUND,
    Status.UNKNOWN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """A run as a line: looks read to their end of all, what was fetched, seconds from one fetch to the next."""

    run: RunLine
    ok: int
    looks: int
    fetched: int
    gap: float | None
    share: float


@router.get("/{lang}/portal/{name}")
def portal(
    request: Request,
    home: Archive,
    lang: Lang,
    name: str,
    as_of: Instant = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Response:
    """The agencies of a portal by years; its lists with what they promised and what was met; its crawls."""
    return remembered(request, lambda: _portal(request, home, lang, name, as_of, number))


def _portal(request: Request, home: Home, lang: Lang, name: str, as_of: datetime | None, number: int) -> Response:
    found = coverage(home, Where(portal=name), as_of=as_of, links=False)
    asked, runs = question("portals"), question("runs")
    lines: Sequence[PortalLine] = asked.ask(home, asked.parameters.model_validate({"portal": name}))
    lists = scopes(home, name)
    ill = [one for one in lists if not _is_well(one)]
    well = [one for one in lists if _is_well(one)]
    begin = (number - 1) * _BODIES
    values: dict[str, Any] = {
        "found": found,
        "name": name,
        "years": found.years[-_YEARS:],
        "bodies": found.rows[begin : begin + _BODIES],
        "number": number,
        "more": len(found.rows) > begin + _BODIES,
        "legend": _LEGEND,
        "line": lines[0] if lines else None,
        "steps": steps_to(lines[0].division[:2] if lines and lines[0].division else None),
        "lists": [*ill, *well[:_LISTS]],
        "ill": len(ill),
        "others": len(well[_LISTS:]),
        "addresses": {one.id: one.url for one in Registry(home).listings(name)},
        "runs": _crawls(runs.ask(home, runs.parameters.model_validate({"portal": name, "lang": lang}))),
    }
    return page(request, "portal.html", lang, **values)


def _is_well(one: Scope) -> bool:
    """Whether the last look at a list was read to its end and is not doubted."""
    look = one.looked
    return look is not None and look.outcome == LookOutcome.OK and look.reached is not False and not look.suspect


def _crawls(runs: Sequence[RunLine]) -> list[Crawl]:
    """The newest runs first, each with its share of the most that one fetched."""
    newest = sorted(runs, key=lambda one: one.started, reverse=True)[:_RUNS]
    fetched = {one.id: _sum(one, "capture_") for one in newest}
    most = max(fetched.values(), default=0) or 1
    return [
        Crawl(
            run=one,
            ok=one.counts.get("look_ok", 0),
            looks=_sum(one, "look_"),
            fetched=fetched[one.id],
            gap=_gap(one, fetched[one.id]),
            share=round(100 * fetched[one.id] / most, 1),
        )
        for one in newest
    ]


def _sum(run: RunLine, begins: str) -> int:
    return sum(number for name, number in run.counts.items() if name.startswith(begins))


def _gap(run: RunLine, fetched: int) -> float | None:
    if run.finished is None or fetched < 2:
        return None
    return round((run.finished - run.started).total_seconds() / fetched, 1)
