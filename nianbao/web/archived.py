"""What a portal sent, made harmless: without scripts, forms, frames and all that is loaded from elsewhere.

Cleaning costs a hostile page far more than its size: it is done in a process that is confined and has limits, and what
does not end there is shown as text.

The answer bears a policy that lets nothing run and nothing load, and is shown in a frame without any right.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from html import escape
from threading import BoundedSemaphore
from typing import Any

from cssselect import SelectorError
from lxml import etree, html
from lxml_html_clean import Cleaner

from archive.documents.charset import decode
from nianbao.messages import LANGUAGES, say

MOST = 8_000_000  #: bytes of a page that is cleaned
MAX_TEXT_CHARS = 500_000  # of a page that is shown as text
_SECONDS, _MEMORY = 5, 1 << 29  # of one cleaning, by the clock of the CPU
_WALL_SECONDS = 20  # that one cleaning may take on a busy machine
_WAIT_SECONDS = 20  # that a page waits for others to be cleaned
_AT_ONCE = BoundedSemaphore(2)
_KEPT_PAGES = 32  # pages whose result is remembered
_MAX_KEPT_BYTES = 500_000  # of each of them
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
    """Return a page of a portal as harmless HTML, as text if cleaning it costs too much, or None if it is no page.

    ``css``: the place in the page, as a locator gives it, that is marked and bears the id :data:`CELL`.
    """
    try:
        return (_remembered if len(data) <= _MAX_KEPT_BYTES else _cleaned_apart)(data, css)
    except _BusyError:
        return _as_text(data, "capture.text_busy")


class _BusyError(Exception):
    """The machine has no time for this page now; raised, so that it is not remembered."""


def _cleaned_apart(data: bytes, css: str | None) -> str | None:
    """Return the cleaned page, made in a process of its own. Raises _BusyError."""
    if len(data) > MOST:
        return _as_text(data, "capture.text_large")
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise _BusyError
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nianbao.web.archived"],
            input=json.dumps(css).encode() + b"\n" + data,
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _BusyError from None
    finally:
        _AT_ONCE.release()
    if done.returncode:
        return _as_text(data, "capture.text_costly")
    return done.stdout.decode("utf-8") or None


_remembered = lru_cache(_KEPT_PAGES)(_cleaned_apart)


def _as_text(data: bytes, reason: str) -> str:
    """Return the beginning of a page as text, below a sentence why; it costs no more than its size."""
    told = "".join(f"<p>{escape(say('web', lang, reason))}</p>" for lang in LANGUAGES)
    text = decode(data[: 4 * MAX_TEXT_CHARS]).text[:MAX_TEXT_CHARS]
    return f'<!doctype html><meta charset="utf-8">{told}<pre>{escape(text)}</pre>'


def clean(data: bytes, css: str | None) -> str | None:
    """Return the cleaned page; called in a process that has limits."""
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


def main() -> None:
    """Read a place and a page from standard input; write the cleaned page, or nothing if it is no page."""
    import resource  # noqa: PLC0415 - these only in the process that cleans

    from archive.projection.confinement import confine  # noqa: PLC0415

    confine()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    css = json.loads(sys.stdin.buffer.readline())
    sys.stdout.buffer.write((clean(sys.stdin.buffer.read(), css) or "").encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
