"""The start page: a heat map of places and years, missing reports and news; and the feeds of news and freshness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi.responses import Response

from archive.assessment.calendar import local_day
from archive.exports.atom import Audience, feed, freshness_feed
from archive.queries.freshness import freshness
from archive.queries.news import News, NewsItem
from archive.queries.results import DutyLine, DutyList, RateRow, Totals
from archive.queries.tallies import DATED_KINDS
from archive.queries.where import Where
from nianbao.answer_metadata import freshness_sentence
from nianbao.messages import say
from nianbao.parameters import parse_parameters
from nianbao.questions import question
from nianbao.sentences import in_language
from nianbao.web.heat_map import arrange_rows, heat_rows, province_tiles, steps_to
from nianbao.web.list_tables import heading, list_order
from nianbao.web.serving import (
    PageRequest,
    PageVisit,
    Values,
    answer_of_state,
    page,
    permanent,
    places_looked_at,
    router,
)
from storage.observations import Observations
from storage.records import TOWNSHIPS, EvidenceGrade, Status

_RECENT = timedelta(days=30)
MAX_DUTIES = 5_000  #: with more reports due, a page does not read all news: that would take too long
_YEARS = 7  #: newest years in the heat map
_MAX_NAMED = 12  # missing reports shown by name
_MAX_NEWS = 8  # lines of news
_MAX_PORTALS_ASKED = 6  # portals that are queried for missing reports
_MAX_PORTALS_LISTED = 40  # with more, portals are not listed below their provinces
_LONGEST_FEED = timedelta(days=365)
_LEGEND = (Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED, Status.UNKNOWN)
_LEGEND_PRACTICE = (Status.PUBLISHED, Status.NOT_FOUND, Status.UNKNOWN)


@page("", "overview.html", data="totals", is_remembered=True)
def overview(visit: PageRequest) -> Values:
    """Show places by years: the share of reports on time, and which are late, missing or unknown."""
    fields = {name: value for name, value in visit.fields.items() if name not in {"kind", "sort"}}
    practice = "kind" in visit.fields  # townships: they publish by practice, not by a date in law
    kinds = sorted(kind.value for kind in (TOWNSHIPS if practice else DATED_KINDS))
    totals: Totals = visit.ask("totals", **fields, kind=kinds)
    place = fields.get("place")
    # once more, with reports that are on time only by the site's own date
    by_date: Totals = visit.ask("totals", **{**fields, "kind": kinds, "evidence": EvidenceGrade.CLAIMED})
    claimed = {
        (place.portal, year): counts.by_status.get(Status.ON_TIME, 0)
        for place in by_date.places
        for year, counts in place.years.items()
        if "evidence" not in fields
    }
    head = _newest_rates(totals, practice=practice)
    years = totals.years if "years" in fields else totals.years[-_YEARS:]
    data = {"kind": kinds, **{name: value for name, value in fields.items() if name != "as_of"}}
    columns = {
        "place": say("web", visit.lang, "overview.place"),
        **{str(year): str(year) for year in reversed(years)},
        "looked": say("web", visit.lang, "overview.looked"),
    }
    order = list_order(visit.fields.get("sort"), [*columns])
    looks = Observations(visit.home).look_counts()
    ends = {one.portal: one.complete_as_of for one in freshness(visit.home, Where(place=place, as_of=totals.as_of))}
    rows = heat_rows(totals, claimed, ends, years, place, visit.lang, practice=practice)
    has_grid = place is None and len({(one.division or "")[:2] for one in totals.places}) > 1
    grid_year = head.year if head and has_grid else None
    is_small = totals.known.duties <= MAX_DUTIES
    news: News | None = visit.ask("news", place=place, until=totals.as_of) if is_small else None
    return {
        "found": totals,
        "asked": fields,
        "practice": practice,
        "head": head,
        "claimed": _newest_rates(by_date, practice=practice),
        "heads": [heading(text, name, order, visit.fields) for name, text in columns.items()],
        "rows": arrange_rows(rows, order, years) if order else rows,
        "looked": places_looked_at(visit, fields, totals.as_of),
        "looks": [looks[one.portal] for one in totals.places if one.portal in looks],
        "years": years,
        "all_years": permanent(
            None, {**visit.fields, "years": f"{totals.years[0]}-{totals.years[-1]}"} if years else None
        ),
        "data": permanent(totals.as_of, data),
        "legend": _LEGEND_PRACTICE if practice else _LEGEND,
        "provinces": province_tiles(totals, claimed, grid_year, visit.lang, practice=practice) if grid_year else [],
        "news": news,
        "newest": _newest(news.items) if news else [],
        "missing": _missing(visit, totals, head.year, practice=practice) if head and head.year else [],
        "lists_places": len(totals.places) <= _MAX_PORTALS_LISTED,
        "permanent": permanent(totals.as_of, visit.fields),
    }


def _newest_rates(totals: Totals, *, practice: bool) -> RateRow | None:
    """Return the rates of the newest year with reports due (``practice``: of townships); None if there is none."""
    group = "townships" if practice else "statutory"
    rows = [one for one in totals.rates if one.group == group and one.year is not None and one.due]
    return max(rows, key=lambda one: one.year or 0, default=None)


def _newest(items: Sequence[NewsItem]) -> list[tuple[NewsItem, int]]:
    """Return the newest news, newest first, each with how many it stands for: of the reports of a portal that were
    first seen on one day, as in its first crawl, one stands for all.
    """
    groups: dict[object, list[NewsItem]] = {}
    for one in reversed(items):
        is_sighting = one.kind == "appeared"
        groups.setdefault((one.agency.portal, local_day(one.at)) if is_sighting else one, []).append(one)
    return [(group[0], len(group)) for group in groups.values()][:_MAX_NEWS]


def _missing(visit: PageVisit, totals: Totals, year: int, *, practice: bool) -> list[DutyLine]:
    """Return some missing reports (``practice``: of townships those not found), in the order of their places."""
    status = (Status.NOT_FOUND if practice else Status.MISSING).value
    portals = [place.portal for place in totals.places if year in place.years and status in place.years[year].by_status]
    lines: list[DutyLine] = []
    for portal in portals[:_MAX_PORTALS_ASKED]:
        answer: DutyList = visit.ask("missing", year=year, portal=portal, as_of=totals.as_of)
        lines += answer.townships if practice else answer.duties
    return lines[:_MAX_NAMED]


@router.get("/{lang}/news.atom")
def news_feed(visit: PageRequest) -> Response:
    """Respond with news as an Atom feed: of the last 30 days, or since a day at most a year ago."""
    return answer_of_state(visit.request, visit.home, "application/atom+xml", lambda: _news_feed(visit))


def _news_feed(visit: PageVisit) -> bytes:
    """Return the Atom feed of the question ``news`` with the parameters in the address, of a year at most."""
    values, one, now = visit.fields, question("news"), visit.home.clock.now()
    parameters: Any = parse_parameters(one.parameters, {"since": (now - _RECENT).isoformat(), **values})
    parameters = parameters.model_copy(update={"since": max(parameters.since, now - _LONGEST_FEED)})
    about = " ".join(str(value) for name, value in sorted(values.items()) if name != "since")
    return feed(one.ask(visit.home, parameters), _audience(visit, about))


@router.get("/{lang}/freshness.atom")
def freshness_status_feed(visit: PageRequest) -> Response:
    """Respond with an Atom feed that says when the lists of each place were last read to their end."""
    return answer_of_state(visit.request, visit.home, "application/atom+xml", lambda: _freshness_feed(visit))


def _freshness_feed(visit: PageVisit) -> bytes:
    """Return the Atom feed of the question ``freshness`` for the places in the address: an entry for each place."""
    values, places = visit.fields, visit.ask("freshness", **visit.fields)
    about = " ".join(str(values[name]) for name in sorted(values))
    title = f"nianbao: {in_language(question('freshness'), visit.lang)}"
    sentences = {place: freshness_sentence(place, visit.lang) for place in places}
    return freshness_feed(sentences, title, _audience(visit, about))


def _audience(visit: PageVisit, about: str) -> Audience:
    home, steps = visit.home, steps_to(visit.fields.get("place"), visit.lang)
    place = steps[-1][1] if steps else str(visit.fields.get("place", ""))
    return Audience(
        lang=visit.lang.value, site=visit.site, place=place, about=about, archive=home.born.isoformat(),
        simulated=home.simulated,
    )  # fmt: skip
