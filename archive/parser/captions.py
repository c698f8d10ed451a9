"""Report a caption above a table that names another body than the one whose report it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from archive.documents.pages import Pages, Paragraph
from archive.findings import finding
from archive.identity import names
from archive.identity.evidence import undisputed
from archive.parser.statistics.titles import ABOVE, body_above, is_of_another_body
from storage.records import Finding, IdentityEvidence


def foreign_caption_findings(pages: Pages, evidence: IdentityEvidence) -> Iterator[Finding]:
    """A finding for the first line above a table by which the table is another body's (填报单位：汶上县教育局)."""
    above: deque[str] = deque(maxlen=ABOVE)
    own: list[names.Name] | None = None
    for block in pages.blocks:
        if isinstance(block, Paragraph):
            if not block.furniture:
                above.appendleft(block.text)
            continue
        if any([body_above(line) for line in above]):  # noqa: C419 — nearly always none
            own = own or [name for text in undisputed(evidence)[0] if (name := names.complete(text)).text]
            if own and is_of_another_body(above, own):
                body = next(body for line in above if (body := body_above(line)))
                yield finding("agency_conflict", case="caption", expected=own[0].text, found=body)
                return
        above.clear()
