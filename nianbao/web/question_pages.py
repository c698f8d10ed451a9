"""Pages that ask a question: lists with filters and downloads, and the sums of a government."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse, Response

from archive.assessment.figures import Total
from archive.assessment.scores import components
from archive.identity.matching import subjects_meant
from archive.queries.bounds import By, NotKnownError
from archive.queries.citing import identified, report_at
from archive.queries.figure_answers import GroupLine, Ranking, SumTable, are_in_form
from archive.queries.find import SHOWN, FindAnswer, Match, MatchKind, indicators
from archive.queries.one_capture import find_capture
from archive.queries.overview import LATE, MISSING
from archive.queries.results import DutyList
from archive.queries.rollup import RollUpAnswer
from archive.queries.stored import group_by
from archive.queries.tallies import SHOWN_STATUSES, TallyKey
from archive.queries.where import one_agency
from nianbao.api.routes import FORMATS, send_answer
from nianbao.form_fields import form_fields, lists_named
from nianbao.glossary import find_terms
from nianbao.page_routes import register_choices
from nianbao.paging import Page, page_of
from nianbao.parameters import parse_parameters, refuse_unknown
from nianbao.questions import LISTS, QUESTIONS, Question, question
from nianbao.web.figure_pages import ARRANGING, INDICATOR, first_governments, series_values
from nianbao.web.list_tables import ColumnHeading, ListOrder, arrange_lines, list_order, list_table, sortable_columns
from nianbao.web.serving import PageRequest, PageVisit, Values, last_year, page, permanent, places_looked_at, router
from storage.records import Status

_LINES_ON_A_PAGE = 50
_REPORTS_ON_A_PAGE = 25  # with a line for each quality measure
_NEWEST_ON_A_PAGE = 20  # of lists that begin with the newest line
_FIGURES_OFFERED = 5  # to a search in English, which no report has
_YEARS_COMPARED = 7  # newest years in which the totals check looks for contradictions


register_choices("question", (one.name for one in QUESTIONS))


@router.get("/{lang}/ask/{name:question}{suffix:suffix}")
def file(visit: PageRequest) -> Response:
    """Respond with the answer to a question as a file, with the same defaults as the page at the same address."""
    name, suffix = visit.request.path_params["name"], visit.request.path_params["suffix"]
    one, written = question(name), {key: value for key, value in visit.fields.items() if key not in ARRANGING}
    defaults = {} if name == "unknown" and "year" in written else _defaults(visit, one)[0]  # counting takes time
    values = {**defaults, **written, "lang": visit.lang}
    values = series_values(visit.home, values) if name == "series" else values
    return send_answer(visit.request, visit.home, one, parse_parameters(one.parameters, values), FORMATS[suffix])


@page("ask/{name:question}", "question.html")
def ask(visit: PageRequest, name: str) -> Values | Response:
    """Show a list: its filters, a page of its lines, its downloads. A question without a page leads to its
    place on the page of data, with its query.
    """
    if name not in LISTS:
        address = urlencode({"question": name, **visit.fields}, doseq=True)
        return RedirectResponse(f"/{visit.lang}/data?{address}#{name}", HTTPStatus.SEE_OTHER)
    one, written = question(name), visit.fields
    sortable = sortable_columns(one)
    refuse_unknown([*one.parameters.model_fields, *(["sort"] if sortable else [])], written)
    order = list_order(written.pop("sort", "-year" if name == "scores" else ""), sortable)
    defaults, numbers = _defaults(visit, one)
    values_asked = {**defaults, **written}
    fields = form_fields(one.parameters, values_asked)
    values: Values = {"question": one, "fields": fields, "formats": [*FORMATS.values()], "asked": values_asked}
    values |= {"found": None, "groups": {}, "lists": []}
    values |= {"template": f"{name}.html"} if name in _OF_LISTS else {}
    is_incomplete = any(field.required and field.name not in values_asked for field in fields)
    answer = None if is_incomplete else _page_of_list(visit, one, values_asked, order, is_written=bool(written))
    if answer is None:
        return values
    links = _links(visit, one, answer, values_asked, {"sort": str(order)} if order else {})
    if order is None and one.by_time:
        order = ListOrder(column=one.by_time, is_descending=True)
    query = values_asked if sortable else None
    values["heads"], values["rows"] = list_table(one, answer.lines, visit.lang, order=order, query=query)
    own = _OF_LISTS[name](visit, answer, values) if name in _OF_LISTS else {}
    if isinstance(own, Response):
        return own
    if name != "unknown" and not values["rows"]:
        numbers = _count_years(visit, one, values_asked)
    other_years = _other_years(numbers, values_asked)
    values["is_newest_unknown"] = name == "unknown" and bool(numbers) and "year" not in written
    evidence = _evidence(visit, answer, values_asked)
    return values | {"found": answer, "links": links, "evidence": evidence, "other_years": other_years} | own


def _page_of_find(visit: PageVisit, answer: Page, values: Values) -> Values | Response:
    """Return what a search for a name found; one that finds just one agency leads to its page."""
    result, fields = answer.answer, values["asked"]
    if there := _page_identified(visit, str(fields["query"]).strip()):
        return RedirectResponse(there, HTTPStatus.SEE_OTHER)
    lists = lists_named(result.words, *result.unknown)
    terms = find_terms(result.words, *result.unknown)
    is_clear = fields.keys() == {"query"} and not lists and not terms and not result.unknown
    if is_clear and [one.sort for one in result.matches] == [MatchKind.AGENCY]:
        path = f"/{visit.lang}/agency/{quote(result.matches[0].id)}?{urlencode(fields)}"
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)
    groups = {sort.value: [one for one in result.matches if one.sort == sort] for sort in MatchKind}
    other_words = [" ".join(one.split()) for one in subjects_meant(result.words)]
    links = [(one, _list_query(visit, one, result, groups[MatchKind.PLACE.value])) for one in lists]
    return {"most": SHOWN, "groups": groups, "lists": links, "terms": terms, "other_words": other_words}


def _list_query(visit: PageVisit, one: Question, result: FindAnswer, places: Sequence[Match]) -> str:
    """Return the query of a link to a list that a search names: of the only place that it names too, and its year."""
    years = result.years or (last_year(visit.home),)
    values = {"year": years[0], "place": places[0].name} if len(places) == 1 else {}
    query = urlencode({key: value for key, value in values.items() if key in one.parameters.model_fields})
    return f"?{query}" if query else ""


def _page_identified(visit: PageVisit, text: str) -> str:
    """Return the address of the page that an identifier, or the id of a capture or look, means; "" if there is none."""
    home, address = visit.home, identified(text)
    try:
        if address is None:
            is_id = re.fullmatch(r"[0-9a-f]{8,64}", text)
            return f"/{visit.lang}/capture/{find_capture(home, text).capture.id}" if is_id else ""
        if address.digest is None:
            query = f"?as_of={address.day}" if address.day else ""
            return f"/{visit.lang}/duty/{quote(one_agency(home, address.agency).id)}/{address.year}{query}"
        report = report_at(home, address)
    except NotKnownError:
        return ""
    kind, cell = ("cell", f"/{quote(address.cell)}") if address.cell else ("report", "")
    query = urlencode({"edition": report.edition.id})
    return f"/{visit.lang}/{kind}/{quote(report.agency.id)}/{address.year}{cell}?{query}"


def _where_words_stand(_: PageVisit, answer: Page, values: Values) -> Values:
    """Return whether words that no report has are words of the national form, and the figures with an English name."""
    words, is_found = values["asked"]["query"], bool(answer.answer.total)
    figures = [] if is_found or not words.isascii() else indicators().find(words, _FIGURES_OFFERED)
    return {"in_form": not is_found and are_in_form(answer.answer.words), "figures": figures}


def _measures(_: PageVisit, answer: Page, values: Values) -> Values:
    """Return for each report its measures: pairs of a line of the quality measures and its cells by column."""
    columns = [head.column for head in values["heads"]]
    rows = (dict(zip(columns, row, strict=True)) for row in values["rows"])
    measures = zip(answer.lines, rows, strict=True)
    reports = group_by(measures, lambda one: (one[0].agency.id, one[0].year))  # type: ignore[attr-defined]  # ScoreLine
    return {"reports": [*reports.values()]}


def _ranking(visit: PageVisit, answer: Page, values: Values) -> Values:
    """Return the headings with a link that turns the ranking round, and the places that are not ranked."""
    heads = [_ranked_heading(one, values["asked"]) for one in values["heads"]]
    return {"heads": heads, "left_out": _places_not_ranked(visit, answer.whole, values["asked"])}


#: list with a template of its own → what this shows besides the lines
_OF_LISTS: Mapping[str, Callable[[PageVisit, Page, Values], Values | Response]] = {
    "find": _page_of_find, "search": _where_words_stand, "scores": _measures, "rank": _ranking,
}  # fmt: skip


def _links(visit: PageVisit, one: Question, answer: Page, filters: Values, order: Values) -> Values:
    """Return the query strings of links: to files, to the next page, and to this answer as of its instant."""
    lasting = {key: value for key, value in filters.items() if key not in {"cursor", "as_of"}}
    as_of = answer.as_of if one.has_as_of else None
    return {
        "files": f"{permanent(as_of, lasting)}&lang={visit.lang}",
        "next": urlencode({**filters, **order, "cursor": answer.next}, doseq=True) if answer.next else "",
        "permanent": permanent(as_of, {**lasting, **order}),
    }


def _defaults(visit: PageVisit, one: Question) -> tuple[Values, Mapping[int, int]]:
    """Return the parameters of a question that its page fills in if the address leaves them out, and of unknown reports
    how many each year has: their page opens on the newest year with some.
    """
    numbers = _count_years(visit, one, visit.fields) if one.name == "unknown" else {}
    if one.name in {"missing", "late", "unknown", "backdated", "rank", "rollup"}:
        year = max(numbers, default=last_year(visit.home))
        return {"year": year, **({"indicator": INDICATOR} if one.name == "rank" else {})}, numbers
    return {}, numbers


def _page_of_list(
    visit: PageVisit, one: Question, values: Mapping[str, Any], order: ListOrder | None, *, is_written: bool
) -> Page | None:
    """Return a page of the list; None if something is unknown that only our defaults name (not ``is_written``)."""
    most = _REPORTS_ON_A_PAGE * len(components()) if one.name == "scores" else _LINES_ON_A_PAGE
    values = {"limit": _NEWEST_ON_A_PAGE if one.by_time else most, **values, "lang": visit.lang}
    arrange = partial(arrange_lines, one, order) if order else reversed if one.by_time else None
    try:
        return page_of(visit.home, one, parse_parameters(one.parameters, values), arrange)
    except NotKnownError:
        if is_written:
            raise
        return None


def _ranked_heading(head: ColumnHeading, filters: Values) -> ColumnHeading:
    """Return the heading of the ranked figure with a link that turns the ranking round, others as they are."""
    if head.column != "value":
        return head
    is_ascending = filters.get("ascending") == "true"
    others = {key: value for key, value in filters.items() if key not in {"ascending", "cursor"}}
    link = f"?{urlencode(others if is_ascending else {**others, 'ascending': 'true'}, doseq=True)}"
    return replace(head, link=link, sorted="ascending" if is_ascending else "descending")


def _places_not_ranked(visit: PageVisit, answer: Ranking, filters: Values) -> list[tuple[GroupLine, Total]]:
    """Return the portals with reports that are due and give no figure to rank, with their totals of that year."""
    selection = {"kind": answer.ranked.kinds, "no_governments": False, "by": By.PORTAL, "years": answer.year}
    selection["as_of"] = answer.as_of
    table: SumTable = visit.ask("table", **(_shared_fields("table", filters) | selection))
    totals = [(one, one.totals[answer.year]) for one in table.groups if answer.year in one.totals]
    return [(one, total) for one, total in totals if total.reports < total.owed]


def _evidence(visit: PageVisit, page_of_list: Page, filters: Values) -> Values | None:
    """Return counts on late or missing reports, by status, evidence and group of all due, and the looks; else None."""
    answer = page_of_list.whole
    if not isinstance(answer, DutyList):
        return None
    duties = (*answer.duties, *answer.townships)
    statuses = dict(Counter(one.status for one in duties).most_common())
    fields = {**_shared_fields("totals", filters), "years": filters["year"], "as_of": answer.as_of}
    totals = visit.ask("totals", **fields)
    return {
        "due": Counter({row.group: row.due for row in totals.rates}),
        "unknown": Counter(TallyKey.of(one).group for one in duties if one.status is Status.UNKNOWN),
        "statuses": statuses,
        "grades": {one: Counter(duty.evidence for duty in duties if duty.status is one) for one in statuses},
        "looked": places_looked_at(visit, filters, answer.as_of),
    }  # fmt: skip


def _shared_fields(name: str, filters: Values) -> Values:
    """Return those of the filters that the question ``name`` has too."""
    return {key: filters[key] for key in question(name).parameters.model_fields.keys() & filters}


#: list of one year → the statuses of the reports that it lists, or from which it takes figures
_LISTED = {"missing": MISSING, "late": LATE, "unknown": frozenset({Status.UNKNOWN}), "rank": SHOWN_STATUSES}


def _count_years(visit: PageVisit, one: Question, filters: Values) -> Mapping[int, int]:
    """Return how many reports each year has on a list of one year, without years that have none."""
    numbers = Counter[int]()
    if one.name in _LISTED:
        for place in visit.ask("totals", **_shared_fields("totals", filters)).places:
            for year, counts in place.years.items():
                numbers[year] += sum(counts.by_status.get(status, 0) for status in _LISTED[one.name])
    elif one.name == "backdated":
        parameters = parse_parameters(one.parameters, {**filters, "lang": visit.lang}).model_copy(update={"year": None})
        answer: DutyList = one.ask(visit.home, parameters)
        numbers.update(duty.year for duty in (*answer.duties, *answer.townships))
    return +numbers


def _other_years(numbers: Mapping[int, int], filters: Values) -> list[tuple[int, int, str]]:
    """Return year, number of reports and query string of each year but the one asked about, the newest first."""
    query = {key: filters[key] for key in ("indicator", *_shared_fields("totals", filters)) if key in filters}
    others = sorted(one for one in numbers.items() if str(one[0]) != str(filters.get("year")))
    return [(year, number, urlencode({**query, "year": year}, doseq=True)) for year, number in reversed(others)]


@page("rollup", "rollup.html", data="rollup", is_remembered=True)
def rollup(visit: PageRequest) -> Values:
    """Compare a government's figures with the sums over its agencies' reports; without ``place``, of the first ones."""
    values = {"year": last_year(visit.home), **visit.fields}
    refuse_unknown(question("rollup").parameters.model_fields, values)
    if "place" not in values:
        answers = [visit.ask("agency_duties", agency=one) for one in first_governments(visit.home)]
        recent = [one for answer in answers for one in answer.duties[-_YEARS_COMPARED:]]
        duties = [one for one in recent if one.editions or str(one.year) == str(values["year"])]
        others = [visit.ask("rollup", place=one.agency.id, year=one.year) for one in duties]
        return {"asked": values, "found": None, "others": others}
    answer: RollUpAnswer = visit.ask("rollup", **values)
    cells = [cell for cell in answer.cells if cell.has_figures]
    return {"asked": values, "found": answer, "cells": cells, "permanent": permanent(answer.as_of, values)}


@router.get("/{lang}/{name:question}")
def lead(visit: PageRequest, name: str) -> Response:
    """Redirect an address that lacks ``ask`` to the list; figures over time also compare agencies."""
    query = f"?{visit.request.url.query}" if visit.request.url.query else ""
    there = f"/{visit.lang}/ask/{'series' if name == 'compare' else name}{query}"
    return RedirectResponse(there, HTTPStatus.TEMPORARY_REDIRECT)
