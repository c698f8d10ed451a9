"""The zip of an OFD: its parts by name, and XML read within bounds. Names differ in case, slashes and a leading "/"."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from xml.etree import ElementTree

from lxml import etree

from archive.documents.container import ContainerError, doubled, member, open_zip, rebuilt
from archive.documents.office_xml import without_type
from archive.documents.pages import Limits
from archive.documents.zipped import stored_name

Element = ElementTree.Element
_PAGE = re.compile(r"doc_0/pages/page_(\d{1,5})/content\.xml")
MAX_ELEMENTS = 600_000  # in one part


class Package:
    """An open OFD. ``broken`` collects the names of parts that are there but cannot be read.

    ``doubled``: names that several parts have. ``large``: sound ones, for all that is known, that pass a bound.

    ``torn``: it is cut, and these are the parts that are left; of a page that is cut nothing is kept, for what its
    cells lack would look blank.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.torn = False
        try:
            self._archive = open_zip(data)
        except ContainerError:
            self._archive, _ = rebuilt(data, limits.bytes, limits.members)
            self.torn = True
            if not self._archive.namelist():
                raise
        self.doubled = doubled(self._archive)
        self._left = limits.bytes * 2  # all parts together
        self._limit = limits.bytes
        self._names: dict[str, str] = {}
        for entry in self._archive.infolist():
            name = entry.filename
            if not name.endswith(("/", "\\")):
                stored = name if name.isascii() else stored_name(entry)  # in GBK, it may be, which no flag says
                self._names.setdefault(_normal_path(stored), name)
        self._enter_folder()
        self.broken: list[str] = []
        self.large: list[str] = []
        self.locked = False

    def _enter_folder(self) -> None:
        """Count from the folder of the only OFD.xml, where someone packed the folder and not what is in it."""
        entries = [name for name in self._names if name == "ofd.xml" or name.endswith("/ofd.xml")]
        if len(entries) == 1 and entries[0] != "ofd.xml":
            folder = entries[0].removesuffix("ofd.xml")
            inside = {name: own for name, own in self._names.items() if name.startswith(folder)}
            self._names = {name.removeprefix(folder): own for name, own in inside.items()}

    def __contains__(self, path: str) -> bool:
        return _normal_path(path) in self._names

    def names(self) -> list[str]:
        """All parts, as ``find`` knows them: lower case, forward slashes, no leading slash."""
        return list(self._names)

    def contents(self) -> list[str]:
        """The pages that lie where pages usually do, in order: for a package that lost the part that lists them."""
        found = [(int(match[1]), name) for name in self._names if (match := _PAGE.fullmatch(name))]
        return [name for _, name in sorted(found)]

    def find(self, base: str, location: str | None) -> str | None:
        """The part that ``location`` means in the folder ``base``, or None.

        Absolute from the root, else relative; some programs write one where they mean the other.
        """
        wanted = (location or "").strip()
        if not wanted or len(wanted) > 500:
            return None
        rooted = wanted.startswith(("/", "\\"))
        tries = [_normal_path(wanted), _normal_path(posixpath.join(base, wanted.lstrip("/\\").replace("\\", "/")))]
        for path in tries if rooted else reversed(tries):
            if path in self._names:
                return path
        return None

    def bytes(self, path: str) -> bytes:
        """The bytes of a part; raises ContainerError."""
        content = member(self._archive, self._names[_normal_path(path)], min(self._limit, self._left))
        self._left -= len(content)
        return content

    def xml(self, path: str | None) -> Element | None:
        """The root of an XML part, or None: missing, or noted as broken."""
        if path is None:
            return None
        try:
            return parsed(self.bytes(path))
        except ContainerError as error:
            self.locked = self.locked or error.reason == "encrypted"
            (self.large if error.reason == "too_large" else self.broken).append(path)
            return None


def _normal_path(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")


def parsed(content: bytes) -> Element:
    """XML without entities, network or DTD; what is not well-formed is mended. Raises ContainerError.

    Of the two parsers at hand the one of the standard library gives the quicker elements: a page has thousands.
    """
    if content.count(b"<") > MAX_ELEMENTS:
        raise ContainerError("too_large")
    content = without_type(content).strip(b"\x00 \r\n\t")
    if b"\x00" in content[:200]:  # UTF-16, in which an entity would have been missed
        return _parse_leniently(content)
    try:
        return ElementTree.fromstring(content)  # noqa: S314 - entities are taken out above
    except (ElementTree.ParseError, ValueError, LookupError):
        return _parse_leniently(content)


def _parse_leniently(content: bytes) -> Element:
    """As far as a document that is cut, or breaks the rules, goes; also in encodings that are Chinese."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
        if root is None:
            raise ContainerError("damaged")
        return ElementTree.fromstring(etree.tostring(root, encoding="utf-8"))  # noqa: S314 - written by the line above
    except (etree.LxmlError, ElementTree.ParseError, ValueError) as error:
        raise ContainerError("damaged") from error


def local(element: Element) -> str:
    """An element's name without its name space, which differs between editions of the standard."""
    return local_name(element.tag)


@lru_cache(4_096)
def local_name(tag: str) -> str:
    """A tag without its name space."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that name."""
    if element is not None:
        for found in element:
            if local(found) == name:
                return found
    return None


def children(element: Element | None, name: str) -> list[Element]:
    """All children of that name."""
    return [found for found in element if local(found) == name] if element is not None else []


def text_of(element: Element | None, name: str) -> str:
    """The text of the first child of that name, trimmed."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""
