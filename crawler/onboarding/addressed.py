"""Finds reports at addresses made of an agency's code and a year: the pattern, the codes, and the first year.

The content systems that have such addresses, and the way their pages name codes, are data (``addressed.toml``).
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice, product
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from archive.identity.names import is_generic, looks_like_body
from archive.identity.titles import judge
from crawler.cms.classes import family_classes
from crawler.lists.addressed import REPORT, judge_answer
from crawler.lists.html_tree import parse_html, text_of
from crawler.lists.labels import label
from crawler.lists.page import Fetch, PageOfList, Request
from crawler.onboarding.probe_results import ProbedAgency
from storage.records import Note

MAX_PATTERNS, MAX_ASKED, SAMPLE, YEARS_BACK, MAX_BODIES, MAX_SOURCE_CHARS = 4, 6, 3, 20, 400, 1_000_000
_TITLE_END = re.compile(r"[_\-—|–]")  # the name of the site follows
_TITLES = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')]"
_NAME = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf（）()·、A-Za-z0-9]{3,40}")
_CODE = r"(?=[0-9A-Z]*\d)[0-9A-Z]{9,18}"
_BETWEEN = r"[^\"'{}\[\]]{0,40}(?:[\"']\w{1,20}[\"']\s{0,3}:)?[^\"'{}\[\]]{0,10}"
_PAIRS = (
    re.compile(rf"[\"'](?P<code>{_CODE})[\"']{_BETWEEN}[\"'](?P<name>[^\"']{{2,60}})[\"']"),
    re.compile(rf"[\"'](?P<name>[^\"']{{2,60}})[\"']{_BETWEEN}[\"'](?P<code>{_CODE})[\"']"),
)
CodeAndName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Addressed:
    """The pattern of addresses, ``url`` with ``{code}`` and ``{year}``, at which reports were found; "" if there is
    none. ``bodies``: the agencies with codes; ``leads``: the reports that were fetched; ``notes``: what failed.
    """

    url: str = ""
    family: str = ""
    bodies: tuple[ProbedAgency, ...] = ()
    leads: tuple[dict[str, Any], ...] = ()
    notes: tuple[Note, ...] = ()


def find_addressed(pages: Sequence[PageOfList], this_year: int, fetch: Fetch) -> Addressed:
    """Find a pattern of addresses by agency and year in pages, and try it for some agencies."""
    notes: list[Note] = []
    found: dict[str, Mapping[str, Any]] = {}
    for page, system in product(pages, _data()["system"]):
        if url := _address(system, page):
            found.setdefault(url, system)
    coded = [(url, system, _bodies(url, system, pages)) for url, system in found.items()]
    likely = sorted((one for one in coded if one[2]), key=lambda one: -len(one[2]))[:MAX_PATTERNS]
    for url, system, bodies in likely:
        if system["family"] not in family_classes():
            notes.append(Note("addresses_not_read", {"url": url}))
            continue
        answered: list[list[dict[str, Any]]] = []
        for body in sorted(bodies, key=lambda body: not body.name.endswith("政府"))[:MAX_ASKED]:
            if len(answered) < SAMPLE and (own := _ask_years(url, body, this_year, fetch)):
                answered.append(own)
        if answered:
            leads = tuple(lead for own in answered for lead in own)
            return Addressed(url, system["family"], bodies, leads, tuple(notes))
        notes.append(Note("no_answer_at", {"url": url}))
    return Addressed(notes=tuple(notes))


def body_name(text: str) -> str:
    """Return a label as the name of one agency; "" if it is none, or contains other characters than letters."""
    said = label(text)
    return said if _NAME.fullmatch(said) and looks_like_body(said) and not is_generic(said) else ""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("crawler.onboarding").joinpath("addressed.toml").read_text(encoding="utf-8"))


def _ask_years(pattern: str, body: ProbedAgency, this_year: int, fetch: Fetch) -> list[dict[str, Any]]:
    """Return an agency's reports, from last year back until two years (at the start three) have none."""
    found: list[dict[str, Any]] = []
    missed = 0
    for year in range(this_year - 1, this_year - 1 - YEARS_BACK, -1):
        url = pattern.replace("{code}", body.code).replace("{year}", str(year))
        judged = judge_answer(fetch(Request(url)), year)
        if judged.outcome == REPORT:
            lead = {"title": judged.title, "url": url, "agency": body.name, "year": year, "listing": pattern}
            found.append(lead)
        missed = 0 if judged.outcome == REPORT else missed + 1
        if missed >= (2 if found else 3):
            break
    return found


def _address(system: Mapping[str, Any], page: PageOfList) -> str:
    """Return the pattern of addresses that a system's mark on a page leads to; "" if the page has no such mark."""
    source = page.source[:MAX_SOURCE_CHARS]
    marked = re.search(system["mark"], source) or re.search(system["mark"], page.url)
    if marked is None:
        return ""
    mark = urljoin(page.url, html.unescape(marked[0]))
    address = str(system["address"]).replace("{mark}", mark.partition("?")[0])
    for key in system.get("keep", ()):
        if kept := re.search(rf"[?&;]({key})=(\w{{1,10}})", source, re.I):
            address += f"&{kept[1]}={kept[2]}"
    return urljoin(mark, address) if address.startswith("/") else address


def _bodies(url: str, system: Mapping[str, Any], pages: Sequence[PageOfList]) -> tuple[ProbedAgency, ...]:
    """Return the agencies that pages name with a code for such an address; none that has several codes."""
    named = _named_in_paths if "path_code" in system else _named_in_page
    rows = ((code, body_name(text), page.url) for page in pages for code, text in named(page, url, system))
    bodies: dict[str, ProbedAgency] = {}
    for code, name, source in islice((row for row in rows if row[1]), MAX_BODIES):
        bodies.setdefault(code, ProbedAgency(name, code=code, source=source))
    names = [body.name for body in bodies.values()]
    return tuple(body for body in bodies.values() if names.count(body.name) == 1)


def _named_in_paths(page: PageOfList, url: str, system: Mapping[str, Any]) -> Iterator[CodeAndName]:
    """Yield the codes in the paths of a page's links, each with the link's text."""
    host = urlsplit(url).netloc
    for entry in page.links:
        if urlsplit(entry.url).netloc == host and (code := re.search(system["path_code"], entry.url)):
            yield code[1], entry.title
    own = re.search(system["path_code"], page.url) if urlsplit(page.url).netloc == host else None
    if own:  # no link names the government's own pages
        yield own[1], _reporting_body(page)


def _named_in_page(page: PageOfList, url: str, system: Mapping[str, Any]) -> Iterator[CodeAndName]:
    """Yield the codes in link addresses, options and scripts of a page, each with the text beside it."""
    del url, system
    keys, shape = set(_data()["code_keys"]), re.compile(_data()["code"])
    for entry in page.links:
        for key, value in parse_qsl(urlsplit(entry.url).query):
            if key.lower() in keys and shape.fullmatch(value):
                yield value, entry.title
    source = page.source[:MAX_SOURCE_CHARS]
    for select in islice(parse_html(source).iter("select"), 20) if "<select" in source.lower() else ():
        is_of_codes = bool({(select.get("name") or "").lower(), (select.get("id") or "").lower()} & keys)
        for option in islice(select.iter("option"), 1_000):
            value = (option.get("value") or "").strip()
            if re.fullmatch(shape if is_of_codes else _CODE, value):
                yield value, text_of(option)
    for pairs in _PAIRS:
        yield from ((found["code"], found["name"]) for found in islice(pairs.finditer(source), 2_000))


def _reporting_body(page: PageOfList) -> str:
    """Return the agency that the titles of reports on a page name; "" if they name none, or several."""
    titles = [text_of(node)[:300] for node in parse_html(page.source).xpath(_TITLES)[:40]]
    said = [judge(" ".join(_TITLE_END.split(title)[0].split())) for title in titles]
    names = {body_name(one.agency) for one in said if one.could_be and one.agency and not one.system}
    return names.pop() if len(names) == 1 else ""
