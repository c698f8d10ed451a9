"""Divide the visits of one report into editions: what stood at which address from when to when, and what changed.

A new edition begins only when the content on the portal changed. What could not be fetched or read says nothing and
ends nothing: it neither begins an edition on an address that has one, nor moves ``last_seen``.

What a person brought in proves that it existed, never when. It is added to the edition that holds its content; where
none does it is an edition of its own, ``undated``, which no address shows, takes nobody's place and is no revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations
from urllib.parse import urljoin

from archive.assessment.sentences import in_words
from archive.documents.model import why
from archive.findings import finding
from archive.identity.addresses import same_address
from archive.projection.binding import Bound, Report
from archive.projection.dates import days_of
from archive.projection.visits import IN_PLACE
from storage.records import UNDATED, Capture, Cell, CellState, Edition, Finding, Reading

_CODES = {
    "silent": "silent_revision",
    "announced": "announced_revision",
    "returned": "former_content",
    "reshaped": "other_shape",
    UNDATED: "undated_version",
}
#: Parts that may hold (part of) the report; pictures are parts only if they were fetched.
LINKED = frozenset({"attachment", "embed"})
_FRAME = 400  #: characters; a page with more says something itself


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVersion:
    """An attachment that the page links. ``content`` is its normalised content digest, None if not fetched or not
    readable.
    """

    address: str
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
    def givers(self) -> frozenset[str]:
        """The contents of the parts that the cells come from; none where they are the page's own."""
        if self.cells_from is None or self.cells_from == self.main:
            return frozenset()
        sources = {part.content for part in self.parts if part.document == self.cells_from}
        every = {part.content for part in self.parts}
        return frozenset(content for content in sources or every if content is not None)


class _OpenEdition:
    """An edition being written; ``begun``: the version that it began with, ``former``: what stood there before, and
    when and in which capture that was met last.

    ``parts``: address → content digest, as far as known; ``given``: the version that gave it its cells; ``frames``:
    contents of pages that linked it, ``framed`` if the page that it began with was one; ``days``: those given last;
    ``redated``: they changed while the content stayed.
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
        self.declared: date | None = None
        self.days, self.redated, self.frames = tuple[date, ...](), False, set[str]()
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
        if version.frame and self.framed and self.given and self.given.givers and self.shown_by(version):
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
        return self.given is None or self.given.givers <= {version.content, *(part.content for part in version.parts)}

    def _replaced(self, parts: Sequence[PartVersion]) -> bool:
        """Tell whether a part has other content, or stands under a new address in place of one that is linked no
        more.
        """
        linked, contents = {part.address for part in parts}, {part.content for part in parts}
        fresh = [part for part in parts if part.content is not None and part.content not in self.parts.values()]
        if any(self.parts.get(part.address) is not None for part in fresh):
            return True
        is_link_lost = any(
            content and url not in linked and content not in contents for url, content in self.parts.items()
        )
        return is_link_lost and any(part.address not in self.parts for part in fresh)

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
            if part.content is not None or part.address not in self.parts:
                self.parts[part.address] = part.content
        if self.content is None:
            self.content, self.framed = version.content, version.frame
        elif version.content is not None and version.content != self.content:
            self.frames.add(version.content)
        if self.given is None and version.cells is not None:
            self.given = version
        if version.days:
            self.declared = self.declared or version.days[0]
            self.redated |= bool(self.days) and set(self.days).isdisjoint(version.days)
            self.days = version.days

    def kind_of_change(self, version: Version) -> str:
        """Name the change to ``version``: announced if the text calls itself corrected or declares a later date than
        before; reshaped if the same figures are given in another kind of document, of which the text is never read
        quite alike; else silent.

        A date that also moves while the content stays is that of the page's making, and declares nothing.
        """
        if version.corrected:
            return "announced"
        if self.given is not None and version.cells == self.given.cells and version.shape != self.given.shape:
            return "reshaped"
        is_later = bool(version.days and self.declared) and version.days[0] > (self.declared or date.max)
        is_moved = set(self.days).isdisjoint(version.days) and not self.redated
        return "announced" if is_later and is_moved else "silent"

    def differs_in_substance(self, other: _OpenEdition) -> bool:
        """Tell whether two are known to differ: in their cells, or in their text if neither has any."""
        if self.cells is not None or other.cells is not None:
            return self.cells is not None and other.cells is not None and self.cells != other.cells
        return self.content is not None and other.content is not None and self.content != other.content

    def record(self, agency: str, year: int, *, at_once: bool) -> Edition:
        """Give the edition as it is kept."""
        predecessor, last_seen, last = self.former or (None, None, None)
        between: dict[str, object] = {"from": self.begun.at, "after": next(iter(self.captures), None)}
        findings = []
        if self.change in _CODES:
            findings.append(finding(_CODES[self.change], in_words(between | {"to": last_seen, "before": last})))
        if at_once:
            findings.append(finding("two_at_once", in_words(between)))
        own = self.content or f"bytes:{self.begun.main}"  # where nothing could be read, the name of the bytes
        parts = sorted({content for content in self.parts.values() if content is not None})
        return Edition(
            id=self.id,
            agency=agency,
            year=year,
            track=self.track,
            content_digest=own if not parts else sha256("\n".join([own, *parts]).encode()).hexdigest(),
            main=self.begun.main,
            cells_from=None if self.given is None else self.given.cells_from,
            first_seen=self.begun.at,
            last_seen=self.last_seen,
            captures=tuple(self.captures),
            documents=tuple(self.documents),
            former=predecessor,
            former_last_seen=last_seen,
            change=self.change,
            declared=self.declared,
            findings=tuple(findings),
        )


@dataclass(slots=True)
class _Stay:
    """One address showing one edition from its first to its last capture, and the runs that saw it so."""

    edition: _OpenEdition
    address: str
    first: datetime
    last: datetime
    runs: set[str]

    def meets(self, other: _Stay) -> bool:
        """Tell whether two addresses showed two editions at the same time: in times that overlap, or in one run."""
        if self.address == other.address or self.edition is other.edition:
            return False
        return (self.first <= other.last and other.first <= self.last) or bool(self.runs & other.runs)


class _Course:
    """The editions of one report (``name``: agency and year) in the order of their beginning, and where they stay."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.editions: list[_OpenEdition] = []
        self.stays: list[_Stay] = []
        self._now: dict[str, _Stay] = {}  # by address
        self._aliases: dict[str, str] = {}

    def bring_in(self, version: Version) -> None:
        """Add what a person brought in to the edition that holds it, else begin one that no address shows."""
        holder = next((one for one in self.editions if one.holds(version)), None) or self._begin(version, UNDATED)
        holder.add(version, of_the_content=holder.change == UNDATED)

    def meet(self, version: Version) -> None:
        """Take a visit in: it shows the edition that its address showed before, or another one begins to stay there."""
        # the address as first met: that of the answer, else the one asked for, so that a redirect is a move
        final, requested = without_scheme(version.page.url), without_scheme(version.page.requested)
        address = self._aliases.get(final) or self._aliases.get(requested) or requested
        self._aliases.setdefault(final, address)
        self._aliases.setdefault(requested, address)
        stay = self._now.get(address)
        if stay is not None and stay.edition.leaves_open(version):
            stay.edition.add(version, of_the_content=False)
            return
        if stay is None or not (stay.edition.content is None or stay.edition.holds(version)):
            edition = self._edition_shown(stay, version)
            stay = self._now[address] = _Stay(edition, address, version.at, version.at, {version.page.run})
            self.stays.append(stay)
        stay.edition.add(version)
        if stay.edition.shown_by(version):
            stay.last = max(stay.last, version.at)
            stay.runs.add(version.page.run)

    def _edition_shown(self, stay: _Stay | None, version: Version) -> _OpenEdition:
        """The edition that an address shows from now on: one that another address shows, a former one, or a new one."""
        same = [edition for edition in self.editions if edition.holds(version)]
        elsewhere = {one.edition.id for one in self._now.values()}
        current = next((edition for edition in same if edition.id in elsewhere), None)
        if current is not None or (same and stay is None):
            return current or same[-1]
        if stay is None:
            return self._begin(version, "first")
        return self._begin(version, "returned" if same else stay.edition.kind_of_change(version), stay.edition)

    def _begin(self, version: Version, change: str, predecessor: _OpenEdition | None = None) -> _OpenEdition:
        own = f"{self._name}@{version.main[:12]}"
        same_named = sum(1 for edition in self.editions if edition.id == own or edition.id.startswith(f"{own}."))
        edition = _OpenEdition(own if not same_named else f"{own}.{same_named + 1}", version, change, predecessor)
        self.editions.append(edition)
        return edition


def editions(agency: str, year: int, versions: Iterable[Version]) -> tuple[Edition, ...]:
    """Return the editions of the report of ``agency`` on ``year``, in the order of their beginning, undated ones last.

    An address and its moves (a redirect, or a new address with the same content) are one track. Different content
    at another address is a track of its own and no revision; shown at once with the first, both carry
    ``two_at_once``.
    """
    course = _Course(f"{agency}/{year}")
    for version in sorted(versions, key=lambda version: (version.imported, version.at, version.page.id)):
        (course.bring_in if version.imported else course.meet)(version)
    at_once: set[str] = set()
    for one, other in combinations(course.stays, 2):
        if one.meets(other) and one.edition.differs_in_substance(other.edition):
            at_once |= {one.edition.id, other.edition.id}
    return tuple(edition.record(agency, year, at_once=edition.id in at_once) for edition in course.editions)


def without_scheme(url: str) -> str:
    """An address without its scheme: from http to https nothing moves."""
    return same_address(url).partition("://")[2] or url


# -------------------------------------------------------------------------------- bound visits as versions


def report_editions(report: Report, bounds: Sequence[Bound], imports: Collection[str] = ()) -> tuple[Edition, ...]:
    """Give the editions of one report; one that could not be read says so. ``imports``: runs that brought in what
    people saved.
    """
    agency, year = report
    mute = {bound.visit.main.document: unreadable_finding(bound) for bound in bounds if is_unreadable(bound)}
    rows = editions(agency, year, [version(bound, imported=bound.visit.main.run in imports) for bound in bounds])
    return tuple(
        replace(edition, findings=(*edition.findings, mute[edition.main]))
        if edition.main in mute and edition.cells_from is None
        else edition
        for edition in rows
    )


def is_unreadable(bound: Bound) -> bool:
    """Say whether something published as a report gave no cells because nothing in it could be read."""
    if bound.report is None or bound.reading is None or bound.cells_from is not None:
        return False
    return bool(bound.reading.unreadable) or any(part.unreadable for _, part in bound.parts)


def unreadable_finding(bound: Bound) -> Finding:
    """Say that something was published as the report but cannot be read; its status is judged all the same."""
    reason = bound.reading.unreadable if bound.reading else ""
    if not reason:
        return finding("unreadable", case="attachment")
    return finding("unreadable", case="published", found=reason, why=why(reason))


def version(bound: Bound, *, imported: bool = False) -> Version:
    """Give a bound visit as a version of its report."""
    main, reading, cells = bound.visit.main, bound.reading, bound.cells_from
    assert reading is not None
    assert main.document is not None
    return Version(
        page=main,
        main=main.document,
        content=_content(reading),
        parts=_parts(bound, reading),
        cells=_cells_digest(cells) if cells else None,
        cells_from=cells.document if cells else None,
        shape=cells.kind if cells else "",
        frame=_is_frame(reading),
        days=tuple(days_of(reading, "metadata")),
        corrected=reading.identity.corrected,
        imported=imported,
    )


def _is_frame(page: Reading) -> bool:
    """Whether a page says next to nothing but what it links: no cells, no section of the form, no text of its own."""
    return (
        page.kind == "html"
        and not page.cells
        and len(page.text) <= _FRAME
        and not any(section.key for section in page.sections)
        and any(part.kind in LINKED for part in page.parts)
    )


def _content(reading: Reading) -> str | None:
    return None if reading.unreadable else reading.content_digest


def _parts(bound: Bound, page: Reading) -> tuple[PartVersion, ...]:
    """Give what was fetched along, and the attachments that the page links and that were not fetched."""
    readings = {capture.id: reading for capture, reading in bound.parts}
    fetched = {same_address(capture.requested): capture for capture in bound.visit.parts}
    linked = [urljoin(bound.visit.main.url, part.url) for part in page.parts if part.kind in LINKED]
    missing = dict.fromkeys(url for url in linked if same_address(url) not in fetched)
    parts = []
    for capture in fetched.values():
        reading, part = readings.get(capture.id), PartVersion(address=without_scheme(capture.requested))
        if reading is not None:
            in_place = reading.kind in IN_PLACE and not reading.is_report  # it says something in place of the file
            content = None if in_place else _content(reading)
            part = replace(part, content=content, document=reading.document, capture=capture.id)
        parts.append(part)
    return (*parts, *(PartVersion(address=without_scheme(url)) for url in missing))


def _cells_digest(reading: Reading) -> str:
    """Give a digest over what is printed in the cells, by value where there is one."""
    printed = (f"{name}={_printed(cell)}" for name, cell in sorted(reading.cells.items()))
    return sha256("\n".join(printed).encode()).hexdigest()


def _printed(cell: Cell) -> str:
    if cell.value is not None:
        return format(cell.value.normalize(), "f")
    return cell.raw if cell.state is CellState.PRINTED else cell.state.value
