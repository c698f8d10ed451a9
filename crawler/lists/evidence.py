"""What a browser made of a page, kept: the DOM as text, as a resource record.

The record's name is none that a server answers to, so that nobody replays it in place of the page:
``urn:dom:<address>``. A DOM that is the same as before is a revisit.
"""

from __future__ import annotations

import hashlib

from crawler.run_protocol import RunProtocol
from storage.captures import Given
from storage.records import Capture, CaptureRole
from storage.wire import urn

MIME = "text/html; charset=utf-8"


def known(run: RunProtocol, url: str, dom: bytes) -> Capture | None:
    """Return the capture whose own record holds the same DOM of the address, if there is one."""
    run.writer.flush()
    held = run.store.holder(hashlib.sha256(dom).hexdigest())
    return held if held is not None and held.url == url and held.status is None else None


def keep_dom(
    run: RunProtocol,
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
    about = {
        "description": f"the page's DOM as the browser held it, as text{after}",
        "via": url, "made-from": urn(via) if via else "", "made-by": said,
    }  # fmt: skip
    given = Given(url=url, mime=MIME, body=dom, at=run.clock.now(), target=f"urn:dom:{url}", about=about)
    return run.writer.keep(given, role=role, reason=said, via=via, same=same)
