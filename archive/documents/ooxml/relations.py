"""What a document part refers to: images that stand in the text, and documents embedded in it."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from archive.documents.container import ContainerError, member
from archive.documents.ole import Ole, is_ole
from archive.documents.ooxml.body import EmbeddedImage
from archive.documents.pages import Limits, Member, Picture

#: Inches below which an image is a seal, an emblem or a rule and no table.
_WIDE, _HIGH = 2.5, 0.7
_VECTOR = (".emf", ".wmf", ".svg", ".wdp")


def read_relations(content: bytes, folder: str) -> dict[str, str]:
    """Relation id → name of the part in the package. ``folder``: where the part that refers lies (``word/``)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    for one in root.iter("{*}Relationship") if root is not None else ():
        identifier, target = one.get("Id"), one.get("Target")
        if identifier and target and one.get("TargetMode") != "External":
            found[identifier] = posixpath.normpath(target.lstrip("/") if target.startswith("/") else folder + target)
    return found


def pictures(
    archive: zipfile.ZipFile, drawn: Iterable[EmbeddedImage], relations: Mapping[str, str], limits: Limits
) -> Iterator[Picture]:
    """The images that may hold a table: not too small, and of a format that can be recognised."""
    names = set(archive.namelist())
    for one in drawn:
        name = relations.get(one.relation, "")
        small = (0 < one.width < _WIDE) or (0 < one.height < _HIGH)
        if name in names and not small:
            yield Picture(at=one.at, source=_MemberImage(archive, name, limits.bytes), locator={"member": name})


@dataclass(frozen=True, slots=True)
class _MemberImage:
    """An image of the package, of at most ``limit`` bytes."""

    archive: zipfile.ZipFile
    name: str
    limit: int

    def load(self) -> bytes:
        """Unpack it. Raises ValueError with a reason."""
        if self.name.lower().endswith(_VECTOR):
            raise ValueError(f"vector image {self.name[-60:]}")
        try:
            return member(self.archive, self.name, self.limit)
        except ContainerError as error:
            raise ValueError(error.reason) from error


def embedded(archive: zipfile.ZipFile, names: Sequence[str], limits: Limits) -> Iterator[Member]:
    """Documents in the document, unwrapped; what cannot be inflated is left out."""
    left = limits.bytes
    for name in names[: limits.members]:
        try:
            content = member(archive, name, left)
        except ContainerError:
            continue
        left -= len(content)
        if is_ole(content) and (inner := Ole(content).stream("Package")):
            content = inner
        yield Member(name=name.rpartition("/")[2], data=content)
