"""A page of a PDF, or a scan, as a picture with one place marked, drawn in a process that can do nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nianbao.web.confined_work import BusyError, ConfinedWork, CostlyError
from storage.errors import CodedError

MAX_BYTES_DRAWN = 32_000_000  #: of a document
_DRAWING = ConfinedWork(cpu_seconds=20, memory=1 << 31, seconds=20)


class NotDrawnError(CodedError, ValueError):
    """The page cannot be drawn."""


def can_be_drawn(locator: Mapping[str, object]) -> bool:
    """Whether a locator means a box on a page whose document can be drawn."""
    box = locator.get("box")
    return isinstance(box, (list, tuple)) and len(box) == 4 and locator.get("unit") != "mm" and "part" not in locator


def page_picture(read_document: Callable[[int], bytes], locator: Mapping[str, object], *, whole: bool = False) -> bytes:
    """Draw the part of a page around a locator's box, or the whole page, as WebP with the box marked.

    The document is read when there is a place to draw it. Raises NotDrawnError, and what ``read_document`` raises.
    """
    place = {name: locator[name] for name in ("page", "box", "unit") if name in locator}
    try:
        with _DRAWING.place():
            document = read_document(MAX_BYTES_DRAWN + 1) if can_be_drawn(locator) else b""
            if not 0 < len(document) <= MAX_BYTES_DRAWN:
                raise NotDrawnError("this document cannot be drawn", code="picture.no_document")
            return _DRAWING.run("nianbao.web.picture_drawing:draw", {**place, "whole": whole}, document)
    except BusyError:
        message = "too many pages are being drawn for others; ask again in a moment"
        raise NotDrawnError(message, code="picture.busy") from None
    except TimeoutError:
        raise NotDrawnError("drawing this page took too long", code="picture.too_long") from None
    except CostlyError:
        raise NotDrawnError("this page could not be drawn", code="picture.not_drawn") from None
