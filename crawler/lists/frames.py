"""Pages that are shown inside a page: a list may stand in one of them (pure)."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html

from crawler.lists.addresses import joined

_FRAMES = 100


def frames(base: str, tree: lxml.html.HtmlElement | None) -> tuple[str, ...]:
    """Addresses of pages shown inside this one, on whatever host; a list may stand in one of them. Hidden ones are
    left out.
    """
    return tuple(dict.fromkeys(_frames(base, tree)))[:_FRAMES]


def _frames(base: str, tree: lxml.html.HtmlElement | None) -> Iterator[str]:
    for node in tree.iter("iframe", "frame") if tree is not None else ():
        source = (node.get("src") or "").strip()
        if not source or source.lower().startswith(("javascript:", "about:", "data:")) or _is_unseen(node):
            continue
        if url := joined(base, source):
            yield url


def _is_unseen(frame: lxml.html.HtmlElement) -> bool:
    """Whether a frame is not shown, or has neither breadth nor height."""
    sides = [(frame.get(side) or "").lower().removesuffix("px").strip() for side in ("width", "height")]
    style = "".join((frame.get("style") or "")[:400].split()).lower()
    return all(side in {"0", "1"} for side in sides) or "display:none" in style
