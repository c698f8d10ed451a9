"""Addresses as list pages write them: relative ones, ``<base href>``, session ids, targets inside scripts (pure)."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

import lxml.html

from archive.file_endings import ENDINGS, HTML
from archive.identity.addresses import route_of

LONGEST = 2_048  # characters; what is longer is no address of a report
_FIELDS = 60  # values of a query
_SESSION = re.compile(r";jsessionid=[^?#/]*", re.IGNORECASE)
_SESSION_KEY = re.compile(  # ``sid`` may also be a section's number: only what is as long as a session's name is one
    r"(?:^|&)(?:(?:jsessionid|phpsessid|aspsessionid\w*|sessionid)=[^&]*|sid=[0-9a-z_.!-]{16,}(?=&|$))", re.IGNORECASE
)
_STAMP = re.compile(  # an instant of these years, in seconds or thousandths, or a random fraction: against caches
    r"(?:^|&)(?:_|_?t|ts|time|timestamp|rnd|rand|random|nocache)=(?:1[4-9]\d{8}(?:\d{3})?|0?\.\d{6,20})(?=&|$)",
    re.IGNORECASE,
)
IDLE = re.compile(r"^(?:javascript:)?\s*(?:void\s*\(?\s*0?\s*\)?|return\s+false|;|false)?\s*;?\s*$", re.IGNORECASE)
#: a script that goes to an address which it names whole: ``location.href = '/nb/1.html'``
GOES_TO = re.compile(
    r"""\blocation(?:\.href)?\s{0,9}(?:=|\.(?:assign|replace)\()\s{0,9}["']([^"'<>\s]{1,2000})["']\s{0,9}(?!\s|\+)"""
)
#: attributes in which an element holds the address to which a script of the page leads
ADDRESS_ATTRIBUTES = ("data-url", "data-href", "data-link")
_BOUND = re.compile(  # attributes by which scripts know where an element leads
    r"onclick|data-(?:\w{1,20}-)?(?:url|href|link|src|id|file|path|doc)|(?:ng-|@|v-on:)click|:href|ng-href",
    re.IGNORECASE,
)
_ADDRESS = (
    r"""(?:https?://|\.{0,2}/)[^"'<>\s]{1,2000}"""
    rf"""|[\w/-]{{1,300}}\.(?:{HTML}|jspx?|{ENDINGS})(?!\w)[^"'<>\s]{{0,500}}"""
)
_WHOLE_ADDRESS = re.compile(_ADDRESS, re.IGNORECASE)
_QUOTED = re.compile(rf"""["']\s*({_ADDRESS})["'](?!\s{{0,9}}\+)""", re.IGNORECASE)


_PAGE_PART = re.compile(r"\.(?:m?js|css|png|jpe?g|gif|ico|svg|bmp|webp|woff2?|ttf|otf|eot)", re.IGNORECASE)


def is_page_part(url: str) -> bool:
    """Whether an address is that of a script, style sheet, picture or font that pages load: no list stands there."""
    name = urlsplit(url).path.rpartition("/")[2]
    return _PAGE_PART.fullmatch(name[name.rfind(".") :]) is not None if "." in name else False


def query_fields(query: str, *, blank: bool = False) -> list[tuple[str, str]]:
    """The fields of a query; none where there are more than any portal needs, for a link may hold any number.

    ``blank``: with those that have no value.
    """
    return parse_qsl(query, keep_blank_values=blank) if query.count("&") < _FIELDS else []


def join(base: str, href: str) -> str:
    """Absolute address of ``href`` on ``base``; double slashes inside a path are kept (``/html/1//2/``), and a route.

    Blanks within it and backslashes before its query are read as browsers do. Raises ValueError for what is no address
    (``http://[``).
    """
    href = re.sub(r"[\t\r\n]", "", href).strip()
    way = re.split(r"[?#]", href, maxsplit=1)[0]
    if "\\" in way and not (":" in way and not way.lower().startswith(("http:", "https:"))):
        href = way.replace("\\", "/") + href[len(way) :]
    href = href.replace(" ", "%20")
    if not href or ":" in href.split("/", 1)[0] or href.startswith(("//", "?", "#")):
        return _clean(urljoin(base, href)) + route_of(href)
    at = urlsplit(base)
    path, _, query = href.partition("#")[0].partition("?")
    if not path.startswith("/"):
        path = (at.path.rpartition("/")[0] or "") + "/" + path
    kept: list[str] = []
    for part in path.split("/")[1:-1]:
        if part == "..":
            while kept and not kept[-1]:
                kept.pop()
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    last = path.rpartition("/")[2]
    if last in {".", ".."}:
        kept, last = (kept if last == "." else kept[:-1]), ""
    return _clean(urlunsplit((at.scheme, at.netloc, "/" + "/".join([*kept, last]), query, ""))) + route_of(href)


def joined(base: str, href: str) -> str | None:
    """As :func:`join`, and None for what is no address."""
    try:
        return join(base, href)
    except ValueError:
        return None


def _clean(url: str) -> str:
    """Without fragment, session ids and stamps against caches, which make every address new."""
    parts = urlsplit(url)
    path = _SESSION.sub("", parts.path)
    query = _STAMP.sub("", _SESSION_KEY.sub("", parts.query)).lstrip("&") if parts.query else ""
    netloc = re.sub(r"\.(?=$|:\d{1,5}$)", "", parts.netloc)  # the same machine under a name that looks like another
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def base_of(url: str, tree: lxml.html.HtmlElement | None) -> str:
    """Return what the addresses of a page are relative to: ``<base href>``, else its own address."""
    href = next((node.get("href") for node in tree.iter("base") if node.get("href")), "") if tree is not None else ""
    try:
        found = urljoin(url, href.strip()) if href else url
        return found if urlsplit(found).scheme in {"http", "https"} else url
    except ValueError:
        return url


def target_of(node: lxml.html.HtmlElement) -> str:
    """Return the address a link leads to, as written; "" where it has none that can be asked for.

    ``javascript:open('/a.html')`` and ``onclick`` lead to the first address they name whole: ``'/a/' + id`` names none.
    What has no address of its own leads to that which it holds for a script (:func:`address_in_attributes`).
    """
    href = (node.get("href") or "").strip()
    if href and not is_anchor(href) and not href.lower().startswith(("javascript:", "mailto:", "tel:")):
        return href
    script = re.search(_QUOTED, f"{href} {node.get('onclick') or ''}"[:4000])
    return script.group(1) if script else address_in_attributes(node)


def address_in_attributes(node: lxml.html.HtmlElement) -> str:
    """Return the address that an element holds for a script (``data-url="/a.html"``); "" where it holds none."""
    values = ((node.get(name) or "").strip() for name in ADDRESS_ATTRIBUTES)
    return next((value for value in values if _WHOLE_ADDRESS.fullmatch(value)), "")


def is_anchor(href: str) -> bool:
    """Whether an address is but a place of the same page: a route is none."""
    return href.startswith("#") and not route_of(href)


def is_idle(node: lxml.html.HtmlElement) -> bool:
    """Whether an element neither leads anywhere nor does anything by what its markup says: no address, or ``#``, or
    ``javascript:void(0)``, and no script of its own.
    """
    href = (node.get("href") or "").strip()
    nowhere = bool(IDLE.match(node.get("onclick") or "")) and (is_anchor(href) or bool(IDLE.match(href)))
    return nowhere and not any(name != "onclick" and _BOUND.fullmatch(str(name)) for name in node.attrib)


def is_bound(node: lxml.html.HtmlElement) -> bool:
    """Whether an element, what holds it or what it holds has attributes by which scripts make it lead somewhere."""
    around = node.getparent()
    every = (*((around,) if around is not None and around.tag in {"a", "li", "tr", "dd"} else ()), *node.iter())
    return any(
        _BOUND.fullmatch(str(name)) and not (name == "onclick" and IDLE.match(one.get("onclick") or ""))
        for one in every
        for name in one.attrib
    )


def text_of(node: lxml.html.HtmlElement) -> str:
    """Return the text of a node, blanks folded; bounded."""
    return " ".join("".join(map(str, islice(node.itertext(), 400)))[:4000].split())
