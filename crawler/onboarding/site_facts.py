"""Finds what the pages of a site tell of it: place, content system, search, and addresses made of agency and year.

Nothing is guessed: a place must have its suffix (县, 区, 市 …); what is not printed is unknown. Content systems with
addresses made of an agency's code and a year, and the way their pages name codes, are data (``addressed.toml``).
"""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from itertools import islice, product
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive.identity import divisions
from archive.identity.names import complete, is_generic, looks_like_agency
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge_title
from crawler.lists.addressed import REPORT, is_address_of, judge_page
from crawler.lists.html_tree import parse_html, text_of
from crawler.lists.page import Fetch, PageOfList, Request
from crawler.lists.page_reader import read_page
from crawler.lists.words import SEARCH, plain_label
from crawler.onboarding.found_portal import Probe, ProbedAgency, ProbedListing
from crawler.signatures import recognise
from storage.records import Lead, ListingForm, LookOutcome, Note

FOOT_CHARS = 3_000
LIST_WEIGHT = 1_000  # of the marks on a list's page
_FRAME = re.compile(
    r"^(?:欢迎(?:您)?(?:访问|光临|来到)?|中国[·•・.\-—]|中国政府网?[·•]|首页[_\-|—]?)+|(?:门户网站|政府网站|政府网|政务网|官方网站|官网|网站|信息公开(?:网|平台|专栏)?|政务公开)+$"
)
_OPERATOR = re.compile(r"主\s?办\s?(?:单\s?位)?\s?[:：]\s?([\u4e00-\u9fa5（）()]{3,30})")
_OWN_NAMES = frozenset(("", "人民政府", "政府", "人民政府办公室", "政府办公室", "管委会", "管理委员会"))
_NAME = re.compile(r"[\u4e00-\u9fa5\u3400-\u4dbf（）()·、A-Za-z0-9]{3,40}")


def agency_name_in(text: str) -> str:
    """Return a label as the name of one agency; "" if it is none, or contains other characters than letters."""
    name = plain_label(text)
    return name if _NAME.fullmatch(name) and looks_like_agency(name) and not is_generic(name) else ""


# ------------------------------------------------------------------------------------------------ place


def place_of(page: str, directory: Sequence[str]) -> tuple[str, str, Note]:
    """Return (place, agency that has the site or "", reason) by the names that a front page gives its site, else by
    ``directory`` (place and full name there, or empty). The place is "" if neither tells it. A county in the page's
    title goes before the city whose site it is on.
    """
    placed = [(*named, where, text) for text, where in _site_names(page) if (named := _agency_of(text))[0]]
    in_city = [one for one in placed if one[2] == "title" and _lies_in(one[0], placed[0][0])]
    if placed:
        place, body, where, text = (in_city or placed)[0]
        return place, body, Note("place_site", {"where": where, "text": squeeze(text)[:40]})
    if directory:
        return directory[0], "", Note("place_directory", {"name": directory[1]})
    return "", "", Note("place_unsaid")


def division_of(place: str, site_name: str, directory: Sequence[str]) -> str | None:
    """Return a place's code: the directory's if it has the same place, else that of the only division that the site's
    name means (舟山市普陀区 is one of two 普陀区); None if none is certain.
    """
    if directory and divisions.same_division(directory[0], place):
        return directory[2] or None
    meant = divisions.divisions_meant(site_name)
    return meant[0].code if len(meant) == 1 and meant[0].name == place else None


def _lies_in(county: str, city: str) -> bool:
    prefixes = divisions.prefixes(city)
    return county != city and any(one.code.startswith(prefixes) for one in divisions.divisions_meant(county))


def place_in_reports(reports: Iterable[Lead]) -> tuple[str, Note] | None:
    """Return the county that at least three reports, and 60 %, name, and the reason; None if there is none."""
    counties = [county for lead in reports if (county := complete(lead.agency_name).county)]
    place, times = next(iter(Counter(counties).most_common(1)), ("", 0))
    is_said = times >= 3 and times * 10 >= len(counties) * 6
    return (place, Note("place_reports", {"number": times, "total": len(counties)})) if is_said else None


def _site_names(page: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a page's site, each with the place where it is printed, the most reliable first."""
    root = parse_html(page)
    names = root.xpath("//meta[translate(normalize-space(@name), 'SITENAM', 'sitenam')='sitename']/@content")
    if name := " ".join(names[0].split())[:300] if names else "":
        yield name, "SiteName"
    if operator := _OPERATOR.search(text_of(root)[-FOOT_CHARS:]):
        yield operator[1], "主办单位"
    title = root.findtext(".//title") or ""
    for piece in reversed(re.split(r"[_\-—|–>＞»\s]+", title[:200])[:5]):
        if piece:
            yield piece, "title"


def _agency_of(text: str) -> tuple[str, str]:
    """Return (place, agency) of a site's name: 汶上县政府网 → (汶上县, ""), 洛阳市司法局 → (洛阳市, 洛阳市司法局)."""
    plain = squeeze(text)[:80]
    for _ in range(3):
        plain = _FRAME.sub("", plain)
    plain = re.sub(r".*\(([^()]+人民政府)\)$", r"\1", plain)  # 常州国家高新区管委会（新北区人民政府）
    chain, rest = divisions.split(plain)
    if not chain or any(len(link) > 15 for link in chain):
        return "", ""
    if rest in _OWN_NAMES:
        return chain[-1], ""
    return (chain[-1], plain) if agency_name_in(plain) else ("", "")


def family_of(pages: Iterable[PageOfList], list_urls: Collection[str]) -> str:
    """Return the content system with most marks on the pages; marks on the pages of lists decide first."""
    scores = Counter[str]()
    for page in pages:
        weight = LIST_WEIGHT if page.url in list_urls else 1
        scores.update({name: weight * number for name, number in recognise(page.url, page.source)})
    return next((name for name, _ in scores.most_common(1)), "generic")


# ------------------------------------------------------------------------------------------------ search

_FORM, _FIELD = re.compile(SEARCH["form"], re.I), re.compile(SEARCH["field"], re.I)
_ACTION = re.compile(r"(?!javascript:)[\w/.?]", re.I)
_NAMES = ("action", "name", "id", "class", "placeholder", "title", "alt")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{3,20})", re.I)


def find_search(page: PageOfList) -> str:
    """Return the address that searches for annual reports by a form of the page; "" if none does, or only by POST."""
    for form in parse_html(page.source).iter("form"):
        texts = [one for one in form.iter("input") if (one.get("type") or "text").lower() in ("text", "search")]
        keyword = next((one for one in texts if one.get("name") and _FIELD.search(_names(one))), None)
        is_search = keyword is not None and _FORM.search(f"{_names(form)} {_names(keyword)}")
        action, method = (form.get("action") or "").strip(), (form.get("method") or "get").lower()
        if keyword is None or not is_search or form.find(".//textarea") is not None or not _ACTION.match(action):
            continue  # no search, a form for messages, or one that only a script sends
        if method != "get":
            return ""  # a listing has an address
        charset = form.get("accept-charset") or next(iter(_CHARSET.findall(page.source)), "utf-8")
        encoding = "gb18030" if charset.lower().startswith("gb") else "utf-8"
        query = urlencode({**dict(form.form_values()), keyword.get("name"): SEARCH["keyword"]}, encoding=encoding)
        return f"{urljoin(page.url, action).partition('?')[0]}?{query}"
    return ""


def _names(element: Any) -> str:
    return " ".join(element.get(name) or "" for name in _NAMES)


# ------------------------------------------------------------------------------------------------ addresses of reports

_DATA = resources.files("crawler.onboarding").joinpath("addressed.toml").read_text(encoding="utf-8")
_SYSTEMS: Sequence[Mapping[str, str]] = tomllib.loads(_DATA)["system"]
MAX_PATTERNS, MAX_ASKED, SAMPLE, YEARS_BACK, MAX_AGENCIES, MAX_SOURCE_CHARS = 4, 6, 3, 20, 400, 1_000_000
MAX_TITLES, MAX_TITLE_CHARS = 60, 300  # of one page
_TITLES = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //meta[@name='ArticleTitle']"
_TITLE_END = re.compile(r"[_\-—|–]")  # the name of the site follows


def add_addressed(probe: Probe, pages: Sequence[PageOfList], this_year: int, fetch: Fetch) -> Probe:
    """Return a probe with a listing of addresses by agency and year, if pages lead to such addresses and these return
    reports; then without lists that only show such reports. Else return it unchanged.
    """
    marked = ((_address_pattern(system, page), system) for page, system in product(pages, _SYSTEMS))
    coded = {url: (system, _coded_agencies(url, system, pages)) for url, system in marked if url}
    patterns = sorted(coded.items(), key=lambda item: (-len(item[1][1]), _SYSTEMS.index(item[1][0])))
    for url, (system, agencies) in patterns[:MAX_PATTERNS]:
        answered: list[list[dict[str, Any]]] = []
        for agency in sorted(agencies, key=lambda agency: not agency.name.endswith("政府"))[:MAX_ASKED]:
            if len(answered) < SAMPLE and (own := _ask_years(url, agency, this_year, fetch)):
                answered.append(own)
        if answered:
            new = [row for rows in answered for row in rows]
            leads = [row for row in probe.leads if not is_address_of(url, row["url"])]
            other_listings = [one for one in probe.listings if any(row["listing"] == one.url for row in leads)]
            listing = ProbedListing(url, "政府信息公开年报", ListingForm.ADDRESSED, why="label", outcome=LookOutcome.OK)
            return replace(
                probe, family=system["family"], listings=(*other_listings, listing), leads=(*leads, *new),
                agencies=(*agencies, *probe.agencies), first_year=min(row["year"] for row in new),
            )  # fmt: skip
    return probe


def _ask_years(pattern: str, agency: ProbedAgency, this_year: int, fetch: Fetch) -> list[dict[str, Any]]:
    """Return an agency's reports, from last year back until two years (at the start three) have none."""
    reports: list[dict[str, Any]] = []
    missed = 0
    for year in range(this_year - 1, this_year - 1 - YEARS_BACK, -1):
        url = pattern.replace("{code}", agency.code).replace("{year}", str(year))
        page = read_page(fetch(Request(url)))
        is_here = not page.refusal and urlsplit(page.url).path == urlsplit(url).path
        verdict, title = judge_page(page, year) if is_here else (None, "")
        if verdict == REPORT:
            row = {"title": title, "url": url, "agency": agency.name, "year": year, "listing": pattern}
            reports.append(row)
        missed = 0 if verdict == REPORT else missed + 1
        if missed >= (2 if reports else 3):
            break
    return reports


def _address_pattern(system: Mapping[str, str], page: PageOfList) -> str:
    """Return the pattern of a site's addresses by agency and year, with ``{code}`` and ``{year}`` as gaps; "" if
    neither source nor address of the page has the system's mark. ``system``: a table of ``addressed.toml``.
    """
    source = page.source[:MAX_SOURCE_CHARS]
    marked = re.search(system["mark"], source) or re.search(system["mark"], page.url)
    if marked is None:
        return ""
    mark = urljoin(page.url, html.unescape(marked[0]))
    parameter = re.search(system["keep"], source, re.I) if "keep" in system else None
    address = system["address"].replace("{mark}", mark.partition("?")[0]) + (f"&{parameter[1]}" if parameter else "")
    return urljoin(mark, address)


def _coded_agencies(url: str, system: Mapping[str, str], pages: Sequence[PageOfList]) -> tuple[ProbedAgency, ...]:
    """Return the agencies that pages name with a code for addresses by agency; not those with several codes."""
    rows = ((code, agency_name_in(text), page.url) for page in pages for code, text in _coded_names(page, url, system))
    agencies: dict[str, ProbedAgency] = {}
    for code, name, source in islice((row for row in rows if row[1]), MAX_AGENCIES):
        agencies.setdefault(code, ProbedAgency(name, code=code, source=source))
    names = [agency.name for agency in agencies.values()]
    return tuple(agency for agency in agencies.values() if names.count(agency.name) == 1)


def _coded_names(page: PageOfList, url: str, system: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the codes on a page, each with the text of its link, or the text beside it. ``url``: on the same host."""

    def code_in(address: str) -> str:
        match = re.search(system["code_in_link"], address)
        return match[1] if match and urlsplit(address).netloc == urlsplit(url).netloc else ""

    yield from ((code, link.title) for link in page.links if (code := code_in(link.url)))
    if code := code_in(page.url):
        yield code, _reporting_agency(page)  # no link names the government's own pages
    if "code_beside_name" in system:
        yield from re.findall(system["code_beside_name"], page.source[:MAX_SOURCE_CHARS])[:MAX_AGENCIES]


def _reporting_agency(page: PageOfList) -> str:
    """Return the agency that the titles of reports on a page name; "" if they name none, or several."""
    verdicts = [one for one in titles_of(parse_html(page.source)) if one.could_be and one.agency and not one.system]
    names = {agency_name_in(one.agency) for one in verdicts}
    return names.pop() if len(names) == 1 else ""


def titles_of(tree: Any) -> list[TitleVerdict]:
    """Return the verdicts on the titles and headings of a page, without the name of the site behind them."""
    texts = ((node.get("content") or text_of(node))[:MAX_TITLE_CHARS] for node in tree.xpath(_TITLES)[:MAX_TITLES])
    return [judge_title(_TITLE_END.split(text)[0].strip()) for text in texts]
