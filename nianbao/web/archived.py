"""Show documents of portals safely: captured pages made harmless, a table around a cell, a page of a PDF or a scan.

A page is made harmless by removing scripts, forms, frames and all that is loaded from other addresses.

The response also has a policy that forbids running and loading anything, and is shown alone or in a frame without
rights. Pages of ours show an excerpt, as text, of the table around a cell. Cleaning runs in a child process with limits
on CPU time and memory; a page that exceeds them is shown as text.
"""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, TypedDict

from lxml import etree, html
from lxml_html_clean import Cleaner
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive.documents.charset import decode
from archive.documents.html import open_html
from archive.documents.model import Limits, Table, TableCell, find_cell
from nianbao.messages import LANGUAGES, say
from nianbao.web.confined_work import BusyError, ConfinedWork, CostlyError
from storage.errors import CodedError

_ROWS_AROUND, _COLUMNS_AROUND = 1, 1  # on either side of the cell in an excerpt: more does not fit a phone
_MAX_CELL_CHARS = 40
MAX_BYTES_CLEANED = 8_000_000  #: larger pages are shown as text
_MAX_RESULT_BYTES = 4_000_000  # size of a cleaned page: the server may be sending many at once
MAX_TEXT_CHARS = 500_000  #: characters of a page shown as text
_KEPT_RESULTS = 32  # results kept in memory
_MAX_KEPT_BYTES = 1_000_000  # larger results are not kept
CLEANING = ConfinedWork(cpu_seconds=5, memory=1 << 29, seconds=20)
MAX_BYTES_DRAWN = 32_000_000  #: larger documents are not drawn
_PIXELS = 1_400_000  # of the whole page
_ABOVE, _BELOW = 360, 160  # pixels shown above and below the marked cell
_RED = (179, 38, 30)
_DRAWING = ConfinedWork(cpu_seconds=20, memory=1 << 31, seconds=20)
CELL = "nianbao-cell"  #: id of the cell that is highlighted in a page

#: removes by default scripts, handlers, comments, ``<link>``, forms, frames and embedded objects, and these tags:
_CLEANER = Cleaner(
    page_structure=False,
    kill_tags=("img", "base", "svg", "math", "audio", "video", "source", "picture", "template", "noscript"),
)
_MARK = (
    f"#{CELL}{{outline:4px solid #b3261e!important;outline-offset:2px;"
    "background:#fff3a8!important;color:#000!important}"
)


class ExcerptCell(TypedDict):
    """A cell of an excerpt. ``head``: ``row`` (label), ``col`` (heading) or ""; ``is_marked``: the cell at ``css``."""

    text: str
    rowspan: int
    colspan: int
    head: str
    is_marked: bool


_Result = bytes | CostlyError
_RESULTS: OrderedDict[tuple[str, str, str | None], _Result] = OrderedDict()  # key: work, digest of the page, selector


def harmless(digest: str, read_beginning: Callable[[int], bytes], css: str | None = None) -> str | None:
    """Return a page of a portal as harmless HTML, as text if cleaning it costs too much, or None if it is not HTML.

    ``digest``: SHA-256 of the page, under which the result is kept in memory. ``read_beginning(size)``: returns up to
    ``size`` first bytes of the page; called only if the result is not in memory and a child process is free.
    ``css``: selector of a cell, from a locator; the cell is highlighted and gets the id :data:`CELL`.
    Raises the errors of ``read_beginning``.
    """
    try:
        return _cleaned("clean_page", digest, read_beginning, css).decode() or None
    except (BusyError, TimeoutError):
        reason = "capture.text_busy"
    except CostlyError as error:
        reason = "capture.text_large" if error.args else "capture.text_costly"
    reasons = "".join(f"<p>{escape(say('web', lang, reason))}</p>" for lang in LANGUAGES)
    text = decode(read_beginning(4 * MAX_TEXT_CHARS)).text[:MAX_TEXT_CHARS]
    return f'<!doctype html><meta charset="utf-8">{reasons}<pre>{escape(text)}</pre>'


def excerpt(digest: str, read_beginning: Callable[[int], bytes], css: str) -> list[list[ExcerptCell]]:
    """Return the rows of a captured table around the cell at ``css``; [] if there are none, or cutting costs too much.

    Raises the errors of ``read_beginning``.
    """
    try:
        rows: list[list[ExcerptCell]] = json.loads(_cleaned("cut_excerpt", digest, read_beginning, css))
    except (BusyError, CostlyError, TimeoutError):
        return []
    return rows


def _cleaned(work: str, digest: str, read_beginning: Callable[[int], bytes], css: str | None) -> bytes:
    """Return what ``work``, the name of a function, makes of a page in a child process, or the result kept from before.

    ``digest``: SHA-256 of the page; ``css``: selector of a cell, None for none. Raises CostlyError (its argument is the
    page's size, if that is the reason), BusyError and TimeoutError.
    """
    key = work, digest, css
    if (result := _RESULTS.get(key)) is None:
        with CLEANING.slot():
            if (result := _RESULTS.get(key)) is None:
                result = _work_in_child(work, css, read_beginning(MAX_BYTES_CLEANED + 1))
                if isinstance(result, CostlyError) or len(result) <= _MAX_KEPT_BYTES:
                    _RESULTS[key] = result
                while len(_RESULTS) > _KEPT_RESULTS:
                    _RESULTS.popitem(last=False)
    if isinstance(result, CostlyError):
        raise result
    return result


def _work_in_child(work: str, css: str | None, data: bytes) -> _Result:
    """Return what the child process makes of a page and the cell at ``css``, or CostlyError if that costs too much."""
    if len(data) > MAX_BYTES_CLEANED:
        return CostlyError(len(data))
    try:
        return CLEANING.run(f"nianbao.web.archived:{work}", css, data)
    except CostlyError as error:
        return error


def clean_page(data: bytes, css: str | None) -> bytes:
    """Return the cleaned page, the cell at ``css`` marked, or b"" if it is not HTML. Runs in the child process."""
    result = _clean_page(decode(data).text, css).encode("utf-8", "replace")
    if len(result) > _MAX_RESULT_BYTES:
        raise CostlyError
    return result


def _clean_page(text: str, css: str | None) -> str:
    """Return a captured page without scripts and links, the element at ``css`` highlighted; "" if it is unreadable."""
    if not text.strip():
        return ""
    page = LexborHTMLParser(text)  # the parser of our reader: selectors in locators fit its tree
    is_marked = css is not None and _mark(page, css)
    source = (page.html or "").encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(source, parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    _CLEANER(tree)
    for element in tree.iter("a"):
        for name in ("href", "target", "ping"):
            element.attrib.pop(name, None)
    if is_marked:
        etree.SubElement(tree, "style").text = _MARK
    body: str = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return body


def _mark(page: LexborHTMLParser, css: str) -> bool:
    """Give the element at ``css`` the id :data:`CELL`; return False if there is none or more than one."""
    try:
        cells = page.css(css)
    except SelectolaxError:  # ``css`` is not a valid selector
        return False
    if len(cells) == 1:
        for other in page.css(f"#{CELL}"):
            del other.attrs["id"]
        cells[0].attrs["id"] = CELL
    return len(cells) == 1


def cut_excerpt(data: bytes, css: str) -> bytes:
    """Return as JSON the rows of the excerpt around the cell at ``css``, [] without one. Runs in the child process."""
    cell = find_cell(open_html(data, Limits(images=0)), {"css": css})
    return json.dumps([] if cell is None else _cut(*cell)).encode()


def _cut(table: Table, marked: TableCell) -> list[list[ExcerptCell]]:
    """Return the part of a table with the rows and columns next to a cell, its headings above and its labels left.

    Columns left out beside each other are one column of "…", so that nobody adds up a part of a row.
    """
    top, first_col, bottom, right = marked.row, marked.col, marked.row + marked.rowspan, marked.col + marked.colspan
    table_width = max(cell.col + cell.colspan for cell in table.cells)
    headings: set[int] = set()
    labels: set[int] = set()
    for cell in table.cells:
        if not any(map(str.isalpha, cell.text)) or cell.colspan == table_width:
            continue
        if cell.row + cell.rowspan <= top and cell.col < right and first_col < cell.col + cell.colspan:
            headings.update(range(cell.row, cell.row + cell.rowspan))
        elif cell.col + cell.colspan <= first_col and cell.row < bottom and top < cell.row + cell.rowspan:
            labels.update(range(cell.col, cell.col + cell.colspan))
    rows = sorted(headings.union(range(top - _ROWS_AROUND, bottom + _ROWS_AROUND)))
    nearby = labels.union(range(first_col - _COLUMNS_AROUND, right + _COLUMNS_AROUND))
    gaps = {column for column in range(table_width) if column not in nearby and column - 1 in nearby}
    columns = nearby | gaps
    cells_of_row: dict[int, list[tuple[int, ExcerptCell]]] = {}
    for cell in table.cells:
        own = [number for number in rows if cell.row <= number < cell.row + cell.rowspan]
        across = [number for number in columns if cell.col <= number < cell.col + cell.colspan]
        if own and across:
            short = cell.text if len(cell.text) <= _MAX_CELL_CHARS else cell.text[: _MAX_CELL_CHARS - 1] + "…"
            short = "…" if gaps.issuperset(across) else short
            head = "col" if headings.issuperset(own) else "row" if labels.issuperset(across) else ""
            one = ExcerptCell(
                text=short, rowspan=len(own), colspan=len(across), head=head if short else "", is_marked=cell is marked
            )
            cells_of_row.setdefault(own[0], []).append((cell.col, one))
    return [[one for _, one in sorted(cells_of_row[row], key=lambda pair: pair[0])] for row in sorted(cells_of_row)]


# ---------------------------------------------------------------------------------------------- pictures of pages


class NotDrawnError(CodedError, ValueError):
    """The page cannot be drawn; the code says why."""


def can_be_drawn(locator: Mapping[str, object]) -> bool:
    """True if a locator has a box on a page that can be drawn: in points or pixels, and not in a file within a file."""
    box = locator.get("box")
    return isinstance(box, (list, tuple)) and len(box) == 4 and locator.get("unit") != "mm" and "part" not in locator


def page_picture(read_document: Callable[[int], bytes], locator: Mapping[str, object], *, whole: bool = False) -> bytes:
    """Return a WebP of the part of a page around a locator's box, or of the whole page, with the box marked.

    ``read_document`` (given the most bytes to read) is called once a child process is free. Raises NotDrawnError and
    the errors of ``read_document``.
    """
    place = {name: locator[name] for name in ("page", "box", "unit") if name in locator}
    try:
        with _DRAWING.slot():
            document = read_document(MAX_BYTES_DRAWN + 1) if can_be_drawn(locator) else b""
            if not 0 < len(document) <= MAX_BYTES_DRAWN:
                raise NotDrawnError(code="picture.no_document")
            return _DRAWING.run("nianbao.web.archived:draw", {**place, "whole": whole}, document)
    except (BusyError, TimeoutError, CostlyError) as error:
        code = {BusyError: "picture.busy", TimeoutError: "picture.too_long"}.get(type(error), "picture.not_drawn")
        raise NotDrawnError(code=code) from None


def draw(document: bytes, place: Mapping[str, Any]) -> bytes:
    """Draw the picture in the child process. ``place``: ``page``, ``box`` and ``unit`` of a locator, and ``whole``."""
    from PIL import Image, ImageDraw, ImageOps  # noqa: PLC0415 - only the child process needs these

    from archive.documents.pdf import draw_page  # noqa: PLC0415

    box = [float(side) for side in place["box"]]
    if place.get("unit") == "px":
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(document))).convert("RGB")  # like our reader
        scale = min(1.0, (_PIXELS / (picture.width * picture.height)) ** 0.5)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BOX)
        box = [side * scale for side in box]
    else:
        image, (*box,) = draw_page(document, int(place.get("page", 1)), _PIXELS, box)
        picture = Image.open(io.BytesIO(image))
    x_min, y_min, x_max, y_max = map(round, box)
    ImageDraw.Draw(picture).rectangle((x_min - 4, y_min - 4, x_max + 4, y_max + 4), outline=_RED, width=3)
    if not place["whole"]:
        picture = picture.crop((0, max(0, y_min - _ABOVE), picture.width, min(picture.height, y_max + _BELOW)))
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=60)
    return output.getvalue()
