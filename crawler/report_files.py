"""What belongs to a report's page: which of its files are asked for, and the page itself where scripts make it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from crawler.crawl_run import CrawlRun
from crawler.net.fetching import Fetched
from crawler.net.response_verdict import Verdict, is_document
from crawler.net.web_page import WebPage, words
from crawler.report_parts import parts
from crawler.signatures import Signature
from storage.errors import StorageError
from storage.records import CaptureOutcome, Part

HAD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_LARGEST = 8 << 20  # bytes of a page in which files are looked for: one read whole takes fifty times as much memory
_SHELL = 200  # characters that a page made by scripts may print: please wait, who keeps it
_CHAPTERS = 3  # of the form that a report's text has; fewer may stand in a menu
_NOT_SHOWN = Verdict(CaptureOutcome.ERROR, "scripts_make_the_page")


#: Shows the page of a report to a browser: the page as it is shown, or what stood in the way; None where none is shown.
Render = Callable[[Fetched], Awaitable[Fetched | None]]


async def files_of(
    fetched: Fetched, signature: Signature, run: CrawlRun | None, render: Render | None
) -> tuple[Fetched, tuple[Part, ...]]:
    """Return the files of a report's page, and the page that names them: where scripts make it, as a browser shows it.

    Its verdict says what stood in the way where no browser showed it. A document has no files, and in a page of more
    than 8 MB none are looked for: it is kept as it came.
    """
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and fetched.capture is not None and run is not None:
        try:
            fetched = replace(fetched, body=run.held_body(fetched.capture))
        except StorageError:
            return fetched, ()
    if is_document(fetched.body) or len(fetched.body) > _LARGEST:
        return fetched, ()
    page = fetched.page
    named = parts(page, signature)
    if not named and _is_shell(page):
        rendered = await render(fetched) if render is not None else None
        if rendered is None or rendered.verdict.outcome is not CaptureOutcome.PAGE:
            return rendered or replace(fetched, verdict=_NOT_SHOWN), ()
        fetched, named = rendered, parts(rendered.page, signature)
    return fetched, named


def _is_shell(page: WebPage) -> bool:
    """Whether scripts make a report's page out of what an interface answers: it prints next to nothing, and its text
    does not stand in their source, as that of gkmlpt does.
    """
    tree = page.tree
    if tree is None or len(page.shown) > _SHELL or next(tree.iter("script"), None) is None:
        return False
    if next(tree.iter("form", "iframe", "frame"), None) is not None:
        return False
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), page.text)  # as JSON writes it
    return sum(chapter in text for chapter in words("report_page", "chapters")) < _CHAPTERS


def unheld(files: Sequence[Part], run: CrawlRun) -> list[Part]:
    """Those of the files that the archive does not hold."""
    return [part for part in files if part.url not in run.last_captures]
