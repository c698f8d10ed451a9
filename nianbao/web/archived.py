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
from collections import OrderedDict
from collections.abc import Callable
from html import escape
from threading import BoundedSemaphore, Lock

from lxml import etree, html
from lxml_html_clean import Cleaner
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive.documents.charset import decode
from nianbao.messages import LANGUAGES, say
from nianbao.web.table_excerpt import ExcerptCell, cut_excerpt

MAX_BYTES_CLEANED = 8_000_000  #: of a page
_MAX_RESULT_BYTES = 4_000_000  # of a page that was cleaned: many may be on their way at once
MAX_TEXT_CHARS = 500_000  # of a page that is shown as text
_MAX_TEXT_BYTES = 4 * MAX_TEXT_CHARS
_SECONDS, _MEMORY = 5, 1 << 29  # of one cleaning, by the clock of the CPU
_WALL_SECONDS = 20  # that one cleaning may take on a busy machine
_WAIT_SECONDS = 20  # that a page waits for others to be cleaned
_AT_ONCE = BoundedSemaphore(2)
_KEPT_PAGES = 32  # pages whose result is remembered
_MAX_KEPT_CHARS = 500_000  # of each of them
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
CELL = "nianbao-cell"  #: the id of what is marked in a page
_Key = tuple[str, str, str | None]  # the part, the digest of the page, the place in it
_Result = tuple[str | None, str]

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


def harmless(digest: str, read_beginning: Callable[[int], bytes], css: str | None = None) -> str | None:
    """Return a page of a portal as harmless HTML, as text if cleaning it costs too much, or None if it is no page.

    The page is read when there is a place to clean it. ``digest``: of its bytes, by which the result is
    remembered. ``read_beginning``: gives the first bytes, so many at most.
    ``css``: the place in the page, as a locator gives it, that is marked and bears the id :data:`CELL`.
    Raises what ``read_beginning`` raises.
    """
    text, reason = _answer("page", digest, read_beginning, css)
    return _as_text(read_beginning(_MAX_TEXT_BYTES), reason) if text is None else text or None


def excerpt(digest: str, read_beginning: Callable[[int], bytes], css: str) -> list[list[ExcerptCell]]:
    """Return the rows of a captured table around the cell at ``css``; [] if there are none, or they cost too much.

    Raises what ``read_beginning`` raises.
    """
    text, _ = _answer("excerpt", digest, read_beginning, css)
    rows: list[list[ExcerptCell]] = json.loads(text or "[]")
    return rows


class _Remembered:
    """The last results of moderate size, by what was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: OrderedDict[_Key, _Result] = OrderedDict()

    def get(self, key: _Key) -> _Result | None:
        """Return what was made of this before, or None."""
        with self._lock:
            return self._results.get(key)

    def keep(self, key: _Key, result: _Result) -> None:
        """Keep a result in place of the oldest one, if it is not too large."""
        if len(result[0] or "") > _MAX_KEPT_CHARS:
            return
        with self._lock:
            self._results[key] = result
            while len(self._results) > _KEPT_PAGES:
                self._results.popitem(last=False)


_REMEMBERED = _Remembered()


def _answer(part: str, digest: str, read_beginning: Callable[[int], bytes], css: str | None) -> _Result:
    """Return the cleaned page or the excerpt, made in a process of its own; else None and the sentence that says why.

    That the machine was busy is not remembered.
    """
    key = part, digest, css
    if (known := _REMEMBERED.get(key)) is not None:
        return known
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        return None, "capture.text_busy"
    try:
        if (known := _REMEMBERED.get(key)) is not None:
            return known
        result = _clean_in_child(part, read_beginning(MAX_BYTES_CLEANED + 1), css)
    except subprocess.TimeoutExpired:
        return None, "capture.text_busy"
    finally:
        _AT_ONCE.release()
    _REMEMBERED.keep(key, result)
    return result


def _clean_in_child(part: str, data: bytes, css: str | None) -> _Result:
    if len(data) > MAX_BYTES_CLEANED:
        return None, "capture.text_large"
    done = subprocess.run(
        [sys.executable, "-m", "nianbao.web.archived"],
        input=json.dumps([part, css]).encode() + b"\n" + data,
        capture_output=True,
        timeout=_WALL_SECONDS,
        check=False,
    )
    return (None, "capture.text_costly") if done.returncode else (done.stdout.decode("utf-8"), "")


def _as_text(data: bytes, reason: str) -> str:
    """Return the beginning of a page as text, below a sentence why; it costs no more than its size."""
    told = "".join(f"<p>{escape(say('web', lang, reason))}</p>" for lang in LANGUAGES)
    text = decode(data).text[:MAX_TEXT_CHARS]
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
    result = (made or "").encode("utf-8", "replace")
    if len(result) > _MAX_RESULT_BYTES:
        sys.exit(1)
    sys.stdout.buffer.write(result)


if __name__ == "__main__":
    main()
