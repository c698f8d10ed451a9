"""The zip of an Excel 2007+ workbook, within bounds: its sheets in their order, its shared texts, its cell styles."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from archive.documents.container import ContainerError, Members, rebuilt
from archive.documents.office_xml import without_type
from archive.documents.pages import Limits
from archive.documents.runs import Run, printed
from archive.documents.workbook.formats import (
    Decimals,
    NumberFormat,
    as_run,
    looks,
    mutes,
    special,
    strikes,
    struck,
    white_rules,
    whitens,
    whites,
)
from archive.documents.workbook.patterns import Pattern

MAX_SHEETS = 255
MAX_TAGS = 4_000_000  # of one part
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
_TOLERANT = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8", recover=True)
_TRIMMED = " \t\r\n"
_ESCAPED = re.compile(r"_x00([0-9A-Fa-f]{2})_")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SHARED = "xl/sharedstrings.xml"
_WORKSHEET = re.compile(r"xl/worksheets/sheet(\d{1,4})\.xml")


@dataclass(slots=True)
class Workbook:
    """A workbook. ``sheets``: name, part and whether it shows, of each worksheet; ``strings``: shared texts by number.

    ``torn``: the package is cut, and these are what is left of it; what it lacks is not known to be blank.
    A text's number is written as the cells write it. ``looks``: styles that show a number as something else;
    ``struck``: styles that cross out what is in the cell; ``crossed``: what is crossed out in shared texts, by number.
    ``decimals``: how many each style shows; ``white``: styles that print white on white, ``white_rules``:
    formats of conditional rules that do. ``doubled``: names that several parts have.
    ``left``: sheets behind those that are read.
    """

    sheets: list[tuple[str, bytes, bool]]
    strings: Mapping[str, str]
    looks: Mapping[str, NumberFormat | Pattern]
    struck: frozenset[str]
    since_1904: bool
    decimals: Decimals = field(default_factory=lambda: Decimals(b""))
    crossed: Mapping[str, str] = field(default_factory=dict)
    white: frozenset[str] = frozenset()
    white_rules: frozenset[str] = frozenset()
    torn: bool = False
    doubled: tuple[str, ...] = ()
    left: int = 0


def opened(data: bytes, limits: Limits) -> Workbook:
    """Open a workbook. Raises ContainerError.

    ``encrypted``, ``too_large``, ``truncated``, ``damaged``, ``missing``, ``kind_unsupported`` (binary .xlsb).
    """
    try:
        parts = _Parts(Members(data), limits.bytes)
    except ContainerError as error:
        return _salvaged_workbook(data, limits, error)
    names = parts.names
    if "xl/workbook.xml" not in names:
        raise ContainerError("kind_unsupported" if "xl/workbook.bin" in names else "missing")
    root = parsed(parts.read("xl/workbook.xml"))
    places = _sheets(root, parsed(parts.read("xl/_rels/workbook.xml.rels")))
    many, places = len(places), places[:MAX_SHEETS]
    if any(path not in names for _, path, _ in places):
        raise ContainerError("damaged")
    shared = next((name for name in names if name.lower() == _SHARED), "")
    texts = parts.read(shared) if shared else b""
    styles = parts.read("xl/styles.xml") if "xl/styles.xml" in names else b""
    properties = next(root.iterchildren("{*}workbookPr"), None)
    shapes = looks(parsed(styles)) if special(styles) else {}
    return Workbook(
        sheets=[(name, parts.read(path), shows) for name, path, shows in places],
        strings=_strings(texts) if shared else {},
        looks=shapes,
        struck=struck(parsed(styles)) if b"strike" in styles else frozenset(),
        since_1904=properties is not None and properties.get("date1904") in {"1", "true"},
        decimals=Decimals(styles),
        crossed=_crossed(texts) if b"strike" in texts else {},
        white=(whites(parsed(styles)) if whitens(styles) else frozenset()) | _mute(shapes),
        white_rules=white_rules(parsed(styles)) if b"<dxf>" in styles and whitens(styles) else frozenset(),
        doubled=parts.doubled,
        left=many - len(places),
    )


def _mute(shapes: Mapping[str, NumberFormat | Pattern]) -> frozenset[str]:
    """The styles under which texts are not seen: no more than in white."""
    return frozenset([style for style, look in shapes.items() if mutes(look)])


def _salvaged_workbook(data: bytes, limits: Limits, error: ContainerError) -> Workbook:
    """What is left of a package that lost its directory: its sheets, by their names where nothing tells their order."""
    archive, _ = rebuilt(data, limits.bytes, limits.members)
    held = {name: archive.read(name) for name in archive.namelist()}
    found = sorted((int(match[1]), name) for name in held if (match := _WORKSHEET.fullmatch(name)))
    places = [(f"sheet{number}", name, True) for number, name in found[:MAX_SHEETS]]
    root = _soundly(held.get("xl/workbook.xml", b""))
    relations = _soundly(held.get("xl/_rels/workbook.xml.rels", b""))
    if root is not None and relations is not None:
        places = [place for place in _sheets(root, relations) if place[1] in held][:MAX_SHEETS]
    if not places:
        raise error
    styles = _soundly(held.get("xl/styles.xml", b""))
    properties = next(root.iterchildren("{*}workbookPr"), None) if root is not None else None
    shared = next((held[name] for name in held if name.lower() == _SHARED), b"")
    texts = [string(si) for si in salvaged(shared)[0].iterchildren("{*}si")] if shared else []
    return Workbook(
        sheets=[(name, held[path], shows) for name, path, shows in places],
        strings={str(number): text for number, text in enumerate(texts)},
        looks=looks(styles) if styles is not None else {},
        struck=struck(styles) if styles is not None else frozenset(),
        since_1904=properties is not None and properties.get("date1904") in {"1", "true"},
        decimals=Decimals(held.get("xl/styles.xml", b"")),
        crossed=_crossed(shared) if b"strike" in shared else {},
        white=whites(styles) if styles is not None else frozenset(),
        white_rules=white_rules(styles) if styles is not None else frozenset(),
        torn=True,
    )


def _soundly(content: bytes) -> etree._Element | None:
    """A lesser part of a package that is cut, where it is whole."""
    try:
        return parsed(content)
    except ContainerError:
        return None


class _Parts:
    """The members of a zip, within ``limit`` bytes all together."""

    def __init__(self, members: Members, limit: int) -> None:
        self._members = members
        self._left = limit
        self.names, self.doubled = members.names, members.doubled

    def read(self, name: str) -> bytes:
        content = self._members.read(name, self._left)
        self._left -= len(content)
        return content


def parsed(content: bytes) -> etree._Element:
    """XML without entities. Raises ContainerError(``damaged`` or ``too_large``)."""
    root = _parsed(content, _PARSER)
    if root is None:
        raise ContainerError("damaged")
    return root


def salvaged(content: bytes) -> tuple[etree._Element, bool]:
    """The same of XML that may be broken, as far as it goes, and whether it is."""
    root = _parsed(content, _PARSER)
    torn = root is None
    root = _parsed(content, _TOLERANT) if root is None else root
    if root is None:
        raise ContainerError("damaged")
    return root, torn


def _parsed(content: bytes, parser: etree.XMLParser) -> etree._Element | None:
    if not content:
        raise ContainerError("damaged")
    content = without_type(content)
    if content.count(b"<") > MAX_TAGS:
        raise ContainerError("too_large")
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _sheets(workbook: etree._Element, relations: etree._Element) -> list[tuple[str, str, bool]]:
    """Name and path of each worksheet in the workbook's order, and whether it shows; charts are none."""
    targets = {e.get("Id"): (e.get("Target") or "", e.get("Type") or "") for e in relations.iter("{*}Relationship")}
    found: list[tuple[str, str, bool]] = []
    for element in workbook.iter("{*}sheet"):
        identifier = next((value for name, value in element.attrib.items() if str(name).endswith("}id")), None)
        target, kind = targets.get(identifier, ("", ""))
        path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target))
        if not kind.endswith(("/chartsheet", "/dialogsheet")):
            found.append((element.get("name") or "", path, element.get("state", "visible") == "visible"))
    return found


def _strings(content: bytes) -> dict[str, str]:
    """The shared texts by their number."""
    return {str(number): string(si) for number, si in enumerate(parsed(content).iterchildren("{*}si"))}


def _crossed(content: bytes) -> dict[str, str]:
    """What is crossed out in the shared texts, by their number."""
    texts = salvaged(content)[0].iterchildren("{*}si")
    return {str(number): said for number, si in enumerate(texts) if (said := crossed_out(si))}


def string(holder: etree._Element) -> str:
    """The text of a shared or inline string: what its runs print, without how it is pronounced."""
    runs: list[Run] = []
    for t in holder.iter("{*}t"):
        run = t.getparent()
        text = "".join(t.itertext())
        if not text or run is None or etree.QName(run).localname == "rPh":
            continue
        text = _meant(text if t.get(_SPACE) == "preserve" else text.strip(_TRIMMED))
        properties = run.find("{*}rPr")
        runs.append(Run(text) if properties is None else as_run(text, properties))
    return printed(runs, in_cell=True).text


def crossed_out(holder: etree._Element) -> str:
    """The text of the runs of a shared or inline string that are crossed out."""
    runs = (run for run in holder.iter("{*}r") if (look := run.find("{*}rPr")) is not None and strikes(look))
    return "".join("".join(t.itertext()) for run in runs for t in run.iter("{*}t")).strip()


def _meant(text: str) -> str:
    """Characters that are written as ``_x000D_``, and ends of lines in one way."""
    if "_x00" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
