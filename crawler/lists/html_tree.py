"""The tree of a page as a reader sees it: what scripts hold is put in its place, what is hidden is gone. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

from crawler.addresses import resolve
from crawler.lists.page import HIDDEN
from crawler.lists.words import squeeze

MIN_PACKED_CHARS = 60
_BLOCK_TAGS = frozenset(re.findall(r"\w+", """
    address article aside body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header li main nav ol option p section
    select table tbody td th tr ul"""))  # fmt: skip
_SILENT_TAGS = frozenset(("script", "style", "template", "noscript", "head", "textarea"))
_TARGET = re.compile(
    r"[\"'](?P<url>(?:https?://|\.{0,2}/|[\w-]+/)[^\"'\s]{1,300}|[\w-]+\.(?:s?html?|jspx?|do|aspx?))[\"']"
)
RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.S)
_PACKED = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class HtmlTree:
    """The parse of one page of HTML. ``scripts``: the text of those that stand in it."""

    def __init__(self, url: str, markup: str, source: str) -> None:
        self.url, self.source = url, source
        self.scripts: list[str] = []
        self.text = cache(text_of)  # each is put together once
        self.root = parse_html(markup)
        base = self.root.find(".//base[@href]")
        self.base = urljoin(url, base.get("href", "")) if base is not None else url
        acts = "//@*[starts-with(name(), 'on')]|//@href[starts-with(normalize-space(.), 'javascript')]"
        self.has_scripts = self.root.find(".//script") is not None or bool(self.root.xpath(acts))
        self._show_hidden_markup()
        self._drop_silent()

    def _show_hidden_markup(self) -> None:
        """Put what scripts would show where a reader would see it: the records that stand as CDATA in a script, and
        markup that is packed (base64 of quoted HTML in an element).
        """
        for element in list(self.root.iter(etree.Element)):
            text, packed = element.text or "", squeeze(element.text) if "atob" in self.source else ""
            markup = ""
            if element.tag == "script" and "<record>" in text:
                markup = f"<ul>{''.join(RECORD.findall(text))}</ul>"
            elif element.tag != "script" and len(packed) > MIN_PACKED_CHARS and _PACKED.fullmatch(packed):
                with suppress(binascii.Error, UnicodeDecodeError):
                    markup = unquote(base64.b64decode(packed, validate=True).decode("ascii"))
            if markup:
                inner = ".//ul" if element.tag == "script" else ".//div"
                element.addnext(parse_html(f"<div>{markup}</div>").find(inner))

    def _drop_silent(self) -> None:
        for element in list(self.root.iter(etree.Element))[1:]:
            if element.tag == "script" and "<record>" not in (element.text or ""):
                self.scripts.append(element.text or "")
            if element.tag in _SILENT_TAGS - {"head"} or element.get(HIDDEN) is not None:
                element.drop_tree()

    def target(self, element: Any) -> str:
        """Return to where an element leads: its address, or the one that its script names."""
        href = (element.get("href") or "").strip()
        if href and not href.lower().startswith("javascript:") and not href.startswith("#"):
            return resolve(self.base, href)
        for text in (
            href,
            element.get("onclick") or "",
            f"'{element.get('data-url') or element.get('data-href') or ''}'",
        ):
            found = _TARGET.search(text)
            if found and "__doPostBack" not in text:
                return resolve(self.base, found["url"])
        return ""

    def route(self, element: Any) -> str:
        """Return the address behind a hash to which an element leads, which a script of this page reads."""
        href = (element.get("href") or "").strip()
        return resolve(self.url, href) if href.startswith(("#/", "#!/")) else ""

    def frames(self) -> Iterator[str]:
        """What is shown within the page or in its place."""
        for meta in self.root.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']/@content"):
            moved = re.search(r"^\s*[0-5]\s*;\s*url\s*=\s*[\"']?([^\"']+)", meta, re.I)
            if moved and (url := resolve(self.base, moved[1])):
                yield url
        for frame in self.root.xpath("//iframe[@src]|//frame[@src]"):
            small = frame.get("width") in ("0", "1") or frame.get("height") in ("0", "1")
            url = resolve(self.base, frame.get("src") or "")
            if url and not small and _site(url) == _site(self.url):
                yield url

    def is_static(self) -> bool:
        """Whether the page came whole, and no script, frame or form could show more of it."""
        is_whole = self.source.rstrip()[-7:].lower() == "</html>"
        return is_whole and not self.has_scripts and not self.root.xpath("//iframe|//frame|//select|//object|//embed")

    def visible_text(self, items: Collection[Any]) -> str:
        """Return the text outside of the entries, each block on a line of its own."""
        parts: list[str] = []
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            parts.append("\n" if element.tag in _BLOCK_TAGS else "")
            if event == "end":
                parts.append(element.tail or "")
            elif element in items or element.tag in _SILENT_TAGS:
                walk.skip_subtree()
            else:
                parts.append(element.text or "")
        return re.sub(r"[ \t\xa0\u3000]+", " ", "".join(parts))


def parse_html(markup: str) -> Any:
    """Return the tree of markup, however broken it is."""
    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, ValueError):
        return html.document_fromstring("<html><body></body></html>")
    for after in list(root.itersiblings()):  # what stands behind </html> is shown too
        root.append(after)
    return root


def text_of(element: Any) -> str:
    """Return the text of an element, with single blanks."""
    return " ".join("".join(element.itertext()).split())


def hidden_fields(element: Any) -> dict[str, str]:
    """Return what the forms in an element send unseen."""
    fields = element.xpath(".//input[@type='hidden'][@name]")
    return {str(one.get("name")): one.get("value") or "" for one in fields}


def _site(url: str) -> list[str]:
    """Return the part of a host's name that its neighbours share."""
    return (urlsplit(url).hostname or "").split(".")[-3:]
