"""Rows of the projections that are not in :mod:`storage.records`; stored and read by :mod:`storage.projections`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import AgencyKind, Binding, Duty, Edition, Finding, Lead, Reading, Severity, Status, StatusInterval
from storage.search_texts import SearchText


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document that was captured. ``capture``: the first that contains its bytes; ``size``: of the decoded bytes."""

    digest: str
    capture: str
    url: str
    mime: str | None = None
    size: int | None = None
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLookJudgement:
    """The judgement of a look: how many of its links are leads, and whether it is suspect. ``lost``: how many of its
    leads a suspect look lacks. ``reason``: a code why it proves nothing. ``whole_from``: a look without a known end
    counts as read to its end for reporting years from this one on, because its entries are in order.
    """

    look: str
    listing: str
    leads: int
    suspect: bool = False
    reason: str = ""
    lost: int = 0
    whole_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding with its subject. ``subject_kind``: ``document``, ``edition``, ``binding``, ``listing``, ``look``,
    ``agency``, ``duty`` … ``agency`` and ``year`` are set if the finding concerns a duty.
    """

    subject_kind: str
    subject: str
    agency: str | None = None
    year: int | None = None
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A contradiction in an edition, valid in [``since``, ``until``) while the edition counts; ``until`` None: to now.

    ``against``: the edition of another year that it was compared with. ``document``: the one that contains ``cells``.
    ``doubted``: the reader doubts one of these cells. ``marks``: hashes of the paragraphs concerned, with the number of
    letters of each in ``letters``.
    """

    agency: str
    year: int
    edition: str
    against: str | None = None
    document: str | None = None
    since: datetime
    until: datetime | None
    doubted: bool = False
    code: str
    severity: Severity
    zh: str
    en: str
    cells: tuple[str, ...] = ()
    expected: str | None = None
    found: str | None = None
    marks: tuple[int, ...] = ()
    letters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Hashes that show whether two agencies' reports are the same, while an edition counts. 64 bits; None: no content.

    ``content``: of title, text and cells. ``figures``: of all figures except 0; ``different``: how many different ones
    there are, and ``bits`` how much information they carry. ``text1`` … ``text3``: two similar texts share at least one
    of them. ``document``: the one with the text.
    """

    agency: str
    year: int
    edition: str
    document: str | None
    since: datetime
    until: datetime | None
    content: int | None
    figures: int | None
    different: int
    bits: int
    text1: int | None
    text2: int | None
    text3: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A paragraph (by its hash) that an agency has in the reports of two consecutive years."""

    agency: str
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyInterval:
    """The state of a duty in [``since``, ``until``), None: to now: its status, and the edition that counted.

    ``counts``: whether the edition is the ``last`` or the ``first`` of those seen by then, or ``both``; ``editions``:
    how many these are. ``edition`` None: there is none. ``tabled``: a table was read; ``reading``: the document with
    the figures, or the edition's page if not ``tabled``. ``documents``: those that a ruling may name. ``marks``:
    ``revised``, ``two_at_once``, ``withdrawn``, ``system``.
    """

    agency: str
    year: int
    kind: AgencyKind
    counts: str
    since: datetime
    until: datetime | None
    status: Status
    edition: str | None = None
    editions: int = 0
    tabled: bool = False
    reading: str | None = None
    documents: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRows:
    """Everything that was judged about one portal; stored in one transaction, in place of the previous judgement.

    ``combined``: readings of reports whose cells are in several documents, named by a digest of these.
    ``texts``: the searchable texts of every edition.
    """

    leads: Sequence[Lead] = ()
    look_judgements: Sequence[StoredLookJudgement] = ()
    bindings: Sequence[Binding] = ()
    editions: Sequence[Edition] = ()
    combined: Sequence[Reading] = ()
    duties: Sequence[Duty] = ()
    statuses: Sequence[StatusInterval] = ()
    duty_intervals: Sequence[DutyInterval] = ()
    findings: Sequence[StoredFinding] = ()
    texts: Sequence[SearchText] = ()
    contradictions: Sequence[Contradiction] = ()
    fingerprints: Sequence[Fingerprint] = ()
    repeats: Sequence[Repeat] = ()
