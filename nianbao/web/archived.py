"""What a portal sent, made harmless: without scripts, forms, frames and all that is loaded from elsewhere.

Cleaning costs a hostile page far more than its size: it is done in a process that is confined and has limits, and what
does not end there is shown as text.

The answer bears a policy that lets nothing run and nothing load, and is shown in a frame without any right, or by
itself. Of a table that a cell stands in, a page of ours shows an excerpt, which is text alone (``table_excerpt.py``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from html import escape
from threading import BoundedSemaphore

from lxml import etree, html
from lxml_html_clean import Cleaner
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive.documents.charset import decode
from nianbao.messages import LANGUAGES, say
from nianbao.web.table_excerpt import ExcerptCell, cut_excerpt

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
        text, reason = _answer("page", data, css)
    except _BusyError:
        text, reason = None, "capture.text_busy"
    return _as_text(data, reason) if text is None else text or None


def excerpt(data: bytes, css: str) -> list[list[ExcerptCell]]:
    """Return the rows of a captured table around the cell at ``css``; [] if there are none, or they cost too much."""
    try:
        text, _ = _answer("excerpt", data, css)
    except _BusyError:
        text = None
    rows: list[list[ExcerptCell]] = json.loads(text or "[]")
    return rows


class _BusyError(Exception):
    """The machine has no time for this page now; raised, so that it is not remembered."""


def _answer(part: str, data: bytes, css: str | None) -> tuple[str | None, str]:
    return (_remembered if len(data) <= _MAX_KEPT_BYTES else _clean_in_child)(part, data, css)


def _clean_in_child(part: str, data: bytes, css: str | None) -> tuple[str | None, str]:
    """Return the cleaned page or the excerpt, made in a process of its own; else None and the sentence that says why.

    Raises _BusyError.
    """
    if len(data) > MOST:
        return None, "capture.text_large"
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise _BusyError
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nianbao.web.archived"],
            input=json.dumps([part, css]).encode() + b"\n" + data,
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _BusyError from None
    finally:
        _AT_ONCE.release()
    return (None, "capture.text_costly") if done.returncode else (done.stdout.decode("utf-8"), "")


_remembered = lru_cache(_KEPT_PAGES)(_clean_in_child)


def _as_text(data: bytes, reason: str) -> str:
    """Return the beginning of a page as text, below a sentence why; it costs no more than its size."""
    told = "".join(f"<p>{escape(say('web', lang, reason))}</p>" for lang in LANGUAGES)
    text = decode(data[: 4 * MAX_TEXT_CHARS]).text[:MAX_TEXT_CHARS]
    return f'<!doctype html><meta charset="utf-8">{told}<pre>{escape(text)}</pre>'


def clean(data: bytes, css: str | None) -> str | None:
    """Return the cleaned page; called in a process that has limits."""
    text = decode(data).text
    if not text.strip():
        return None
    page = LexborHTMLParser(text)  # the tree that the reader's selectors are written for
    is_marked = css is not None and _mark(page, css)
    source = (page.html or "").encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(source, parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    _CLEANER(tree)
    for element in tree.iter("a"):
        for name in ("href", "target", "ping"):
            element.attrib.pop(name, None)
    if is_marked:
        style = etree.SubElement(tree, "style")
        style.text = _MARK
    body: str = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return body


def _mark(page: LexborHTMLParser, css: str) -> bool:
    """Give the one element that a locator means the id :data:`CELL`; return whether there is one."""
    try:
        found = page.css(css)
    except SelectolaxError:  # no selector
        return False
    if len(found) == 1:
        for other in page.css(f"#{CELL}"):
            del other.attrs["id"]
        found[0].attrs["id"] = CELL
    return len(found) == 1


def main() -> None:
    """Read what is wanted, a place and a page from standard input; write the cleaned page or the excerpt as JSON.

    Nothing is written if it is no page.
    """
    import resource  # noqa: PLC0415 - these only in the process that cleans

    from archive.projection.confinement import confine  # noqa: PLC0415

    confine()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    part, css = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    made = json.dumps(cut_excerpt(data, css)) if part == "excerpt" else clean(data, css)
    sys.stdout.buffer.write((made or "").encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
