"""The page of an agency: its reports by year, figures, revisions, contradictions, lists and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from archive.queries import registry, verdict
from archive.queries.bounds import NotKnownError
from archive.queries.citing import cited_by
from archive.queries.results import DutyLine, LookRef
from archive.queries.stored import open_snapshot
from archive.queries.where import Where
from archive.queries.withheld_content import outgoing
from nianbao.parameters import Instant
from nianbao.questions import question
from nianbao.web.figure_charts import agency_chart
from nianbao.web.list_tables import list_table
from nianbao.web.serving import PageVisit, Values, Visit, page, permanent
from storage.records import Status

#: indicators that are drawn as charts
_FIGURES = (
    *("applications.received.total", "applications.result.granted.total", "applications.result.partial.total"),
    *("derived.denial_rate", "applications.carried_out.total"),
    *("review.total", "litigation.direct.total", "litigation.after_review.total"),
)
_MAX_LINES = 20  # revisions and contradictions shown; other pages list all of them
_SAME_IN_ALL = ("agency_name", "agency_place", "agency_kind")
_NOT_DUE = frozenset({Status.NOT_YET_DUE, Status.NOT_EXPECTED})


@page("agency/{agency:path}", "agency.html", is_remembered=True)
def agency(visit: Visit, agency: str, as_of: Instant = None) -> Values:
    """Show all that is known of one agency."""
    home = visit.home
    outgoing(home)  # before the snapshot: its result is cached, and the snapshot needs it many times
    with open_snapshot(home):
        answer = verdict.duties(home, agency, as_of=as_of)
        filters = {"agency": answer.agency.id, "as_of": answer.as_of}
        figures = _answer(visit, "series", {**filters, "indicator": list(_FIGURES)})
        names = registry.body(home, answer.agency.id, as_of=answer.as_of)
        changes = _lines(visit, "revisions", filters)
        contradictions = _lines(visit, "check", filters)
    lines = sorted(answer.duties, key=lambda one: -one.year)
    return {
        "found": answer,
        "lines": lines,
        "newest": next((one for one in lines if one.status not in _NOT_DUE), None),
        "counts": Counter(one.status for one in lines if one.status not in _NOT_DUE).most_common(),
        "plots": [
            (one, agency_chart([line for line in figures.lines if line.indicator == one.id], visit.lang))
            for one in figures.indicators
        ] if figures else [],
        "changes": changes,
        "contradictions": contradictions,
        "works": cited_by(home, Where(agency=answer.agency.id), as_of=as_of),
        "lists": _lists(lines),
        "names": names,
        "permanent": permanent(answer.as_of),
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
    newest_first = [*reversed(every)] if one.by_time else every
    heads, rows = list_table(one, newest_first[:_MAX_LINES], visit.lang, without=_SAME_IN_ALL)
    return {"heads": heads, "rows": rows, "count": len(every)}


def _lists(lines: Sequence[DutyLine]) -> list[LookRef]:
    """Return the last look at each list that is evidence for these statuses, newest first."""
    last: dict[str, LookRef] = {}
    for look in sorted((look for line in lines for look in line.looks), key=lambda one: one.started):
        last[look.listing] = look
    return sorted(last.values(), key=lambda one: one.started, reverse=True)
