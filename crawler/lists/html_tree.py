"""Parses HTML into a tree as a reader sees it: data in scripts is unpacked, hidden parts are removed. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

from archive.file_endings import ENDINGS, HTML
from archive.identity.addresses import SESSION
from crawler.lists.page import HIDDEN
from crawler.lists.words import squeeze

_BLOCK_TAGS = frozenset(re.findall(r"\w+", """
    address article aside body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header li main nav ol option p section
    select table tbody td th tr ul"""))  # fmt: skip
_SILENT = f".//script|.//style|.//template|.//noscript|.//textarea|.//*[@{HIDDEN}]"
_ACTS = "//@*[starts-with(name(), 'on')]|//@href[starts-with(normalize-space(.), 'javascript')]"
REFRESH = "//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']"  #: finds the elements that open another page
TARGET = re.compile(  #: an address in a script, which the script does not go on to complete
    rf"[\"']\s*(?P<url>(?:https?://|\.{{0,2}}/|[\w-]+/)[^\"'<>\s]{{1,2000}}"
    rf"|[\w-]+\.(?:{HTML}|jspx?|do|aspx?|{ENDINGS})(?!\w)[^\"'<>\s]{{0,500}})[\"'](?!\s{{0,9}}\+)",
    re.IGNORECASE,
)
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.S)
_RECORDS = re.compile(r"<script\b[^>]*>(?:(?!</script).)*?<record>.*?</script\s*>|<datastore>.*", re.S | re.I)
_HEIGHT = re.compile(r"(?<![\w-])height:(\d{1,5})(?:px)?(?:;|$)")
MAX_STRIP = 200  # pixels: no list is shown in a frame that is lower
_PACKED = re.compile(r">\s*((?:[A-Za-z0-9+/]\s*){60,}={0,2})\s*<")


class HtmlTree:
    """The parsed tree of one page of HTML. ``scripts``: the texts of its scripts, which the tree does not contain."""

    def __init__(self, url: str, markup: str) -> None:
        """Parse ``markup``; scripts, styles and other elements that print nothing are dropped from the tree."""
        self.url, self.markup = url, markup
        self.root = parse_html(_unpack(markup))
        base = self.root.find(".//base[@href]")
        self.base = urljoin(url, base.get("href", "")) if base is not None else url
        self.scripts = [one.text or "" for one in self.root.iter("script")]
        self.has_scripts = bool(self.scripts) or "<record>" in markup or bool(self.root.xpath(_ACTS))
        for element in self.root.xpath(_SILENT):
            element.drop_tree()

    def target(self, element: Any) -> str:
        """Return the address to which an element leads, in its ``href`` or in a script; "" if there is none."""
        href = (element.get("href") or "").strip()
        if href and not href.lower().startswith("javascript:") and not href.startswith("#"):
            return resolve(self.base, href)
        data = f"'{element.get('data-url') or element.get('data-href') or ''}'"
        texts = (one for one in (href, element.get("onclick") or "", data) if "__doPostBack" not in one)
        matches = map(TARGET.search, texts)
        return next((resolve(self.base, match["url"]) for match in matches if match), "")

    def route(self, element: Any) -> str:
        """Return an element's address behind a hash (``#/…``), which a script of this page reads; "" if none."""
        href = (element.get("href") or "").strip()
        return resolve(self.url, href) if href.startswith(("#/", "#!/")) else ""

    def frames(self) -> Iterator[str]:
        """Yield the addresses of the page's visible frames on its own site."""
        for frame in self.root.xpath("//iframe[@src]|//frame[@src]"):
            small = frame.get("width") in ("0", "1") or frame.get("height") in ("0", "1")
            hidden = small or "display:none" in squeeze(frame.get("style"))  # a visitor counter of JCMS
            url = resolve(self.base, frame.get("src") or "")
            if url and not hidden and not _is_strip(frame) and _site(url) == _site(self.url):
                yield url

    def is_static(self) -> bool:
        """Whether the page came whole and has no script, frame or box that could show more."""
        is_whole = self.markup.rstrip()[-7:].lower() == "</html>"
        return is_whole and not self.has_scripts and not self.root.xpath("//iframe|//frame|//select|//object|//embed")

    def take_text(self, items: Iterable[Any]) -> str:
        """Return the page's text without the entries, each block on its own line. Removes them from the tree."""
        for element in (*items, *self.root.iter("head")):
            element.drop_tree()
        for block in self.root.iter(*_BLOCK_TAGS):
            block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
        return re.sub(r"[ \t\xa0\u3000]+", " ", self.root.text_content())


def _is_strip(frame: Any) -> bool:
    """Whether a frame is too low for a list and can neither scroll nor be found by a script that makes it higher: the
    head or foot of a site (html/hanweb_jcms/detail_jinan.html, html/hebei_uuid/detail_sjz.html).
    """
    height = _HEIGHT.search(f"height:{frame.get('height') or ''};{squeeze(frame.get('style'))}")
    is_fixed = frame.get("scrolling") == "no" and not any(map(frame.get, ("id", "name", "onload")))
    return is_fixed and height is not None and int(height[1]) <= MAX_STRIP


def _unpack(markup: str) -> str:
    """Make markup of records in CDATA, and of packed markup (base64 of quoted HTML), which scripts would show."""
    if "<record>" in markup:
        markup = _RECORDS.sub(lambda match: f"<ul>{''.join(_RECORD.findall(match[0]))}</ul>", markup)
    return _PACKED.sub(_unpack_one, markup) if "atob" in markup else markup


def _unpack_one(packed: re.Match[str]) -> str:
    try:
        return f">{unquote(base64.b64decode(squeeze(packed[1]), validate=True).decode('ascii'))}<"
    except (binascii.Error, UnicodeDecodeError):
        return packed[0]


def parse_html(markup: str) -> Any:
    """Return the tree of markup, however broken it is: at worst an empty page. It includes what follows </html>."""
    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, ValueError):
        return html.document_fromstring("<html><body></body></html>")
    for after in list(root.itersiblings()):  # browsers show what follows </html> too
        root.append(after)
    return root


def text_of(element: Any) -> str:
    """Return the text of an element, with single blanks."""
    return " ".join("".join(element.itertext()).split())


def hidden_fields(element: Any) -> dict[str, str]:
    """Return names and values of the hidden fields in an element."""
    fields = element.xpath(".//input[@type='hidden'][@name]")
    return {str(one.get("name")): one.get("value") or "" for one in fields}


def _site(url: str) -> list[str]:
    """Return the last three labels of an address's host, which sites of one owner share."""
    return (urlsplit(url).hostname or "").split(".")[-3:]


_ROUTE = re.compile(r"#(?:[!/].+|\d+)$")  # an address behind a hash, which a script of the page reads


def resolve(base: str, href: str) -> str:
    """Return the absolute address of a link, without session id and anchor (routes stay); "" if it leads to no page."""
    try:
        url = urljoin(base, href.strip().replace("\\", "/").replace(" ", "%20"))
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    address, mark, route = url.partition("#")
    return SESSION.sub("", address) + (mark + route if _ROUTE.search(url) else "")
