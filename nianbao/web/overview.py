"""The start page: a heat map of places and years, missing reports and news; and the feeds of news and freshness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from archive.exports.atom import Reader, feed, freshness_feed
from archive.queries.news import News
from archive.queries.results import DutyLine, DutyList, PlaceTotals, RateRow, Totals
from nianbao.answer_metadata import freshness_sentence
from nianbao.language import Language
from nianbao.parameters import understood
from nianbao.questions import question
from nianbao.sentences import in_language
from nianbao.web.heat_map import DATED_KINDS, heat_rows, province_tiles, steps_to
from nianbao.web.serving import PageVisit, Values, Visit, answer_of_state, page, permanent, router
from storage.observations import Observations
from storage.records import AgencyKind, Status

_RECENT = timedelta(days=30)
MAX_DUTIES = 5_000  #: with more reports due, a page does not read all news: that would take too long
_YEARS = 7  #: newest years in the heat map
_NEWEST = 8  # pieces of news shown
_MAX_NAMED = 12  # missing reports shown by name
_MAX_PORTALS_ASKED = 6  # portals that are queried for missing reports
_MAX_PORTALS_LISTED = 40  # with more, portals are not listed beside the map
_LONGEST_FEED = timedelta(days=365)
_PRACTICE = [AgencyKind.TOWNSHIP.value, AgencyKind.SUBDISTRICT.value]
_LEGEND = (Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED, Status.UNKNOWN)
_LEGEND_PRACTICE = (Status.PUBLISHED, Status.NOT_FOUND, Status.UNKNOWN)


@page("", "overview.html", is_remembered=True)
def overview(visit: Visit) -> Values:
    """Show places by years: the share of reports on time, and which are late, missing or unknown."""
    fields = {name: value for name, value in visit.fields.items() if name != "kind"}
    practice = "kind" in visit.fields
    kinds = _PRACTICE if practice else sorted(kind.value for kind in DATED_KINDS)
    totals: Totals = visit.ask("totals", **fields, kind=kinds)
    place = fields.get("place")
    head = _newest_rates(totals, practice=practice)
    years = totals.years[-_YEARS:]
    looks = Observations(visit.home).look_counts()
    has_grid = place is None and len({(one.division or "")[:2] for one in totals.places}) > 1
    grid_year = head.year if head and has_grid else None
    is_small = totals.known.duties <= MAX_DUTIES
    news: News | None = visit.ask("news", place=place, until=totals.as_of) if is_small else None
    return {
        "found": totals,
        "asked": fields,
        "practice": practice,
        "head": head,
        "not_known": head.rates["published"].unknown if head and "published" in head.rates else 0,
        "years": years,
        "rows": heat_rows(totals, looks, years, place, visit.lang, practice=practice),
        "looks": [looks[one.portal] for one in totals.places if one.portal in looks],
        "legend": _LEGEND_PRACTICE if practice else _LEGEND,
        "provinces": province_tiles(totals, grid_year, visit.lang, practice=practice) if grid_year else [],
        "steps": steps_to(place, visit.lang),
        "news": news,
        "newest": news.items[: -_NEWEST - 1 : -1] if news else (),
        "missing": _missing(visit, totals, head.year, practice=practice) if head and head.year else {},
        "listed_places": _listed_places(totals, visit.lang) if has_grid else {},
        "only_place": urlencode({"place": place}) if place else "",
        "kinds": "&kind=township" if practice else "",
        "permanent": permanent(totals.as_of, {**fields, **({"kind": "township"} if practice else {})}),
    }


def _newest_rates(totals: Totals, *, practice: bool) -> RateRow | None:
    """Return the rates of the newest year with reports due; None if there is none."""
    group = "townships" if practice else "statutory"
    rows = [one for one in totals.rates if one.group == group and one.year is not None and one.due]
    return max(rows, key=lambda one: one.year or 0, default=None)


def _missing(visit: PageVisit, totals: Totals, year: int, *, practice: bool) -> dict[str, list[DutyLine]]:
    """Return some missing reports (for townships: not found), grouped by the place of their agencies."""
    status = (Status.NOT_FOUND if practice else Status.MISSING).value
    portals = [place.portal for place in totals.places if year in place.years and status in place.years[year].by_status]
    lines: dict[str, list[DutyLine]] = {}
    for portal in portals[:_MAX_PORTALS_ASKED]:
        answer: DutyList = visit.ask("missing", year=year, portal=portal, as_of=totals.as_of)
        room = _MAX_NAMED - sum(map(len, lines.values()))
        for line in (answer.townships if practice else answer.duties)[:room]:
            lines.setdefault(line.agency.place, []).append(line)
    return lines


def _listed_places(totals: Totals, lang: Language) -> dict[str, list[PlaceTotals]]:
    """Return portals by the name of their province; nothing if there are more than _MAX_PORTALS_LISTED."""
    if len(totals.places) > _MAX_PORTALS_LISTED:
        return {}
    names = {tile["code"]: tile["name"] for tile in province_tiles(totals, 0, lang, practice=False)}
    by_province: dict[str, list[PlaceTotals]] = {}
    for one in totals.places:
        by_province.setdefault(names.get((one.division or "")[:2], ""), []).append(one)
    return by_province


@router.get("/{lang}/news.atom")
def news_feed(visit: Visit) -> Response:
    """Respond with news as an Atom feed: of the last 30 days, or since a day at most a year ago."""
    return answer_of_state(visit.request, visit.home, "application/atom+xml", lambda: _news_feed(visit))


def _news_feed(visit: PageVisit) -> bytes:
    """Return the Atom feed of the question ``news`` with the parameters in the address, of a year at most."""
    home, values, one = visit.home, visit.fields, question("news")
    now = home.clock.now()
    parameters: Any = understood(one.parameters, {"since": (now - _RECENT).isoformat(), **values})
    parameters = parameters.model_copy(update={"since": max(parameters.since, now - _LONGEST_FEED)})
    about = " ".join(str(value) for name, value in sorted(values.items()) if name != "since")
    return feed(one.ask(home, parameters), home.born.isoformat(), about, _reader(visit), simulated=home.simulated)


@router.get("/{lang}/freshness.atom")
def freshness_status_feed(visit: Visit) -> Response:
    """Respond with an Atom feed that says when the lists of each place were last read to their end."""
    return answer_of_state(visit.request, visit.home, "application/atom+xml", lambda: _freshness_feed(visit))


def _freshness_feed(visit: PageVisit) -> bytes:
    """Return the Atom feed of the question ``freshness`` for the places in the address: an entry for each place."""
    home, values, places = visit.home, visit.fields, visit.ask("freshness", **visit.fields)
    about = " ".join(str(values[name]) for name in sorted(values))
    title = f"nianbao: {in_language(question('freshness'), visit.lang)}"
    sentences = {place: freshness_sentence(place, visit.lang) for place in places}
    return freshness_feed(sentences, title, home.born.isoformat(), about, _reader(visit), simulated=home.simulated)


def _reader(visit: PageVisit) -> Reader:
    steps = steps_to(visit.fields.get("place"), visit.lang)
    place = steps[-1][1] if steps else str(visit.fields.get("place", ""))
    return Reader(lang=visit.lang.value, site=visit.site, place=place)
