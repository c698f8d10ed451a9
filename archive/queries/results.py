"""Records that several answers contain; the command line, Python, the API and exports share them.

Times are datetimes with zones, values exact decimals, codes enums. ``to_dict()`` converts a record to plain dicts and
lists, with enums as text and keys in a stable order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    Status,
    StatusInterval,
    archive_in,
)

# ---------------------------------------------------------------------------------------------- overview


class AgencyLine(Result):
    """The agency an answer speaks of, with its portal."""

    id: str
    name: str
    kind: AgencyKind
    portal: str
    place: str
    division: str | None


class DutyLine(Result):
    """One duty and its status as of the question's time. ``zh`` and ``en`` say the reason in a sentence.

    ``absent_as_of``: the last complete look that supports an absence, which is stated as of it; None for a status that
    states none.
    ``days_late``: as the site's own date says (``claimed``), or the least that looks prove; None where neither does.
    ``looks``, ``captures``: what the status rests on; ``editions``: ids of the report's editions, oldest first, as
    ``nianbao show --edition`` and ``nianbao cite --edition`` take them. Empty where they were not asked for; of a
    withheld report neither captures nor editions are given.
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


class Counts(Result):
    """How many duties have which status; ``unknown_share`` is that of unknown among all that are expected and due."""

    total: int
    by_status: Mapping[str, int]
    unknown_share: float | None


class CoverageRow(Result):
    """One agency's duties, by year (None where the agency owes none)."""

    agency: AgencyLine
    cells: Mapping[int, DutyLine]


class Coverage(Result):
    """Agency × year. Townships and subdistricts (``townships``), and bodies for which no rule sets a day (``others``),
    are counted apart. ``rates``: of each of these groups, by year and over all years. ``evidence``: the grades asked
    for (None: all); duties of others are not in ``rows`` and counts, and in ``rates`` they are not taken for known.
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
    """Duties that answer a question, and apart those of townships and subdistricts. ``known``: how much is known of
    all that were asked about, so that an empty list says whether there are none or nobody knows.
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
    """A capture as evidence: what was fetched when, and where its record lies. ``tls``: what is wrong with the
    certificate over which it came, and the SHA-256 of the chain; null where nothing is.
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


class ControlLine(Result):
    """What proves that an empty answer counts: the report that the site gave in the same crawl, when it was asked in
    the same way for ``agency`` (its name) and ``year``.
    """

    agency: str
    year: int
    capture: CaptureLine


class LookLine(Result):
    """A look as evidence: which listing, when, how it ended, what it fetched; ``suspect`` looks prove nothing.
    ``whole_from``: one that ended ``partial`` counts as read to its end from this reporting year on, since its entries
    stand in order and reach back far enough; null for any other. ``control``: of an empty answer, what the site gave
    for a report that exists; null of other looks, and where that report is withheld.
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


class EditionLine(Result):
    """One edition of a report; ``change`` says what opened it (``first`` or how the content changed)."""

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


class BodyName(Result):
    """A body named by another's row. ``known`` False: the registry holds no such body, ``name`` is the id."""

    id: str
    name: str
    known: bool


class AskWhom(Result):
    """Of a body that ended: how and on which last day, the successors its row names, and who stands in its place now.

    ``heirs``: those to whom the successors lead; () where nobody took over, or nobody knows who.
    """

    ended: str | None
    last_day: date | None
    successors: tuple[BodyName, ...]
    heirs: tuple[BodyName, ...]
    zh: str
    en: str


class LocalDue(Result):
    """What the place itself demands, before the day of the law; it makes nobody late."""

    due: date
    basis: str
    source: str


def by_minute(history: Iterable[StatusInterval]) -> list[StatusInterval]:
    """Return a history as people read it: of what one crawl stored within a minute, how it ended."""
    return [*{one.since.replace(second=0, microsecond=0): one for one in history}.values()]


class Verdict(Result):
    """A duty's status as of a time, its whole history, and everything that it and its findings rest on.

    ``ask``: of a body that ended, who stands in its place; ``local``: what the place itself demands, besides the law;
    ``leads``: the links that keep an unknown status open, as nobody has read what they lead to.
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

    @property
    def stated_as_of(self) -> datetime:
        """The instant as of which the status is stated: of an absence its last complete look, else that asked about."""
        return self.duty.absent_as_of or self.as_of

    by_minute = staticmethod(by_minute)


# ---------------------------------------------------------------------------------------------- reports


class CellLine(Result):
    """One printed place of the form: its labels as the form prints them, the value and where it stands."""

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


class StatedLine(Result):
    """A figure that the text states and no table gives; it is no cell.

    ``raw``: the number as printed; ``sentence``: the words about it, persons masked; ``section``: which section of the
    report, from 0; ``line``: of its text, from 1.
    """

    id: str
    label: str
    value: Decimal
    raw: str
    sentence: str
    section: int
    line: int


class SectionLine(Result):
    """A section of text as printed, mobile numbers masked."""

    heading: str
    text: str


class Report(Result):
    """An edition with its cells in the order of its form, what its text alone states, and where they come from."""

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
    stated: tuple[StatedLine, ...] = ()


class CellChange(Result):
    """One place that differs between two editions; a side is None where the place is not printed.

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
    """A paragraph as printed, persons masked. ``marks``: begin and end of each part that changed (none where all of it
    is new or gone); ``document``: SHA-256; ``locator``: numbers of ``section`` and ``paragraph``, from 1, in the text
    that ``nianbao show --text`` prints; a heading is paragraph 0.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    document: str
    locator: Mapping[str, int]


class ParagraphChange(Result):
    """A paragraph beside the one that it became; ``op``: ``replaced``, or ``added`` or ``removed`` with None beside it.

    ``heading`` and ``key``: of the section, as it stands now if it still does.
    """

    op: str
    heading: str
    key: str
    before: MarkedParagraph | None
    after: MarkedParagraph | None


class Difference(Result):
    """Two editions side by side; where one is ``withheld``, what differs is not given out.

    ``shortened``: more lines than are compared stand in one of them.
    """

    agency: AgencyLine
    year: int
    before: EditionLine
    after: EditionLine
    cells: tuple[CellChange, ...]
    withheld: bool = False
    paragraphs: tuple[ParagraphChange, ...] = ()
    shortened: bool = False


# ---------------------------------------------------------------------------------------------- keeping


class PortalLine(Result):
    """A portal with what is held of it."""

    name: str
    place: str
    division: str | None
    hosts: tuple[str, ...]
    family: str
    agencies: int
    listings: int
    looks: int
    last_ok_look: datetime | None
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
    """A document that was no report, where it was met, and why it is none; ``documents``: how many alike were there."""

    document: str
    url: str
    portal: str
    kind: str
    title: str
    reason: str
    documents: int = 1


# ---------------------------------------------------------------------------------------------- counts, citations


class PlaceTotals(Result):
    """The duties of one portal's bodies by reporting year, counted by status."""

    portal: str
    place: str
    division: str | None
    years: Mapping[int, Counts]


class Totals(Result):
    """What :class:`Coverage` says, by portal and year in place of by body; by division."""

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
    """What is needed to cite an edition or a cell, and to find its bytes again.

    ``address``: see above; ``url`` and ``fetched_at``: of the capture that ``record`` keeps, whose document has the
    SHA-256 ``digest`` (None where no capture is held); ``published``: the date the site declares. ``withheld``: a
    ruling hides the contents, so there is no title and no cell. ``simulated``: the portal is an imitation.
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
    """What is needed to cite that a report was looked for and not found, and to check it.

    ``address``: of the duty; ``as_of``: the last complete look that supports it; ``looks``: those that prove it, each
    with its captures and their SHA-256; ``basis``: the rule by which it is due. ``zh`` and ``en`` say it in a sentence.
    ``simulated``: the portal is an imitation.
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


class CaptureRef(Result):
    """A fetch that a line rests on: ``nianbao show-capture`` takes its ``id``."""

    id: str
    url: str
    fetched_at: datetime
    outcome: CaptureOutcome
    http_status: int | None


class LookRef(Result):
    """A look that a line rests on: which listing, where, when, how it ended; ``captures``: the pages it read, by id."""

    id: str
    listing: str
    url: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    captures: tuple[str, ...]


class Known(Result):
    """How much is known of the duties that a question chose, as of its time.

    ``duties``: all of them; ``not_owed``: not expected or not yet due; ``unknown``: nobody can say whether they were
    published, with how many for which ``reasons`` (codes of docs/statuses.md); ``undetermined``: seen, but nobody can
    say whether in time. ``first_record``: where none of them was known by then, when the first was; None where none
    ever was. ``portals``: those of whose duties most are unknown.

    Beside the duties, where that was looked up: ``unnamed``: reports held that name nobody known, or no year (on these
    years, or none); ``unread``: lists whose last look did not show them to their end; ``guessed``: bodies that no
    source attests; ``few``: portals of which hardly any department is known, so that most who owe reports there are
    not; ``unjudged``: portals of which nothing was ever read and judged; ``asked``: portals that were asked about.
    """

    duties: int
    not_owed: int
    unknown: int
    reasons: Mapping[str, int]
    undetermined: int
    first_record: datetime | None = None
    portals: tuple[str, ...] = ()
    unnamed: int = 0
    unread: int = 0
    guessed: int = 0
    few: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    asked: int | None = None


class Rate(Result):
    """``count`` of ``population`` are such, ``unknown`` more may be: between ``low`` and ``high`` (shares, 0 to 1)."""

    count: int
    unknown: int
    population: int
    low: float
    high: float
    unknown_share: float


class RateRow(Result):
    """The rates of one group (``statutory``, ``townships``, ``others``) on one year, or all years asked for (None).

    ``due``: how many duties are expected and due; ``not_counted``: how many are not, so that they are in no rate.
    ``rates``: by name, as docs/statuses.md defines them.
    """

    group: str
    year: int | None
    due: int
    not_counted: int
    rates: Mapping[str, Rate]
