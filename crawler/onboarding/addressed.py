"""Reports at addresses made of a body's code and a year: which addresses these are, which codes, and since when.

Which systems address reports so, and how their pages name codes, is data (``addressed.toml``).
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from archive.identity.names import is_generic, looks_like_body
from archive.identity.titles import judge
from crawler.cms.classes import family_classes
from crawler.lists.addressed import REPORT, judge_answer
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.html_tree import parse_html, text_of
from crawler.lists.labels import label
from crawler.lists.page import Page
from storage.records import Note

MAX_PATTERNS, MAX_ASKED, SAMPLE, YEARS_BACK, MAX_BODIES, MAX_SOURCE_CHARS = 4, 6, 3, 20, 400, 1_000_000
_TITLE_END = re.compile(r"[_\-—|–]")  # behind it stands the name of the site
_TITLES = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')]"
_NAME = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf（）()·、A-Za-z0-9]{3,40}")
_CODE = r"(?=[0-9A-Z]*\d)[0-9A-Z]{9,18}"
_BETWEEN = r"[^\"'{}\[\]]{0,40}(?:[\"']\w{1,20}[\"']\s{0,3}:)?[^\"'{}\[\]]{0,10}"
_CODE_FIRST = re.compile(rf"[\"'](?P<code>{_CODE})[\"']{_BETWEEN}[\"'](?P<name>[^\"']{{2,60}})[\"']")
_NAME_FIRST = re.compile(rf"[\"'](?P<name>[^\"']{{2,60}})[\"']{_BETWEEN}[\"'](?P<code>{_CODE})[\"']")


@dataclass(frozen=True, slots=True)
class CodedBody:
    """A body as a page names it: ``code`` in addresses, ``source`` the page."""

    code: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """``url``, with ``{code}`` and ``{year}``, answers with reports; "" if none does. ``leads``: those that were asked
    for, ``source``: the page that names the address, ``notes``: what did not answer.
    """

    url: str = ""
    family: str = ""
    source: str = ""
    bodies: tuple[CodedBody, ...] = ()
    first_year: int | None = None
    leads: tuple[dict[str, Any], ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class _Pattern:
    """An address that a page names. ``path_code``: how its codes stand in the paths of other links."""

    family: str
    url: str
    source: str
    path_code: str
    bodies: dict[str, CodedBody] = field(default_factory=dict)


def find_addressed(pages: Sequence[Page], this_year: int, fetch: Fetch) -> Addressed:
    """Find the addresses by body and year that answer, and the first year that does."""
    notes: list[Note] = []
    for one in _find_patterns(pages)[:MAX_PATTERNS]:
        if one.family not in family_classes():
            notes.append(Note("addresses_not_read", {"url": one.url}))
            continue
        leads: list[dict[str, Any]] = []
        firsts: list[int] = []
        for body in sorted(one.bodies.values(), key=lambda body: not body.name.endswith("政府"))[:MAX_ASKED]:
            own = _ask_years(one.url, body, this_year, fetch) if len(firsts) < SAMPLE else []
            leads += own
            firsts += [min(lead["year"] for lead in own)] if own else []
        if firsts:
            bodies = tuple(one.bodies.values())
            return Addressed(one.url, one.family, one.source, bodies, min(firsts), tuple(leads), tuple(notes))
        notes.append(Note("no_answer_at", {"url": one.url}))
    return Addressed(notes=tuple(notes))


def _ask_years(pattern: str, body: CodedBody, this_year: int, fetch: Fetch) -> list[dict[str, Any]]:
    """Return a body's unbroken run of reports; two years without one end it."""
    found: list[dict[str, Any]] = []
    missed = 0
    for year in range(this_year - 1, this_year - 1 - YEARS_BACK, -1):
        url = pattern.replace("{code}", body.code).replace("{year}", str(year))
        title = _title_of(fetch(Request(url)), year)
        missed = 0 if title is not None else missed + 1
        if title is not None:
            found.append({"title": title, "url": url, "agency": body.name, "year": year, "listing": pattern})
        if missed >= (2 if found else 3):
            break
    return found


def _title_of(answer: Answer, year: int) -> str | None:
    """Return the title of the report that an answer is; None if it is none."""
    judged = judge_answer(answer, year)
    return judged.entry.title if judged.outcome == REPORT and judged.entry is not None else None


def body_name(text: str) -> str:
    """Return a label as the name of one body; "" if it is none, or holds anything but letters."""
    said = label(text)
    return said if _NAME.fullmatch(said) and looks_like_body(said) and not is_generic(said) else ""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("crawler.onboarding").joinpath("addressed.toml").read_text(encoding="utf-8"))


def _find_patterns(pages: Sequence[Page]) -> list[_Pattern]:
    """Return the addresses that pages name, each with the bodies found for it, most bodies first."""
    found: dict[str, _Pattern] = {}
    for page in pages:
        for system in _data()["system"]:
            if mark := re.search(system["mark"], page.source[:MAX_SOURCE_CHARS]) or re.search(system["mark"], page.url):
                url = _address(system, urljoin(page.url, html.unescape(mark[0])), page)
                found.setdefault(url, _Pattern(system["family"], url, page.url, system.get("path_code", "")))
    for one in found.values():
        rows = ((code, name, page.url) for page in pages for code, name in _coded_names(one, page))
        bodies = {code: CodedBody(code, name, source) for code, name, source in reversed([*islice(rows, MAX_BODIES)])}
        names = [body.name for body in bodies.values()]
        one.bodies = {code: body for code, body in reversed(bodies.items()) if names.count(body.name) == 1}
    return sorted((one for one in found.values() if one.bodies), key=lambda one: -len(one.bodies))


def _address(system: Mapping[str, Any], mark: str, page: Page) -> str:
    """Return the address with its two gaps that a mark of a system stands for."""
    address = str(system["address"]).replace("{mark}", mark.partition("?")[0])
    for key in system.get("keep", ()):
        if kept := re.search(rf"[?&;]({key})=(\w{{1,10}})", page.source[:MAX_SOURCE_CHARS], re.I):
            address += f"&{kept[1]}={kept[2]}"
    return urljoin(mark, address) if address.startswith("/") else address


def _coded_names(one: _Pattern, page: Page) -> Iterator[tuple[str, str]]:
    """Return the codes that a page names, each with its body: in paths, or in queries, choices and scripts."""
    if one.path_code:
        host = urlsplit(one.url).netloc
        own_links = [entry for entry in page.links if urlsplit(entry.url).netloc == host]
        found = [(re.search(one.path_code, entry.url), entry) for entry in own_links]
        yield from _named(
            (code[1], entry.title) for code, entry in found if code and urlsplit(entry.url).netloc == host
        )
        own = re.search(one.path_code, page.url) if urlsplit(page.url).netloc == host else None
        if own and (name := _reporting_body(page)):  # the government's own pages are linked by no name
            yield own[1], name
        return
    keys, shape = set(_data()["code_keys"]), re.compile(_data()["code"])
    queries = ((parse_qsl(urlsplit(entry.url).query), entry.title) for entry in page.links)
    said = [(value, title) for query, title in queries for key, value in query if key.lower() in keys]
    yield from _named((code, title) for code, title in said if shape.fullmatch(code))
    source = page.source[:MAX_SOURCE_CHARS]
    for select in islice(parse_html(source).iter("select"), 20) if "<select" in source.lower() else ():
        is_of_codes = bool({(select.get("name") or "").lower(), (select.get("id") or "").lower()} & keys)
        options = [((one.get("value") or "").strip(), text_of(one)) for one in islice(select.iter("option"), 1_000)]
        yield from _named(row for row in options if re.fullmatch(shape if is_of_codes else _CODE, row[0]))
    for pairs in (_CODE_FIRST, _NAME_FIRST):
        yield from _named((found["code"], found["name"]) for found in islice(pairs.finditer(source), 2_000))


def _named(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((code, name) for code, text in rows if (name := body_name(text)))


def _reporting_body(page: Page) -> str:
    """Return the body whose annual reports stand on a page, as its titles say; "" for none, or several."""
    titles = [text_of(node)[:300] for node in parse_html(page.source).xpath(_TITLES)[:40]]
    said = [judge(" ".join(_TITLE_END.split(title)[0].split())) for title in titles]
    names = {body_name(one.agency) for one in said if one.could_be and one.agency and not one.system}
    return names.pop() if len(names) == 1 else ""
