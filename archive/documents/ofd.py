"""OFD (GB/T 33190-2016) → Document: its text and path objects go through ``layout/`` as for PDF. Boxes are in mm."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pypdfium2 import PdfMatrix

from archive.documents.layout.page import MIN_IMAGE, Box, Drawing, Glyph, PageContent, Point, cut_path
from archive.documents.layout.page_joining import collect_pages
from archive.documents.model import Document, Limits, Locator, UnreadableError
from archive.documents.packages import Element, ZipParts, load_image, parse_xml

POINTS = 72 / 25.4  # per millimetre
ASCENT = 0.88  # of the font size: a character's box reaches this far above the base line, the rest is below it
MAX_OBJECTS = 100_000  # of one page
MAX_PATH = 100_000  # characters of the description of one path
DRAWN = ("TextObject", "PathObject", "ImageObject")
PATH_STEP = re.compile(r"([SMLQBAC])([^SMLQBAC]*)")
TO_POINTS = PdfMatrix(POINTS, 0.0, 0.0, POINTS)
A4 = (0.0, 0.0, 210.0, 297.0)


def open_ofd(data: bytes, limits: Limits) -> Document:
    """Read an OFD, all its documents one after the other. Raises UnreadableError, also if it has no page."""
    parts = ZipParts(data, limits.bytes)
    pages: list[tuple[_OfdBody, str]] = []
    title = ""
    main = _read_xml(parts, "ofd.xml")
    for each in main.iter("{*}DocBody") if main is not None else ():
        title = title or _text(each, "Title")
        path = _resolve(parts, "", _text(each, "DocRoot"))
        root = _read_xml(parts, path)
        if root is not None:
            body = _OfdBody(parts, posixpath.dirname(path), root)
            pages += [(body, body.resolve(one)) for one in root.iter("{*}Page")]
    if not pages:
        raise UnreadableError("missing")

    def read_page(number: int) -> PageContent | None:
        body, path = pages[number - 1]
        return body.read_page(number, path)

    return collect_pages("ofd", len(pages), read_page, title, limits)


def _read_xml(parts: ZipParts, path: str) -> Element | None:
    """Return the root element of an XML file, None if missing or damaged. Raises UnreadableError (``too_large``)."""
    try:
        return parse_xml(parts[path])[0] if path in parts else None
    except UnreadableError as error:
        if error.reason == "too_large":
            raise
        return None


def _resolve(parts: ZipParts, base: str, location: str | None) -> str:
    """Return the path of a location named in a file of folder ``base``, or "" if the package has no such file."""
    location = (location or "").strip().replace("\\", "/")
    tries = [location.lstrip("/")] if location.startswith("/") else [posixpath.join(base, location), location]
    return next((path for path in map(posixpath.normpath, tries) if path in parts), "")


class _OfdBody:
    """One document of the package, with the resources that its pages share, by ID."""

    def __init__(self, parts: ZipParts, base: str, root: Element) -> None:
        """Find templates and images that the document ``root`` names; ``base``: the folder of its file."""
        self._parts, self._base = parts, base
        self._size = _area(root.find(".//{*}PageArea")) or A4
        self._templates = {one.get("ID"): self.resolve(one) for one in root.iter("{*}TemplatePage")}
        self._images: dict[str | None, str] = {}
        for resource in root.iter("{*}PublicRes", "{*}DocumentRes"):
            path = _resolve(parts, base, resource.text)
            resources = _read_xml(parts, path)
            if resources is not None:
                folder = posixpath.join(posixpath.dirname(path), resources.get("BaseLoc") or "")
                media = resources.iter("{*}MultiMedia")
                self._images |= {one.get("ID"): _resolve(parts, folder, _text(one, "MediaFile")) for one in media}

    def resolve(self, page: Element) -> str:
        """Return the path of a page's or template's file."""
        return _resolve(self._parts, self._base, page.get("BaseLoc"))

    def read_page(self, number: int, path: str) -> PageContent | None:
        """Return a page, None if it is damaged. A page that shows only pictures is returned with its images."""
        content = _read_xml(self._parts, path)
        if content is None:
            return None
        left, top, width, height = _area(content.find(".//{*}Area")) or self._size
        reader = _PageReader(self._images)
        used = [self._templates.get(each.get("TemplateID"), "") for each in content.iter("{*}Template")]
        for root in [*(_read_xml(self._parts, template) for template in used), content]:
            if root is not None:
                reader.read(root, TO_POINTS)

        def locate(box: Box) -> Locator:
            return {"page": number, "box": [round(side / POINTS, 2) for side in box], "unit": "mm"}

        area = width * height * POINTS**2
        large = [path for path, (x0, y0, x1, y1) in reader.pictures if (x1 - x0) * (y1 - y0) > MIN_IMAGE * area]
        if large and reader.drawing.is_picture(area):
            loaded = filter(None, (load_image(self._parts, one, 0) for one in large))
            images = [replace(one, locator={"page": number}) for one in loaded]
            return PageContent(number, 0.0, locate, images=images, is_picture=True)
        frame = left * POINTS, top * POINTS, (left + width) * POINTS, (top + height) * POINTS
        return reader.drawing.place(number, frame, locate)


class _PageReader:
    """Reads what is drawn on one page; annotations and stamps are stored in other files and are left out."""

    def __init__(self, images: Mapping[str | None, str]) -> None:
        self.drawing = Drawing()
        self.pictures: list[tuple[str, Box]] = []  #: file and box of each image
        self._images = images  # file by resource ID
        self._objects = 0

    def read(self, parent: Element, outer: Any) -> None:
        """Add the visible objects of a page or layer to the drawing. ``outer``: the matrix from it to the page."""
        for item in parent:
            self._objects += 1
            if self._objects > MAX_OBJECTS:
                return
            kind = str(item.tag).rpartition("}")[2]
            if kind in ("Content", "Layer", "PageBlock"):
                self.read(item, outer)
            if kind not in DRAWN or item.get("Visible") in ("false", "0") or item.get("Alpha") == "0":
                continue
            left, top, width, height = _numbers(item.get("Boundary"), 4) or (0.0,) * 4
            matrix = PdfMatrix(*(_numbers(item.get("CTM"), 6) or ())).translate(left, top).multiply(outer)
            if kind == "TextObject":
                self._draw_text(item, matrix)
            elif kind == "PathObject":
                is_filled, is_stroked = item.get("Fill") == "true", item.get("Stroke") != "false"
                parts = cut_path(_path_steps(_text(item, "AbbreviatedData"), matrix))
                self.drawing.add_path(parts, is_filled=is_filled, is_stroked=is_stroked)
            else:
                place = matrix.on_rect(0, 0, *((1, 1) if item.get("CTM") else (width, height)))
                self.drawing.images.append(place)
                if file := self._images.get(item.get("ResourceID")):
                    self.pictures.append((file, place))

    def _draw_text(self, item: Element, matrix: Any) -> None:
        """Add the characters of a text object, each advanced by DeltaX and DeltaY or by its usual width."""
        size = _number(item.get("Size"))
        angle = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
        if size <= 0 or abs(angle - round(angle)) > 0.1:
            return  # slanted text is a watermark
        is_painted = item.get("Fill") != "false" or item.get("Stroke") == "true"
        for code in item.iter("{*}TextCode"):
            text = code.text or ""
            across, down = _steps(code.get("DeltaX"), len(text)), _steps(code.get("DeltaY"), len(text))
            x, y = _number(code.get("X")), _number(code.get("Y"))
            for number, character in enumerate(text):
                wide = size if character >= "\u2e80" or character in "“”‘’—…" else size / 2
                box: Box = matrix.on_rect(x, y - ASCENT * size, x + wide, y + (1 - ASCENT) * size)
                if not character.isspace():
                    self.drawing.glyphs.append(Glyph(character, *box, is_painted, turn=round(angle) % 4))
                x += across[number] if number < len(across) else 0.0 if down else wide
                y += down[number] if number < len(down) else 0.0


def _steps(text: str | None, count: int) -> list[float]:
    """Return the advances listed in DeltaX or DeltaY, at most ``count`` per group: "g 3 2.5" means three times 2.5."""
    steps: list[float] = []
    tokens = iter((text or "").split())
    for each in tokens:
        if each == "g":
            times, step = int(_number(next(tokens, ""))), _number(next(tokens, ""))
            steps += [step] * min(max(times, 0), count)
        else:
            steps.append(_number(each))
    return steps


def _path_steps(data: str, matrix: Any) -> Iterator[tuple[str, Point]]:
    """Yield the steps of a path for :func:`cut_path`: each command with its end point on the page."""
    for command, numbers in PATH_STEP.findall(data[:MAX_PATH]):
        values = [_number(token) for token in numbers.replace(",", " ").split()]
        point = matrix.on_point(*values[-2:]) if len(values) >= 2 else (0.0, 0.0)
        if command == "C" or len(values) >= 2:
            yield "M" if command == "S" else command, point


def _area(element: Element | None) -> Box | None:
    """Return left, top, width and height of a page, None if no box is given."""
    if element is None:
        return None
    boxes = [_numbers(_text(element, name), 4) for name in ("PhysicalBox", "ApplicationBox", "CropBox")]
    return next(((box[0], box[1], box[2], box[3]) for box in boxes if box and min(box[2:]) > 0), None)


def _text(parent: Element, name: str) -> str:
    """Return the text of the first descendant with a tag name, in any namespace; "" if there is none."""
    return (parent.findtext(".//{*}" + name) or "").strip()


def _numbers(text: str | None, count: int) -> tuple[float, ...] | None:
    """Return the numbers in a text, or None unless it consists of exactly ``count`` of them."""
    values = tuple(map(_number, (text or "").replace(",", " ").split()))
    return values if len(values) == count else None


def _number(text: str | None) -> float:
    """Return the text as a number, 0 if it is not one."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
