"""Pages that a page holds within itself (``iframe srcdoc``, ``data:text/html``): put where their frames stand."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from urllib.parse import unquote_to_bytes

from lxml import etree

Element = etree._Element

FRAME = "x-frame"  #: the tag of a frame that holds its page; a path tells it by its place
DEPTH = 3  #: frames within each other
_MOST = 50
_HTML = "data:text/html"


def unfold(root: Element, images: Sequence[bytes], parse: Callable[[bytes], Element | None], depth: int = 0) -> bool:
    """Put the page of each frame that holds its own into it. ``images``: bodies of base64 addresses, by number.

    Paths of its elements go on from the frame's: no one document has both. Whether some stay as they are: there are
    more of them, or more within each other, than are looked into.
    """
    frames = list(root.iter("iframe"))
    left = False
    for frame in frames[:_MOST]:
        data = _frame_source(frame, images)
        if data.strip() and depth == DEPTH:
            return True
        inner = parse(data) if data.strip() else None
        if inner is None:
            continue
        left = unfold(inner, (), parse, depth + 1) or left
        for child in list(frame):
            frame.remove(child)
        frame.tag, frame.text = FRAME, None
        for style in list(inner.iter("style")):
            style.tail = None
            frame.append(style)
        for body in list(inner.iter("body"))[:1]:
            body.tag, body.tail = "div", None
            frame.append(body)
    return left or any(_frame_source(frame, images).strip() for frame in frames[_MOST:])


def _frame_source(frame: Element, images: Sequence[bytes]) -> bytes:
    """The source of the page that a frame holds, in UTF-8; nothing if it only points to one."""
    if frame.get("srcdoc"):
        return str(frame.get("srcdoc")).encode("utf-8", "replace")
    kind, comma, body = str(frame.get("src") or "").strip().partition(",")
    if not comma or not kind.lower().startswith(_HTML):
        return b""
    if not kind.lower().endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        held = images[int(body[1:])] if body.startswith("#") else body.encode("ascii", "ignore")
        return base64.b64decode(unquote_to_bytes(held))
    except (ValueError, IndexError, binascii.Error):
        return b""
