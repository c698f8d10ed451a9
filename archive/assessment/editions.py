"""Divide the captures of one report into editions: what stood at which address from when to when, and what changed.

A new edition begins only when the content on the portal changed. What could not be fetched or read says nothing and
ends nothing: it neither begins an edition on an address that has one, nor moves ``last_seen``.

What a person brought in proves that it existed, never when. It is added to the edition that holds its content; where
none does it is an edition of its own, ``undated``, which no address shows, takes nobody's place and is no revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations
from urllib.parse import urlsplit

from archive.assessment.sentences import in_words
from archive.findings import finding
from storage.records import UNDATED, Edition, Finding


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

    ``requested`` is the address asked for, ``url`` that of the answer. ``main``: digest of the page's document;
    ``content``: its normalised content digest, None if nothing could be read. ``parts``: every attachment the page
    links, fetched or not. ``cells``: a digest over the cells, None if there are none; ``cells_from``: the document
    they come from; ``shape``: its kind (html, docx …). ``frame``: the page says nothing but what it links.
    ``corrected``: the text calls itself corrected; ``declared``: the date it declares; ``days``: every day that its
    metadata give. ``imported``: brought in by a person, ``at`` being when.
    """

    capture: str
    run: str
    at: datetime
    requested: str
    url: str
    main: str
    content: str | None
    parts: tuple[PartVersion, ...] = ()
    cells: str | None = None
    cells_from: str | None = None
    shape: str = ""
    frame: bool = False
    declared: date | None = None
    days: frozenset[date] = frozenset()
    corrected: bool = False
    imported: bool = False


def editions(agency: str, year: int, versions: Iterable[Version]) -> tuple[Edition, ...]:
    """Return the editions of the report of ``agency`` on ``year``, in the order of their beginning, undated ones last.

    An address and its moves (a redirect, or a new address with the same content) are one track. Different content
    at another address is a track of its own and no revision; shown at once with the first, both carry
    ``two_at_once``.
    """
    book = _Book(agency, year)
    for version in sorted(versions, key=lambda version: (version.imported, version.at, version.capture)):
        if version.imported:
            book.bring_in(version)
        else:
            book.take(version)
    return book.close()


def edition_of(editions: Sequence[Edition], digest: str) -> Edition | None:
    """Return the edition that a document's or capture's name resolves to, the earliest if it stood there twice."""
    return next((edition for edition in editions if digest in edition.documents or digest in edition.captures), None)


@dataclass(slots=True)
class _OpenEdition:
    """An edition being written. ``parts``: address → content digest, as far as known; ``at``: addresses that show
    it now; ``givers``: the contents of the parts that its cells come from, if they come from parts; ``frames``: of
    pages that linked it, ``framed`` if the page that it began with was one; ``days``: those given last;
    ``redated``: they changed while the content stayed.
    """

    id: str
    track: str
    main: str
    content: str | None
    first_seen: datetime
    last_seen: datetime
    change: str
    former: _OpenEdition | None = None
    former_last_seen: datetime | None = None
    former_last: str | None = None
    last: str | None = None
    parts: dict[str, str | None] = field(default_factory=dict)
    cells: str | None = None
    cells_from: str | None = None
    shape: str = ""
    declared: date | None = None
    days: frozenset[date] = frozenset()
    redated: bool = False
    givers: frozenset[str] = frozenset()
    frames: set[str] = field(default_factory=set)
    framed: bool = False
    captures: dict[str, None] = field(default_factory=dict)
    documents: dict[str, None] = field(default_factory=dict)
    at: set[str] = field(default_factory=set)

    def holds(self, version: Version) -> bool:
        """Tell whether ``version`` is this content. Nothing is a change but what was read on both sides and
        differs.
        """
        if version.content is None or self.content is None:
            return version.main == self.main
        if version.content == self.content or version.content in self.frames:
            return not self._replaced(version.parts)
        if version.frame and self.framed and self.givers and self.shown_by(version):
            return True
        return self.cells is not None and version.cells == self.cells and self._moved_within(version)

    def leaves_open(self, version: Version) -> bool:
        """Tell whether nobody can say if ``version`` is this content: it, or a file that may hold it, was not read."""
        if version.content is None:
            return self.content is not None or not self.holds(version)
        if self.content is None or self.cells is None or version.cells is not None or self.holds(version):
            return False
        return any(part.content is None for part in version.parts)

    def _moved_within(self, version: Version) -> bool:
        """Tell whether what the page itself said is now the content of its attachment, or the other way round."""
        return version.content in self.parts.values() or self.content in {part.content for part in version.parts}

    def shown_by(self, version: Version) -> bool:
        """Tell whether the content as a whole was met: the page, and the parts that its cells come from."""
        return self.givers <= {version.content, *(part.content for part in version.parts)}

    def _replaced(self, parts: Sequence[PartVersion]) -> bool:
        """Tell whether a part has other content, or stands under a new address in place of one that is linked no
        more.
        """
        linked = {_address(part.url) for part in parts}
        contents = {part.content for part in parts if part.content is not None}
        known_contents = {content for content in self.parts.values() if content is not None}
        gone = [url for url, content in self.parts.items() if content and url not in linked and content not in contents]
        fresh = False
        for part in parts:
            before = self.parts.get(_address(part.url))
            if part.content is None or part.content in known_contents:
                continue
            if before is not None:
                return True
            fresh = fresh or _address(part.url) not in self.parts
        return fresh and bool(gone)

    def add(self, version: Version, *, of_the_content: bool = True) -> None:
        """Take a capture in; what it knows of parts and cells is added where nothing was known."""
        for name in (version.capture, *(part.capture for part in version.parts)):
            if name is not None:
                self.captures.setdefault(name)
        for document in (version.main, *(part.document for part in version.parts)):
            if document is not None:
                self.documents.setdefault(document)
        if of_the_content:
            self._learn(version)

    def _learn(self, version: Version) -> None:
        if self.shown_by(version):
            self.last_seen, self.last = max(self.last_seen, version.at), version.capture
        for part in version.parts:
            if part.content is not None or _address(part.url) not in self.parts:
                self.parts[_address(part.url)] = part.content
        if self.content is None:
            self.content, self.framed = version.content, version.frame
        elif version.content is not None and version.content != self.content:
            self.frames.add(version.content)
        if self.cells is None and version.cells is not None:
            self.cells, self.cells_from, self.shape = version.cells, version.cells_from, version.shape
            self.givers = _givers(version)
        self.declared = self.declared or version.declared
        if version.days:
            self.redated |= bool(self.days) and self.days.isdisjoint(version.days)
            self.days = version.days


def _givers(version: Version) -> frozenset[str]:
    """Return the contents of the parts that the cells come from; none where they are the page's own."""
    if version.cells_from is None or version.cells_from == version.main:
        return frozenset()
    named = {part.content for part in version.parts if part.document == version.cells_from}
    every = {part.content for part in version.parts}
    return frozenset(content for content in named or every if content is not None)


@dataclass(slots=True)
class _Stay:
    """One address showing one edition from its first to its last capture, and the runs that saw it so."""

    edition: _OpenEdition
    address: str
    first: datetime
    last: datetime
    runs: set[str]


class _Book:
    """Keeps which address shows which edition, one visit after the other."""

    def __init__(self, agency: str, year: int) -> None:
        self._name = f"{agency}/{year}"
        self._agency, self._year = agency, year
        self._all: list[_OpenEdition] = []
        self._now: dict[str, _OpenEdition] = {}
        self._stays: list[_Stay] = []
        self._stay: dict[str, _Stay] = {}
        self._alias: dict[str, str] = {}

    def take(self, version: Version) -> None:
        address = self._find(version)
        now = self._now.get(address)
        if now is not None and now.leaves_open(version):
            now.add(version, of_the_content=False)
            return
        if now is not None and (now.content is None or now.holds(version)):
            now.add(version)
        else:
            self._move(address, now, version)
        stay = self._stay[address]
        if stay.edition.shown_by(version):
            stay.last = max(stay.last, version.at)
            stay.runs.add(version.run)

    def bring_in(self, version: Version) -> None:
        """Add what a person brought in to the edition that holds it, else begin one that no address shows."""
        holder = next((edition for edition in self._all if edition.holds(version)), None)
        if holder is None:
            self._all.append(holder := self._new(version, UNDATED, None))
        holder.add(version, of_the_content=holder.change == UNDATED)

    def _find(self, version: Version) -> str:
        """Return the address as first met: that of the answer, else the one asked for, so that a redirect is a
        move.
        """
        final, requested = _address(version.url), _address(version.requested)
        address = self._alias.get(final) or self._alias.get(requested) or requested
        self._alias.setdefault(final, address)
        self._alias.setdefault(requested, address)
        return address

    def _move(self, address: str, now: _OpenEdition | None, version: Version) -> None:
        """Let the address show another edition: one that another address shows, a former one, or a new one."""
        same = [edition for edition in self._all if edition.holds(version)]
        shown = next((edition for edition in same if edition.at), None)
        if shown is not None or (same and now is None):
            target = shown or same[-1]
        else:
            target = self._begin(now, version, returned=bool(same))
        if now is not None:
            now.at.discard(address)
        target.at.add(address)
        target.add(version)
        self._now[address] = target
        self._stay[address] = _Stay(target, address, version.at, version.at, {version.run})
        self._stays.append(self._stay[address])

    def _begin(self, former: _OpenEdition | None, version: Version, *, returned: bool) -> _OpenEdition:
        change = "first" if former is None else "returned" if returned else _kind_of_change(former, version)
        self._all.append(edition := self._new(version, change, former))
        return edition

    def _new(self, version: Version, change: str, former: _OpenEdition | None) -> _OpenEdition:
        return _OpenEdition(
            id=self._new_id(version.main),
            track=version.requested if former is None else former.track,
            main=version.main,
            content=version.content,
            framed=version.frame,
            first_seen=version.at,
            last_seen=version.at,
            change=change,
            former=former,
            former_last_seen=None if former is None else former.last_seen,
            former_last=None if former is None else former.last,
            declared=version.declared,
        )

    def _new_id(self, main: str) -> str:
        name = f"{self._name}@{main[:12]}"
        same_named = sum(1 for edition in self._all if edition.id == name or edition.id.startswith(f"{name}."))
        return name if not same_named else f"{name}.{same_named + 1}"

    def close(self) -> tuple[Edition, ...]:
        """Return the editions as records, with the findings about their captures."""
        at_once: set[str] = set()
        for one, other in combinations(self._stays, 2):
            if _overlap(one, other) and _differ_in_substance(one.edition, other.edition):
                at_once |= {one.edition.id, other.edition.id}
        return tuple(self._record(edition, edition.id in at_once) for edition in self._all)

    def _record(self, edition: _OpenEdition, at_once: bool) -> Edition:
        former = edition.former
        return Edition(
            id=edition.id,
            agency=self._agency,
            year=self._year,
            track=edition.track,
            content_digest=_content_digest(edition),
            main=edition.main,
            cells_from=edition.cells_from,
            first_seen=edition.first_seen,
            last_seen=edition.last_seen,
            captures=tuple(edition.captures),
            documents=tuple(edition.documents),
            former=None if former is None else former.id,
            former_last_seen=edition.former_last_seen,
            change=edition.change,
            declared=edition.declared,
            findings=_findings(edition, at_once),
        )


def _kind_of_change(former: _OpenEdition, version: Version) -> str:
    """Announced if the text calls itself corrected or declares a later date than before; reshaped if the same figures
    are given in another kind of document, of which the text is never read quite alike; else silent.

    A date that also moves while the content stays is that of the page's making, and declares nothing.
    """
    if version.corrected:
        return "announced"
    if version.cells is not None and version.cells == former.cells and version.shape != former.shape:
        return "reshaped"
    later = version.declared is not None and former.declared is not None and version.declared > former.declared
    return "announced" if later and former.days.isdisjoint(version.days) and not former.redated else "silent"


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


def _findings(edition: _OpenEdition, at_once: bool) -> tuple[Finding, ...]:
    first = next(iter(edition.captures), None)
    codes = {
        "silent": "silent_revision",
        "announced": "announced_revision",
        "returned": "former_content",
        "reshaped": "other_shape",
        UNDATED: "undated_version",
    }
    found = []
    if edition.change in codes:
        between: dict[str, object] = {"from": edition.first_seen, "to": edition.former_last_seen}
        found.append(
            finding(codes[edition.change], in_words(between | {"before": edition.former_last, "after": first}))
        )
    if at_once:
        found.append(finding("two_at_once", in_words({"from": edition.first_seen, "after": first})))
    return tuple(found)


def _content_digest(edition: _OpenEdition) -> str:
    """Return the digest over page and parts: the page's own where there are no parts; over the bytes' name if
    unreadable.
    """
    own = edition.content or f"bytes:{edition.main}"
    parts = sorted({content for content in edition.parts.values() if content is not None})
    return own if not parts else sha256("\n".join([own, *parts]).encode()).hexdigest()


def _address(url: str) -> str:
    """Return an address without what does not tell pages apart: scheme, default port, case of the host, fragment."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    where = host if port in {None, 80, 443} else f"{host}:{port}"
    return f"//{where}{parts.path or '/'}{query}"
