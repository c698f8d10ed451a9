"""OFD.xml → the documents in it → their pages, each with what it takes from templates, areas and resources."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from archive.documents.container import ContainerError
from archive.documents.openfixed.opaque import is_opaque
from archive.documents.openfixed.package import Element, Package, child, children, local, text_of
from archive.documents.openfixed.space import NO, YES, box
from storage.records import Part

_OPAQUE = (".jpg", ".jpeg", ".jb2", ".jbig2", ".tif", ".tiff", ".bmp", ".jp2")  # no scanner makes these transparent
_LOOKED = 200  # images of a document of which it is found out whether they are opaque
_A4 = (0.0, 0.0, 210.0, 297.0)


@dataclass(slots=True)
class Resources:
    """By id: ``images`` → path of the image file (or the name that is missing); ``composites`` → element."""

    images: dict[str, str] = field(default_factory=dict)
    composites: dict[str, Element] = field(default_factory=dict)


@dataclass(slots=True)
class PageSource:
    """A page not yet drawn. ``roots``: its templates in the background, the page itself, templates in front.

    ``notes``: kind and appearance of each annotation that lies over it.
    """

    roots: list[Element]
    size: tuple[float, float, float, float]
    resources: Resources
    opaque: Callable[[str], bool]  # whether an image file hides what lies beneath it
    notes: list[tuple[str, Element]] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """One document of the package."""

    base: str
    root: Element
    package: Package
    resources: Resources = field(default_factory=Resources)
    size: tuple[float, float, float, float] = _A4
    _templates: dict[str, tuple[str, Element] | None] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)  # of the templates, by id
    _notes: dict[str, list[tuple[str, Element]]] | None = None  # by page
    _hiding: dict[str, bool] = field(default_factory=dict)  # image files that were looked at

    def __post_init__(self) -> None:
        common = child(self.root, "CommonData")
        for template in children(common, "TemplatePage"):
            self._places.setdefault(template.get("ID") or "", template.get("BaseLoc") or "")
        self.size = _area(child(common, "PageArea")) or _A4
        for name in ("PublicRes", "DocumentRes"):
            for element in children(common, name):
                self._load(self.package.find(self.base, element.text), self.resources)

    @property
    def locations(self) -> list[str | None]:
        """Where the pages lie, in order."""
        pages = child(self.root, "Pages")
        return [self.package.find(self.base, page.get("BaseLoc")) for page in children(pages, "Page")]

    def page(self, path: str) -> PageSource | None:
        """The page at ``path``; None if it cannot be read."""
        root = self.package.xml(path)
        if root is None:
            return None
        behind: list[Element] = []
        before: list[Element] = []
        size = _area(child(root, "Area"))
        own = [(path, element) for element in children(root, "PageRes")]
        for used in children(root, "Template"):
            template = self._template(used.get("TemplateID") or "")
            if template is None:
                continue
            place, drawn = template
            size = size or _area(child(drawn, "Area"))
            own += [(place, element) for element in children(drawn, "PageRes")]
            (before if used.get("ZOrder") == "Foreground" else behind).append(drawn)
        resources = self.resources
        if own:
            resources = Resources(dict(resources.images), dict(resources.composites))
            for page, element in own:
                found = self.package.find(posixpath.dirname(page), element.text)
                self._load(found or self.package.find(self.base, element.text), resources)
        return PageSource([*behind, root, *before], size or self.size, resources, self.hides, self._noted(path))

    def _noted(self, path: str) -> list[tuple[str, Element]]:
        """Kind and appearance of the visible annotations of a page (GB/T 33190-2016, 15.2)."""
        if self._notes is None:
            self._notes = dict(self._annotated())
        return self._notes.get(path, [])

    def _annotated(self) -> Iterator[tuple[str, list[tuple[str, Element]]]]:
        listing = self.package.find(self.base, text_of(self.root, "Annotations"))
        own = children(child(self.root, "Pages"), "Page")
        pages = {page.get("ID"): self.package.find(self.base, page.get("BaseLoc")) for page in own}
        for page in children(self.package.xml(listing), "Page"):
            path, location = pages.get(page.get("PageID")), text_of(page, "FileLoc")
            place = self.package.find(posixpath.dirname(listing or ""), location) or self.package.find(
                self.base, location
            )
            shown = [
                (note.get("Type") or "", appearance)
                for note in children(self.package.xml(place), "Annot")
                if note.get("Visible") not in NO
                for appearance in children(note, "Appearance")
            ]
            if path is not None and shown:
                yield path, shown

    def hides(self, path: str) -> bool:
        """Whether an image file hides what lies beneath it. False where that is not certain."""
        if path.lower().endswith(_OPAQUE):
            return True
        if path not in self._hiding:
            self._hiding[path] = len(self._hiding) < _LOOKED and path in self.package and self._looks_opaque(path)
        return self._hiding[path]

    def _looks_opaque(self, path: str) -> bool:
        try:
            return is_opaque(self.package.bytes(path))
        except ContainerError:
            return False

    def attachments(self) -> list[Part]:
        """Files that the document carries, as parts; ``url`` is the part's path in the package."""
        path = self.package.find(self.base, text_of(self.root, "Attachments"))
        parts: list[Part] = []
        for element in children(self.package.xml(path), "Attachment"):
            place = self.package.find(posixpath.dirname(path or ""), text_of(element, "FileLoc"))
            place = place or self.package.find(self.base, text_of(element, "FileLoc"))
            name = (element.get("Name") or "")[:200]
            if place is not None:
                parts.append(Part(kind="attachment", url=place[:300], text=name))
        return parts[:200]

    def _template(self, identifier: str) -> tuple[str, Element] | None:
        """Where a template page lies, and its root: read once for all pages that use it."""
        if identifier not in self._templates:
            path = self.package.find(self.base, self._places.get(identifier)) if identifier else None
            root = self.package.xml(path)
            self._templates[identifier] = (path, root) if path is not None and root is not None else None
        return self._templates[identifier]

    def _load(self, path: str | None, into: Resources) -> None:
        root = self.package.xml(path)
        if root is None or path is None:
            return
        here = posixpath.dirname(path)
        inner = posixpath.join(here, (root.get("BaseLoc") or "").replace("\\", "/").strip())
        for group in root:
            kind = local(group)
            if kind == "MultiMedias":
                for media in children(group, "MultiMedia"):
                    self._media(media, inner, here, into)
            elif kind == "CompositeGraphicUnits":
                for unit in group:
                    into.composites[unit.get("ID") or ""] = unit

    def _media(self, media: Element, inner: str, here: str, into: Resources) -> None:
        if media.get("Type", "Image").lower() != "image":
            return
        name = text_of(media, "MediaFile")
        tries = (self.package.find(folder, name) for folder in (inner, here, self.base))
        into.images[media.get("ID") or ""] = next((place for place in tries if place), name)


def _area(element: Element | None) -> tuple[float, float, float, float] | None:
    for name in ("PhysicalBox", "ApplicationBox", "CropBox"):
        found = box(text_of(element, name)) if element is not None else None
        if found and 5 < found[2] < 20_000 and 5 < found[3] < 20_000:
            return found
    return None


def documents(package: Package, bodies: list[Element | None]) -> Iterator[Document]:
    """The documents of a package, each once, in order: the current version, else DocRoot, else the usual place."""
    visited: set[str] = set()
    for number, body in enumerate(bodies):
        path = _current(package, body) or package.find("", text_of(body, "DocRoot"))
        path = path or package.find("", f"Doc_{number}/Document.xml")
        if path is None and package.torn and not visited:
            yield Document("doc_0", _assumed(package), package)
            return
        if path is None or path in visited:
            continue
        visited.add(path)
        root = package.xml(path)
        if root is not None:
            yield Document(posixpath.dirname(path), root, package)


def _assumed(package: Package) -> Element:
    """The root of a document whose own was cut off: its pages and resources where they usually lie."""
    root = ElementTree.Element("Document")
    common = ElementTree.SubElement(root, "CommonData")
    for name in ("PublicRes", "DocumentRes"):
        ElementTree.SubElement(common, name).text = f"{name}.xml"
    pages = ElementTree.SubElement(root, "Pages")
    for path in package.contents():
        ElementTree.SubElement(pages, "Page", BaseLoc="/" + path)
    return root


def _current(package: Package, body: Element | None) -> str | None:
    """The root of the version that counts, where a document has versions and says which (GB/T 33190-2016, 16)."""
    for version in children(child(body, "Versions"), "Version"):
        if version.get("Current") in YES:
            path = package.find("", version.get("BaseLoc"))
            root = text_of(package.xml(path), "DocRoot")
            return package.find(posixpath.dirname(path or ""), root) or package.find("", root)
    return None
