"""Reports addressed by organ and year: the address with its two gaps, and the organs' codes and names (pure).

Found in links, choices and scripts of the pages seen; which systems address reports so is data (``organs.toml``).
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.identity.names import is_generic, looks_like_body
from archive.identity.titles import judge
from crawler.addresses import resolve
from crawler.lists.labels import label
from crawler.net.web_page import WebPage
from crawler.signatures import recognise

_PIECES = re.compile(r"[_\-—|–]")  # of a title: what it says, and the name of the site
_TITLES = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')]"
_HEADS = 40
MOST = 400  # organs of one portal
_MOST_FIELDS = 60
_NAME = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf（）()·、A-Za-z0-9]{3,40}")
_CODE = re.compile(r"(?=[0-9A-Z]*\d)[0-9A-Z]{9,18}")
_PAIR = re.compile(
    r"[\"']((?=[0-9A-Z]*\d)[0-9A-Z]{9,18})[\"'][^\"'{}\[\]]{0,40}(?:[\"']\w{1,20}[\"']\s{0,3}:)?[^\"'{}\[\]]{0,10}[\"']([^\"']{2,60})[\"']"
)
_REVERSED = re.compile(
    r"[\"']([^\"']{2,60})[\"'][^\"'{}\[\]]{0,40}(?:[\"']\w{1,20}[\"']\s{0,3}:)?[^\"'{}\[\]]{0,10}[\"']((?=[0-9A-Z]*\d)[0-9A-Z]{9,18})[\"']"
)


@dataclass(frozen=True, slots=True)
class Organ:
    """A body as a page names it: ``code`` in addresses, ``source`` the page."""

    code: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Template:
    """``url`` with ``{code}`` and ``{year}``, the family that makes such addresses, and the page it was seen on."""

    family: str
    url: str
    source: str
    organs: tuple[Organ, ...] = ()


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("crawler.onboarding").joinpath("organs.toml").read_text(encoding="utf-8"))


def _links(page: WebPage) -> Iterator[tuple[str, str]]:
    """Addresses of a page with what their links and choices say."""
    for node in page.tree.iter("a", "option") if page.tree is not None else ():
        url = resolve(page.base, (node.get("href") or node.get("value") or "").strip())
        if url:
            yield url, "".join(map(str, islice(node.itertext(), 100)))[:300]


def _fields(query: str) -> list[tuple[str, str]]:
    """The fields of a query; none where there are more than any portal needs."""
    return parse_qsl(query, keep_blank_values=True) if query.count("&") < _MOST_FIELDS else []


def body_name(text: str) -> str:
    """Return a label as the name of one body; "" if it is none, or holds anything but letters."""
    said = label(text)
    fits = _NAME.fullmatch(said) and looks_like_body(said) and not is_generic(said)
    return said if fits else ""


def templates(pages: Iterable[WebPage]) -> list[Template]:
    """Return the addresses by organ and year that pages name, each with the organs found for it, most organs first."""
    held = list(pages)
    found: dict[str, Template] = {}
    for page in held:
        for made in (*_by_form(page), *_by_year(page)):
            found.setdefault(made.url, made)
    filled = [Template(one.family, one.url, one.source, tuple(_organs(one, held).values())) for one in found.values()]
    return sorted((one for one in filled if one.organs), key=lambda one: -len(one.organs))


def _by_form(page: WebPage) -> Iterator[Template]:
    for form in _data()["form"]:
        mark = re.search(form["mark"], page.text[:1_000_000])
        if mark is None and (own := re.search(form["mark"], page.url)) is None:
            continue
        written = html.unescape((mark or own).group(0))  # type: ignore[union-attr]
        where = urlsplit(resolve(page.url, written))
        base = urlunsplit((where.scheme, where.netloc, where.path, "", ""))
        root = urlunsplit((where.scheme, where.netloc, "", "", ""))
        address = form["address"].replace("{mark}", base) if "{mark}" in form["address"] else root + form["address"]
        for key in form.get("keep", ()):
            if kept := re.search(rf"[?&;]({key})=(\w{{1,10}})", page.text[:1_000_000], re.IGNORECASE):
                address += f"&{kept.group(1)}={kept.group(2)}"
        yield Template(form["family"], address, page.url)


def _by_year(page: WebPage) -> Iterator[Template]:
    """Addresses with a year and a code among their parameters."""
    years, codes = set(_data()["year_keys"]), set(_data()["code_keys"])
    for url, _ in _links(page):
        parts = urlsplit(url)
        query = _fields(parts.query)
        keys = {key.lower() for key, value in query if value}
        if not (keys & years and keys & codes) or "{" in url:
            continue
        fields = [
            (
                k,
                "{year}"
                if k.lower() in years and re.fullmatch(r"20\d\d", v)
                else "{code}"
                if k.lower() in codes
                else v,
            )
            for k, v in query
        ]
        made = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(fields, safe="{}"), ""))
        if made.count("{year}") == 1 and made.count("{code}") == 1:
            best = recognise(url)
            yield Template(best[0][0] if best else "", made, page.url)


def _organs(one: Template, pages: Iterable[WebPage]) -> dict[str, Organ]:
    forms: list[dict[str, str]] = _data()["form"]
    form = next((f for f in forms if f["family"] == one.family), {})
    path_code = form.get("path_code")
    host = urlsplit(one.url).netloc
    found: dict[str, Organ] = {}
    for page in pages:
        rows = (
            _in_path(page, path_code, host) if path_code else (*_in_query(page), *_in_choices(page), *_in_source(page))
        )
        for code, name in rows:
            if code not in found and len(found) < MOST:
                found[code] = Organ(code, name, page.url)
    for page in pages if path_code else ():  # the government's own pages are linked by no name
        own = re.search(path_code or "", page.url) if urlsplit(page.url).netloc == host else None
        if own and own.group(1) not in found and len(found) < MOST and (name := _reporting(page)):
            found[own.group(1)] = Organ(own.group(1), name, page.url)
    names = [organ.name for organ in found.values()]
    return {code: organ for code, organ in found.items() if names.count(organ.name) == 1}


def _in_path(page: WebPage, pattern: str, host: str) -> Iterator[tuple[str, str]]:
    for url, text in _links(page):
        found = re.search(pattern, url)
        if found and urlsplit(url).netloc == host and (name := body_name(text)):
            yield found.group(1), name


def _reporting(page: WebPage) -> str:
    """The body whose annual reports stand on a page, as its titles say; "" for none, or several."""
    tree = page.tree
    titles = [] if tree is None else ["".join(map(str, node.itertext()))[:300] for node in tree.xpath(_TITLES)[:_HEADS]]
    said = [judge(" ".join(_PIECES.split(title)[0].split())) for title in titles]
    names = {body_name(one.agency) for one in said if one.could_be and one.agency and not one.system}
    return names.pop() if len(names) == 1 else ""


def _in_query(page: WebPage) -> Iterator[tuple[str, str]]:
    codes = set(_data()["code_keys"])
    shape = re.compile(_data()["code"])
    for url, text in _links(page):
        for key, value in _fields(urlsplit(url).query):
            if key.lower() in codes and shape.fullmatch(value) and (name := body_name(text)):
                yield value, name


def _in_choices(page: WebPage) -> Iterator[tuple[str, str]]:
    tree = page.tree
    codes, shape = set(_data()["code_keys"]), re.compile(_data()["code"])
    for select in islice(tree.iter("select"), 20) if tree is not None else ():
        named = {(select.get("name") or "").lower(), (select.get("id") or "").lower()} & codes
        for option in islice(select.iter("option"), 1_000):
            value = (option.get("value") or "").strip()
            fits = shape.fullmatch(value) if named else _CODE.fullmatch(value)
            if fits and (name := body_name("".join(str(part) for part in option.itertext())[:200])):
                yield value, name


def _in_source(page: WebPage) -> Iterator[tuple[str, str]]:
    """Pairs of a code and a name in scripts."""
    text = page.text[:1_000_000]
    for found in islice(_PAIR.finditer(text), 2_000):
        if name := body_name(found.group(2)):
            yield found.group(1), name
    for found in islice(_REVERSED.finditer(text), 2_000):
        if name := body_name(found.group(1)):
            yield found.group(2), name
