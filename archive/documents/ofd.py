"""OFD → Pages: drawn rulings make tables, the rest is paragraphs, as in PDF. Pages without text are pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive.documents.container import ContainerError
from archive.documents.findings import (
    LISTED,
    TORN,
    overlaid,
    parts_doubled,
    picture_unreadable,
    seen_otherwise,
)
from archive.documents.grid import number_tables
from archive.documents.layout.continued_columns import join_parts, mark_cut_columns
from archive.documents.layout.loose_text import positioned_text
from archive.documents.layout.page_blocks import PageBlocks, page_blocks
from archive.documents.layout.page_joining import blocks_of
from archive.documents.layout.text_quality import FEW, is_readable_text
from archive.documents.layout.watermarks import without_overlaid
from archive.documents.openfixed.document import Document, PageSource, documents
from archive.documents.openfixed.drawing import BOUNDS, DrawnPage, PlacedImage, draw_page
from archive.documents.openfixed.package import Element, Package, child, children, text_of
from archive.documents.openfixed.space import POINTS, Box
from archive.documents.openfixed.strips import composed, touching_groups
from archive.documents.pages import Limits, Member, PagePlaces, Pages, Paragraph, Picture, PositionedText, Table
from archive.findings import finding, first_in_both, first_of
from storage.records import Finding, Part

Block = Paragraph | Table

_KEPT = ("Title", "Subject", "Creator", "CreationDate", "ModDate")  # the author is a person's name
_PICTURED = 0.2  # share of a page that images cover where it may be one
_WITHIN = 0.05  # share of a page's area from which an image in a page of text may hold a table
MAX_OBJECTS = 1_500_000  # drawn in one document: a template or a composite is drawn anew on each page
_UNSEEN = 0.5  # share of the characters under an image from which they are the text layer of a scan
_JBIG = (b"\x97JB2\r\n\x1a\n", b"\x00\x00\x00\x000\x00\x01")
_JPX = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_KEYS = ("encryptions.xml", "decryptseed.dat", "encryptentries.xml")


def read(data: bytes, limits: Limits) -> Pages:
    """Read an OFD. Locators: ``page`` from 1, ``box`` in mm (left, top, right, bottom), ``unit``.

    ``unreadable``: ``encrypted``, ``truncated``, ``damaged``, ``too_large``, ``missing``, ``empty``; kind ``scan`` with
    ``needs_ocr`` where all its pages are images.
    """
    try:
        package = Package(data, limits)
        bodies, meta = _entry(package)
    except ContainerError as error:
        return Pages(kind="ofd", blocks=(), unreadable=error.reason, page_count=0)
    findings: list[Finding] = parts_doubled(package.doubled)
    parts: list[Part] = []
    pages: list[tuple[DrawnPage, PageSource]] = []
    count = 0
    full = False
    for document in documents(package, bodies):
        parts += document.attachments()
        full = full or _draw(document, count, limits, findings, pages)
        count += len(document.locations)
    if count > limits.pages:
        findings.append(finding("limit_reached", bound="pages", expected=limits.pages))
    if not pages:
        large = (_too_large(package.large),) if package.large else ()
        reason = _why_not(package)
        return Pages(kind="ofd", blocks=(), meta=meta, unreadable=reason, page_count=count, findings=large)
    if package.large:
        findings.append(_too_large(package.large))
    if package.torn:
        findings.append(finding("document_damaged", case="package"))
    elif package.broken:
        names = first_of(sorted(set(package.broken)), 5, more="")
        findings.append(finding("document_damaged", case="parts", names=names))
    return _gather_pages(package, pages, meta, tuple(parts), findings, limits, count)


def _entry(package: Package) -> tuple[list[Element | None], dict[str, str]]:
    """The document bodies and what is said of the first; without OFD.xml the usual place of a document is tried."""
    root = package.xml(package.find("", "OFD.xml"))
    bodies: list[Element | None] = [*children(root, "DocBody")]
    if not bodies:
        if package.find("", "Doc_0/Document.xml") is None and not (package.torn and package.contents()):
            raise ContainerError(_why_not(package))
        return [None], {}
    info = child(bodies[0], "DocInfo")
    fields = {name.lower(): text_of(info, name)[:300] for name in _KEPT}
    return bodies, {name: value for name, value in fields.items() if value}


def _why_not(package: Package) -> str:
    if package.locked or any(name.endswith(_KEYS) for name in package.names()):
        return "encrypted"
    if package.torn:
        return "truncated"
    return "too_large" if package.large else "damaged" if package.broken else "missing"


def _draw(
    document: Document, before: int, limits: Limits, findings: list[Finding], done: list[tuple[DrawnPage, PageSource]]
) -> bool:
    """Add the pages of one document to those ``done``; whether what all documents may hold is reached."""
    characters, objects = (
        sum(drawn_page.characters for drawn_page, _ in done),
        sum(drawn_page.objects for drawn_page, _ in done),
    )
    for number, path in enumerate(document.locations[: max(0, limits.pages - before)], before + 1):
        source = document.page(path) if path is not None else None
        if source is None and path in document.package.large:
            continue  # told for all parts
        if source is None:
            findings.append(finding("document_damaged", case="pages", pages=number, count=1))
            continue
        drawn_page = draw_page(source, number)
        done.append((drawn_page, source))
        if drawn_page.unplaced:
            findings.append(finding("document_damaged", case="text_unplaced", found=TORN, page=number))
        characters += drawn_page.characters
        objects += drawn_page.objects
        if drawn_page.page.cut:
            findings.append(_page_cut(number))
            return True
        if characters > limits.characters or objects > MAX_OBJECTS:
            many = characters <= limits.characters
            bound, most = ("objects", MAX_OBJECTS) if many else ("characters", limits.characters)
            findings.append(finding("limit_reached", bound=bound, expected=most))
            return True
    return False


def _page_cut(number: int) -> Finding:
    characters, objects, levels = BOUNDS
    return finding("limit_reached", case="page", found=number, characters=characters, objects=objects, levels=levels)


def _too_large(names: Sequence[str]) -> Finding:
    """Parts that were not read for their size, or the number of elements in them."""
    shown = first_in_both(list(dict.fromkeys(name[:60] for name in names[:5])), LISTED)
    return finding("limit_reached", case="parts", found=shown[0], names=shown)


def _gather_pages(
    package: Package,
    pages: list[tuple[DrawnPage, PageSource]],
    meta: dict[str, str],
    parts: tuple[Part, ...],
    findings: list[Finding],
    limits: Limits,
    count: int,
) -> Pages:
    laid_over = without_overlaid([drawn_page.page for drawn_page, _ in pages])
    stamped = [(drawn_page.page.number, drawn_page.stamped) for drawn_page, _ in pages if drawn_page.stamped]
    if laid_over.text or stamped:
        where = sorted({*laid_over.pages, *(number for number, _ in stamped)})
        findings.append(overlaid(where, laid_over.text + "".join(text for _, text in stamped)))
    strange = [drawn_page.page.number for drawn_page, _ in pages if not is_readable_text(drawn_page.page)]
    written = [
        drawn_page.page for drawn_page, _ in pages if drawn_page.page.number not in strange and _has_text(drawn_page)
    ]
    laid = [page_blocks(page) for page in written]
    blocks = _located(blocks_of(mark_cut_columns(join_parts(laid)))) if laid else []
    if doubted := [page for page in written if page.doubted]:
        said_there = "".join(glyph.text for page in doubted for glyph in page.doubted)
        findings.append(seen_otherwise([page.number for page in doubted], said_there))
    pictures = _pictures(package, pages, {page.number for page in written}, blocks, limits, findings)
    whole = not blocks and bool(pictures)
    tables = any(isinstance(block, Table) for block in blocks)
    members = () if tables or pictures else _members(package, parts, limits)
    if strange:
        findings.append(finding("document_damaged", case="codes", pages=first_of(strange, LISTED, more="")))
    return Pages(
        kind="scan" if whole else "ofd",
        blocks=tuple(blocks),
        meta=meta,
        title=meta.get("title", ""),
        parts=parts,
        findings=tuple(findings),
        page_count=count,
        unreadable=""
        if blocks or members
        else "needs_ocr"
        if pictures or _shows_other_than_text(pages)
        else _reason_for_nothing(pages),
        pictures=tuple(pictures),
        members=members,
        positioned=_scattered(laid),
    )


def _scattered(laid: Sequence[PageBlocks]) -> PositionedText | None:
    """The places of words and figures, with locators as OFD counts them."""
    found = positioned_text(laid)
    if found is None:
        return None
    sides = _Millimetres()
    for piece in found.pieces:
        _in_millimetres(piece.locator, sides)
    return replace(found, places=_MillimetrePlaces(found.places))


@dataclass(frozen=True, slots=True)
class _MillimetrePlaces:
    """Places as OFD counts them, of those in points."""

    points: PagePlaces

    def locator(self, page: int, x0: float, y0: float, x1: float, y1: float) -> Mapping[str, object]:
        """Give page, box and unit."""
        where = dict(self.points.locator(page, x0, y0, x1, y1))
        _in_millimetres(where, _Millimetres())
        return where


def _shows_other_than_text(pages: list[tuple[DrawnPage, PageSource]]) -> bool:
    """Whether something is drawn that is not text to us: images we cannot load, characters without a code."""
    return any(drawn_page.images or drawn_page.characters >= FEW for drawn_page, _ in pages)


def _reason_for_nothing(pages: list[tuple[DrawnPage, PageSource]]) -> str:
    """What is said of pages with nothing on them: where text has no place they are not known to be empty."""
    return "damaged" if any(drawn_page.unplaced for drawn_page, _ in pages) else "empty"


def _has_text(drawn_page: DrawnPage) -> bool:
    """Whether a page has text that can be seen: more than a few characters where images cover it."""
    few = drawn_page.characters < FEW and drawn_page.page.images > _PICTURED
    return drawn_page.characters > 0 and not few and drawn_page.page.invisible <= _UNSEEN


def _located(blocks: list[Block]) -> list[Block]:
    """Blocks with their places as OFD counts them, tables numbered."""
    sides = _Millimetres()
    numbered = number_tables(blocks)
    for block in numbered:
        _in_millimetres(block.locator, sides)
        for cell in block.cells if isinstance(block, Table) else ():
            _in_millimetres(cell.locator, sides)
    return [*numbered]


class _Millimetres(dict[float, float]):
    """Points → mm; a page has few different sides of boxes."""

    def __missing__(self, side: float) -> float:
        found = self[side] = round(side / POINTS, 1)
        return found


def _in_millimetres(locator: Mapping[str, object], sides: _Millimetres) -> None:
    """Make a locator's box of points with y upwards from the page's head one of mm downwards, as OFD counts."""
    box = locator.get("box")
    if isinstance(box, list) and isinstance(locator, dict):
        left, bottom, right, top = box
        locator["box"] = [sides[left], sides[-top], sides[right], sides[-bottom]]
        locator["unit"] = "mm"


def _pictures(
    package: Package,
    pages: list[tuple[DrawnPage, PageSource]],
    written: set[int],
    blocks: list[Block],
    limits: Limits,
    findings: list[Finding],
) -> list[Picture]:
    """Images that may hold part of the report: all large ones of a page without text, large ones between text."""
    pictures: list[Picture] = []
    unknown: list[int] = []
    for drawn_page, source in pages:
        page = drawn_page.page
        area = abs((page.right - page.left) * (page.bottom - page.top))
        least = _WITHIN if page.number in written or page.images <= _PICTURED else 0.01
        for group in _groups(drawn_page, whole=page.number not in written):
            around = _joined_image(group)
            if (around.right - around.left) * (around.bottom - around.top) < least * area or _is_background(
                drawn_page, around
            ):
                continue
            paths = [source.resources.images.get(image.resource, "") for image in group]
            if not all(path in package for path in paths):
                unknown.append(page.number)
                continue
            at = _blocks_before(blocks, page.number, around)
            pieces = tuple((path, _box(image)) for path, image in zip(paths, group, strict=True))
            image = _PackageImage(package, pieces, _box(around), limits.pixels)
            pictures.append(Picture(at=at, source=image, locator={"page": page.number}))
    if unknown:
        findings.append(picture_unreadable(unknown, "missing"))
    if len(pictures) > limits.pictures:
        findings.append(finding("limit_reached", bound="images", expected=limits.pictures))
    pictures.sort(key=lambda picture: picture.at)
    return pictures[: limits.pictures]


def _groups(drawn_page: DrawnPage, *, whole: bool) -> list[list[PlacedImage]]:
    """The images of a page; as one those that touch, or all of a page that is nothing but images (``whole``).

    Images that are turned stay alone.
    """
    plain = sorted((image for image in drawn_page.images if image.upright), key=lambda image: image.order)
    turned = [[image] for image in drawn_page.images if not image.upright]
    if whole and drawn_page.page.images > _PICTURED and not turned:
        return [plain] if plain else []
    groups = [[plain[n] for n in sorted(some)] for some in touching_groups([_box(image) for image in plain])]
    return sorted([*groups, *turned], key=lambda group: (group[0].top, group[0].left))


def _joined_image(group: Sequence[PlacedImage]) -> PlacedImage:
    """One image as large as all."""
    first = group[0]
    if len(group) == 1:
        return first
    sides = zip(*map(_box, group), strict=True)
    left, top, right, bottom = (edge(side) for edge, side in zip((min, min, max, max), sides, strict=True))
    return PlacedImage(first.resource, left, top, right, bottom)


def _box(image: PlacedImage) -> tuple[float, float, float, float]:
    return image.left, image.top, image.right, image.bottom


def _is_background(drawn_page: DrawnPage, image: PlacedImage) -> bool:
    """Whether text stands on an image: a background."""
    page = drawn_page.page
    if page.turn or drawn_page.characters < FEW or page.invisible > _UNSEEN:
        return False
    over = [g for g in page.glyphs if image.left <= g.cx <= image.right and image.top <= g.cy <= image.bottom]
    return sum(len(g.text) for g in over) >= FEW


def _blocks_before(blocks: list[Block], page: int, image: PlacedImage) -> int:
    """The number of blocks that stand before an image: on pages before, or above it on its own."""
    top = image.top / POINTS
    for at, block in enumerate(blocks):
        locator = block.locator if isinstance(block, Paragraph) else block.cells[0].locator
        here, where = locator.get("page"), locator.get("box")
        if isinstance(here, int) and isinstance(where, list) and (here, where[1]) > (page, top):
            return at
    return len(blocks)


@dataclass(frozen=True, slots=True)
class _PackageImage:
    """An image of a package: the one file of ``pieces``, or what several show ``around``, each in its box in points."""

    package: Package
    pieces: tuple[tuple[str, Box], ...]
    around: Box
    pixels: int

    def load(self) -> bytes:
        """Give the file, or a bitmap of all together. Raises ValueError with a reason."""
        if len(self.pieces) == 1:
            return _image(self.package, self.pieces[0][0], pixels=self.pixels)
        files = [_image(self.package, path, pixels=self.pixels) for path, _ in self.pieces]
        return composed(files, [box for _, box in self.pieces], self.around, self.pixels)


def _image(package: Package, path: str, *, pixels: int) -> bytes:
    """The bytes of an image file; JBIG2 and JPEG 2000, which few can read, as a bitmap."""
    try:
        data = package.bytes(path)
    except ContainerError as error:
        raise ValueError(error.reason) from error
    if not data.startswith((*_JBIG, *_JPX)):
        return data
    from archive.documents.openfixed import coded_images  # noqa: PLC0415 - loads the library that decodes them

    return (coded_images.from_jbig2 if data.startswith(_JBIG) else coded_images.from_jpeg_2000)(data, pixels)


def _members(package: Package, parts: tuple[Part, ...], limits: Limits) -> tuple[Member, ...]:
    """The attached files, which may hold the report where the pages hold no table."""
    found: list[Member] = []
    for part in parts[: limits.members]:
        try:
            found.append(Member(name=part.text or part.url, data=package.bytes(part.url)))
        except ContainerError:
            package.broken.append(part.url)
    return tuple(found)
