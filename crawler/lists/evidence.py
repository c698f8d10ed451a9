"""What a browser made of a page, kept: the DOM as text and, where it is new, a picture; both as resource records.

The names are none that a server answers to, so that nobody replays them in place of the page: ``urn:dom:<address>``
and, as others name pictures of pages, ``urn:view:<address>``. A DOM that is the same as before is a revisit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from crawler.crawl_run import CrawlRun
from storage.captures import Given
from storage.records import Capture, CaptureRole
from storage.warc_fields import urn

MIME = "text/html; charset=utf-8"
_TURNED = re.compile(r"; (browser: .*)")


def known(run: CrawlRun, url: str, dom: bytes) -> Capture | None:
    """Return the capture whose own record holds the same DOM of the address, if there is one."""
    run.writer.flush()
    held = run.store.holder(hashlib.sha256(dom).hexdigest())
    return held if held is not None and held.url == url and held.status is None else None


def keep_dom(
    run: CrawlRun,
    url: str,
    dom: bytes,
    *,
    via: str | None,
    said: str,
    same: Capture | None,
    turn: int = 0,
    role: CaptureRole = CaptureRole.LISTING,
) -> Capture:
    """Keep a page as a browser showed it, after ``turn`` turns of its list; ``said``: by what, and at which cost.

    Its capture is a list page's, read by whoever reads list pages, or (``role``) belongs to the page of a report.
    """
    after = f", after {turn} turns of its list" if turn else ""
    about = _describe(f"the page's DOM as the browser held it, as text{after}", url, via, said)
    given = Given(url=url, mime=MIME, body=dom, at=run.clock.now(), target=f"urn:dom:{url}", about=about)
    return run.writer.keep(given, role=role, reason=said, via=via, same=same)


def keep_picture(run: CrawlRun, url: str, png: bytes, *, via: str | None, said: str) -> Capture:
    """Keep the picture of a page as a browser showed it."""
    about = _describe("a picture of the page as the browser showed it", url, via, said)
    given = Given(url=url, mime="image/png", body=png, at=run.clock.now(), target=f"urn:view:{url}", about=about)
    return run.writer.keep(given, role=CaptureRole.RESOURCE, reason=said, via=via)


def way_in(captures: Iterable[Capture]) -> str:
    """Return what turned a list in a browser, as the captures of its look say; "" if links were enough."""
    ways = (_TURNED.search(one.reason) for one in captures if one.status is None)
    return next((found[1] for found in ways if found), "")


def _describe(what: str, url: str, via: str | None, said: str) -> dict[str, str]:
    """How it was made, for readers of the WARC file: which browser, of which page."""
    return {"description": what, "via": url, "made-from": urn(via) if via else "", "made-by": said}
