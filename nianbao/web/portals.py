"""The pages of a portal, and so of its county (agencies by years, lists with the totals they claim, crawls), and of an
agency (its reports by year, figures, revisions, contradictions, lists and names).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query

from archive.assessment.measures import SMALL
from archive.queries import registry, verdict
from archive.queries.bounds import NotKnownError
from archive.queries.citing import cited_by
from archive.queries.freshness import freshness, list_counts
from archive.queries.look_answers import Scope, scopes
from archive.queries.overview import coverage
from archive.queries.results import CoverageRow, DutyLine, LookRef, PortalLine
from archive.queries.stored import open_snapshot
from archive.queries.where import Where
from archive.queries.withheld_content import outgoing
from nianbao.messages import say
from nianbao.parameters import Instant
from nianbao.questions import question
from nianbao.web.figure_charts import agency_chart
from nianbao.web.list_tables import heading, list_order, list_table
from nianbao.web.serving import PageRequest, PageVisit, Values, page, permanent
from storage.records import EvidenceGrade, LookOutcome, Status

_YEARS_OF_COUNTY = 7  #: newest years shown
_AGENCIES_ON_A_PAGE = 100
_LISTS = 100  #: lists without problems that are shown, after all lists with problems
_RUNS = 20  #: newest crawls shown
_LEGEND = (
    *(Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED),
    *(Status.PUBLISHED, Status.NOT_FOUND, Status.UNKNOWN),
)
_BY_CONCERN = (
    *(Status.MISSING, Status.NOT_FOUND, Status.LATE, Status.UNDETERMINED, Status.UNKNOWN, Status.ELSEWHERE),
    *(Status.ON_TIME, Status.PUBLISHED, Status.NOT_YET_DUE, Status.NOT_EXPECTED),
)
_NOT_DUE = frozenset({Status.NOT_YET_DUE, Status.NOT_EXPECTED})
PageNumber = Annotated[int, Query(alias="page", ge=1, le=1_000)]


@page("portal/{name}", "portal.html", data="coverage", is_remembered=True)
def portal(visit: PageRequest, name: str, as_of: Instant = None, number: PageNumber = 1, sort: str = "") -> Values:
    """Show the agencies of a portal by years, its lists (how many entries they state, and we read), and its crawls."""
    home = visit.home
    answer = coverage(home, Where(portal=name, as_of=as_of), links=False)
    lines: Sequence[PortalLine] = visit.ask("portals", portal=name)
    lists = sorted(scopes(home, name), key=is_well)
    ill = sum(not is_well(one) for one in lists)  # these come first, and all of them are shown
    begin = (number - 1) * _AGENCIES_ON_A_PAGE
    years = answer.years[-_YEARS_OF_COUNTY:][::-1]
    columns = {"agency": say("web", visit.lang, "portal.agency"), **{str(year): str(year) for year in years}}
    order = list_order(sort, [*columns])
    agencies = order.arrange(answer.rows, partial(_sort_key, order.column)) if order else answer.rows
    query = {"as_of": visit.fields["as_of"]} if "as_of" in visit.fields else {}
    return {
        "found": answer,
        "name": name,
        "years": years,
        "agencies": agencies[begin : begin + _AGENCIES_ON_A_PAGE],
        "heads": [heading(text, name, order, query) for name, text in columns.items()],
        "missing": _missing(answer.rows),
        "following": urlencode({**query, **({"sort": sort} if sort else {}), "page": number + 1}),
        "more": len(answer.rows) > begin + _AGENCIES_ON_A_PAGE,
        "legend": _LEGEND,
        "line": lines[0] if lines else None,
        "lists": lists[: ill + _LISTS],
        "ill": ill,
        "addressed": any(one.is_addressed for one in freshness(home, Where(portal=name, as_of=as_of))),
        "count": list_counts(home, {name}).get(name),
        "others": len(lists[ill + _LISTS :]),
        "runs": visit.ask("runs", portal=name)[: -_RUNS - 1 : -1],
    }


def _sort_key(column: str, row: CoverageRow) -> object:
    """Return an agency's name, or how grave its status in a year is (0: ``missing``); None if no report was due."""
    if column == "agency":
        return row.agency.name
    line = row.cells.get(int(column))
    return None if line is None else _BY_CONCERN.index(line.status)


def _missing(rows: Sequence[CoverageRow]) -> tuple[int, list[DutyLine], int] | None:
    """Return the newest year with reports due, its missing reports, and how many of its reports are unknown; None
    without such a year.
    """
    due = [line for row in rows for line in row.cells.values() if line.status not in _NOT_DUE]
    if not due:
        return None
    newest = max(line.year for line in due)
    lines = [line for line in due if line.year == newest]
    missing = [line for line in lines if line.status is Status.MISSING]
    return newest, missing, sum(line.status is Status.UNKNOWN for line in lines)


def is_well(one: Scope) -> bool:
    """True if the last look read the list to its end and is not in doubt."""
    look = one.looked
    return look is not None and look.outcome == LookOutcome.OK and look.reached is not False and not look.suspect


# ---------------------------------------------------------------------------------------------- an agency

#: indicators that are drawn as charts
_FIGURES = (
    *("applications.received.total", "applications.result.granted.total", "applications.result.partial.total"),
    *("derived.denial_rate", "applications.carried_out.total"),
    *("review.total", "litigation.direct.total", "litigation.after_review.total"),
)
_MAX_CHANGES = 20  # revisions and contradictions shown; other pages list all of them
#: column of the table of reports → the value by which it is sorted
_SORTED_BY: Mapping[str, Callable[[DutyLine], object]] = {
    "year": lambda line: line.year,
    "status": lambda line: _BY_CONCERN.index(line.status),
    "evidence": lambda line: [*EvidenceGrade].index(line.evidence),
    "last": lambda line: line.absent_as_of or line.first_shown,
}
_SAME_IN_ALL = ("agency", "place", "kind")


@page("agency/{agency:path}", "agency.html", data="agency_duties", is_remembered=True)
def agency(visit: PageRequest, agency: str, as_of: Instant = None, query: str = "", sort: str = "") -> Values:
    """Show all that is known of one agency; ``query``: the search that led here."""
    home = visit.home
    outgoing(home)  # before the snapshot: its result is cached, and the snapshot needs it many times
    with open_snapshot(home):
        answer = verdict.duties(home, agency, as_of=as_of)
        filters = {"agency": answer.agency.id, "as_of": answer.as_of}
        figures = _answer(visit, "series", {**filters, "indicator": list(_FIGURES)})
        names = registry.registry_entry(home, answer.agency.id, as_of=answer.as_of)
        changes = _lines(visit, "revisions", filters)
        contradictions = _lines(visit, "check", filters)
    lines = sorted(answer.duties, key=lambda one: -one.year)
    order = list_order(sort, [*_SORTED_BY])
    return {
        "found": answer, "least": SMALL,
        "lines": order.arrange(lines, _SORTED_BY[order.column]) if order else lines,
        "heads": {
            name: heading(say("web", visit.lang, f"agency.{name}" if name == "last" else f"column.{name}"), name, order,
                visit.fields)
            for name in _SORTED_BY
        },
        "newest": next((one for one in lines if one.status not in _NOT_DUE), None),
        "counts": Counter(one.status for one in lines if one.status not in _NOT_DUE).most_common(),
        "plots": [
            (one, agency_chart([line for line in figures.lines if line.indicator == one.id], visit.lang))
            for one in figures.indicators
        ] if figures else [],
        "changes": changes,
        "contradictions": contradictions,
        "works": cited_by(home, Where(agency=answer.agency.id, as_of=as_of)),
        "lists": _list_looks(lines),
        "names": names,
        "permanent": permanent(answer.as_of),
        "sought": query,
    }  # fmt: skip


def _answer(visit: PageVisit, name: str, values: Values) -> Any:
    """Ask a question about an agency; None if nothing is known that could answer it."""
    try:
        return visit.ask(name, **values)
    except NotKnownError:
        return None


def _lines(visit: PageVisit, name: str, values: Values) -> Values:
    """Return a list about one agency as a table of its newest lines, and the number of all its lines."""
    one, answer = question(name), _answer(visit, name, values)
    every: Sequence[object] = getattr(answer, one.lines[0]) if answer else ()
    newest_first = every[::-1] if one.by_time else every
    heads, rows = list_table(one, newest_first[:_MAX_CHANGES], visit.lang, without=_SAME_IN_ALL)
    return {"heads": heads, "rows": rows, "count": len(every)}


def _list_looks(lines: Sequence[DutyLine]) -> list[LookRef]:
    """Return the last look at each list that is evidence for these statuses, newest first."""
    looks = sorted((look for line in lines for look in line.looks), key=lambda one: one.started)
    return sorted({look.listing: look for look in looks}.values(), key=lambda one: one.started, reverse=True)
