"""Serve pages: the decorator :func:`page` connects an address, a template and a function that returns its values."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from archive.assessment.data_files import data_file
from archive.exports.safe_text import safe_text
from archive.fuzzy_lookup import Suggestion
from archive.projection.update import count_waiting
from archive.queries.bounds import NotKnownError
from archive.queries.freshness import freshness_of, open_looks
from archive.queries.where import Where
from archive.queries.words import CHINA
from nianbao.api.guarding import SUGGEST_SCRIPT
from nianbao.api.routes import FORMATS, site_of
from nianbao.api.validators import respond, validators
from nianbao.form_fields import (
    field_text,
    form_fields,
    is_offered,
    names_found,
    offered,
    only_match,
    section_of,
    values_meant,
)
from nianbao.language import Language
from nianbao.page_routes import PageRoute
from nianbao.parameters import parse_parameters
from nianbao.questions import LISTS, question
from nianbao.sentences import suggestion_text
from nianbao.templates import Templates
from nianbao.web.heat_map import steps_to
from storage.home import Home
from storage.registry import newest
from storage.tables import RULINGS

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Values = dict[str, Any]  #: the variables of a template; the key ``template`` replaces the page's own template
_MAX_REMEMBERED_PAGES = 64
LONG = 0.25  # seconds of CPU; only pages of very large archives take longer
STAYS = 10  # such a page is shown again for 10 times the CPU time that it took
_TEMPLATES = Templates("nianbao.web", "web")
#: the menu: group → entry → address below ``/zh/`` or ``/en/``
_MENU = data_file("menu.toml", "nianbao.web")
_OF_QUESTIONS = {"name": "portal", "indicator": "cell"}  # parameter in an address → that of the question, if it differs
_LINKED = {".json": "alternate", ".csv": "alternate", ".metadata.json": "describedby"}  # suffix → relation


async def archive_of(request: Request) -> Home:
    """Return the archive that this server serves."""
    home: Home = request.app.state.home
    return home


async def _visit(request: Request, lang: Language, home: Annotated[Home, Depends(archive_of)]) -> PageVisit:
    return PageVisit(request, home, lang)


@dataclass(frozen=True, slots=True)
class PageVisit:
    """A request for a page, with the archive and the language of the page."""

    request: Request
    home: Home
    lang: Language

    @property
    def fields(self) -> Values:
        """Return the query's fields that are not empty; a field that occurs several times has a list as its value."""
        query = self.request.query_params
        fields = {name: [one for one in query.getlist(name) if one.strip()] for name in query}
        if self.is_page:  # a person may type names; a program gives ids
            fields = {name: values_meant(name, texts) for name, texts in fields.items()}
        return {name: values if len(values) > 1 else values[0] for name, values in fields.items() if values}

    @property
    def is_page(self) -> bool:
        """True below ``/zh/`` and ``/en/``, where a person may type names and leave fields out; False for data."""
        return "lang" in self.request.path_params

    @property
    def site(self) -> str:
        """Return the base address of this site without a slash: the setting ``public_url``, or that of the request."""
        return site_of(self.request, self.home)

    @property
    def is_on_this_machine(self) -> bool:
        """True if :attr:`site` is a local address, which does not work on other machines."""
        host = urlsplit(self.site).hostname or ""
        return host == "localhost" or host.startswith("127.") or host == "::1"

    def ask(self, name: str, /, **values: Any) -> Any:
        """Answer the question ``name`` in the language of the page. Raises the errors of the question."""
        one = question(name)
        return one.ask(self.home, parse_parameters(one.parameters, {**values, "lang": self.lang}))

    def render(self, template: str, values: Values, status: int = 200, here: str | None = None) -> HTMLResponse:
        """Render a page. ``here``: the path to which the link to the other language leads, if not to the same page."""
        path = quote(self.request.url.path.split("/", 2)[2]) if here is None else None
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        frame = {
            "menu": _MENU, "zone": CHINA, "simulated": self.home.simulated, "clock": self.home.clock,
            "here": here if path is None else path + query, "here_path": path,
            "sought": self.request.query_params.get("query", ""),
            "offered": partial(offered, self.home, self.lang), "is_offered": is_offered,
            "field_text": partial(field_text, self.home, self.lang), "section_of": partial(section_of, self.lang),
            "suggest_script": SUGGEST_SCRIPT,
            "steps_to": partial(steps_to, lang=self.lang), "portals_waiting": partial(count_waiting, self.home),
        }  # fmt: skip
        text = _TEMPLATES.render(values.pop("template", template), self.lang, {**frame, **values})
        return HTMLResponse(text, status)


Archive = Annotated[Home, Depends(archive_of)]
PageRequest = Annotated[PageVisit, Depends(_visit)]


def page(
    address: str, template: str, *, data: str = "", is_remembered: bool = False
) -> Callable[[Callable[..., Values | Response]], Callable[..., Values | Response]]:
    """Serve the values that the decorated function returns as a page below ``/zh/`` and ``/en/``, or its redirect.

    The function takes ``visit: PageRequest`` and the parameters of the address and query. ``data``: the question that
    the page answers; the page's address with a suffix leads to the answer as a file. ``is_remembered``: the page
    depends only on the archive's state, the day and the address, so all visitors can get the same copy.
    """

    def register(values_of: Callable[..., Values | Response]) -> Callable[..., Values | Response]:
        """Add the route of a page; return its function unchanged."""

        @wraps(values_of)
        def answer(visit: PageVisit, **asked: Any) -> Response:
            """Respond with the page (or, if ``is_remembered``, the copy kept for all visitors), or its redirect."""

            def make_page() -> Response:
                values = values_of(visit, **asked)
                if isinstance(values, Response):
                    return values
                response = visit.render(template, values)
                if data:
                    cite_as = "" if visit.is_on_this_machine else values.get("page_address", "")
                    response.headers["Link"] = _data_links(data, visit, cite_as)
                return response

            if not is_remembered:
                return make_page()
            return respond(visit.request, visit.home, "text/html", partial(_remembered, visit, make_page))

        if data:  # first, because an agency's name may contain anything; a ``stem`` ends at the longest suffix
            begin, brace, last = address.rpartition("{")
            stem = f"{last.rstrip('}').partition(':')[0]}:stem}}" if brace else last
            router.add_api_route(f"/{{lang}}/{begin}{brace}{stem}{{suffix:suffix}}", partial(_lead_to_data, data))
        router.add_api_route(f"/{{lang}}/{address}", answer, response_model=None)
        return values_of

    return register


def _lead_to_data(name: str, visit: PageRequest, suffix: str) -> Response:
    """Redirect the address of a page with a suffix to the answer that the page shows, as a file."""
    query = _data_query(visit, visit.request.query_params.multi_items())
    return RedirectResponse(f"/{visit.lang}/ask/{name}{suffix}?{query}", HTTPStatus.SEE_OTHER)


def _data_query(visit: PageVisit, query: Iterable[tuple[str, str]]) -> str:
    """Return the query string of a page's question: the parameters of the page's path, then those of its query."""
    path = {_OF_QUESTIONS.get(name, name): value for name, value in visit.request.path_params.items()}
    return urlencode([*((name, value) for name, value in path.items() if name not in {"lang", "suffix"}), *query])


def _data_links(name: str, visit: PageVisit, cite_as: str) -> str:
    """Return the header ``Link`` of a page (RFC 8288, by the relations of Signposting): to the data of its question,
    and to the lasting address to cite ("" for none).
    """
    parameters = question(name).parameters.model_fields
    query = _data_query(visit, [one for one in visit.request.query_params.multi_items() if one[0] in parameters])
    links = [
        f'</{visit.lang}/ask/{name}{suffix}?{query}>; rel="{rel}"; type="{FORMATS[suffix].media.partition(";")[0]}"'
        for suffix, rel in _LINKED.items()
    ]
    return ", ".join([f'<{cite_as}>; rel="cite-as"', *links] if cite_as else links)


def permanent(as_of: datetime | None, values: Mapping[str, Any] | None = None) -> str:
    """Return ``values`` and ``as_of`` as a query string: its answer stays the same when the archive changes.

    ``as_of`` is None for a question without ``as_of``.
    """
    instant = {"as_of": as_of.astimezone(CHINA).isoformat(timespec="seconds")} if as_of else {}
    return urlencode({**(values or {}), **instant}, doseq=True)


def places_looked_at(visit: PageVisit, filters: Values, as_of: datetime) -> Values:
    """Return when the places of an answer were last looked at (none if they are too many to name), and the looks that
    leave lists open (``open``: portal → look).
    """
    where = Where(place=filters.get("place"), portal=filters.get("portal"), as_of=as_of)
    places = freshness_of(visit.home, where).places or ()
    is_open = any(one.lists_complete < one.lists for one in places)
    return {"places": places, "open": open_looks(visit.home, where) if is_open else {}}


def last_year(home: Home) -> int:
    """Return the year before the present one: the newest year on which reports are due."""
    return home.clock.now().astimezone(CHINA).year - 1


# ---------------------------------------------------------------------------------------------- remembered pages


@dataclass(slots=True)
class _RememberedPage:
    """The last copy of a page. ``until``: up to this second of the monotonic clock it is shown even if the archive has
    changed; ``lock`` is held while the page is made, so that requests meanwhile wait instead of making it too.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    tag: str = ""
    until: float = 0.0
    page: Response | None = None


def _remembered(visit: PageVisit, make: Callable[[], Response]) -> Response:
    """Return the remembered copy of a page, or make the page if the archive changed since.

    A page that took more than LONG to make is kept for STAYS times that time, because a crawl changes the archive every
    second and the page would be made without end. After a ruling, pages are made anew at once: it may withhold data.
    """
    request = visit.request
    tag = validators(visit.home, request, "text/html")["ETag"]
    pages: OrderedDict[str, _RememberedPage] = request.app.state.pages
    key = f"{newest(visit.home, RULINGS)} {request.url.path}?{request.url.query}"  # no page outlives a ruling
    one = pages.setdefault(key, _RememberedPage())
    with one.lock:
        response = one.page
        if response is None or (one.tag != tag and one.until <= time.monotonic()):
            began = time.thread_time()
            response = make()
            took = time.thread_time() - began
            one.page, one.tag = response, tag
            one.until = time.monotonic() + (STAYS * took if took > LONG else 0.0)
    while len(pages) > _MAX_REMEMBERED_PAGES:
        pages.popitem(last=False)
    return Response(bytes(response.body), response.status_code, dict(response.headers))


def answer_of_state(request: Request, home: Home, media_type: str, make: Callable[[], bytes]) -> Response:
    """Respond with data that clients may keep but must revalidate each time, so that a ruling takes effect at once."""
    return respond(request, home, media_type, lambda: Response(make(), media_type=media_type))


# ---------------------------------------------------------------------------------------------- errors


def error_page(request: Request, status: int, detail: str, error: Exception) -> Response:
    """Return a page that says what went wrong, with suggestions and with the form that the visitor filled in; redirect
    an unknown name for which a search finds just one agency or indicator.
    """
    lang = Language.ZH if request.url.path.startswith("/zh") else Language.EN
    visit = PageVisit(request, request.app.state.home, lang)
    if isinstance(error, NotKnownError):
        match = only_match(visit.home, lang, error)
        if there := _address_with(request, error, match) if match else "":
            return RedirectResponse(there, HTTPStatus.SEE_OTHER)
    suggestions = _suggestions(request, error, lang)
    heading = _heading(error, is_choice=bool(suggestions))
    values: Values = {"heading": heading, "detail": safe_text(detail), "suggestions": suggestions}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # the database may be broken: read nothing from it
        values |= {"offered": lambda _: (), "portals_waiting": lambda _: 0, "field_text": lambda _, text: text}
    return visit.render("error.html", {**values, **_form_again(request.url.path, visit.fields)}, status, here="")


def _heading(error: Exception, *, is_choice: bool) -> str:
    """Return the key of the heading for an error: something asked about is unknown, a name is, or several fit it."""
    if not isinstance(error, NotKnownError):
        return "title"
    if is_choice and error.code.endswith((".indicator", ".indicators", ".agencies", ".governments")):
        return "which"
    return "not_found" if "text" in error.values else "nothing_known"


def _form_again(path: str, values: Mapping[str, Any]) -> Values:
    """Return what an error page needs to show the form of the page that failed: template (``form``, "" without one) and
    fields.
    """
    place = path[4:]  # without "/zh/" or "/en/"
    if place == "rollup":
        return {"form": "rollup_form.html", "asked": values}
    name = place.removeprefix("ask/")
    if name == place or name not in LISTS:
        return {"form": ""}
    one = question(name)
    return {"form": "form.html", "question": one, "fields": form_fields(one.parameters, values)}


def _suggestions(request: Request, error: Exception, lang: Language) -> list[tuple[str, str]]:
    """Return each suggestion of an error with the request's address in which it replaces the unknown name, or ""."""
    if not isinstance(error, NotKnownError):
        return []
    matches = names_found(request.app.state.home, lang, error)
    return [*dict.fromkeys((suggestion_text(one, lang), _address_with(request, error, one)) for one in matches)]


def _address_with(request: Request, error: NotKnownError, suggestion: Suggestion) -> str:
    """Return the request's address in which a suggestion replaces the unknown name; "" if this is not in it."""
    wrong, name = str(error.values.get("text", error.values.get("year", ""))), suggestion.id or suggestion.name
    given_items = request.query_params.multi_items()
    query_items = [(key, one) for key, value in given_items for one in values_meant(key, [value])]
    path: str = request.scope["path"]
    query = [(key, name if value.strip() == wrong else value) for key, value in query_items]
    there = f"{path}/".replace(f"/{wrong}/", f"/{name}/", 1)[:-1]
    if not wrong or (there, query) == (path, query_items):
        return ""
    return quote(there) + (f"?{urlencode(query)}" if query else "")
