"""A list page → raw links, the pages that follow, the printed total (pure).

An item is known by the shape of its address (``detail`` of the family), by a date in its row, or by a title that
speaks of an annual report; not by the style classes of one site. Where the family knows its list areas, only these
are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit, urlunsplit

import lxml.html
from lxml import etree

from crawler.families.signatures import Signature, data, words
from storage.records import Link, LookOutcome

_SIZE = 4_000_000  # characters of a page that are parsed
_LINKS = 5_000
_ADDRESS = 2_048  # characters; what is longer is no address of a report
_ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?!\d)")
_REPORT = re.compile(r"(?:年度报告|年\s*报|工作报告|年度报表|情况报告)")
_YEAR = re.compile(r"(?:19|20)\d\d|[一二][〇○零O0九][〇○零一二三四五六七八九]{2}")
_SESSION = re.compile(r";jsessionid=[^?#/]*", re.IGNORECASE)
_SESSION_KEY = re.compile(r"(?:^|&)(?:jsessionid|phpsessid|aspsessionid\w*|sessionid|sid)=[^&]*", re.IGNORECASE)
_TOTAL = re.compile(r"共\s*(?:有|计)?\s*(\d{1,6})\s*(?:条|篇|个(?!页)|项|则|件)")
_RECORD_COUNT = re.compile(r"""\brecordCount["']?\s*[:=]\s*["']?(\d{1,6})""")
_NEXT = frozenset({"下一页", "下页", "后一页", "下一頁", "next", "下一页>", "下一页>>", "下一页»"})


@dataclass(frozen=True, slots=True)
class Page:
    """A stored page of a listing: final address, decoded text, the bytes' length and status."""

    url: str
    text: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a family makes of one page of a listing.

    ``following``: addresses of the pages that come next; ``speculative``: nothing on the page says that they exist.
    ``outcome`` is ok, or why this page is none to be believed (``changed``, ``script_only``, ``partial``) with
    ``reason``.
    ``subcolumns``: links to further lists of reports.
    """

    links: tuple[Link, ...]
    following: tuple[str, ...] = ()
    speculative: bool = False
    total: int | None = None
    outcome: LookOutcome = LookOutcome.OK
    reason: str = ""
    subcolumns: tuple[Link, ...] = ()


def parse(text: str) -> lxml.html.HtmlElement | None:
    """Return an element tree of a page, or None where there is nothing to parse; bounded in size, without network."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    cleaned = text[:_SIZE].replace("\x00", "")
    try:
        return lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def join(base: str, href: str) -> str:
    """Absolute address of ``href`` on ``base``; double slashes inside a path are kept (``/html/1//2/``)."""
    href = re.sub(r"[\t\r\n]", "", href).strip()
    if not href or ":" in href.split("/", 1)[0] or href.startswith(("//", "?", "#")):
        return _clean(urljoin(base, href))
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
    return _clean(urlunsplit((at.scheme, at.netloc, "/" + "/".join([*kept, last]), query, "")))


def _clean(url: str) -> str:
    """Without fragment and session ids, which make every address new."""
    parts = urlsplit(url)
    path = _SESSION.sub("", parts.path)
    query = _SESSION_KEY.sub("", parts.query).lstrip("&")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def read_links(page: Page, signature: Signature, tree: lxml.html.HtmlElement | None) -> tuple[Link, ...]:
    """Return the items of a list page in reading order, each address once."""
    if tree is None:
        return ()
    found: dict[str, Link] = {}
    for anchor in _anchors(tree, signature):
        link = _item(anchor, page.url, signature)
        if link is not None and link.url not in found and len(found) < _LINKS:
            found[link.url] = replace(link, position=len(found))
    return tuple(found.values())


def _anchors(tree: lxml.html.HtmlElement, signature: Signature) -> Iterator[lxml.html.HtmlElement]:
    for selector in signature.areas:
        areas = tree.cssselect(selector)
        if areas:
            for area in areas:
                yield from area.iter("a")
            return
    yield from tree.iter("a")


def has_area(tree: lxml.html.HtmlElement, signature: Signature) -> bool:
    """Whether one of the family's known list areas stands on the page."""
    return any(tree.cssselect(selector) for selector in signature.areas)


def _item(anchor: lxml.html.HtmlElement, base: str, signature: Signature) -> Link | None:
    href = (anchor.get("href") or "").strip()
    title = _title(anchor)
    if (
        not href
        or href.startswith("#")
        or href.lower().startswith(("javascript:", "mailto:", "tel:"))
        or len(title) < 4
    ):
        return None
    try:
        url = join(base, href)
    except ValueError:
        return None
    if len(url) > _ADDRESS:
        return None
    row_text, crowd = _row(anchor)
    own = _text(anchor)
    printed = _DATE.search(row_text.replace(own, " ", 1) if own else row_text) if crowd <= 4 else None
    speaks = bool(_REPORT.search(title) and _YEAR.search(title))
    if not (signature.detail.search(url) or printed or speaks):
        return None
    listed = re.sub(r"\s+", "", printed.group(0)) if printed else None
    return Link(url=url, text=title, listed=listed, row=row_text[:400])


def _title(anchor: lxml.html.HtmlElement) -> str:
    """Return the full title: the attribute where the text is a cut piece of it, else the text."""
    text = _text(anchor)
    attribute = re.sub(r"<[^<>]{0,200}>", "", anchor.get("title") or "")
    attribute = re.sub(r"\s+", " ", attribute).strip()
    stem = re.sub(r"(?:\.{2,}|…)+$", "", text).strip()
    return attribute[:500] if attribute and (not text or (stem and stem in attribute)) else text[:500]


def _text(node: lxml.html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", "".join(str(part) for part in node.itertext())[:4000]).strip()


def _row(anchor: lxml.html.HtmlElement) -> tuple[str, int]:
    """Text of the nearest list row around a link (without rows inside it), and the number of links in it."""
    parent = anchor.getparent()
    row = parent if parent is not None else anchor
    for depth, ancestor in enumerate(anchor.iterancestors()):
        if ancestor.tag in _ROWS:
            row = ancestor
            break
        if depth >= 4 or ancestor.tag in {"body", "table", "ul"}:
            break
    pieces: list[str] = []
    links = 0
    walker = etree.iterwalk(row, events=("start", "end"))
    for event, node in walker:
        if len(pieces) > 400:
            break
        if event == "end":
            pieces.append(node.tail or "" if node is not row else "")
        elif node is not row and node.tag in {"li", "tr", "script", "style"}:
            walker.skip_subtree()
        else:
            links += node.tag == "a"
            pieces.append(node.text or "")
    return re.sub(r"\s+", " ", "".join(pieces)).strip(), links


def printed_total(page: Page, text: str) -> int | None:
    """Return the number of entries that the list says it has (``共20条``, ``recordCount: '20'``); None if it does
    not say.
    """
    found = _RECORD_COUNT.search(page.text) or _TOTAL.search(text)
    return int(found.group(1)) if found else None


def next_link(page: Page, tree: lxml.html.HtmlElement | None) -> str | None:
    """Return the address behind 下一页, if it leads to another page."""
    if tree is None:
        return None
    for anchor in tree.iter("a"):
        label = re.sub(r"\s+", "", _text(anchor)).lower()
        href = (anchor.get("href") or "").strip()
        if label in _NEXT and href and not href.startswith("#") and not href.lower().startswith("javascript"):
            url = join(page.url, href)
            return url if url != page.url else None
    return None


def between(text: str, start: str, end: str, most: int = 5_000) -> list[str]:
    """Return what stands between each ``start`` and the ``end`` after it, in any case; linear in the length."""
    lower, at = text.lower(), 0
    pieces: list[str] = []
    while len(pieces) < most:
        begin = lower.find(start, at)
        stop = lower.find(end, begin + len(start)) if begin >= 0 else -1
        if stop < 0:
            break
        pieces.append(text[begin + len(start) : stop])
        at = stop + len(end)
    return pieces


def numbered(url: str, number: int, stem: str = "", extension: str = "") -> str:
    """Return the address of a further page: ``…/index_1.html`` for ``…/`` or ``…/index.html`` and number 1."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    own, _, ending = name.rpartition(".")
    stem = stem or re.sub(r"_\d{1,4}$", "", own) or "index"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{stem}_{number}.{extension or ending or 'html'}", "", ""))


def subcolumns(page: Page, tree: lxml.html.HtmlElement | None, signature: Signature) -> tuple[Link, ...]:
    """Links that lead to further lists of reports (部门政府信息公开年报), each once, the page itself left out."""
    if tree is None:
        return ()
    shape, refused = re.compile(data()["subcolumn"]["text"]), data()["subcolumn"]["not"]
    found: dict[str, Link] = {}
    for anchor in tree.iter("a"):
        label = re.sub(r"\s+", "", _text(anchor))
        href = (anchor.get("href") or "").strip()
        if not href or not shape.fullmatch(label) or any(word in label for word in refused):
            continue
        try:
            url = join(page.url, href)
        except ValueError:
            continue
        if url.startswith("http") and url.rstrip("/") != page.url.rstrip("/") and not signature.detail.search(url):
            found.setdefault(url, Link(url=url, text=label))
    return tuple(found.values())[:30]


def without_items(page: Page, text: str) -> tuple[LookOutcome, str]:
    """Return what a list page without a single item is: empty and saying so, made by scripts, or changed."""
    source = page.text.lower()
    if any(mark in source for mark in words("script_list", "marks")):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    shown = re.sub(r"\s+", "", text)
    if any(word in shown for word in words("empty_list")) and "display:none" not in re.sub(r"\s+", "", source):
        return LookOutcome.OK, "says_it_is_empty"
    return LookOutcome.CHANGED, "no_item_found"
