"""The records of nianbao as plain frozen dataclasses, which all other packages import.

Standard library only. Every instant is a datetime with time zone (stored as UTC); a date is a day in Asia/Shanghai.
The first half is *truth* (observed or ruled, only added), the second half *projection* (can be derived again).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

#: China has had one time zone without summer time since 1992, before any report, so no zone files are needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

#: Marks a field that a later schema added. Older rows and seals do not have it; newer ones have it only if it differs
#: from its default.
ADDED_LATER = {"added_later": True}
_IN_FEEDS = {"serializer": datetime.isoformat}  # how ``scrapy crawl -O`` writes an instant


def is_added_later(entry: Field[Any]) -> bool:
    """Return whether a later schema added a field."""
    return "added_later" in entry.metadata


# ---------------------------------------------------------------------------------------------- vocabularies


class AgencyKind(StrEnum):
    """The kind of an agency, which decides whether and by when it must publish a report (条例 art. 49)."""

    GOVERNMENT = "government"
    OFFICE = "office"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    SUBDISTRICT = "subdistrict"
    OTHER = "other"


TOWNSHIPS = frozenset({AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})


ReportKey = tuple[str, int]  #: which report: an agency's id and a reporting year


class AgencyEnd(StrEnum):
    """How an agency ended. ``divided``: among several others; ``abolished``: without a known successor."""

    MERGED = "merged"
    RENAMED = "renamed"
    DIVIDED = "divided"
    ABOLISHED = "abolished"


class ReportKind(StrEnum):
    """What a report covers: one agency, a whole government, or a whole system (one document for many agencies)."""

    AGENCY = "agency"
    GOVERNMENT = "government"
    SYSTEM = "system"


class LookOutcome(StrEnum):
    """How an attempt to read a listing ended. Only an ``ok`` look can prove that a report was absent."""

    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    ROBOTS = "robots"
    SCRIPT_ONLY = "script_only"
    CHANGED = "changed"


class RunOutcome(StrEnum):
    """How a run ended: a crawl, or an import. ``stopped``: by a person; ``cut``: its process was killed; ``attention``:
    a person should look at it; ``blocked``, ``robots`` and ``unreachable``: no list was read, for this reason.
    """

    OK = "ok"
    ATTENTION = "attention"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    STOPPED = "stopped"
    CUT = "cut"


PREVIEW = "preview"  #: reason of a ``changed`` look: the page shows the newest entries of lists at other addresses
PAGE_PART = "page_part"  #: reason of a ``changed`` look: a script, a style sheet, a picture or a font
NOT_A_LISTING = frozenset({PREVIEW, PAGE_PART})  #: the page is not a listing, so it proves nothing about any agency


class CaptureOutcome(StrEnum):
    """What one fetch returned, judged from the response alone."""

    PAGE = "page"
    EMPTY = "empty"
    SOFT_404 = "soft_404"
    NOT_FOUND = "not_found"
    NOT_MODIFIED = "not_modified"
    REDIRECT = "redirect"
    BLOCKED = "blocked"
    ERROR = "error"
    ROBOTS = "robots"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"

    @property
    def is_page(self) -> bool:
        """Whether the page itself came; the bytes of errors and challenges are kept, but are no page."""
        return self in (CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED)


class CaptureRole(StrEnum):
    """Why a URL was fetched. ``resource``: what a listing loaded while it was rendered, and its screenshot."""

    LISTING = "listing"
    REPORT = "report"
    ATTACHMENT = "attachment"
    ROBOTS = "robots"
    RESOURCE = "resource"


class ListingForm(StrEnum):
    """``column``: a page (or pages) of links. ``addressed``: one address per agency and year, which is the report.
    ``searched``: results of the portal's own search; read like a column, but never complete, so they prove no absence.
    """

    COLUMN = "column"
    ADDRESSED = "addressed"
    SEARCHED = "searched"


class RulingKind(StrEnum):
    """What a decision is about. The keys of ``subject`` and ``decision`` are listed at :class:`Ruling`."""

    LEAD = "lead"
    BINDING = "binding"
    SCOPE = "scope"
    DUTY = "duty"
    VOID_LOOK = "void_look"
    NEW_BASE = "new_base"
    WITHHOLD = "withhold"
    REGISTRY = "registry"
    LISTING = "listing"
    CERTIFICATE = "certificate"
    CITED_BY = "cited_by"


class Severity(StrEnum):
    """How important a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CellState(StrEnum):
    """``printed``: a number (or a text kept raw); ``blank``: nothing; ``mark``: "-", "/", "无" (blank, flagged).

    A cell that the form does not have in print has no :class:`StoredCell`.
    """

    PRINTED = "printed"
    BLANK = "blank"
    MARK = "mark"


class Status(StrEnum):
    """Status of a duty as of a time (docs/status-rules.md)."""

    NOT_EXPECTED = "not_expected"
    ELSEWHERE = "elsewhere"
    ON_TIME = "on_time"
    LATE = "late"
    UNDETERMINED = "undetermined"
    NOT_YET_DUE = "not_yet_due"
    MISSING = "missing"
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    NOT_FOUND = "not_found"


#: Statuses in which an agency need not have a report of its own by now.
NOT_OWED = frozenset({Status.NOT_EXPECTED, Status.ELSEWHERE, Status.NOT_YET_DUE})


class EvidenceGrade(StrEnum):
    """How strong the evidence for a status is."""

    PROVEN = "proven"
    ONE_LOOK = "one_look"
    CLAIMED = "claimed"
    CONFLICT = "conflict"
    RULED = "ruled"
    NONE = "none"


# ---------------------------------------------------------------------------------------------- truth: registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One government web site that lists reports. ``division`` is GB/T 2260 (6 digits) or None if unknown."""

    name: str
    place: str
    division: str | None
    hosts: tuple[str, ...]
    family: str
    cluster: str | None = None
    first_year: int = 2008
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency that must publish a report. ``id`` is ``<portal>/<local id>``; the latest ``recorded_at`` is valid.

    ``code``: the portal's own or the 统一社会信用代码; an empty ``valid_from``/``valid_to`` is unbounded. ``guessed``:
    no source attests the agency, so its duties are never *proven* missing or late. ``ended``: how it ended on
    ``valid_to``; ``successors``: ids of the agencies that took over its duties, but nothing else of it.
    """

    id: str
    portal: str
    name: str
    kind: AgencyKind
    code: str | None = None
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    aliases: tuple[str, ...] = ()
    source: str = ""
    guessed: bool = False
    ended: AgencyEnd | None = field(default=None, metadata=ADDED_LATER)
    successors: tuple[str, ...] = field(default=(), metadata=ADDED_LATER)
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where a portal shows its reports. ``id`` is ``<portal>:<key>``; the row with the latest ``recorded_at`` is valid.

    ``agency`` and ``year`` are set if the address itself names them (an addressed listing, an agency's own column).
    ``covers``: the kinds of agencies of this portal that publish here because of its structure (may be empty).
    ``ended_at``: what is seen here later is no evidence.
    """

    id: str
    portal: str
    url: str
    form: ListingForm
    column: str = ""
    agency: str | None = None
    year: int | None = None
    covers: tuple[AgencyKind, ...] = ()
    ended_at: datetime | None = None
    recorded_at: datetime


# ---------------------------------------------------------------------------------------------- truth: observations


@dataclass(frozen=True, slots=True)
class Note:
    """A message about a run: a code, and the values for its sentence.

    Screens show the sentence of the code in the reader's language; ``str`` is for logs only. ``values`` are JSON
    values: names, our codes and texts of portals, never sentences.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, object]:
        """Return the note as a JSON value, which another note may contain as a value."""
        return {"code": self.code, "values": dict(self.values)}

    @classmethod
    def of(cls, value: object) -> Note:
        """Return the note whose :attr:`as_json` this is. Raises ValueError for anything else."""
        match value:
            case {"code": str(code), "values": dict(values)}:
                return cls(code, values)
        raise ValueError(f"no note: {value!r}")

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={_in_log(value)}" for name, value in self.values.items())])


def _in_log(value: object) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {"code", "values"}:
            return f"({Note.of(value)})"
        return ",".join(f"{name}:{_in_log(item)}" for name, item in value.items())
    return ",".join(map(_in_log, value)) if isinstance(value, (list, tuple)) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One crawl of one portal by one process. ``outcome``: a :class:`RunOutcome`, in archives of before also another
    word. ``notes`` say how it ended; ``note`` is the English sentence that did so before schema 0009, else "".
    """

    id: str
    portal: str
    purpose: str
    started: datetime
    finished: datetime | None = None
    outcome: str | None = None
    note: str = ""
    notes: tuple[Note, ...] = field(default=(), metadata=ADDED_LATER)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def reached_end(self) -> bool:
        """Whether the run came to its end: a person did not stop it, nothing cut it short, and it is not under way."""
        return self.outcome not in {None, RunOutcome.CUT, RunOutcome.STOPPED, RunOutcome.FAILED}

    @property
    def looks(self) -> dict[str, int]:
        """The number of looks by outcome, without outcomes that did not occur."""
        looks = {name: number for name, number in self.counts.items() if number and name.startswith("look_")}
        return {name.removeprefix("look_"): number for name, number in looks.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a person set for the crawls of one portal, or of all (``portal`` None), where it differs from the default.

    ``settings``: settings of ``crawler/operations/planner.py`` with values as text. Only the latest row of a
    portal is valid. ``by`` and ``reason``: who set it, and why.
    """

    portal: str | None
    settings: Mapping[str, str]
    by: str
    reason: str = ""
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An event in the history of an operating problem: ``began``, ``told``, ``over``, ``reopened``, ``told_over``.

    ``key`` identifies the problem (code/portal); ``text``: what was seen, or the message that was sent.
    """

    key: str
    event: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPlace:
    """Where a record is: file name below the archive's WARC folder, byte offset, compressed length."""

    file: str
    offset: int
    length: int


#: Beginning of the reason of a capture that another archive made; the archive's name and ";" follow.
COPIED_FROM = "copied:"
#: Beginning of the reason of a capture that a browser made; its name and version follow.
RENDERED_BY = "rendered by "


def archive_in(reason: str) -> str:
    """Return the name of the other archive that made a capture with this reason, "" if it is our own."""
    return reason.removeprefix(COPIED_FROM).partition(";")[0] if reason.startswith(COPIED_FROM) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch: an exchange stored as WARC records, or a failure with its reason (then ``warc`` is None).

    ``id``: hex UUID of the WARC response or revisit record. ``requested``: the address of the link or listing, before
    redirects; ``via``: the capture that led here (a redirect, or the page of an attachment). ``payload_digest``:
    SHA-256 of the entity as sent; ``document``: SHA-256 after content decoding (it names the document). A revisit has
    both from the capture ``revisit_of``. ``server_date``: the server's ``Date`` header; all other instants are by our
    clock. ``tls``: what is wrong with the server's certificate, and the SHA-256 of the chain as sent
    (``expired,other_name sha256:3f…``); None if nothing is wrong, for plain http, and for captures before November
    2026, when certificates were not checked.
    """

    id: str
    run: str
    portal: str
    role: CaptureRole
    url: str
    requested: str
    fetched_at: datetime
    outcome: CaptureOutcome
    status: int | None = None
    reason: str = ""
    mime: str | None = None
    size: int | None = None
    payload_digest: str | None = None
    document: str | None = None
    warc: WarcPlace | None = None
    revisit_of: str | None = None
    via: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    server_date: datetime | None = None
    location: str | None = None
    link_text: str = ""
    tls: str | None = field(default=None, metadata=ADDED_LATER)

    @property
    def source(self) -> str:
        """Return the name of the other archive that made this capture, "" if it is our own."""
        return archive_in(self.reason)

    @property
    def is_shown_by_browser(self) -> bool:
        """Return whether a browser made this capture: a DOM or a picture, which no server sent."""
        return self.reason.startswith(RENDERED_BY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A raw link of a listing. ``text`` is the link's full title, ``row`` the text of its row or item.

    ``listed``: the date as printed beside it; ``capture``: that of its page.
    """

    url: str
    text: str
    listed: str | None = None
    row: str = ""
    position: int = 0
    capture: str = ""


#: Most bytes of an answer, as sent and unpacked. Larger ones are not fetched, unpacked or read: no report needs them.
LARGEST_BODY = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One attempt to read a listing to its end. ``total``: the number of entries that the listing itself states.

    ``control``: for an addressed listing, a capture in the same run of an address known to answer with a report.
    ``clock_skew``: greatest difference between our clock and the server's ``Date``, in seconds.
    """

    id: str
    run: str
    portal: str
    listing: str
    started: datetime = field(metadata=_IN_FEEDS)
    finished: datetime = field(metadata=_IN_FEEDS)
    outcome: LookOutcome
    reason: str = ""
    captures: tuple[str, ...] = ()
    total: int | None = None
    control: str | None = None
    clock_skew: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """The raw links of a look, as one version of the spider extracted them from its stored pages. ``doubt``: why that
    version does not find the list whole, although the look itself was ok (a reason of looks); None if it does.
    """

    look: str
    extractor: str
    made_at: datetime
    links: tuple[Link, ...]
    doubt: str | None = field(default=None, metadata=ADDED_LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A person's decision. Only added; a later ruling on the same kind and subject replaces an earlier one.

    ``source``: the document or address that supports it. Kind → subject → keys of ``decision``:

    * ``lead`` → link URL → ``is_report`` (true/false)
    * ``binding`` → document digest or report URL → ``agency`` (id), ``year``, ``report_kind``, or ``is_report: false``
    * ``scope`` → listing id → ``agency`` (id) or ``kind`` (all agencies of that kind of the listing's portal),
      ``from_year``, ``to_year`` (may be empty), ``covers`` (true/false)
    * ``duty`` → ``<agency id>/<year>`` → ``status``: ``not_expected`` or ``elsewhere`` (with ``where``), or
      ``expected``
    * ``void_look`` → look id → nothing
    * ``new_base`` → look id → nothing (the links of a suspect look become the new base for comparison)
    * ``listing`` → listing id → ``ended`` (instant after which it is no evidence; false: it has not ended) and ``url``,
      the address that was judged: the ruling is void if the listing now has another one
    * ``certificate`` → SHA-256 of a certificate chain, as in ``Capture.tls`` → ``holds`` (true: what came over it is
      accepted as evidence)
    * ``registry`` → ``<agency id or portal>/<code of a doubt>`` → ``holds`` (true: the row is right as it is)
    * ``withhold`` → document digest, or ``<agency id>/<year>`` (the report with all editions, also later ones) →
      ``lifted`` (true: it is shown again)
    * ``cited_by`` → ``<agency id>/<year>#<title of the work>``, behind it ``@<digest>#<indicator>`` if only an edition
      or cell is cited → ``title``, ``url``, ``used`` (instant from which the author knew the report), ``edition``,
      ``cell``, ``lifted`` (true: the work does not cite it)
    """

    id: str
    made_at: datetime
    by: str
    kind: RulingKind
    subject: str
    decision: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    reason: str
    source: str = ""


# ---------------------------------------------------------------------------------------------- projection: reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fact that a user should know. ``code``: see ``docs/findings.md``; ``cells`` are indicator ids."""

    code: str
    severity: Severity
    zh: str
    en: str
    cells: tuple[str, ...] = ()
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCell:
    """One place of the form in one reading.

    ``value`` is exact (fees in 万元, procurement in 元), or None for a blank, a mark and unreadable text. ``raw`` is
    the text as printed. ``locator`` says where: ``{"table": 2, "row": 5, "col": 7}`` with ``"css"`` for HTML,
    ``"page"`` and ``"box"`` (points, left-bottom-right-top) for PDF, ``"line"`` for text. ``flags`` are doubts about
    this cell (``unit_missing``, ``mark``, ``remark``, ``not_integer``, ``order_only`` …).
    """

    id: str
    value: Decimal | None
    raw: str
    state: CellState
    locator: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure that the text states, no cell. ``id``: of a place of the form or a derived row; ``label``: its name.

    ``raw``: the clause as printed; ``section``: number of the reading's section, from 0; ``line``: of its text, from 1.
    """

    id: str
    label: str
    value: Decimal
    raw: str
    sentence: str
    section: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedWitness:
    """A date found in or about a document. ``origin``: ``metadata`` (PubDate, 发布日期), ``signature`` (落款 …),
    ``listing``, ``url``, ``last_modified``, ``object_id``. ``text`` is as printed.
    """

    origin: str
    at: datetime
    text: str
    day_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of text with its heading as printed; ``key``: the form's section (``overview`` …) or ``""``."""

    heading: str
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """Something linked or embedded by a page that may hold the report: ``attachment``, ``embed`` or ``image``."""

    kind: str
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEvidence:
    """What a document says about whose report it is and for which year, strongest first within each field.

    ``titles``: printed titles (main text); ``meta``: page metadata by lower-case name (``articletitle``, ``pubdate``,
    ``contentsource``, ``sitename``, ``columnname``, ``url``) and the 索引号 table (``发布机构``, ``发布日期`` …);
    ``statements``: agencies named in opening or signature ("本报告由X编制", "现将X…公开如下"); ``period``: years of
    统计期限; ``running``: places and agencies in running text (weakest).
    """

    titles: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    breadcrumb: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    period: tuple[int, ...] = ()
    running: tuple[str, ...] = ()
    corrected: bool = False
    dates: tuple[DatedWitness, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one version of our reader extracts from one document. A pure function of the bytes.

    If ``is_report`` is False, ``reason`` says why (``blank_template``, ``other_report``, ``soft_404``, ``empty`` …).
    ``form``: name of the form file or ``pre2019``, None if no table was recognised. ``content_digest``: of the
    normalised main text and cells (``normaliser`` is its version), so that page furniture makes no new edition.
    ``unreadable``: why there is no text.
    """

    document: str
    reader: str
    normaliser: str
    kind: str
    is_report: bool
    reason: str
    title: str
    form: str | None
    identity: IdentityEvidence
    cells: Mapping[str, StoredCell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sections: tuple[Section, ...] = ()
    parts: tuple[PagePart, ...] = ()
    text: str = ""
    content_digest: str
    unreadable: str = ""

    @property
    def from_pictures(self) -> bool | None:
        """Whether its cells that are not empty were recognised in pictures; None: some of them."""
        answers = {"confidence" in cell.locator for cell in self.cells.values() if cell.raw}
        return None if len(answers) > 1 else True in answers


# ---------------------------------------------------------------------------------------------- projection: judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A link that may be a report, with its judgement. ``confidence`` is 0–1."""

    portal: str
    listing: str
    url: str
    title: str
    listed: date | None
    is_report: bool
    agency: str | None
    agency_name: str | None
    year: int | None
    report_kind: ReportKind | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Whose report a document at an address is, or that it is none. ``agency``: a registry id, or None if unknown.

    ``basis``: the evidence that decided each field (``title``, ``listing``, ``metadata``, ``period``, ``place``,
    ``running``, ``ruling``).
    """

    document: str
    url: str
    is_report: bool
    reason: str
    agency: str | None = None
    agency_name: str | None = None
    year: int | None = None
    report_kind: ReportKind | None = None
    covers: tuple[str, ...] = ()
    basis: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_ruled(self) -> bool:
        """Return whether a ruling decided any part of it."""
        return "ruling" in self.basis.values()


#: ``change`` of an edition that is known only from files imported by hand.
UNDATED = "undated"
#: How an edition began → code of the finding that says so.
FINDING_OF_CHANGE = {
    "silent": "silent_revision",
    "announced": "announced_revision",
    "returned": "former_content",
    "reshaped": "other_shape",
    UNDATED: "undated_version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A report as it was on one track from ``first_seen`` to ``last_seen``. Named agency/year@digest.

    ``main``: digest of its first document; ``cells_from``: digest of the document with its cells (the page, else the
    first attachment with the form; a digest over several documents if these are combined). ``track``: the address first
    requested, or that of the edition that it replaced. ``former``: the edition before it there, ``former_last_seen``:
    when that was last seen there. ``change``: how it began (``first``, ``silent``, ``announced``, ``returned``,
    ``reshaped``; ``undated``: known only from files imported by hand, at ``first_seen``).
    ``known_from``: since when this archive has it; later than ``first_seen`` if another archive saw it first.
    ``dated_from``: since when it knows ``first_seen``, if that is later: another archive's capture came in then.
    """

    id: str
    agency: str
    year: int
    track: str
    content_digest: str
    main: str
    cells_from: str | None
    first_seen: datetime
    last_seen: datetime
    known_from: datetime
    captures: tuple[str, ...]
    documents: tuple[str, ...]
    former: str | None = None
    former_last_seen: datetime | None = None
    change: str = "first"
    declared: date | None = None
    findings: tuple[Finding, ...] = ()
    dated_from: datetime | None = None

    def knows(self, source: str, at: datetime) -> bool:
        """False for a capture by another archive (``source``) that was not known at the time of ``editions_known``."""
        is_dated = self.dated_from is None or self.first_seen < self.known_from
        return is_dated or not source or at >= self.first_seen

    @property
    def report(self) -> ReportKey:
        """Return the report (agency, year) of which this is an edition."""
        return self.agency, self.year

    @property
    def cells_document(self) -> str:
        """Return the SHA-256 of the document that the cells come from or, if there are none, of the main one."""
        return self.cells_from or self.main

    @property
    def order(self) -> tuple[bool, datetime, datetime, str]:
        """Return the sort key for the editions of one report, current edition last: by the time when they were first
        seen, undated ones before all others.
        """
        return self.change != UNDATED, self.first_seen, self.last_seen, self.id


def editions_by_report(editions: Iterable[Edition]) -> dict[ReportKey, list[Edition]]:
    """Return editions by report (agency, year), those of each report in their order."""
    by_report: dict[ReportKey, list[Edition]] = {}
    for edition in sorted(editions, key=lambda one: one.order):
        by_report.setdefault(edition.report, []).append(edition)
    return by_report


def editions_known(editions: Iterable[Edition], instant: datetime) -> list[Edition]:
    """Return the editions (contents of a report over time) known at ``instant``, in order, as they were known then.

    What came in from another archive after ``instant`` began no edition yet, and ended none: an edition that follows an
    unknown one is the first; if its content was there before, it only continues that edition. ``editions``: of whole
    reports, those of one report in their order.
    """
    by_then = [one for one in editions if one.known_from <= instant]
    ids, as_known = {one.id for one in by_then}, dict[str, Edition]()
    last_with: dict[tuple[str, int, str], str] = {}  # report and content → the edition that showed it last
    for one in by_then:
        edition, content = one, (*one.report, one.content_digest)
        if one.dated_from is not None and one.dated_from > instant:
            edition = replace(edition, first_seen=one.known_from)
        if one.former is not None and one.former not in ids:
            findings = tuple(finding for finding in one.findings if finding.code != FINDING_OF_CHANGE.get(one.change))
            edition = replace(edition, change="first", former=None, former_last_seen=None, findings=findings)
            if content in last_with:  # it was never away
                same = as_known[last_with[content]]
                captures, documents = (*same.captures, *one.captures), (*same.documents, *one.documents)
                edition = replace(same, last_seen=one.last_seen, captures=captures, documents=documents)
        as_known[edition.id], last_with[content] = edition, edition.id
    return [*as_known.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Agency × reporting year. ``due`` is None if no law sets a date (townships); then ``practice`` has the usual one.

    ``basis``: the article or rule; ``guessed``: no source attests the agency in that year or later.
    """

    agency: str
    year: int
    kind: AgencyKind
    due: date | None
    practice: date | None
    basis: str
    guessed: bool = False
    holiday: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInterval:
    """The status of a duty for every as-of time in [since, until); ``until`` None: to now.

    ``rule``: the row of the table in docs/status-rules.md; ``reason``: a code (``gone_or_never`` …), with its sentences
    ``zh`` and ``en``. ``first_shown``: when the report was first seen. ``last_absent``: when the last absence before
    that (or before the as-of time) began; for ``gone_or_never`` the first. ``days_late``: only for ``claimed``.
    """

    agency: str
    year: int
    since: datetime
    until: datetime | None
    status: Status
    evidence: EvidenceGrade
    rule: int
    reason: str
    zh: str
    en: str
    first_shown: datetime | None = None
    last_absent: datetime | None = None
    declared: date | None = None
    days_late: int | None = None
    witnesses: tuple[DatedWitness, ...] = ()
    looks: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    rulings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
