"""Divide the captures of one report into editions: what stood at which address from when to when, and what changed.

A new edition begins only when the content on the portal changed. What could not be fetched or read says nothing and
ends nothing: it neither begins an edition on an address that has one, nor moves ``last_seen``.

What a person brought in proves that it existed, never when. It is added to the edition that holds its content; where
none does it is an edition of its own, ``undated``, which no address shows, takes nobody's place and is no revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations

from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.identity.addresses import same_address
from storage.records import UNDATED, Capture, Edition

_CODES = {
    "silent": "silent_revision",
    "announced": "announced_revision",
    "returned": "former_content",
    "reshaped": "other_shape",
    UNDATED: "undated_version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVersion:
    """An attachment that the page links. ``content`` is its normalised content digest, None if not fetched or not
    readable.
    """

    url: str
    content: str | None = None
    document: str | None = None
    capture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One visit that met the report: its page (or file) and the parts fetched along.

    ``page``: the capture of the page; ``main``: digest of its document; ``content``: its normalised content digest,
    None if nothing could be read. ``parts``: every attachment the page links, fetched or not. ``cells``: a digest over
    the cells, None if there are none; ``cells_from``: the document they come from; ``shape``: its kind (html, docx …).
    ``frame``: the page says nothing but what it links. ``corrected``: the text calls itself corrected; ``days``: those
    that its metadata give, the one that it declares first. ``imported``: brought in by a person, at its fetch.
    """

    page: Capture
    main: str
    content: str | None
    parts: tuple[PartVersion, ...] = ()
    cells: str | None = None
    cells_from: str | None = None
    shape: str = ""
    frame: bool = False
    days: tuple[date, ...] = ()
    corrected: bool = False
    imported: bool = False

    @property
    def at(self) -> datetime:
        """When it was fetched."""
        return self.page.fetched_at

    @property
    def declared(self) -> date | None:
        """The date that it declares."""
        return self.days[0] if self.days else None


class _OpenEdition:
    """An edition being written; ``begun``: the version that it began with, ``former``: what stood there before, and
    when and in which capture that was met last.

    ``parts``: address → content digest, as far as known; ``at``: addresses that show it now; ``given``: the version
    that gave it its cells, ``givers``: the contents of the parts that these come from, if they come from parts;
    ``frames``: contents of pages that linked it, ``framed`` if the page that it began with was one; ``days``: those
    given last; ``redated``: they changed while the content stayed.
    """

    def __init__(self, name: str, begun: Version, change: str, predecessor: _OpenEdition | None) -> None:
        self.id, self.begun, self.change = name, begun, change
        self.track: str = begun.page.requested if predecessor is None else predecessor.track
        self.former = None if predecessor is None else (predecessor.id, predecessor.last_seen, predecessor.last)
        self.last_seen: datetime = begun.at
        self.last: str | None = begun.page.id
        self.content, self.framed = begun.content, begun.frame
        self.parts: dict[str, str | None] = {}
        self.given: Version | None = None
        self.givers = frozenset[str]()
        self.declared: date | None = None
        self.days, self.redated = tuple[date, ...](), False
        self.frames, self.at = set[str](), set[str]()
        self.captures, self.documents = dict[str, None](), dict[str, None]()

    @property
    def cells(self) -> str | None:
        """A digest over its cells."""
        return None if self.given is None else self.given.cells

    def holds(self, version: Version) -> bool:
        """Tell whether ``version`` is this content. A change is only what was read on both sides and differs."""
        if version.content is None or self.content is None:
            return version.main == self.begun.main
        if version.content == self.content or version.content in self.frames:
            return not self._replaced(version.parts)
        if version.frame and self.framed and self.givers and self.shown_by(version):
            return True
        # what the page itself said may be the content of its attachment now, or the other way round
        moved_within = version.content in self.parts.values() or self.content in {one.content for one in version.parts}
        return self.cells is not None and version.cells == self.cells and moved_within

    def leaves_open(self, version: Version) -> bool:
        """Tell whether nobody can say if ``version`` is this content: it, or a file that may hold it, was not read."""
        if version.content is None:
            return self.content is not None or not self.holds(version)
        if self.content is None or self.cells is None or version.cells is not None or self.holds(version):
            return False
        return any(part.content is None for part in version.parts)

    def shown_by(self, version: Version) -> bool:
        """Tell whether the content as a whole was met: the page, and the parts that its cells come from."""
        return self.givers <= {version.content, *(part.content for part in version.parts)}

    def _replaced(self, parts: Sequence[PartVersion]) -> bool:
        """Tell whether a part has other content, or stands under a new address in place of one that is linked no
        more.
        """
        linked = {_address(part.url) for part in parts}
        contents, own = {part.content for part in parts}, set(self.parts.values())
        fresh = [part for part in parts if part.content is not None and part.content not in own]
        if any(self.parts.get(_address(part.url)) is not None for part in fresh):
            return True
        is_link_lost = any(
            content and url not in linked and content not in contents for url, content in self.parts.items()
        )
        return is_link_lost and any(_address(part.url) not in self.parts for part in fresh)

    def add(self, version: Version, *, of_the_content: bool = True) -> None:
        """Take a capture in; what it knows of parts and cells is added where nothing was known."""
        captures = (version.page.id, *(part.capture for part in version.parts))
        documents = (version.main, *(part.document for part in version.parts))
        self.captures |= dict.fromkeys(name for name in captures if name is not None)
        self.documents |= dict.fromkeys(document for document in documents if document is not None)
        if not of_the_content:
            return
        if self.shown_by(version):
            self.last_seen, self.last = max(self.last_seen, version.at), version.page.id
        for part in version.parts:
            if part.content is not None or _address(part.url) not in self.parts:
                self.parts[_address(part.url)] = part.content
        if self.content is None:
            self.content, self.framed = version.content, version.frame
        elif version.content is not None and version.content != self.content:
            self.frames.add(version.content)
        if self.given is None and version.cells is not None:
            self.given, self.givers = version, _givers(version)
        self.declared = self.declared or version.declared
        if version.days:
            self.redated |= bool(self.days) and set(self.days).isdisjoint(version.days)
            self.days = version.days


def _givers(version: Version) -> frozenset[str]:
    """Return the contents of the parts that the cells come from; none where they are the page's own."""
    if version.cells_from is None or version.cells_from == version.main:
        return frozenset()
    sources = {part.content for part in version.parts if part.document == version.cells_from}
    every = {part.content for part in version.parts}
    return frozenset(content for content in sources or every if content is not None)


@dataclass(slots=True)
class _Stay:
    """One address showing one edition from its first to its last capture, and the runs that saw it so."""

    edition: _OpenEdition
    address: str
    first: datetime
    last: datetime
    runs: set[str]


def editions(agency: str, year: int, versions: Iterable[Version]) -> tuple[Edition, ...]:
    """Return the editions of the report of ``agency`` on ``year``, in the order of their beginning, undated ones last.

    An address and its moves (a redirect, or a new address with the same content) are one track. Different content
    at another address is a track of its own and no revision; shown at once with the first, both carry
    ``two_at_once``.
    """
    begun: list[_OpenEdition] = []
    stays: list[_Stay] = []
    now: dict[str, _Stay] = {}  # by address
    aliases: dict[str, str] = {}
    name = f"{agency}/{year}"
    for version in sorted(versions, key=lambda version: (version.imported, version.at, version.page.id)):
        if version.imported:
            _bring_in(begun, name, version)
            continue
        # the address as first met: that of the answer, else the one asked for, so that a redirect is a move
        final, requested = _address(version.page.url), _address(version.page.requested)
        address = aliases.get(final) or aliases.get(requested) or requested
        aliases.setdefault(final, address)
        aliases.setdefault(requested, address)
        stay = now.get(address)
        if stay is not None and stay.edition.leaves_open(version):
            stay.edition.add(version, of_the_content=False)
            continue
        if stay is None or not (stay.edition.content is None or stay.edition.holds(version)):
            edition = _edition_shown(begun, name, stay, version)
            if stay is not None:
                stay.edition.at.discard(address)
            edition.at.add(address)
            stay = now[address] = _Stay(edition, address, version.at, version.at, set())
            stays.append(stay)
            stay.runs.add(version.page.run)
        stay.edition.add(version)
        if stay.edition.shown_by(version):
            stay.last = max(stay.last, version.at)
            stay.runs.add(version.page.run)
    at_once: set[str] = set()
    for one, other in combinations(stays, 2):
        if _overlap(one, other) and _differ_in_substance(one.edition, other.edition):
            at_once |= {one.edition.id, other.edition.id}
    return tuple(_record(edition, agency, year, edition.id in at_once) for edition in begun)


def _bring_in(begun: list[_OpenEdition], name: str, version: Version) -> None:
    """Add what a person brought in to the edition that holds it, else begin one that no address shows."""
    holder = next((edition for edition in begun if edition.holds(version)), None)
    if holder is None:
        holder = _begin(begun, name, version, UNDATED, None)
    holder.add(version, of_the_content=holder.change == UNDATED)


def _edition_shown(begun: list[_OpenEdition], name: str, stay: _Stay | None, version: Version) -> _OpenEdition:
    """The edition that an address shows from now on: one that another address shows, a former one, or a new one."""
    same = [edition for edition in begun if edition.holds(version)]
    current = next((edition for edition in same if edition.at), None)
    if current is not None or (same and stay is None):
        return current or same[-1]
    if stay is None:
        return _begin(begun, name, version, "first", None)
    change = "returned" if same else _kind_of_change(stay.edition, version)
    return _begin(begun, name, version, change, stay.edition)


def _begin(
    begun: list[_OpenEdition], name: str, version: Version, change: str, predecessor: _OpenEdition | None
) -> _OpenEdition:
    own = f"{name}@{version.main[:12]}"
    same_named = sum(1 for edition in begun if edition.id == own or edition.id.startswith(f"{own}."))
    edition = _OpenEdition(own if not same_named else f"{own}.{same_named + 1}", version, change, predecessor)
    begun.append(edition)
    return edition


def _kind_of_change(predecessor: _OpenEdition, version: Version) -> str:
    """Announced if the text calls itself corrected or declares a later date than before; reshaped if the same figures
    are given in another kind of document, of which the text is never read quite alike; else silent.

    A date that also moves while the content stays is that of the page's making, and declares nothing.
    """
    if version.corrected:
        return "announced"
    source = predecessor.given
    if source is not None and version.cells == source.cells and version.shape != source.shape:
        return "reshaped"
    later = (
        version.declared is not None and predecessor.declared is not None and version.declared > predecessor.declared
    )
    return (
        "announced"
        if later and set(predecessor.days).isdisjoint(version.days) and not predecessor.redated
        else "silent"
    )


def _overlap(one: _Stay, other: _Stay) -> bool:
    """Tell whether two addresses showed two editions at the same time: in times that overlap, or in one run."""
    if one.address == other.address or one.edition is other.edition:
        return False
    return (one.first <= other.last and other.first <= one.last) or bool(one.runs & other.runs)


def _differ_in_substance(one: _OpenEdition, other: _OpenEdition) -> bool:
    """Tell whether they are known to differ in substance: in their cells, or in their text if neither has any."""
    if one.cells is not None or other.cells is not None:
        return one.cells is not None and other.cells is not None and one.cells != other.cells
    return one.content is not None and other.content is not None and one.content != other.content


def _record(edition: _OpenEdition, agency: str, year: int, at_once: bool) -> Edition:
    predecessor, last_seen, last = edition.former or (None, None, None)
    between: dict[str, object] = {"from": edition.begun.at, "after": next(iter(edition.captures), None)}
    findings = []
    if edition.change in _CODES:
        findings.append(finding(_CODES[edition.change], in_words(between | {"to": last_seen, "before": last})))
    if at_once:
        findings.append(finding("two_at_once", in_words(between)))
    return Edition(
        id=edition.id,
        agency=agency,
        year=year,
        track=edition.track,
        content_digest=_content_digest(edition),
        main=edition.begun.main,
        cells_from=None if edition.given is None else edition.given.cells_from,
        first_seen=edition.begun.at,
        last_seen=edition.last_seen,
        captures=tuple(edition.captures),
        documents=tuple(edition.documents),
        former=predecessor,
        former_last_seen=last_seen,
        change=edition.change,
        declared=edition.declared,
        findings=tuple(findings),
    )


def _content_digest(edition: _OpenEdition) -> str:
    """Return the digest over page and parts: the page's own where there are no parts; over the bytes' name if
    unreadable.
    """
    own = edition.content or f"bytes:{edition.begun.main}"
    parts = sorted({content for content in edition.parts.values() if content is not None})
    return own if not parts else sha256("\n".join([own, *parts]).encode()).hexdigest()


def _address(url: str) -> str:
    """An address without its scheme: from http to https nothing moves."""
    return same_address(url).partition("://")[2] or url
