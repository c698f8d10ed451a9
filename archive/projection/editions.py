"""Divide the visits of one report into editions: which content each address showed from when to when.

A new edition begins only when the content on the portal changed. A visit that could not be fetched or read proves
nothing: it begins no edition at an address that has one, and does not move ``last_seen``.

A file that a person brought in proves that it existed, but not when. It joins the edition with the same content; if
there is none, it becomes an ``undated`` edition, which no address shows and which is no revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations
from operator import attrgetter
from urllib.parse import urljoin

from archive.assessment.sentences import in_words, on_word_of
from archive.documents.kinds import TEXTUAL_KINDS
from archive.documents.model import why
from archive.findings import finding
from archive.identity.addresses import same_address
from archive.projection.binding import BoundVisit
from archive.projection.dates import days_of
from archive.projection.truth import PortalTruth
from storage.records import (
    FINDING_OF_CHANGE,
    UNDATED,
    Capture,
    CellState,
    Edition,
    Finding,
    Reading,
    ReportKey,
    StoredCell,
)

#: Kinds of parts that may hold (part of) the report; pictures are parts only if they were fetched.
LINKED = frozenset({"attachment", "embed"})
_MAX_FRAME_CHARS = 400  # a page with more text has content of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVersion:
    """An attachment that the page links. ``content``: digest of its normalised content, None if it was not read."""

    address: str
    content: str | None = None
    document: str | None = None
    capture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVersion:
    """The report as one visit found it: its page (or file) and the attachments.
    ``page``: the capture of the page; ``main``: digest of its bytes; ``content``: digest of its normalised content,
    None if it could not be read. ``parts``: every attachment that the page links, fetched or not. ``cells``: a digest
    of the cells, None if there are none; ``cells_from``: the document they come from; ``shape``: its kind (html …).
    ``frame``: the page has no content but its links. ``corrected``: the text calls itself corrected. ``days``: dates in
    its metadata, the declared one first. ``imported``: a person brought it in. ``copied_at``: when it came from
    another archive, None if we fetched it.
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
    copied_at: datetime | None = None

    @property
    def known_from(self) -> datetime:
        """Return since when this archive has it."""
        return self.copied_at or self.at

    @property
    def at(self) -> datetime:
        """Return when it was fetched."""
        return self.page.fetched_at

    @property
    def cell_sources(self) -> frozenset[str]:
        """Return the contents of the parts that the cells come from; empty if they are the page's own."""
        if self.cells_from is None or self.cells_from == self.main:
            return frozenset()
        sources = {part.content for part in self.parts if part.document == self.cells_from}
        every = {part.content for part in self.parts}
        return frozenset(content for content in sources or every if content is not None)


class _OpenEdition:
    """An edition while its versions are collected.
    ``first``: the version that it began with; ``predecessor``: id, last time and last capture of the edition that the
    address showed before. ``parts``: address → content digest, if known; ``with_cells``: the version with its cells;
    ``frames``: contents of pages that only linked it; ``begins_as_frame``: the first page was one; ``days``: latest
    dates; ``redated``: the dates changed while the content did not.
    """

    def __init__(self, name: str, first: ReportVersion, change: str, predecessor: _OpenEdition | None) -> None:
        """Begin an edition (a report's content for a time) with the version ``first``. ``predecessor``: what the
        address showed before, if anything; ``change``: how this differs from it, ``first`` without one.
        """
        self.id, self.first, self.change = name, first, change
        self.track: str = first.page.requested if predecessor is None else predecessor.track
        self.predecessor = None if predecessor is None else (predecessor.id, predecessor.last_seen, predecessor.last)
        self.source: str = first.page.source  # of its last capture: the other archive that made it
        self.source_of_change = first.page.source or ("" if predecessor is None else predecessor.source)
        self.last_seen: datetime = first.at
        self.known_from: datetime = first.known_from
        self.last: str | None = first.page.id
        self.content, self.begins_as_frame = first.content, first.frame
        self.parts: dict[str, str | None] = {}
        self.with_cells: ReportVersion | None = None
        self.declared: date | None = None
        self.days, self.redated, self.frames = tuple[date, ...](), False, set[str]()
        self.captures, self.documents = dict[str, None](), dict[str, None]()

    @property
    def cells(self) -> str | None:
        """Return a digest of its cells, None if it has none."""
        return None if self.with_cells is None else self.with_cells.cells

    @property
    def cell_sources(self) -> frozenset[str]:
        """Return the contents of the parts that its cells come from."""
        return frozenset() if self.with_cells is None else self.with_cells.cell_sources

    def holds(self, version: ReportVersion) -> bool:
        """True if ``version`` (the report as one visit found it) has this edition's content, in the page or an
        attachment, or is a page that only links it (a ``frame``). Only what was read in both and differs is a change.
        """
        if version.content is None or self.content is None:
            return version.main == self.first.main
        if version.content == self.content or version.content in self.frames:
            return not self._has_replaced_part(version.parts)
        if version.frame and self.begins_as_frame and self.cell_sources and self.shown_by(version):
            return True
        # the content of the page may have moved into its attachment, or the other way round
        has_moved = version.content in self.parts.values() or self.content in {one.content for one in version.parts}
        return self.cells is not None and version.cells == self.cells and has_moved

    def leaves_open(self, version: ReportVersion) -> bool:
        """True if ``version`` may or may not have this content: it, or an attachment that may hold it, was not read."""
        if version.content is None:
            return self.content is not None or not self.holds(version)
        if self.content is None or self.cells is None or version.cells is not None or self.holds(version):
            return False
        return any(part.content is None for part in version.parts)

    def shown_by(self, version: ReportVersion) -> bool:
        """True if ``version`` has all parts that the edition's cells come from."""
        return self.cell_sources <= {version.content, *(part.content for part in version.parts)}

    def _has_replaced_part(self, parts: Sequence[PartVersion]) -> bool:
        """True if an attachment has other content, or one at a new address replaces one no longer linked."""
        linked, contents = {part.address for part in parts}, {part.content for part in parts}
        new = [part for part in parts if part.content is not None and part.content not in self.parts.values()]
        if any(self.parts.get(part.address) is not None for part in new):
            return True
        is_lost = any(content and url not in linked and content not in contents for url, content in self.parts.items())
        return is_lost and any(part.address not in self.parts for part in new)

    def add(self, version: ReportVersion, *, of_the_content: bool = True) -> None:
        """Add a version (the report as one visit found it): its captures, documents and since when it is known; its
        attachments, cells, dates and time (``last_seen``) only if they surely stood there (``of_the_content``).
        """
        captures = (version.page.id, *(part.capture for part in version.parts))
        documents = (version.main, *(part.document for part in version.parts))
        self.captures |= dict.fromkeys(name for name in captures if name is not None)
        self.documents |= dict.fromkeys(document for document in documents if document is not None)
        self.known_from = min(self.known_from, version.known_from)
        if not of_the_content:
            return
        if self.shown_by(version):
            self.last_seen, self.last = max(self.last_seen, version.at), version.page.id
            self.source = version.page.source
        for part in version.parts:
            if part.content is not None or part.address not in self.parts:
                self.parts[part.address] = part.content
        if self.content is None:
            self.content, self.begins_as_frame = version.content, version.frame
        elif version.content is not None and version.content != self.content:
            self.frames.add(version.content)
        if self.with_cells is None and version.cells is not None:
            self.with_cells = version
        if version.days:
            self.declared = self.declared or version.days[0]
            self.redated |= bool(self.days) and set(self.days).isdisjoint(version.days)
            self.days = version.days

    def kind_of_change(self, version: ReportVersion) -> str:
        """Return how ``version`` differs from this edition (content for a time): ``announced``, ``reshaped`` or
        ``silent``. Announced: its text calls itself corrected or declares a later date. Reshaped: the same figures in
        another kind of document, of which the text is never read quite alike. A date that also changes without the
        content is only the time when the page was generated, and is not counted as declared.
        """
        if version.corrected:
            return "announced"
        if self.with_cells and version.cells == self.cells and version.shape != self.with_cells.shape:
            return "reshaped"
        is_later = bool(version.days and self.declared) and version.days[0] > (self.declared or date.max)
        is_moved = set(self.days).isdisjoint(version.days) and not self.redated
        return "announced" if is_later and is_moved else "silent"

    def differs_in_substance(self, other: _OpenEdition) -> bool:
        """True if two editions certainly differ: in their cells, or in their text if neither has cells."""
        if self.cells is not None or other.cells is not None:
            return self.cells is not None and other.cells is not None and self.cells != other.cells
        return self.content is not None and other.content is not None and self.content != other.content

    def record(self, agency: str, year: int, *, at_once: bool) -> Edition:
        """Return the edition (a report's content for a time) as it is stored, with findings: how it differs from the
        one before (``change``), and, if ``at_once``, that another one was shown at the same time.
        """
        previous, last_seen, last = self.predecessor or (None, None, None)
        between: dict[str, object] = {"from": self.first.at, "after": next(iter(self.captures), None)}
        findings = []
        if (code := FINDING_OF_CHANGE.get(self.change)) is not None:
            change = finding(code, in_words(between | {"to": last_seen, "before": last}))
            findings.append(on_word_of(self.source_of_change, change))
        if at_once:
            findings.append(finding("two_at_once", in_words(between)))
        own = self.content or f"bytes:{self.first.main}"  # if nothing could be read, the digest of the bytes
        parts = sorted({content for content in self.parts.values() if content is not None})
        return Edition(
            id=self.id,
            agency=agency,
            year=year,
            track=self.track,
            content_digest=own if not parts else sha256("\n".join([own, *parts]).encode()).hexdigest(),
            main=self.first.main,
            cells_from=None if self.with_cells is None else self.with_cells.cells_from,
            first_seen=self.first.at,
            last_seen=self.last_seen,
            known_from=self.known_from,
            captures=tuple(self.captures),
            documents=tuple(self.documents),
            former=previous,
            former_last_seen=last_seen,
            change=self.change,
            declared=self.declared,
            findings=tuple(findings),
            dated_from=None if self.first.known_from == self.known_from else self.first.known_from,
        )


@dataclass(slots=True)
class _Stay:
    """The time in which one address showed one edition, from the ``first`` to the ``last`` visit, and their runs."""

    edition: _OpenEdition
    address: str
    first: datetime
    last: datetime
    runs: set[str]

    def overlaps(self, other: _Stay) -> bool:
        """True if two addresses showed two editions at once: their times overlap, or one run saw both."""
        if self.address == other.address or self.edition is other.edition:
            return False
        return (self.first <= other.last and other.first <= self.last) or bool(self.runs & other.runs)


class _Course:
    """The editions of one report (``name``: agency/year), in the order of their beginning, and what shows them now."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.editions: list[_OpenEdition] = []
        self.stays: list[_Stay] = []
        self._current: dict[str, _Stay] = {}  # by address
        self._aliases: dict[str, str] = {}

    def add_import(self, version: ReportVersion) -> None:
        """Add a file that a person brought in to the edition with its content, or begin an undated one."""
        holder = next((one for one in self.editions if one.holds(version)), None) or self._begin(version, UNDATED)
        holder.add(version, of_the_content=holder.change == UNDATED)

    def add_visit(self, version: ReportVersion) -> None:
        """Add a visit (a fetch of the page): its address still shows the same edition (content), or shows another one
        from now on. A visit of which not all was read proves no change. ``stay``: while an address shows one.
        """
        # a redirect is a move of the address: whichever of the two addresses was met first stands for both
        final, requested = without_scheme(version.page.url), without_scheme(version.page.requested)
        address = self._aliases.get(final) or self._aliases.get(requested) or requested
        self._aliases.setdefault(final, address)
        self._aliases.setdefault(requested, address)
        stay = self._current.get(address)
        if stay is not None and stay.edition.leaves_open(version):  # not all was read, so it proves no change
            stay.edition.add(version, of_the_content=False)
            return
        if stay is None or not (stay.edition.content is None or stay.edition.holds(version)):
            edition = self._edition_shown(stay, version)
            stay = self._current[address] = _Stay(edition, address, version.at, version.at, {version.page.run})
            self.stays.append(stay)
        stay.edition.add(version)
        if stay.edition.shown_by(version):
            stay.last = max(stay.last, version.at)
            stay.runs.add(version.page.run)

    def _edition_shown(self, stay: _Stay | None, version: ReportVersion) -> _OpenEdition:
        """Return the edition (content for a time) that an address shows now that it no longer shows that of ``stay``
        (None: it is new): one that another address shows, for a new address also an earlier one; else a new edition,
        ``returned`` if it has the content of an earlier one.
        """
        same = [edition for edition in self.editions if edition.holds(version)]
        shown_now = {other.edition.id for other in self._current.values()}
        current = next((edition for edition in same if edition.id in shown_now), None)
        if current is not None or (same and stay is None):
            return current or same[-1]
        if stay is None:
            return self._begin(version, "first")
        return self._begin(version, "returned" if same else stay.edition.kind_of_change(version), stay.edition)

    def _begin(self, version: ReportVersion, change: str, predecessor: _OpenEdition | None = None) -> _OpenEdition:
        """Begin an edition named after its bytes (a second with the same: ``.2``) after ``predecessor``."""
        name = f"{self._name}@{version.main[:12]}"
        same_named = sum(f"{edition.id}.".startswith(f"{name}.") for edition in self.editions)
        edition = _OpenEdition(name if not same_named else f"{name}.{same_named + 1}", version, change, predecessor)
        self.editions.append(edition)
        return edition


def editions(agency: str, year: int, versions: Iterable[ReportVersion]) -> tuple[Edition, ...]:
    """Return the editions (contents over time) of the report of ``agency`` on ``year``, in their order, undated ones
    last. An address and its moves (a redirect, or a new address with the same content) are one track. Different content
    at another address is a track of its own and no revision; if both are shown at once, both have ``two_at_once``.
    """
    course = _Course(f"{agency}/{year}")
    for version in sorted(versions, key=lambda version: (version.imported, version.at, version.page.id)):
        (course.add_import if version.imported else course.add_visit)(version)
    at_once: set[str] = set()
    for one, other in combinations(course.stays, 2):
        if one.overlaps(other) and one.edition.differs_in_substance(other.edition):
            at_once |= {one.edition.id, other.edition.id}
    return tuple(edition.record(agency, year, at_once=edition.id in at_once) for edition in course.editions)


def without_scheme(url: str) -> str:
    """Return an address without its scheme, because a change from http to https is no move."""
    return same_address(url).partition("://")[2] or url


def editions_with_ends(editions: Iterable[Edition]) -> Iterator[tuple[Edition, datetime | None]]:
    """Yield the editions of a report, each with the instant from which a later one is the newest (None: none is). They
    are ordered as in every question: by when they were first seen, undated ones before all others.
    """
    ordered = sorted(editions, key=attrgetter("order"))
    for following, edition in enumerate(ordered, start=1):
        yield edition, min((later.known_from for later in ordered[following:]), default=None)


# -------------------------------------------------------------------------------- bound visits as versions


def report_editions(report: ReportKey, bounds: Sequence[BoundVisit], truth: PortalTruth) -> tuple[Edition, ...]:
    """Return the editions (contents over time) of one report from its visits, in the order of their beginning. An
    edition that has no cells because its page or an attachment could not be read gets a finding that says so.
    """
    unreadable = {bound.visit.main.document: one for bound in bounds if (one := unreadable_finding(bound)) is not None}
    return tuple(
        replace(edition, findings=(*edition.findings, unreadable[edition.main]))
        if edition.main in unreadable and edition.cells_from is None
        else edition
        for edition in editions(*report, [version_of(bound, truth) for bound in bounds])
    )


def unreadable_finding(bound: BoundVisit) -> Finding | None:
    """Return the finding that a published report has no cells because its page or an attachment could not be read; None
    if that is not so. The status of the report is judged nevertheless.
    """
    if bound.report is None or bound.reading is None or bound.cells_from is not None:
        return None
    if reason := bound.reading.unreadable:
        return finding("unreadable", case="published", found=reason, why=why(reason))
    is_part_unreadable = any(part.unreadable for _, part in bound.parts)
    return finding("unreadable", case="attachment") if is_part_unreadable else None


def version_of(bound: BoundVisit, truth: PortalTruth) -> ReportVersion:
    """Return a fetched report as a version of it: digests of content and cells, attachments, dates."""
    main, reading, cells = bound.visit.main, bound.reading, bound.cells_from
    assert reading is not None
    assert main.document is not None
    return ReportVersion(
        page=main,
        main=main.document,
        content=_content_digest(reading),
        parts=_parts(bound, reading),
        cells=_cells_digest(cells) if cells else None,
        cells_from=cells.document if cells else None,
        shape=cells.kind if cells else "",
        frame=_is_frame(reading),
        days=tuple(days_of(reading, "metadata")),
        corrected=reading.identity.corrected,
        imported=main.run in truth.imports,
        copied_at=truth.copied_at.get(main.run),
    )


def _is_frame(page: Reading) -> bool:
    """True if a page only links attachments: it has no cells, no section of the form, and hardly any text."""
    return (
        page.kind == "html"
        and not page.cells
        and len(page.text) <= _MAX_FRAME_CHARS
        and not any(section.key for section in page.sections)
        and any(part.kind in LINKED for part in page.parts)
    )


def _content_digest(reading: Reading) -> str | None:
    return None if reading.unreadable else reading.content_digest


def _parts(bound: BoundVisit, page: Reading) -> tuple[PartVersion, ...]:
    """Return the attachments of a page: those fetched (an error page has no ``content``), then those only linked."""
    readings = {capture.id: reading for capture, reading in bound.parts}
    fetched = {same_address(capture.requested): capture for capture in bound.visit.parts}
    linked = [urljoin(bound.visit.main.url, part.url) for part in page.parts if part.kind in LINKED]
    missing = dict.fromkeys(url for url in linked if same_address(url) not in fetched)
    parts = []
    for capture in fetched.values():
        reading, part = readings.get(capture.id), PartVersion(address=without_scheme(capture.requested))
        if reading is not None:
            is_substitute = reading.kind in TEXTUAL_KINDS and not reading.is_report  # an error page instead of the file
            content = None if is_substitute else _content_digest(reading)
            part = replace(part, content=content, document=reading.document, capture=capture.id)
        parts.append(part)
    return (*parts, *(PartVersion(address=without_scheme(url)) for url in missing))


def _cells_digest(reading: Reading) -> str:
    """Return a digest of the printed cells: of their values, or of their text if they have no value."""
    printed = (f"{name}={_comparable_value(cell)}" for name, cell in sorted(reading.cells.items()))
    return sha256("\n".join(printed).encode()).hexdigest()


def _comparable_value(cell: StoredCell) -> str:
    if cell.value is not None:
        return format(cell.value.normalize(), "f")
    return cell.raw if cell.state is CellState.PRINTED else cell.state.value
