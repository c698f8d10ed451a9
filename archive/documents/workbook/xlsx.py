"""Excel 2007+: the parts of the zip that the library will read, bounded, and what it leaves out of them.

The library (calamine) keeps the rectangle of a sheet from its first to its last cell in memory and gives "" for blank
cells, errors and formulas without a stored value alike. So the cells' tags are looked through beforehand.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from lxml import etree

from archive.documents.container import ContainerError, member, open_zip
from archive.documents.pages import Limits
from archive.documents.workbook.known import MAX_AREA, ROW, Known, Spot

_NAME = rb"(?:\w{1,20}:)?"
# a cell as nearly all programs write it: column, row, other attributes (with a "/" at the end if it is empty), and "</"
# if it ends at once
_USUAL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^<>]*)>(</)?')
# a cell written otherwise, or one beyond column Z or row 999: a sheet without any is no larger than it may be
_FAR = re.compile(rb'<c(?! r="[A-Z][0-9]{1,3}"|o)')
_BLANK = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>(?:</|(?<=/>))')
_ODD = re.compile(rb":c[\s>/]|<c[\t\r\n>/]")
# any other: its attributes, and "</"
_CELL = re.compile(rb"<" + _NAME + rb"c((?:\s[^<>]*)?)>(</)?")
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
_STYLE = re.compile(rb'\ss="([0-9]{1,6})"')
_ROW = re.compile(rb"<" + _NAME + rb'row\s[^<>]{0,200}?\br="([0-9]{1,7})"')
_PERCENT = (b'numFmtId="9"', b'numFmtId="10"', b"%")
_COUNT = re.compile(rb'\s(?:uniqueC|c)ount="([0-9]{1,30})"')
_INDEX = re.compile(rb'\st="s"[^<>]{0,200}>\s{0,20}<' + _NAME + rb"v>([0-9]{1,9})<")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
MAX_SHEETS = 255
MAX_STRINGS = 4_000_000  # shared strings that a part may announce: the library makes room for as many at once
MAX_SHARED = 256 << 20  # bytes that shared strings may come to in the cells that name them


def look(data: bytes, limits: Limits) -> list[Known]:
    """What is known of each sheet, in the workbook's order. Raises ContainerError.

    ``encrypted``, ``too_large``, ``truncated``, ``damaged``, ``missing``, ``kind_unsupported`` (binary .xlsb).
    """
    archive = open_zip(data)
    parts: dict[str, bytes] = {}
    left = limits.bytes
    for name in archive.namelist():
        if name.startswith("xl/") and name.endswith((".xml", ".rels")) and "/theme/" not in name:
            parts[name] = member(archive, name, left)
            left -= len(parts[name])
    if "xl/workbook.xml" not in parts:
        raise ContainerError("kind_unsupported" if "xl/workbook.bin" in archive.namelist() else "missing")
    places = _sheets(parts)
    if len(places) > MAX_SHEETS:
        raise ContainerError("too_large")
    _shared(parts)
    percents = _percent_styles(parts.get("xl/styles.xml", b""))
    return [_known(parts.get(place, b""), percents) for place in places]


def _shared(parts: dict[str, bytes]) -> None:
    """Refuse shared strings that fill the memory: more announced than can be, or long ones named by many cells."""
    sheets = [content for name, content in parts.items() if name.startswith("xl/worksheets/")]
    named = sum(content.count(b't="s"') for content in sheets)
    for name, content in parts.items():
        if not name.lower().endswith("sharedstrings.xml"):
            continue
        if any(int(count) > MAX_STRINGS for count in _COUNT.findall(content[:2_000])):
            raise ContainerError("too_large")
        strings = [len(piece) for piece in content.split(b"<si")[1:]] or [len(content)]
        if max(strings) * named > MAX_SHARED:
            told = (int(index) for sheet in sheets for index in _INDEX.findall(sheet))
            if sum(strings[index] for index in told if index < len(strings)) > MAX_SHARED:
                raise ContainerError("too_large")


def _sheets(parts: dict[str, bytes]) -> list[str]:
    """Paths of the sheets' parts in the workbook's order; what is no part that was looked at is refused."""
    targets = {e.get("Id"): e.get("Target") or "" for e in _parsed(parts.get("xl/_rels/workbook.xml.rels", b"")).iter()}
    found: list[str] = []
    for element in _parsed(parts["xl/workbook.xml"]).iter("{*}sheet"):
        identifier = next((value for name, value in element.attrib.items() if str(name).endswith("}id")), None)
        target = targets.get(identifier, "")
        path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target))
        if path not in parts:
            raise ContainerError("damaged")
        found.append(path)
    return found


def _parsed(content: bytes) -> etree._Element:
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content or not content:
        raise ContainerError("damaged")
    try:
        return etree.fromstring(content, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ContainerError("damaged") from error


def _percent_styles(content: bytes) -> set[bytes]:
    """Numbers of the cell styles that show a percentage."""
    if not any(mark in content for mark in _PERCENT):
        return set()
    root = _parsed(content)
    formats = {e.get("numFmtId") for e in root.iter("{*}numFmt") if "%" in (e.get("formatCode") or "")} | {"9", "10"}
    styles = root.find("{*}cellXfs")
    return {str(i).encode() for i, e in enumerate(styles if styles is not None else ()) if e.get("numFmtId") in formats}


def _known(content: bytes, percents: set[bytes]) -> Known:
    prefixed = {piece[:1] for piece in content.split(b":")}  # what follows the prefixes of names
    shows_percents = any(b's="%b"' % style in content for style in percents)
    if b"c" in prefixed or shows_percents or _FAR.search(content):
        known = _looked_through(content, percents)
    else:
        known = Known({(int(row) - 1) * ROW + column(letters) for letters, row in _BLANK.findall(content)})
    if b"f" in prefixed or b"<f" in content or b't="e"' in content:
        known.unsolved = _unsolved(content)
    return known


def _looked_through(content: bytes, percents: set[bytes]) -> Known:
    """What is known of a sheet by each of its cells."""
    known = Known()
    rows: set[bytes] = set()
    cols: set[bytes] = set()
    loose = 0
    for letters, row, attributes, ended in _cells(content):
        if ended or attributes[-1:] == b"/":
            if row:
                known.blank.add((int(row) - 1) * ROW + column(letters))
        elif row:
            rows.add(row)
            cols.add(letters)
        else:
            loose += 1
        if percents and row and (style := _STYLE.search(attributes)) is not None and style[1] in percents:
            known.percent.add((int(row) - 1) * ROW + column(letters))
    _bounded(content, {int(row) for row in rows}, {column(letters) for letters in cols}, loose)
    return known


def _cells(content: bytes) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """Column letters and row (both empty where a cell does not say), attributes and end of every cell's tag."""
    found: list[tuple[bytes, bytes, bytes, bytes]] = _USUAL.findall(content)
    if len(found) == content.count(b"<c ") and not _ODD.search(content):
        return found
    found = []
    for attributes, ended in _CELL.findall(content):
        place = _REFERENCE.search(attributes)
        letters, row = (place[1], place[2]) if place else (b"", b"")
        found.append((letters, row, attributes, ended))
    return found


def _bounded(content: bytes, rows: set[int], cols: set[int], loose: int) -> None:
    """Refuse a sheet whose cells lie so far apart that the rectangle around them would fill the memory.

    ``loose``: cells without a reference, which follow the one before, in their row.
    """
    if loose:
        rows = rows | {int(row) for row in _ROW.findall(content)} | {1}
        cols = cols | {0, max(cols, default=0) + loose}
    if rows and (max(rows) - min(rows) + 1) * (max(cols) - min(cols) + 1) > MAX_AREA:
        raise ContainerError("too_large")


@lru_cache(20_000)
def column(letters: bytes) -> int:
    """Column from 0 of letters A … XFD."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _unsolved(content: bytes) -> dict[Spot, str]:
    """Formulas without a stored value, and errors. A formula whose result is an empty text is blank."""
    found: dict[Spot, str] = {}
    for cell in _parsed(content).iter("{*}c"):
        formula, value, kind = cell.find("{*}f"), cell.find("{*}v"), cell.get("t")
        place = _REFERENCE.search(f' r="{cell.get("r")}"'.encode())
        stored = (value.text or "") if value is not None else ""
        if place is None or (formula is None and kind != "e"):
            continue
        if kind == "e":
            said = stored or "#ERROR!"
        elif stored or kind in ("str", "s", "inlineStr"):
            continue
        else:
            said = f"={(formula.text if formula is not None else '') or ''}"[:200]
        found[(int(place[2]) - 1) * ROW + column(place[1])] = said
    return found
