"""Open zip packages within limits, and parse the XML in them without entities, network or document types."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from lxml import etree

from archive.documents.model import MAX_PACKAGE_FILES, MAX_RATIO, Image, UnreadableError

Element: TypeAlias = etree._Element

UNREAD = "\ufffc"  #: represents a picture or an inner table in a cell's text, so that the cell is not blank
SMALL_BYTES = 1 << 20  #: smaller files may have any compression ratio
MAX_TAGS = 600_000  #: in one XML part
_SHOWN_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def open_zip(data: bytes, max_entries: int = MAX_PACKAGE_FILES) -> zipfile.ZipFile:
    """Open a zip. Raises UnreadableError: ``truncated``, ``damaged``, ``too_large``."""
    if data.count(b"PK\x01\x02") > 20 * max_entries:
        raise UnreadableError("too_large")  # before the library allocates memory for all of them
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise UnreadableError("damaged" if b"PK\x05\x06" in data[-70_000:] else "truncated") from error
    if len(archive.filelist) > max_entries:
        raise UnreadableError("too_large")
    return archive


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Unpack one file of a zip. Raises UnreadableError: ``encrypted``, ``too_large``, ``damaged``."""
    if info.file_size > min(max_bytes, max(SMALL_BYTES, MAX_RATIO * info.compress_size)):
        raise UnreadableError("too_large")
    if info.flag_bits & 1:
        raise UnreadableError("encrypted")
    try:
        with archive.open(info) as stream:
            return stream.read(info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise UnreadableError("damaged") from error


class ZipParts(Mapping[str, bytes]):
    """The parts of a package by name, unpacked on demand; names are case-insensitive (ECMA-376 part 2)."""

    def __init__(self, data: bytes, max_bytes: int) -> None:
        """Raises UnreadableError as :func:`open_zip` does."""
        self._archive = open_zip(data)
        self._left = max_bytes
        names = ((posixpath.normpath(one.filename.replace("\\", "/")).lower(), one) for one in self._archive.filelist)
        self._entries = dict(names)

    def __getitem__(self, name: str) -> bytes:
        content = read_member(self._archive, self._entries[name.lower()], self._left)
        self._left -= len(content)
        return content

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def parse_xml(content: bytes) -> tuple[Element, bool]:
    """Parse an XML part; return its root and if it was well-formed. Raises UnreadableError: ``damaged`` (also for a
    document type, which may hide text behind entities), ``too_large``.
    """
    if content.count(b"<") > MAX_TAGS:
        raise UnreadableError("too_large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("damaged") from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("damaged")
    is_sound = not len(parser.error_log.filter_from_fatals())
    if not is_sound:
        etree.strip_elements(root, etree.Entity, with_tail=False)
    return root, is_sound


def read_relations(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """Return the relations of ``part``: relation id → name of the target part in the package."""
    folder, name = posixpath.split(part)
    rels_path = posixpath.join(folder, "_rels", f"{name}.rels")
    root = parse_xml(parts.get(rels_path, b"<none/>"))[0]
    return {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
        for one in root.iter("{*}Relationship")
        if one.get("TargetMode") != "External"
    }


def load_image(parts: Mapping[str, bytes], name: str, before: int) -> Image | None:
    """Return the image with this name in the package, None if it is a vector drawing or cannot be unpacked.
    ``before``: the index of the block that it stands before, as in :class:`Image`.
    """
    if name not in parts or not name.lower().endswith(_SHOWN_IMAGES):
        return None
    try:
        return Image(before, parts[name], {"member": name})
    except UnreadableError:
        return None
