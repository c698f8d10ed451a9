"""The routes of the overview: places by years, what is new, and the same as a feed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.exports.atom import Reader, feed
from archive.queries.news import News
from archive.queries.results import RateRow, Totals
from archive.queries.words import CHINA
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang, understood
from nianbao.questions import question
from nianbao.web.heat_map import DATED_KINDS, ProvinceTile, heat_rows, province_tiles, steps_to
from nianbao.web.serving import Archive, answer_of_state, given, page, remembered
from storage.home import Home
from storage.observations import Observations
from storage.records import AgencyKind, Status

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_YEARS = 7  #: the newest
_RECENT = timedelta(days=30)
_NEWEST = 8  # pieces of news
_FEW = 5_000  #: duties up to which news are told at once; of more they have their own page
_MOST_IN_FEED = timedelta(days=365)
_PRACTICE = [AgencyKind.TOWNSHIP.value, AgencyKind.SUBDISTRICT.value]
_LEGEND = (Status.ON_TIME, Status.LATE, Status.MISSING, Status.UNDETERMINED, Status.UNKNOWN)
_LEGEND_PRACTICE = (Status.PUBLISHED, Status.NOT_FOUND, Status.UNKNOWN)


@router.get("/{lang}/")
def overview(request: Request, home: Archive, lang: Lang) -> Response:
    """Places by years: the share in time, what is late, missing, unknown, and how much of it was looked at."""
    return remembered(request, lambda: _overview(request, home, lang))


def _overview(request: Request, home: Home, lang: Lang) -> Response:
    fields = {name: value for name, value in given(request).items() if name != "kind"}
    practice = "kind" in given(request)
    kinds = _PRACTICE if practice else sorted(kind.value for kind in DATED_KINDS)
    asked: Any = understood(question("totals").parameters, {**fields, "kind": kinds})
    found: Totals = question("totals").ask(home, asked)
    place = asked.place
    head = _head(found, practice=practice)
    years = found.years[-_YEARS:]
    looks = Observations(home).look_counts()
    several = place is None and len({(one.division or "")[:2] for one in found.places}) > 1
    since = found.as_of - _RECENT
    recent = _news(home, place, since, found.as_of) if found.known.duties <= _FEW else None
    as_of = found.as_of.astimezone(CHINA).isoformat(timespec="seconds")
    values: dict[str, Any] = {
        "found": found,
        "asked": asked,
        "asked_years": fields.get("years", ""),
        "asked_as_of": fields.get("as_of", ""),
        "practice": practice,
        "head": head,
        "not_known": head.rates["published"].unknown if head and "published" in head.rates else 0,
        "years": years,
        "rows": heat_rows(found, looks, years, place, practice=practice),
        "looks": [looks[one.portal] for one in found.places if one.portal in looks],
        "legend": _LEGEND_PRACTICE if practice else _LEGEND,
        "provinces": _grid(found, head, lang, practice=practice) if several else [],
        "steps": steps_to(place),
        "since": since.astimezone(CHINA).date(),
        "recent": recent,
        "newest": recent.items[: -_NEWEST - 1 : -1] if recent else (),
        "only_place": urlencode({"place": place}) if place else "",
        "kinds": "&kind=township" if practice else "",
        "permanent": urlencode({**fields, **({"kind": "township"} if practice else {}), "as_of": as_of}, doseq=True),
    }
    return page(request, "overview.html", lang, **values)


@router.get("/{lang}/news.atom")
def news_feed(request: Request, home: Archive, lang: Lang) -> Response:
    """What became known, as an Atom feed: of the last 30 days, or since a day that is not much longer ago."""
    return answer_of_state(request, "application/atom+xml", lambda: _news_feed(request, home, lang))


def _news_feed(request: Request, home: Home, lang: Lang) -> bytes:
    asked = given(request)
    now = home.clock.now()
    model = question("news").parameters
    since = asked.get("since", (now - _RECENT).isoformat())
    parameters: Any = understood(model, {**asked, "since": since})
    parameters = parameters.model_copy(update={"since": max(parameters.since, now - _MOST_IN_FEED)})
    found: News = question("news").ask(home, parameters)
    about = " ".join(str(value) for name, value in sorted(asked.items()) if name != "since")
    steps = steps_to(asked.get("place"))
    place = steps[-1][1] if steps else str(asked.get("place", ""))
    reader = Reader(lang=lang.value, site=str(request.base_url).rstrip("/"), place=place)
    return feed(found, home.born.isoformat(), about, reader, simulated=home.simulated)


def _head(found: Totals, *, practice: bool) -> RateRow | None:
    """The rates of the newest year of which anything is due."""
    group = "townships" if practice else "statutory"
    held = [one for one in found.rates if one.group == group and one.year is not None and one.due]
    return max(held, key=lambda one: one.year or 0, default=None)


def _grid(found: Totals, head: RateRow | None, lang: Lang, *, practice: bool) -> list[ProvinceTile]:
    if head is None or head.year is None:
        return []
    return province_tiles(found, head.year, lang, practice=practice)


def _news(home: Home, place: str | None, since: datetime, until: datetime) -> News:
    one = question("news")
    found: News = one.ask(home, one.parameters.model_validate({"place": place, "since": since, "until": until}))
    return found
