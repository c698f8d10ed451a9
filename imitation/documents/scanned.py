"""Turn blocks into pages as from a scanner or camera: PDF of images, PNG, JPEG, TIFF. Equal options give equal bytes.

The pages are those of ``portable``, drawn by pdfium and then degraded in the order in which paper suffers: stamped,
turned, lit unevenly, with noise. The machine must have some CJK font, which decides how characters look.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from imitation.documents.portable import pdf
from imitation.wording import Block

Picture = Image.Image
_RED = (205, 30, 38)
_drawing = threading.Lock()  # pdfium is not thread-safe, and portals answer in several threads


@dataclass(frozen=True, kw_only=True)
class Scan:
    """How pages come out of the scanner.

    ``skew`` in degrees; ``noise``: deviation of grey values; ``seal``: a red stamp over text and table; ``paper`` and
    ``ink``: grey of paper and print; ``shade``: how much darker one corner is (0–1); ``quality``: of JPEG images.
    """

    dpi: int = 200
    skew: float = 0.0
    noise: float = 0.0
    seal: bool = False
    paper: int = 255
    ink: int = 0
    shade: float = 0.0
    quality: int = 80


def pictures(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> list[Picture]:
    """Return each page as an image in grey, or in RGB with ``seal``."""
    return worsened(rendered(pdf(title, blocks), (scan or Scan()).dpi), scan or Scan())


def rendered(data: bytes, dpi: int) -> list[Picture]:
    """Return the pages of a PDF, drawn in grey."""
    with _drawing:
        document = pdfium.PdfDocument(data)
        try:
            return [_draw(document[number], dpi) for number in range(len(document))]
        finally:
            document.close()


def _draw(page: Any, dpi: int) -> Picture:
    try:
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        try:
            image: Picture = bitmap.to_pil().convert("L").copy()
        finally:
            bitmap.close()
        return image
    finally:
        page.close()


def worsened(pages: Sequence[Picture], scan: Scan) -> list[Picture]:
    """Return clean pages as the scanner would give them."""
    return [_degrade(page, scan, np.random.default_rng((0, number))) for number, page in enumerate(pages)]


def scanned_pdf(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> bytes:
    """Return a PDF whose pages are JPEG images only."""
    scan = scan or Scan()
    return images_pdf(pictures(title, blocks, scan), scan)


def images_pdf(pages: Sequence[Picture], scan: Scan) -> bytes:
    """Return a PDF with one image per page."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for page in pages:
        width, height = (72 * side / scan.dpi for side in page.size)
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(io.BytesIO(encoded(page, "jpeg", scan))), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def image_files(
    title: str, blocks: Iterable[Block], kind: Literal["png", "jpeg"], scan: Scan | None = None
) -> list[bytes]:
    """Return one image file per page."""
    return [encoded(page, kind, scan or Scan()) for page in pictures(title, blocks, scan)]


def tiff(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> bytes:
    """Return all pages in one TIFF."""
    first, *rest = pictures(title, blocks, scan)
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw")
    return out.getvalue()


def encoded(page: Picture, kind: str, scan: Scan) -> bytes:
    """Return an image as the bytes of a file."""
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": scan.quality} if kind == "jpeg" else {}
    page.save(out, kind.upper(), **options)
    return out.getvalue()


def _degrade(page: Picture, scan: Scan, random: np.random.Generator) -> Picture:
    page = page.point([scan.ink + (scan.paper - scan.ink) * grey // 255 for grey in range(256)])
    if scan.seal:
        page = page.convert("RGB")
        _add_seal(page, scan.dpi)
    if scan.skew:
        paper = (scan.paper,) * len(page.getbands())
        page = page.rotate(scan.skew, Image.Resampling.BICUBIC, fillcolor=paper)
    return _add_noise(page, scan, random)


def _add_seal(page: Picture, dpi: int) -> None:
    """Draw a round seal with a star over the lower right of the print."""
    seal = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(seal)
    inch = dpi / 72
    x, y, radius = page.width * 0.68, page.height * 0.45, 58 * inch
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=_RED, width=int(3.5 * inch))
    points = []
    for corner in range(10):
        reach = radius * (0.34 if corner % 2 == 0 else 0.14)
        angle = math.pi * (corner / 5 - 0.5)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    draw.polygon(points, fill=_RED)
    for step in range(14):  # the lettering around the rim, as short strokes
        angle = math.pi * (0.75 + 1.5 * step / 13)
        ends = [(x + radius * f * math.cos(angle), y + radius * f * math.sin(angle)) for f in (0.68, 0.86)]
        draw.line(ends, fill=_RED, width=int(4 * inch))
    page.paste(ImageChops.multiply(page, seal))


def _add_noise(page: Picture, scan: Scan, random: np.random.Generator) -> Picture:
    """Add uneven light and noise."""
    if not (scan.shade or scan.noise):
        return page
    grey = np.asarray(page, dtype=np.float64)
    height, width = grey.shape[:2]
    shape = (height, width) + (1,) * (grey.ndim - 2)
    if scan.shade:
        slope = np.linspace(0, 1, width)[None, :] * 0.6 + np.linspace(0, 1, height)[:, None] * 0.4
        grey = grey * (1 - scan.shade * slope.reshape(shape))
    if scan.noise:
        grey = grey + random.normal(0, scan.noise, shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
