"""What a browser made of a page, kept: the DOM as text and, where it is new, a picture; both as resource records.

The names are none that a server answers to, so that nobody replays them in place of the page: ``urn:dom:<address>``
and, as others name pictures of pages, ``urn:view:<address>``. A DOM that is the same as before is a revisit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from crawler.crawl_run import CrawlRun
from crawler.lists.list_reader import BROWSER
from storage.captures import Given
from storage.records import Capture, CaptureRole
from storage.warc_fields import urn

DOM, PICTURE = ("urn:dom", "text/html; charset=utf-8"), ("urn:view", "image/png")


def keep_shown(
    run: CrawlRun,
    url: str,
    dom: bytes,
    *,
    via: str | None,
    said: str,
    turn: int = 0,
    role: CaptureRole = CaptureRole.LISTING,
    picture: bytes = b"",
) -> list[Capture]:
    """Keep a page as a browser showed it, after ``turn`` turns of its list; return the captures, the page's last.

    ``said``: by what, and at which cost. Its capture is a list page's, read by whoever reads list pages, or (``role``)
    belongs to the page of a report. ``picture``: of the page, kept where its DOM is new.
    """
    run.writer.flush()
    held = run.store.holder(hashlib.sha256(dom).hexdigest())
    same = held if held is not None and held.url == url and held.status is None else None
    after = f", after {turn} turns of its list" if turn else ""
    kept = []
    if picture and same is None:
        about = "a picture of the page as the browser showed it"
        kept.append(_keep(run, url, PICTURE, picture, about, said, via, CaptureRole.RESOURCE))
    about = f"the page's DOM as the browser held it, as text{after}"
    return [*kept, _keep(run, url, DOM, dom, about, said, via, role, same)]


def was_turned(captures: Iterable[Capture]) -> bool:
    """Whether a browser turned the list of a look, as its captures say."""
    return any(one.status is None and f"; {BROWSER}: " in one.reason for one in captures)


def _keep(
    run: CrawlRun, url: str, kind: tuple[str, str], body: bytes, about: str, said: str, via: str | None,
    role: CaptureRole, same: Capture | None = None,
) -> Capture:  # fmt: skip
    """Keep one of them; how it was made is told to readers of the WARC file: which browser, of which page."""
    fields = {"description": about, "via": url, "made-from": urn(via) if via else "", "made-by": said}
    given = Given(url=url, mime=kind[1], body=body, at=run.clock.now(), target=f"{kind[0]}:{url}", about=fields)
    return run.writer.keep(given, role=role, reason=said, via=via, same=same)
