"""What a portal sent, made harmless: without scripts, forms, frames and all that is loaded from elsewhere.

The answer bears a policy that lets nothing run and nothing load, and is shown in a frame without any right.
"""

from __future__ import annotations

from lxml import etree, html
from lxml_html_clean import Cleaner

from archive.documents.charset import decode

MOST = 8_000_000  #: bytes of a page that is shown
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

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


def harmless(data: bytes) -> str | None:
    """A page of a portal as HTML that does nothing; None where it is none, or too large."""
    if len(data) > MOST:
        return None
    text = decode(data).text
    try:
        tree = html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    cleaned = _CLEANER.clean_html(tree)
    for element in cleaned.iter("a"):
        for name in ("href", "target", "ping"):
            element.attrib.pop(name, None)
    body: str = html.tostring(cleaned, encoding="unicode", doctype="<!doctype html>")
    return body
