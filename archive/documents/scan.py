"""Scanned pages and images: told by their headers here, recognised only when the report's tables are missing.

``read`` makes a document that is nothing but pictures; ``fill`` recognises the pictures of any document. What that
takes (``ocr/``: numpy, OpenCV, onnxruntime) is loaded when it is first needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from archive.documents.findings import picture_unreadable
from archive.documents.pages import ImageSource, Limits, Pages, Picture, StoredImage
from archive.findings import finding


def read(data: bytes, limits: Limits) -> Pages:
    """An image file as pictures still to be recognised, one per frame. Nothing is decoded.

    More than are recognised, as blank ones count for none (``fill``).

    ``unreadable``: ``needs_ocr``; ``damaged``; ``too_large`` by its header; ``empty`` for an icon.
    """
    from archive.documents.ocr import images  # noqa: PLC0415 - see above

    try:
        small = images.is_small(data, limits.pixels)
        count = images.count_frames(data, limits.pages, limits.pixels)
    except images.ImageError as error:
        found = picture_unreadable([1], str(error))
        return Pages(kind="scan", blocks=(), unreadable=error.reason, findings=(found,))
    if small and count == 1:  # a small first frame may be a preview of the others
        return Pages(kind="scan", blocks=(), unreadable="empty")
    shown = min(count, limits.pages)
    more = (finding("limit_reached", bound="images", expected=limits.pages),) if count > shown else ()

    def image(index: int) -> ImageSource:
        return _Frame(data, index, limits.pixels) if count > 1 else StoredImage(data)

    pictures = tuple(Picture(at=0, source=image(index), locator={"page": index + 1}) for index in range(shown))
    return Pages(kind="scan", blocks=(), pictures=pictures, unreadable="needs_ocr", page_count=shown, findings=more)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One of several images in a file."""

    data: bytes = field(repr=False)
    index: int
    pixels: int

    def load(self) -> bytes:
        """Give it as a file of its own. Raises ValueError with a reason."""
        from archive.documents.ocr import images  # noqa: PLC0415 - see above

        return images.frame(self.data, self.index, self.pixels)


def fill(pages: Pages, limits: Limits) -> Pages:
    """Recognise the pictures and put their blocks where they stand. Never raises; what fails is a finding.

    First pages first, until ``limits.pictures`` or ``limits.text`` is reached. Afterwards ``pictures`` holds those not
    reached; ``unreadable`` is empty if anything was read (``empty`` if all pictures are without text). Findings:
    ``picture_unreadable``, ``limit_reached``; ``needs_ocr`` if the models cannot be used, then the pages are otherwise
    as given.
    """
    if not pages.pictures:
        return pages
    try:
        from archive.documents.ocr.recognition import recognize_pictures  # noqa: PLC0415 - see above
    except ImportError as error:
        missing = finding("needs_ocr", case="no_models", found=f"{type(error).__name__}: {error}")
        return replace(pages, findings=(*pages.findings, missing))
    return recognize_pictures(pages, limits)


def as_shown(pages: Pages) -> Pages | None:
    """The document as nothing but pictures, if its text tells other digits than its pages show; else None.

    Finding: ``text_untrue``. Raises ImportError or ``EngineError`` where nothing can be recognised.
    """
    from archive.documents.ocr.text_attestation import misread_digits  # noqa: PLC0415 - see above

    digits = misread_digits(pages)
    if pages.seen is None or not digits:
        return None
    findings = (*pages.findings, finding("text_untrue", found=digits))
    return replace(
        pages, kind="scan", blocks=(), pictures=pages.seen.pages, findings=findings, unreadable="needs_ocr", seen=None
    )


def recognition() -> str:
    """Return "" if pictures can be recognised on this machine, else the reason why not."""
    try:
        from archive.documents.ocr import engine  # noqa: PLC0415 - see above
    except ImportError as error:
        return f"{type(error).__name__}: {error}"
    return engine.ready()
