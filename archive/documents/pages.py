"""What every document module gives: blocks of text and tables in reading order, each with a locator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from storage.records import LARGEST_BODY, Finding, Part

UNREAD = "\ufffc"  #: in a cell: something stands there that was not read as text; no value, and no blank either


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds a document module must keep: bytes after decompression, tables, cells, pages, nesting, characters.

    ``members``: files of a container; ``levels``: containers within each other. ``pictures``: images recognised in one
    document; ``pixels``: of one of them. ``text``: what recognising one document may cost, in pixels of lines of text
    48 high; a full page costs 20,000 to 30,000, so it is about 40 pages. Counted, not timed: the same document gives
    the same reading everywhere.
    """

    bytes: int = LARGEST_BODY
    pages: int = 200
    tables: int = 2_000
    cells: int = 200_000
    depth: int = 64
    characters: int = 4_000_000
    members: int = 200
    levels: int = 2
    pictures: int = 40
    pixels: int = 60_000_000
    text: int = 1_000_000


@dataclass(slots=True, kw_only=True)
class GridCell:
    r"""One printed cell, merged cells once. ``row``/``col`` are 0-based grid positions, spans in grid units.

    Not frozen only because thousands are made a second and freezing doubles the cost; nobody changes one.

    ``text`` keeps line breaks inside the cell as ``\n``; no other change is made to it.
    """

    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1
    text: str
    locator: Mapping[str, object] = field(default_factory=dict)


_NEW = GridCell.__new__


def grid_cell(
    row: int, col: int, text: str, locator: Mapping[str, object], rowspan: int = 1, colspan: int = 1
) -> GridCell:
    """The same as :class:`GridCell` by keywords, at half the cost: what is made hundreds of times a document."""
    cell = _NEW(GridCell)
    cell.row = row
    cell.col = col
    cell.rowspan = rowspan
    cell.colspan = colspan
    cell.text = text
    cell.locator = locator
    return cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A grid of cells. ``ruled`` is False where the columns were inferred from spacing or tabs, not from structure."""

    cells: tuple[GridCell, ...]
    rows: int
    cols: int
    ruled: bool = True
    locator: Mapping[str, object] = field(default_factory=dict)
    _texts: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def texts(self) -> frozenset[str]:
        """The different texts of its cells, a fifth of them: gathered once, as many ask what is among them."""
        if self._texts is None:
            object.__setattr__(self, "_texts", frozenset([cell.text for cell in self.cells]))
        return self._texts or frozenset()

    def by_row(self) -> list[tuple[int, list[GridCell]]]:
        """The cells that begin in each row that has any, from the top."""
        held: dict[int, list[GridCell]] = {}
        for cell in self.cells:
            held.setdefault(cell.row, []).append(cell)
        return sorted(held.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A run of text that stands on its own. ``heading`` is 1–6 where the document marks it as one, else 0.

    ``furniture``: it belongs to the page around the report (links, buttons), and to no section of it.
    ``blanks``: how many paragraphs, or lines, without anything in them stand right before it: some print a table's
    cells one below the other, blank ones too. ``link``: it is the text of a link to another page or file.
    """

    text: str
    heading: int = 0
    locator: Mapping[str, object] = field(default_factory=dict)
    furniture: bool = False
    blanks: int = 0
    link: bool = False


class UnseenError(ValueError):
    """An image on a page cannot be decoded and shows nothing; ``shown``: the page, or part of one, without it."""

    def __init__(self, shown: bytes) -> None:
        super().__init__("damaged")
        self.shown = shown


class ImageSource(Protocol):
    """Where the bytes of an image come from: a value that holds what is needed to give them."""

    def load(self) -> bytes:
        """Give an image file (PNG, JPEG, TIFF, BMP, GIF, WEBP), rendered if need be.

        Raises ``ValueError`` with a reason (``UnseenError`` holds what is seen all the same).
        """


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image file as it is stored."""

    data: bytes = field(repr=False)

    def load(self) -> bytes:
        """Give it as it is."""
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image that may hold (part of) the report and has not been recognised yet.

    It stands before block ``at`` of its document. ``locator`` is what places in it share: ``page`` from 1 (PDF, OFD,
    TIFF), ``css`` (HTML), ``member``. ``points``: width and height of the page in points where the image is a whole
    page of one (boxes are then in points of that page), else None (boxes are in pixels).
    """

    at: int
    source: ImageSource = field(compare=False)
    locator: Mapping[str, object] = field(default_factory=dict)
    points: tuple[float, float] | None = None


class PageParts(Protocol):
    """A document of which parts of pages can be drawn."""

    def part(self, page: int, box: tuple[float, float, float, float]) -> bytes:
        """Draw a box (page from 1; left, bottom, right, top in points, as locators tell it) as an image file.

        Raises ``ValueError`` with a reason.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRenderings:
    """How a document with text of its own looks: that text may tell other characters than its fonts draw.

    ``pages``: all pages, each as a picture to be recognised.
    """

    parts: PageParts = field(compare=False)
    pages: tuple[Picture, ...]


@dataclass(slots=True)
class PositionedWord:
    """Characters that stand together on a page, by their place: y downwards and counted on over all pages, in points.

    ``page`` from 1; ``locator`` as in blocks: ``page``, ``box``, and ``astray`` where it is not surely seen so.
    ``ruled``: it stands in a table of which rows and columns are ruled.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    page: int
    locator: Mapping[str, object] = field(default_factory=dict)
    ruled: bool = False

    @property
    def cy(self) -> float:
        """Middle, vertically."""
        return (self.y0 + self.y1) / 2


class PagePlaces(Protocol):
    """How places in ``PositionedText`` are told in locators."""

    def locator(self, page: int, x0: float, y0: float, x1: float, y1: float) -> Mapping[str, object]:
        """Give the locator of a box of one page, y counted as in the pieces."""


@dataclass(frozen=True, slots=True)
class PageOnlyLocator:
    """Places of which nothing but the page is told."""

    def locator(self, page: int, x0: float, y0: float, x1: float, y1: float) -> Mapping[str, object]:  # noqa: ARG002
        """Give the page."""
        return {"page": page}


@dataclass(frozen=True, slots=True)
class PositionedText:
    """What stands on the pages of a document that prints tables without rulings, from top to bottom.

    Page numbers and running heads are left out. ``across`` and ``down``: lines drawn there, as (place, start, end), y
    counted as in the pieces.
    """

    pieces: tuple[PositionedWord, ...]
    across: tuple[tuple[float, float, float], ...] = ()
    down: tuple[tuple[float, float, float], ...] = ()
    places: PagePlaces = field(compare=False, default=PageOnlyLocator())


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a container (zip, MIME): ``name`` as stored, cleaned for showing."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A document as blocks in reading order. Nothing is judged here.

    ``meta``: names lower-cased. ``title``: the container's own title (HTML <title>, document property), may mislead.
    ``parts``: attachments, embedded documents, images. ``findings``: damage met on the way (``charset_broken``,
    ``limit_reached`` …). ``unreadable``: a reason code if nothing could be read (``encrypted``, ``truncated``,
    ``needs_ocr``, ``kind_unsupported`` …), else "".
    ``pictures``: images not recognised yet, in order of ``at``; ``archive.documents.scan.fill`` puts their blocks in.
    ``recognised``: what recognising the others has cost, in the unit of ``Limits.text``.
    ``members``: the files of a container, each a document of its own. ``seen``: how a document with text looks.
    ``positioned``: places of words and figures, where a document has tables without rulings.

    Locators of recognised text carry ``confidence`` (0–1, two decimals, the lowest of its characters), and ``also`` (a
    list of texts) where a second recognition read something else. ``digits`` is how surely a figure was read that is
    doubted for its place, or for ink beside it.
    """

    kind: str
    blocks: tuple[Paragraph | Table, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    breadcrumb: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()
    page_count: int = 1
    unreadable: str = ""
    pictures: tuple[Picture, ...] = ()
    recognised: int = 0
    members: tuple[Member, ...] = ()
    seen: PageRenderings | None = None
    positioned: PositionedText | None = None
