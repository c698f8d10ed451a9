"""Blocks → pages as a scanner or a camera gives them: PDF of images, PNG, JPEG, TIFF. The same options, the same bytes.

The pages are those of ``portable``, drawn by pdfium and then made worse, in the order in which paper suffers: stamped,
lit unevenly, turned, blurred, speckled. What CJK font is drawn depends on the machine; some must be installed.
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
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from imitation.documents.portable import pdf
from imitation.wording import Block

Picture = Image.Image
_RED = (205, 30, 38)
_drawing = threading.Lock()  # pdfium knows no threads, and portals answer in several


@dataclass(frozen=True, kw_only=True)
class Scan:
    """How pages come out of the machine.

    ``skew`` in degrees, ``turned`` in quarter turns (counter-clockwise), ``noise`` the deviation of grey values,
    ``speckle`` the share of black and white specks, ``blur`` a radius in pixels, ``seal`` a stamp over text and table
    in the ``stamp`` ink (red, or grey or black as machines without colour give it), ``ticks`` strokes of a pen strewn
    over the page, ``paper`` the grey of the paper, ``ink`` that of the print, ``shade`` how much darker one corner is
    (0–1), ``lean`` the share by which the far edge is narrower (perspective), ``quality`` of JPEG images, ``rgb`` in
    colour.
    """

    dpi: int = 200
    skew: float = 0.0
    turned: int = 0
    noise: float = 0.0
    speckle: float = 0.0
    blur: float = 0.0
    seal: bool = False
    stamp: tuple[int, int, int] = _RED
    ticks: int = 0
    paper: int = 255
    ink: int = 0
    shade: float = 0.0
    lean: float = 0.0
    quality: int = 80
    rgb: bool = False
    seed: int = 0


def pictures(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> list[Picture]:
    """Each page as an image, grey (or RGB with ``seal`` or ``rgb``)."""
    return worsened(rendered(pdf(title, blocks), (scan or Scan()).dpi), scan or Scan())


def rendered(data: bytes, dpi: int) -> list[Picture]:
    """The pages of a PDF, drawn in grey."""
    with _drawing:
        document = pdfium.PdfDocument(data)
        try:
            return [_drawn(document[number], dpi) for number in range(len(document))]
        finally:
            document.close()


def _drawn(page: Any, dpi: int) -> Picture:
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
    """Clean pages as the scanner gives them."""
    return [_worse(page, scan, np.random.default_rng((scan.seed, number))) for number, page in enumerate(pages)]


def scanned_pdf(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> bytes:
    """A PDF whose pages are nothing but JPEG images."""
    scan = scan or Scan()
    return images_pdf(pictures(title, blocks, scan), scan)


def images_pdf(pages: Sequence[Picture], scan: Scan) -> bytes:
    """Images as a PDF, a page each."""
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
    title: str, blocks: Iterable[Block], kind: Literal["png", "jpeg", "webp", "bmp", "gif"], scan: Scan | None = None
) -> list[bytes]:
    """A file for each page."""
    return [encoded(page, kind, scan or Scan()) for page in pictures(title, blocks, scan)]


def tiff(title: str, blocks: Iterable[Block], scan: Scan | None = None) -> bytes:
    """All pages in one TIFF."""
    first, *rest = pictures(title, blocks, scan)
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw")
    return out.getvalue()


def encoded(page: Picture, kind: str, scan: Scan) -> bytes:
    """One image as the bytes of a file."""
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": scan.quality} if kind in ("jpeg", "webp") else {}
    page.save(out, kind.upper(), **options)
    return out.getvalue()


def spread(left: Picture, right: Picture) -> Picture:
    """Two pages side by side, as an open book lies on the glass."""
    both = Image.new(left.mode, (left.width + right.width, max(left.height, right.height)), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _worse(page: Picture, scan: Scan, random: np.random.Generator) -> Picture:
    page = page.point([scan.ink + (scan.paper - scan.ink) * grey // 255 for grey in range(256)])
    if scan.seal or scan.rgb:
        page = page.convert("RGB")
    if scan.seal:
        _stamp(page, scan.dpi, scan.stamp)
    if scan.ticks:
        _tick(page, scan, random)
    page = _lain(page, scan)
    if scan.blur:
        page = page.filter(ImageFilter.GaussianBlur(scan.blur))
    return _rough(page, scan, random)


def _tick(page: Picture, scan: Scan, random: np.random.Generator) -> None:
    """Ticks of a pen here and there."""
    draw = ImageDraw.Draw(page)
    inch = scan.dpi / 72
    for x, y in random.uniform((0.3, 0.1), (0.9, 0.9), (scan.ticks, 2)):
        left, top, size = x * page.width, y * page.height, 7 * inch
        ends = [(left, top), (left + 0.35 * size, top + 0.4 * size), (left + size, top - 0.6 * size)]
        draw.line(ends, fill=40 if page.mode == "L" else (40, 40, 40), width=int(inch) + 1, joint="curve")


def _stamp(page: Picture, dpi: int, ink: tuple[int, int, int]) -> None:
    """A round seal with a star, over the lower right of what is printed."""
    seal = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(seal)
    inch = dpi / 72
    x, y, radius = page.width * 0.68, page.height * 0.45, 58 * inch
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=int(3.5 * inch))
    points = []
    for corner in range(10):
        reach = radius * (0.34 if corner % 2 == 0 else 0.14)
        angle = math.pi * (corner / 5 - 0.5)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    draw.polygon(points, fill=ink)
    for step in range(14):  # the lettering around the rim, as short strokes
        angle = math.pi * (0.75 + 1.5 * step / 13)
        ends = [(x + radius * f * math.cos(angle), y + radius * f * math.sin(angle)) for f in (0.68, 0.86)]
        draw.line(ends, fill=ink, width=int(4 * inch))
    page.paste(ImageChops.multiply(page, seal))


def _lain(page: Picture, scan: Scan) -> Picture:
    """Turned, skewed and leaning, on the grey of the paper."""
    paper = (scan.paper,) * len(page.getbands())
    if scan.lean:
        shift = page.width * scan.lean / 2
        quad = (-shift, 0, 0, page.height, page.width, page.height, page.width + shift, 0)
        page = page.transform(page.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC, fillcolor=paper)
    if scan.skew:
        page = page.rotate(scan.skew, Image.Resampling.BICUBIC, fillcolor=paper)
    return page.rotate(90 * (scan.turned % 4), expand=True) if scan.turned % 4 else page


def _rough(page: Picture, scan: Scan, random: np.random.Generator) -> Picture:
    """Uneven light, noise and specks."""
    if not (scan.shade or scan.noise or scan.speckle):
        return page
    grey = np.asarray(page, dtype=np.float64)
    height, width = grey.shape[:2]
    shape = (height, width) + (1,) * (grey.ndim - 2)
    if scan.shade:
        slope = np.linspace(0, 1, width)[None, :] * 0.6 + np.linspace(0, 1, height)[:, None] * 0.4
        grey = grey * (1 - scan.shade * slope.reshape(shape))
    if scan.noise:
        grey = grey + random.normal(0, scan.noise, shape)
    if scan.speckle:
        dots = random.random(shape)
        grey = np.where(dots < scan.speckle / 2, 0, np.where(dots > 1 - scan.speckle / 2, 255, grey))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
