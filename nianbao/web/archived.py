"""What a portal sent, made harmless: without scripts, forms, frames and all that is loaded from elsewhere.

The answer bears a policy that lets nothing run and nothing load, and is shown in a frame without any right.
"""

from __future__ import annotations

from typing import Any

from cssselect import SelectorError
from lxml import etree, html
from lxml_html_clean import Cleaner

from archive.documents.charset import decode

MOST = 8_000_000  #: bytes of a page that is shown
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
CELL = "nianbao-cell"  #: the id of what is marked in a page

_CLEANER = Cleaner(
    scripts=True,
    javascript=True,
    comments=True,
    style=False,
    inline_style=False,
    links=True,
    meta=True,
    page_structure=False,
    processing_instructions=True,
    embedded=True,
    frames=True,
    forms=True,
    annoying_tags=True,
    safe_attrs_only=True,
    kill_tags=("img", "base", "svg", "math", "audio", "video", "source", "picture", "template", "noscript"),
)
_MARK = (
    f"#{CELL}{{outline:4px solid #b3261e!important;outline-offset:2px;"
    "background:#fff3a8!important;color:#000!important}"
)


def harmless(data: bytes, css: str | None = None) -> str | None:
    """A page of a portal as HTML that does nothing; None where it is none, or too large.

    ``css``: the place in the page, as a locator gives it, that is marked and bears the id :data:`CELL`.
    """
    if len(data) > MOST:
        return None
    text = decode(data).text
    try:
        tree = html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    marked = None if css is None else _place(tree, css)
    _CLEANER(tree)
    for element in tree.iter("a"):
        for name in ("href", "target", "ping"):
            element.attrib.pop(name, None)
    if marked is not None:
        for element in tree.xpath("//*[@id=$id]", id=CELL):
            del element.attrib["id"]
        marked.set("id", CELL)
        style = etree.SubElement(tree, "style")
        style.text = _MARK
    body: str = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return body


def _place(tree: Any, css: str) -> Any:
    """The one element that a locator means; None where it means none, or several."""
    try:
        found = tree.cssselect(css)
    except (SelectorError, etree.XPathError, ValueError):
        return None
    return found[0] if len(found) == 1 else None
