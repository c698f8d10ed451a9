"""The nouns of nianbao, as plain frozen dataclasses: the floor of the house, imported by everybody.

Standard library only. Every instant is an aware datetime (stored as UTC); a date is a calendar day in Asia/Shanghai.
The first half is *truth* (observed or ruled, append-only), the second half is *projection* (made again at any time).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

#: China has kept one time, without summer time, since 1992, before any report: no zone files are needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

#: Marks a field that a later schema added. Rows and seals made before say nothing of it; later ones do where it differs
#: from its default.
ADDED_LATER = {"added_later": True}


def is_added_later(entry: Field[Any]) -> bool:
    """Whether a later schema added a field."""
    return "added_later" in entry.metadata


# ---------------------------------------------------------------------------------------------- vocabularies


class AgencyKind(StrEnum):
    """What a body is, which decides whether and when it owes a report (条例 art. 49)."""

    GOVERNMENT = "government"
    OFFICE = "office"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    SUBDISTRICT = "subdistrict"
    OTHER = "other"


class AgencyEnd(StrEnum):
    """How a body ended. ``divided``: among several others; ``abolished``: nobody took over, or nobody knows who."""

    MERGED = "merged"
    RENAMED = "renamed"
    DIVIDED = "divided"
    ABOLISHED = "abolished"


class ReportKind(StrEnum):
    """For whom a report speaks: one agency, a whole government, or a whole system (one document, many agencies)."""

    AGENCY = "agency"
    GOVERNMENT = "government"
    SYSTEM = "system"


class LookOutcome(StrEnum):
    """How an attempt to read a listing ended. Only an ``ok`` look can be evidence of absence."""

    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    ROBOTS = "robots"
    SCRIPT_ONLY = "script_only"
    CHANGED = "changed"


PREVIEW = "preview"  #: reason of a ``changed`` look: the newest entries of lists that stand at other addresses
PAGE_PART = "page_part"  #: likewise: a script, a style sheet, a picture or a font
NOT_A_LISTING = frozenset({PREVIEW, PAGE_PART})  #: what was looked at is no listing; it speaks for nobody


class CaptureOutcome(StrEnum):
    """What one fetch turned out to be, as judged from the response alone."""

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


class CaptureRole(StrEnum):
    """Why a URL was fetched. ``resource``: what a listing loaded while it was rendered, and the picture of it."""

    LISTING = "listing"
    REPORT = "report"
    ATTACHMENT = "attachment"
    ROBOTS = "robots"
    RESOURCE = "resource"


class ListingForm(StrEnum):
    """``column``: a page (or pages) of links. ``addressed``: one address per agency and year, which is the report.
    ``searched``: what the portal's own search answers; read as a column is, and never to an end that proves an absence.
    """

    COLUMN = "column"
    ADDRESSED = "addressed"
    SEARCHED = "searched"


class RulingKind(StrEnum):
    """What a person decided about. ``subject`` and ``decision`` keys are given at :class:`Ruling`."""

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


class Severity(StrEnum):
    """How much a finding matters to a reader."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CellState(StrEnum):
    """``printed``: a number (or a text kept raw) stands there; ``blank``; ``mark``: "-", "/", "无" (blank, flagged).

    A cell that is not printed at all has no :class:`Cell`.
    """

    PRINTED = "printed"
    BLANK = "blank"
    MARK = "mark"


class Status(StrEnum):
    """Status of a duty as of a time (docs/statuses.md)."""

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


class EvidenceGrade(StrEnum):
    """How well a status is founded."""

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
    """A body that owes a report. ``id`` is ``<portal>/<local id>``; the row with the latest ``recorded_at`` holds.

    ``code`` is the portal's own or the 统一社会信用代码; an empty ``valid_from``/``valid_to`` is unbounded.
    ``guessed``: no source attests the body; its duties are never *proven* missing or late. ``ended``: how it ended on
    ``valid_to``; ``successors``: ids of the bodies that took its duties over, which inherit nothing else from it.
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
    """Where a portal shows its reports. ``id`` is ``<portal>:<key>``; the row with the latest ``recorded_at`` holds.

    ``agency`` and ``year`` are set where the address itself names them (an addressed listing, an agency's own column).
    ``covers``: the kinds of agencies of this portal that, by the portal's structure, publish here (may be empty).
    ``ended_at``: nothing seen there after it is evidence.
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
    """What a person should know of a run: a code, and the values that stand in its sentence.

    Who shows it says the sentence in the reader's language; ``str`` of it is for logs alone. ``values``: what JSON
    holds, with names and codes of ours and texts of portals, and no sentences.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, object]:
        """The note as JSON holds it, and as a value of another note."""
        return {"code": self.code, "values": dict(self.values)}

    @classmethod
    def of(cls, plain: object) -> Note:
        """The note that ``plain`` was made of. Raises ValueError for anything else."""
        match plain:
            case {"code": str(code), "values": dict(values)}:
                return cls(code, values)
        raise ValueError(f"no note: {plain!r}")

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={_in_log(value)}" for name, value in self.values.items())])


def _in_log(value: object) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {"code", "values"}:
            return f"({Note.of(value)})"
        return ",".join(f"{name}:{_in_log(one)}" for name, one in value.items())
    return ",".join(map(_in_log, value)) if isinstance(value, (list, tuple)) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One crawl of one portal by one process. ``notes`` say how it ended; ``note``: the English sentence that said it
    before schema 0009, else "".
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a person set for the crawls of one portal, or of all (``portal`` None): only what differs from the rule.

    ``settings``: the keys of ``crawler/operations/schedule.toml`` with values as text. The latest row of a
    portal holds whole; it was set ``by`` somebody, for a ``reason``.
    """

    portal: str | None
    settings: Mapping[str, str]
    by: str
    reason: str = ""
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What became of a problem of operating: ``began``, ``told``, ``over``, ``reopened``, ``told_over``.

    ``key`` names the problem (code/portal); ``text`` says what was seen, or what was told.
    """

    key: str
    event: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPlace:
    """Where a record lies: file name below the archive's WARC folder, byte offset, compressed length."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch: an exchange kept as WARC records, or a failure with its reason (then ``warc`` is None).

    ``id``: the hex UUID of the WARC response or revisit record. ``requested``: the address first asked for (that of
    the link or listing), before redirects; ``via``: the capture that led here (the redirect, or the page for an
    attachment). ``payload_digest``: SHA-256 of the entity as sent; ``document``: SHA-256 of it after content decoding
    (the name of a document). For a revisit both are those of the capture ``revisit_of``. ``server_date``: the
    server's ``Date`` header; all instants are ours otherwise. ``tls``: what is wrong with the certificate over which it
    came, and the SHA-256 of the chain as served (``expired,other_name sha256:3f…``); None where nothing is, of plain
    http, and of captures made when certificates were not checked yet (until November 2026).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A raw link as it stood on a listing. ``text`` is the link's full title, ``row`` the text of its row or item.

    ``listed`` is the date as printed beside it, ``capture`` the capture of the page it stood on.
    """

    url: str
    text: str
    listed: str | None = None
    row: str = ""
    position: int = 0
    capture: str = ""


#: A look during which our clock and the server's differ by more proves nothing (docs/status-rules.md).
MOST_SKEW = timedelta(minutes=5)
#: Bytes of an answer, as sent and unpacked. More is not fetched, not unpacked and not read: a bomb, or nothing of ours.
LARGEST_BODY = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One attempt to read a listing to its end. ``total`` is the number of entries the listing printed, if it did.

    ``control``: for an addressed listing, the capture in the same run of an address known to answer with a report.
    ``clock_skew``: greatest difference seen between our clock and the server's ``Date``, in seconds.
    """

    id: str
    run: str
    portal: str
    listing: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    reason: str = ""
    captures: tuple[str, ...] = ()
    total: int | None = None
    control: str | None = None
    clock_skew: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """The raw links of a look as one version of the spider took them out of its stored pages."""

    look: str
    extractor: str
    made_at: datetime
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person decided. Append-only; a later ruling on the same kind and subject replaces an earlier one.

    kind → subject → decision keys:

    * ``lead`` → link URL → ``is_report`` (true/false)
    * ``binding`` → document digest or report URL → ``agency`` (id), ``year``, ``report_kind``, or ``is_report: false``
    * ``scope`` → listing id → ``agency`` (id) or ``kind`` (all agencies of that kind of the listing's portal),
      ``from_year``, ``to_year`` (may be empty), ``covers`` (true/false)
    * ``duty`` → ``<agency id>/<year>`` → ``status``: ``not_expected`` or ``elsewhere`` (with ``where``), or
      ``expected``
    * ``void_look`` → look id → nothing
    * ``new_base`` → look id → nothing (a suspect look's set becomes the new base)
    * ``listing`` → listing id → ``ended`` (the instant from which nothing seen there is evidence; false: it goes on)
      and ``url``, the address that was ruled on: at another one the listing lives
    * ``certificate`` → SHA-256 of a chain of certificates, as ``Capture.tls`` has it → ``holds`` (true: what came over
      it counts as evidence all the same)
    * ``registry`` → ``<agency id or portal>/<code of a doubt>`` → ``holds`` (true: the row is right as it stands)
    * ``withhold`` → document digest, or ``<agency id>/<year>`` (the report with all its editions, later ones too) →
      ``lifted`` (true: it is given out again)
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
    """A fact a reader should know. ``code`` is documented in ``docs/findings.md``; ``cells`` are indicator ids."""

    code: str
    severity: Severity
    zh: str
    en: str
    cells: tuple[str, ...] = ()
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One place of the form in one reading.

    ``value`` is exact (amounts of fees in 万元, of procurement in 元) or None for blank, mark and unreadable text.
    ``raw`` is the text as printed. ``locator`` can be shown: ``{"table": 2, "row": 5, "col": 7}`` with ``"css"`` for
    HTML, ``"page"`` and ``"box"`` (points, left-bottom-right-top) for PDF, ``"line"`` for text.
    ``flags`` mean doubt about this cell (``unit_missing``, ``mark``, ``remark``, ``not_integer``, ``order_only`` …).
    """

    id: str
    value: Decimal | None
    raw: str
    state: CellState
    locator: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


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
    """A section of text under its heading as printed; ``key`` is the form's section (``overview`` …) or ``""``."""

    heading: str
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something a page links or embeds that may hold (part of) the report: ``attachment``, ``embed`` or ``image``."""

    kind: str
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEvidence:
    """What the document itself says about whose report it is and for which year, strongest first within each field.

    ``titles``: printed titles (main text); ``meta``: page metadata, names lower-cased (``articletitle``, ``pubdate``,
    ``contentsource``, ``sitename``, ``columnname``, ``url``) and the 索引号 table (``发布机构``, ``发布日期`` …);
    ``statements``: agencies named by the opening or signature ("本报告由X编制", "现将X…公开如下");
    ``period``: years of 统计期限; ``running``: places and agencies in running text (weakest).
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
    """What one version of our reader makes of one document. A pure function of the bytes.

    ``is_report`` False has a ``reason`` (``blank_template``, ``other_report``, ``soft_404``, ``empty`` …). ``form``
    is the form file's name or ``pre2019``, None when no table was recognised. ``content_digest`` is over the
    normalised main text and cells (``normaliser`` is its version), so furniture makes no edition. ``unreadable`` says
    why no text could be had.
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
    cells: Mapping[str, Cell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sections: tuple[Section, ...] = ()
    parts: tuple[Part, ...] = ()
    text: str = ""
    content_digest: str
    unreadable: str = ""


# ---------------------------------------------------------------------------------------------- projection: judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A link judged to look like a report, with what is thought of it. ``confidence`` is 0–1."""

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
    """Whose report a document is at an address, or that it is none. ``agency`` is a registry id or None (unbound).

    ``basis`` names the evidence that decided (``title``, ``listing``, ``metadata``, ``period``, ``place``,
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
        """Whether a person decided any of it."""
        return "ruling" in self.basis.values()


#: How an edition came about that is known only from what a person brought in.
UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A report as it stood on one track from ``first_seen`` to ``last_seen``. Named agency/year@digest.

    ``main``: digest of the document that opened it; ``cells_from``: digest of the document its cells come from (page,
    else the first attachment that holds the form; a digest over several where they are combined). ``track``: the
    address at which it was first asked for, or that of the edition whose place it took. ``former``: the edition that
    stood there before, ``former_last_seen``: when that was last met there. ``change``: how it came about (``first``,
    ``silent``, ``announced``, ``returned``, ``reshaped``; ``undated``: known only from what a person brought in, at
    ``first_seen``).
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
    captures: tuple[str, ...]
    documents: tuple[str, ...]
    former: str | None = None
    former_last_seen: datetime | None = None
    change: str = "first"
    declared: date | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def order(self) -> tuple[bool, datetime, datetime, str]:
        """What orders the editions of one report so that the last is the one that stands: by when they were first seen,
        those that nobody can date before all others.
        """
        return self.change != UNDATED, self.first_seen, self.last_seen, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Agency × reporting year. ``due`` is None where no statute sets a date (townships); then ``practice`` holds it.

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
    """The status of a duty for every as-of time in [since, until); ``until`` None: to this day.

    ``rule`` is the row of the table in docs/status-rules.md; ``reason`` a code (``gone_or_never`` …) with its
    sentences. ``first_shown``: p. ``last_absent``: first start of the last absence before p (or as of), of
    ``gone_or_never`` of the first.
    ``days_late`` for ``claimed``.
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
