"""What belongs to a report page: attachments, embedded documents, further pages of its text, pictures of it (pure).

Attachments are known by their ending or by the download addresses of the systems; the name may stand only in the
link's text. Viewers name the document in their own address. A picture counts where the page has little text of its own,
or a text without a table: then the report, or its tables, may be the pictures. The marks are data
(``parts`` of ``net/page_words.toml``, ``content`` of each system in ``cms/signatures.toml``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import islice
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

import lxml.html
from lxml.cssselect import CSSSelector
from lxml.etree import XPath

from archive.file_endings import ENDINGS, HTML
from archive.identity.binding import title_of_link
from crawler.addresses import resolve
from crawler.net.file_names import names_no_file
from crawler.net.page_words import data
from crawler.net.web_page import WebPage, parse, visible_text
from crawler.signatures import Signature, signatures
from storage.page_metadata import published, tags_in
from storage.records import Part

MOST = 3_000  # parts of one page; how many of them are asked for in one run is said by the spider
_IN_SCRIPTS = 20  # documents that one script names
_SHORT = 1500  # characters of a page up to which pictures may be the report
_TEXT = 200_000  # characters of a text that are looked at
_BODY_SHORT = 500  # the same of the text itself, where it is known where it stands
_ROWS = 4  # of a table of figures
_SCRIPTS = 200_000
_QUOTED = re.compile(  # not what names a file beside its address: alt='…', title='…', download='…', \"name\":"…"
    r"""(?<!alt=)(?<!title=)(?<!download=)(?<!name":)(?<!title":)(?<!name":\s)(?<!title":\s)"""
    rf"""["']([^"'<>\s]{{1,400}}\.(?:{ENDINGS})(?:\?[^"'<>\s]{{0,200}})?)["']""",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    r"(?:发布|发文|生成|公开)?(?:日期|时间)\s*[:：]?\s*((?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?)"
)
_UNSHOWN = ("script", "style", "noscript", "template")
_ROW_TAGS = frozenset({"tr", "li", "p", "dd"})
_WORDY = re.compile("[一-龥]{2}")
_BESIDE, _ROW_LINKS = 120, 3  # characters beside a link, and links of a row that may be to files of one body
_TOKENS = re.compile(r"[#.]([\w-]+)")
_WORDS = re.compile(r"(?<![#.\w-])[a-z_]{6,}")
_DETAIL = re.compile(r"""\bDETAIL["']?\s{0,9}[:=]\s{0,9}(?=\{)""")  # of gkmlpt: a document in the script of its page
_PAGER = re.compile(  # createPageHTML(3, 0, "t1_7", "html"); createPageHTML('page_div', 2, 1, '<32 hex>', 'shtml')
    r"""createPageHTML\(\s*(?:["'][\w-]{1,40}["']\s*,\s*)?(\d{1,3})\s*,\s*(\d{1,3})\s*,"""
    r"""\s*["']([\w-]{1,80})["']\s*,\s*["'](\w{2,6})["']"""
)
_FURTHER = 60  # pages of a text
_QUOTED_TARGET = re.compile(
    rf"""["']\s*((?:https?://|\.{{0,2}}/)[^"'<>\s]{{1,2000}}|[\w/-]{{1,300}}\.(?:{HTML}|jspx?|{ENDINGS})(?!\w)[^"'<>\s]{{0,500}})["']"""
    r"""(?!\s{0,9}\+)""",
    re.IGNORECASE,
)
_Named = tuple[str, str, str]  # kind, address as written, text
# Texts are asked for by XPath, as plain strings: a Python object for each element passed would cost most of a page.
_STRING = XPath("string()", smart_strings=False)
_PROSE = XPath(
    "//text()[not(ancestor::a or ancestor::script or ancestor::style or ancestor::select)]", smart_strings=False
)
_OUTSIDE = XPath(".//text()[not(ancestor::a or ancestor::script or ancestor::style)]", smart_strings=False)
_MARKS = XPath("//@id | //@class", smart_strings=False)


def parts(page: WebPage, signature: Signature | None = None) -> tuple[Part, ...]:
    """Return attachments first, then embedded documents, then further pages of the text, then pictures; each address
    once, at most :data:`MOST`. ``signature``: of the family, which knows where a text stands.
    """
    if (tree := page.tree) is None:
        return ()
    scripted = _detail_markup(page.text)  # some systems keep the document in a script of its page
    inside = parse(scripted) if scripted else None
    body = inside if inside is not None else _body(page.text, tree, signature)
    trees = [tree] if inside is None else [tree, inside]
    bare = _is_bare(page, tree, body, scripted)
    named = [one for part in trees for one in _attachments(part)]
    named += [one for part in trees for one in _embeds(part)]
    named += _in_scripts(tree if bare or body is None else body) if bare or body is not None else ()
    named += [("embed", url, "") for url in _further_pages(page)]
    if bare or (body is not None and not _has_table(body)):
        named += _pictures(tree if body is None else body, inside_text=body is not None)
    return tuple(_found(page, page.base, named).values())[:MOST]


def _detail_markup(text: str) -> str:
    """Return the markup of a document that the script of its page holds, its attachments as links; "" if none."""
    found = _DETAIL.search(text[:2_000_000]) if "_CONFIG" in text[:2_000_000] else None
    if found is None:
        return ""
    try:
        detail = json.JSONDecoder(strict=False).raw_decode(text[found.end() : found.end() + 4_000_000])[0]
    except (ValueError, RecursionError):
        return ""
    files = detail.get("attachment") or detail.get("attachments") or []
    rows = [one for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    links = [
        f'<a href="{escape(str(one.get("url") or ""))}">{escape(str(one.get("name") or one.get("title") or ""))}</a>'
        for one in rows[:50]
    ]
    return str(detail.get("content") or "") + "".join(links)


def _further_pages(page: WebPage) -> list[str]:
    """Return the further pages of a document whose text is divided: its pager names the document itself."""
    own = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    for pages, shown, stem, ending in _PAGER.findall(page.text):
        if stem == own:
            numbers = range(int(shown) + 1, min(int(shown) + int(pages), _FURTHER))
            return [f"{stem}_{number}.{ending}" for number in numbers]
    return []


def _target_of(anchor: lxml.html.HtmlElement) -> str:
    """Return the address that a link leads to, as written, or that its script names whole."""
    href = (anchor.get("href") or "").strip()
    if href and not href.lower().startswith(("javascript:", "mailto:", "tel:", "#")):
        return href
    script = _QUOTED_TARGET.search(f"{href} {anchor.get('onclick') or ''}"[:4000])
    return script.group(1) if script else ""


def _found(page: WebPage, base: str, named: list[_Named]) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for kind, href, text in named:
        if not href or href.lower().startswith(("data:", "javascript:", "about:", "mailto:")):
            continue
        url = resolve(base, href)
        if url and url != page.url and urlsplit(url).scheme in {"http", "https"}:
            found.setdefault(url, Part(kind=kind, url=url, text=" ".join(text.split())[:200]))
    return found


def _body(text: str, tree: lxml.html.HtmlElement, signature: Signature | None) -> lxml.html.HtmlElement | None:
    """The element that holds the text: the family's, else that of any; the first with something in it."""
    own = signature.content if signature is not None else ()
    said = set(" ".join(_MARKS(tree)).split())
    source = ""
    for selector in (*own, *(one for one in _containers() if one not in own)):
        tokens, words = _named_in(selector)
        if not tokens <= said:
            continue  # a search of the whole page saved
        source = source or text.lower()
        if not all(word in source for word in words):
            continue
        for body in _selects(selector)(tree):
            if next(body.iter("img", "iframe", "embed"), None) is not None or _STRING(body).strip():
                return cast("lxml.html.HtmlElement", body)
    return None


@cache
def _named_in(selector: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Classes and ids that a selector asks for, and its other words."""
    return frozenset(_TOKENS.findall(selector)), tuple(_WORDS.findall(selector))


@cache
def _selects(selector: str) -> XPath:
    """The expression of a selector. Elements are come to by the attributes that it asks for, which are few: libxml2
    takes three times as long to ask each element.
    """
    path = CSSSelector(selector, translator="html").path
    return XPath(re.sub(r"\*\[(\(?)@(class|id)\b", r"*/@\2/parent::*[\1@\2", path))


@cache
def _containers() -> tuple[str, ...]:
    return tuple(dict.fromkeys(selector for family in signatures().values() for selector in family.content))


def _is_bare(page: WebPage, tree: lxml.html.HtmlElement, body: lxml.html.HtmlElement | None, scripted: str) -> bool:
    """Whether there is so little text that something else must be the report."""
    inside = "".join(_STRING(body)[:_TEXT].split()) if body is not None else ""
    if len(inside) >= _SHORT and body is not None and next(body.iter(*_UNSHOWN), None) is None:
        return False  # as most: the page need not be read once more
    if len(page.shown) + len(visible_text(scripted)) < _SHORT:
        return True
    text = inside if body is not None else "".join("".join(_PROSE(tree)[:20_000]).split())
    return len(text) < _BODY_SHORT


def _has_table(body: lxml.html.HtmlElement) -> bool:
    return any(len(list(islice(table.iter("tr"), _ROWS))) == _ROWS for table in body.iter("table"))


def _attachments(tree: lxml.html.HtmlElement) -> Iterator[_Named]:
    ending, downloads, never, forms = (_rule(name) for name in ("ending", "downloads", "never", "forms"))
    for anchor in tree.iter("a"):
        href = _viewed(_target_of(anchor))
        if not href:
            continue
        text = "".join(str(part) for part in islice(anchor.itertext(), 400)) if len(anchor) else anchor.text or ""
        named = [name for name in (text.strip(), *map(anchor.get, ("title", "download", "alt"))) if name]
        said = next((name for name in named if "." in name and ending.search(name)), "")  # names the file
        path = href.partition("#")[0].partition("?")[0]
        given = said or "download" in anchor.attrib or ("." in path and ending.search(path)) or downloads.search(href)
        if given and not never.search(href) and not forms.search(text):
            yield "attachment", href, said or _link_name(anchor, named[0] if named else "", path)


def _link_name(anchor: lxml.html.HtmlElement, text: str, path: str) -> str:
    """What a link to a file calls it: its words; where these name no file (下载) and what its row prints beside it, or
    the name in its address, says whose report it is, that.
    """
    if not names_no_file(text):
        return text
    row = next((node for node in islice(anchor.iterancestors(), 4) if node.tag in _ROW_TAGS), None)
    beside: list[str] = []
    if row is not None and next(islice(row.iter("a"), _ROW_LINKS, None), None) is None:
        beside = [piece for one in islice(_OUTSIDE(row), 60) if _WORDY.search(piece := str(one).strip()[:_BESIDE])]
    said = (beside[0] if len(beside) == 1 else "", unquote(path.rpartition("/")[2])[:_BESIDE])
    return next((one for one in said if _WORDY.search(one) and title_of_link(one)), text)


def _embeds(tree: lxml.html.HtmlElement) -> Iterator[_Named]:
    for node in tree.iter("iframe", "frame", "embed", "object", "param"):
        if node.tag == "param" and (node.get("name") or "").lower() not in {"src", "movie", "filename", "url"}:
            continue
        href = (node.get("src") or node.get("data") or node.get("value") or "").strip()
        target = _viewed(href)
        path = target.partition("#")[0].partition("?")[0]
        if _rule("ending").search(path) or (node.tag != "param" and _rule("downloads").search(target)):
            yield "embed", target, ""


def _in_scripts(tree: lxml.html.HtmlElement) -> Iterator[_Named]:
    """Documents that scripts name: ``showVsbpdfIframe('/a.pdf', …)``, ``PDFObject.embed``."""
    for script in tree.iter("script"):
        for match in islice(_QUOTED.finditer((script.text or "")[:_SCRIPTS]), _IN_SCRIPTS):
            yield "embed", match.group(1).replace("\\/", "/"), ""


def _viewed(href: str) -> str:
    """The document that a viewer's address names (``viewer.html?file=…``); any other address as it is."""
    path, _, query = href.partition("#")[0].partition("?")
    if not query or _rule("downloads").search(f"{path}?") or _rule("fetches").search(path):
        return href
    for name, value in parse_qsl(query[:4_000]):
        if name.lower() in data()["parts"]["viewers"]:
            inner = value.partition("?")[0]
            if _rule("ending").search(inner) or _rule("downloads").search(value):
                return value
    return href


def _pictures(tree: lxml.html.HtmlElement, *, inside_text: bool) -> Iterator[_Named]:
    for node in tree.iter("img"):
        given = [(node.get(name) or "").strip() for name in ("src", "data-src", "data-original")]
        href = next((one for one in given if one and not one.lower().startswith("data:")), "")
        path = href.partition("?")[0]
        icon = _rule("icons").search(path.rpartition("/")[2] if inside_text else path)
        if _rule("pictures").search(path) and not icon:
            yield "image", href, node.get("alt") or ""


@cache
def _rule(name: str) -> re.Pattern[str]:
    rules = data()["parts"]
    if name == "ending":
        return re.compile(rf"\.(?:{ENDINGS})$", re.IGNORECASE)
    if name == "pictures":
        return re.compile(rf"\.(?:{'|'.join(rules['pictures'])})$", re.IGNORECASE)
    return re.compile("|".join(rules[name]), re.IGNORECASE)


def printed_date(text: str) -> str | None:
    """Return the first date printed with a label (发布时间:2026-01-22), as printed without blanks; else the metadata's
    date of publication; None if there is none.
    """
    found = _PRINTED.search(visible_text(text))
    if found:
        return "".join(found.group(1).split())
    date = published(tags_in(text))
    return f"{date.at:%Y-%m-%d}" if date else None
