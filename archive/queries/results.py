"""Records that several answers contain; the command line, Python, the API and exports share them.

Times are datetimes with zones, values exact decimals, codes enums. ``to_dict()`` converts a record to plain dicts and
lists, with enums as text and keys in a stable order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from archive.queries.frames import Result
from storage.records import (
    AgencyKind,
    CaptureOutcome,
    CellState,
    EvidenceGrade,
    Finding,
    Lead,
    LookOutcome,
    Note,
    Ruling,
    StatedFigure,
    Status,
    StatusInterval,
    archive_in,
)

# ---------------------------------------------------------------------------------------------- overview


class AgencyLine(Result):
    """An agency that an answer is about, with its portal."""

    id: str
    name: str
    kind: AgencyKind
    portal: str
    place: str
    division: str | None


class DutyLine(Result):
    """A duty and its status at the time asked about. ``zh``, ``en``: the reason as a sentence.

    ``absent_as_of``: the time of the last complete look without the report, if the status says that it is absent.
    ``days_late``: by the site's own date (``claimed``), or the fewest days that looks prove; None if neither is known.
    ``looks``, ``captures``: the evidence for the status; ``editions``: ids of the report's editions, oldest first, for
    ``nianbao show --edition`` and ``nianbao cite --edition``. All three are empty if the question did not ask for them;
    captures and editions are also empty if the report is withheld. ``withdrawn``: the lists stopped showing the report
    and have not shown it again.
    """

    agency: AgencyLine
    year: int
    due: date | None
    practice: date | None
    status: Status
    evidence: EvidenceGrade
    reason: str
    zh: str
    en: str
    first_shown: datetime | None
    last_absent: datetime | None
    absent_as_of: datetime | None
    declared: date | None
    days_late: int | None
    findings: tuple[str, ...] = ()
    holiday: str | None = None
    guessed: bool = False
    looks: tuple[LookRef, ...] = ()
    captures: tuple[CaptureRef, ...] = ()
    editions: tuple[str, ...] = ()
    withdrawn: bool = False


class Counts(Result):
    """How many duties have each status, how many are due ``by_law``, and the unknown share of the expected and due."""

    total: int
    by_status: Mapping[str, int]
    unknown_share: float | None
    by_law: int


class Rate(Result):
    """``count`` of ``population`` duties have a status, ``unknown`` more may: a share of ``low`` to ``high`` (0–1)."""

    count: int
    unknown: int
    population: int
    low: float
    high: float
    unknown_share: float


class RateRow(Result):
    """The rates of one group (``statutory``, ``townships``, ``others``) for one year, or for all years asked about.

    ``due``: number of duties that are expected and due; ``not_counted``: number of all others, which no rate counts.
    ``rates``: by name, as docs/statuses.md defines them.
    """

    group: str
    year: int | None
    due: int
    not_counted: int
    rates: Mapping[str, Rate]


class Known(Result):
    """How much is known of the duties that a question is about, at the time asked about.

    ``duties``: all of them; ``by_law``: as in :class:`Counts`; ``not_owed``: not expected or not yet due; ``unknown``:
    it is unknown whether the report was published; ``reasons``: code of docs/statuses.md → number of unknown duties;
    ``undetermined``: the report was seen, but it is unknown whether it came in time. ``first_record``: if no duty was
    known at that time, when the first one became known; None if none ever did. ``portals``: those with most unknown.

    Gaps beside the duties, if they were counted: ``unnamed``: reports of the archive with an unknown agency or year;
    ``unread``: lists whose last look did not reach their end; ``unread_at``: the portals of these lists; ``guessed``:
    agencies that no source attests; ``few``: portals with hardly any known department, so that most agencies are
    unknown; ``unjudged``: portals of which nothing was ever read and judged; ``asked``: number of portals asked about.
    """

    duties: int
    by_law: int
    not_owed: int
    unknown: int
    reasons: Mapping[str, int]
    undetermined: int
    first_record: datetime | None = None
    portals: tuple[str, ...] = ()
    unnamed: int = 0
    unread: int = 0
    unread_at: tuple[str, ...] = ()
    guessed: int = 0
    few: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    asked: int | None = None


class CoverageRow(Result):
    """One agency's duties by year; years without a duty are left out."""

    agency: AgencyLine
    cells: Mapping[int, DutyLine]


class Coverage(Result):
    """The duties of agencies by year. Townships and subdistricts (``townships``) and agencies without a due date
    (``others``) are counted separately. ``rates``: for each of these groups, by year and over all years. ``evidence``:
    the grades asked for (None: all); duties with other grades are not in ``rows`` and counts, and unknown in ``rates``.
    """

    as_of: datetime
    years: tuple[int, ...]
    rows: tuple[CoverageRow, ...]
    counts: Counts
    townships: Counts
    others: Counts
    rates: tuple[RateRow, ...]
    evidence: tuple[EvidenceGrade, ...] | None
    known: Known


class DutyList(Result):
    """The duties that answer a question, in a list of their own those of townships and subdistricts. ``known``: how
    much is known of all duties asked about; it tells whether an empty list means "none" or "unknown".
    """

    as_of: datetime
    duties: tuple[DutyLine, ...]
    townships: tuple[DutyLine, ...]
    known: Known


class AgencyDuties(Result):
    """One agency's duties by year, each with its status; ``known``: how much is known of them."""

    as_of: datetime
    agency: AgencyLine
    duties: tuple[DutyLine, ...]
    known: Known


# ---------------------------------------------------------------------------------------------- one duty


class CaptureLine(Result):
    """A capture as evidence: what was fetched when, and where its WARC record is. ``tls``: what is wrong with the
    server's certificate, and the SHA-256 of its chain; null if nothing is wrong.
    """

    id: str
    url: str
    requested: str
    fetched_at: datetime
    outcome: CaptureOutcome
    http_status: int | None
    reason: str
    payload_digest: str | None
    document: str | None
    warc_file: str | None
    warc_offset: int | None
    warc_length: int | None
    revisit_of: str | None
    tls: str | None = None

    @property
    def source(self) -> str:
        """Return the name of the other archive that made this capture, "" if it is our own."""
        return archive_in(self.reason)


class CaptureRef(Result):
    """The short form of :class:`CaptureLine`, in answers with many lines; ``nianbao show-capture`` takes its ``id``."""

    id: str
    url: str
    fetched_at: datetime
    outcome: CaptureOutcome
    http_status: int | None


class ControlLine(Result):
    """Proof that an empty answer counts: in that crawl, the same request for this ``agency`` and year gave a report."""

    agency: str
    year: int
    capture: CaptureLine


class LookLine(Result):
    """A look as evidence: which listing, when, how it ended, what it fetched; ``suspect`` looks prove nothing.
    ``whole_from``: a ``partial`` look counts as complete from this reporting year on, because its entries are in order
    and reach back far enough; null for other looks. ``control``: for an empty answer, the report that another request
    returned; null for other looks, and if that report is withheld.
    """

    id: str
    listing: str
    url: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    reason: str
    suspect: bool
    captures: tuple[CaptureLine, ...]
    whole_from: int | None = None
    control: ControlLine | None = None


class LookRef(Result):
    """The short form of :class:`LookLine`, in answers with many lines; ``captures``: ids of the pages it read."""

    id: str
    listing: str
    url: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    captures: tuple[str, ...]


class EditionLine(Result):
    """One edition of a report. ``change``: why it began: ``first``, or how the content changed."""

    id: str
    agency: str
    year: int
    track: str
    first_seen: datetime
    last_seen: datetime
    content_digest: str
    main: str
    cells_from: str | None
    declared: date | None
    change: str
    former: str | None
    captures: tuple[CaptureLine, ...]
    findings: tuple[Finding, ...]


class AgencyName(Result):
    """An agency that another agency's row names. ``known`` False: the registry does not have it; ``name`` is its id."""

    id: str
    name: str
    known: bool


class AskWhom(Result):
    """Whom to ask about an agency that ended: how and on which last day it ended, and its successors by its row.
    ``heirs``: the present agencies that the successors lead to; () if no agency took over, or it is not known which.
    """

    ended: str | None
    last_day: date | None
    successors: tuple[AgencyName, ...]
    heirs: tuple[AgencyName, ...]
    zh: str
    en: str


class LocalDue(Result):
    """A stricter due date of the place itself, before that of the law; no report is late because of it."""

    due: date
    basis: str
    source: str


def by_minute(history: Iterable[StatusInterval]) -> list[StatusInterval]:
    """Return a history for people: of the statuses that begin within one minute, in one crawl, only the last."""
    return [*{one.since.replace(second=0, microsecond=0): one for one in history}.values()]


class Verdict(Result):
    """A duty's status as of a time, its whole history, and all evidence for it and its findings.

    ``ask``: if the agency ended, who took over; ``local``: stricter due dates of the place; ``leads``: links with
    unread documents, because of which the status is still unknown; ``lists_as_of``: when all lists that tell about this
    report had been last read to their end, None if one never was.
    """

    as_of: datetime
    duty: DutyLine
    basis: str
    holiday: str | None
    history: tuple[StatusInterval, ...]
    looks: tuple[LookLine, ...]
    captures: tuple[CaptureLine, ...]
    rulings: tuple[Ruling, ...]
    editions: tuple[EditionLine, ...]
    findings: tuple[Finding, ...]
    ask: AskWhom | None = None
    local: tuple[LocalDue, ...] = ()
    leads: tuple[Lead, ...] = ()
    lists_as_of: datetime | None = None

    @property
    def stated_as_of(self) -> datetime:
        """The time for which the status is stated: of an absence the last complete look, of a report that was taken
        down the last at all lists that could show it again, else the time asked about (also if the first look at all
        came too late to tell).
        """
        if self.duty.withdrawn and self.lists_as_of is not None:
            return min(self.as_of, self.lists_as_of)
        return self.as_of if self.duty.reason == "gone_or_never" else self.duty.absent_as_of or self.as_of

    @property
    def absences(self) -> Sequence[str]:
        """The ids of the complete looks that prove the report missing or late; none for other statuses."""
        if self.duty.status not in {Status.MISSING, Status.NOT_FOUND, Status.LATE}:
            return ()
        proving = {one.id for one in self.duty.looks}  # others belong to findings
        return [one.id for one in self.looks if one.id in proving and one.outcome is LookOutcome.OK and one.captures]

    @property
    def further_absences(self) -> Sequence[datetime]:
        """From when on further looks (readings of lists) proved the report missing: looks on which neither the present
        status nor an earlier entry of this list rests.
        """
        looks_shown = {one.id for one in self.looks}
        instants = []
        for interval in self.history:
            if interval.status in {Status.MISSING, Status.NOT_FOUND} and (further := {*interval.looks} - looks_shown):
                instants.append(interval.since)
                looks_shown |= further
        return instants

    by_minute = staticmethod(by_minute)


# ---------------------------------------------------------------------------------------------- reports


class CellLine(Result):
    """One printed cell of the form: its labels as the form prints them, its value, and where the document has it."""

    id: str
    section: str
    row: str
    column: str
    unit: str
    value: Decimal | None
    raw: str
    state: CellState
    locator: Mapping[str, object]
    flags: tuple[str, ...]


class SectionLine(Result):
    """A section of text as printed, mobile numbers masked."""

    heading: str
    text: str


class Report(Result):
    """An edition with its cells in the order of its form, the figures that only its text states, and its source."""

    agency: AgencyLine
    edition: EditionLine
    others: tuple[str, ...]
    title: str
    kind: str
    form: str | None
    reader: str
    cells: tuple[CellLine, ...]
    sections: tuple[SectionLine, ...]
    findings: tuple[Finding, ...]
    source: CaptureLine | None
    withheld: bool = False
    stated: tuple[StatedFigure, ...] = ()


class CellChange(Result):
    """One cell that differs between two editions; ``before`` or ``after`` is None if that edition does not print it.
    ``zh``: its labels as the form prints them; ``en``: their English names.
    """

    id: str
    section: str
    row: str
    column: str
    before: CellLine | None
    after: CellLine | None
    zh: str = ""
    en: str = ""


class MarkedParagraph(Result):
    """A paragraph as printed, persons masked. ``marks``: begin and end of each part that changed (none if the whole
    paragraph was added or removed); ``document``: SHA-256; ``locator``: numbers of ``section`` and ``paragraph``, from
    1, in the text that ``nianbao show --text`` prints; a heading is paragraph 0.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    document: str
    locator: Mapping[str, int]


class ParagraphChange(Result):
    """A paragraph before and after a change. ``op``: ``replaced``; ``added`` (``before`` is None) or ``removed``.
    ``heading`` and ``key``: those of its section, in the later edition if it has this section.
    """

    op: str
    heading: str
    key: str
    before: MarkedParagraph | None
    after: MarkedParagraph | None


class Difference(Result):
    """The differences between two editions; if a ruling withholds one (``withheld``), no differences are given.
    ``shortened``: one edition has more lines than are compared.
    """

    agency: AgencyLine
    year: int
    before: EditionLine
    after: EditionLine
    cells: tuple[CellChange, ...]
    withheld: bool = False
    paragraphs: tuple[ParagraphChange, ...] = ()
    shortened: bool = False


# ------------------------------------------------------------------------------------------ portals, runs, non-reports


class PortalLine(Result):
    """A portal, and how much the archive has from it. ``last_crawl``: how its last finished crawl ended."""

    name: str
    place: str
    division: str | None
    hosts: tuple[str, ...]
    family: str
    agencies: int
    listings: int
    looks: int
    complete_as_of: datetime | None
    last_look: datetime | None
    last_crawl: str | None
    reports: int


class RunLine(Result):
    """One crawl of one portal. ``notes``: how it ended, as codes and values; ``note``: the same in a sentence."""

    id: str
    portal: str
    place: str
    purpose: str
    started: datetime
    finished: datetime | None
    outcome: str | None
    note: str
    notes: tuple[Note, ...]
    counts: Mapping[str, int]


class NonReport(Result):
    """A document that is no report, where it was found, and why it is none. ``documents``: how many equal ones."""

    document: str
    url: str
    portal: str
    kind: str
    title: str
    reason: str
    documents: int = 1


# ---------------------------------------------------------------------------------------------- totals, citations


class PlaceTotals(Result):
    """The duties of one portal's agencies, counted by reporting year and status."""

    portal: str
    place: str
    division: str | None
    years: Mapping[int, Counts]


class Totals(Result):
    """The counts of :class:`Coverage` by portal and year instead of by agency; portals in the order of divisions."""

    as_of: datetime
    years: tuple[int, ...]
    places: tuple[PlaceTotals, ...]
    counts: Counts
    townships: Counts
    others: Counts
    rates: tuple[RateRow, ...]
    evidence: tuple[EvidenceGrade, ...] | None
    known: Known


class Citation(Result):
    """Everything needed to cite an edition or a cell, and to find its bytes again.

    ``address``: its permanent address; ``record``: the capture of the document with the SHA-256 ``digest`` (None if the
    archive has none); ``published``: the date that the site states. ``withheld``: a ruling hides the contents, so title
    and cell are left out. ``simulated``: the portal is an imitation.
    """

    address: str
    agency: str
    place: str
    year: int
    title: str
    edition: EditionLine
    published: str | None
    record: CaptureLine | None
    digest: str
    cell: CellLine | None = None
    withheld: bool = False
    simulated: bool = False


class CitableAbsence(Result):
    """Everything needed to cite that a report was looked for and not found, and to check this.

    ``address``: that of the duty; ``as_of``: the time of the last complete look without the report; ``looks``: the
    proof, each look with its captures and their SHA-256; ``basis``: the rule by which the report is due; ``zh``,
    ``en``: the absence as a sentence. ``simulated``: the portal is an imitation.
    """

    address: str
    agency: str
    place: str
    portal: str
    year: int
    status: Status
    evidence: str
    due: date | None
    basis: str
    as_of: datetime
    zh: str
    en: str
    looks: tuple[LookLine, ...]
    simulated: bool = False
