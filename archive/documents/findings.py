"""The findings that several modules of this room make. Codes are explained in docs/findings.md."""

from __future__ import annotations

from collections.abc import Sequence

from archive.documents.unreadable_reasons import why
from archive.findings import finding, first_in_both
from storage.records import Finding

TORN = "streams"  #: ``found`` of what is said of a file whose every figure may lack digits
LISTED = 20  #: pages, images or parts that are named
_SHOWN = 60  # characters of what was not read


def struck_out(text: str, pages: Sequence[int] = ()) -> Finding:
    """Characters ``text`` (on ``pages``, from 1, where there are any) are crossed out and were not read."""
    case = "on_pages" if pages else ""
    return finding("struck_out", case=case, found=_shown(text), count=len(text), pages=first_in_both(pages, LISTED))


def overlaid(pages: Sequence[int], text: str) -> Finding:
    """Words ``text`` on ``pages`` (from 1) in another ink, laid over the text: watermarks and seals, left out."""
    return finding("overlaid", found=_shown(text), pages=first_in_both(pages, LISTED))


def seen_otherwise(pages: Sequence[int], text: str) -> Finding:
    """Characters ``text`` on ``pages`` (from 1) that may not be seen as the file tells them."""
    return finding("seen_otherwise", found=_shown(text), count=len(text), pages=first_in_both(pages, LISTED))


def parts_doubled(names: Sequence[str]) -> list[Finding]:
    """Parts that a package holds several times, each time with other bytes: which of them is shown nobody knows."""
    named = first_in_both([name[:60] for name in names], 5)
    return [finding("document_damaged", case="parts_doubled", names=named)] if names else []


def picture_unreadable(numbers: Sequence[int], reason: str, pages: Sequence[object] = ()) -> Finding:
    """Images of a document, by number from 1 (on ``pages``), that could not be read; ``reason``: a code, or words."""
    return finding(
        "picture_unreadable",
        case="on_pages" if pages else "",
        found=reason,
        why=why(reason),
        numbers=first_in_both(numbers or "?", LISTED),
        pages=first_in_both(pages, LISTED),
    )


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
