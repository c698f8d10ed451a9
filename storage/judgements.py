"""Rows of the projections that are no nouns of their own: what :mod:`storage.projections` takes and gives besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import (
    AgencyKind,
    Binding,
    Duty,
    Edition,
    Finding,
    Lead,
    Reading,
    Severity,
    Status,
    StatusInterval,
)
from storage.search_texts import SearchText


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document known from captures. ``capture``: the first that holds its bytes; ``size``: of the decoded bytes."""

    digest: str
    capture: str
    url: str
    mime: str | None = None
    size: int | None = None
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLookJudgement:
    """What is thought of a look: how many of its links are leads, whether it is suspect and against which base look.

    ``lost``: how many leads a suspect one lacks against its base. ``reason``: why it proves nothing, as a code.
    ``whole_from``: one without a known end counts as read to its end from this reporting year on, by the order of its
    entries.
    """

    look: str
    listing: str
    leads: int
    suspect: bool = False
    reason: str = ""
    base: str | None = None
    lost: int = 0
    whole_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding and what it is about.

    ``subject_kind``: ``document``, ``edition``, ``binding``, ``listing``, ``look``, ``agency``, ``duty`` …
    ``agency`` and ``year`` are set where the finding concerns a duty.
    """

    subject_kind: str
    subject: str
    agency: str | None = None
    year: int | None = None
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What in an edition contradicts something, in [``since``, ``until``), None: to this day, while the edition counts.

    ``against``: the edition of another year that it is held against; ``document``: whose cells are named; ``doubted``:
    the reader doubts one of them. ``marks``: of the paragraphs it speaks of, with the ``letters`` of each.
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
    """What tells whether another agency's report is the same, while an edition counts. Marks of 64 bits; None: nothing.

    ``content``: of title, text and cells; ``figures``: of all figures that are not 0, ``different``: how many different
    ones, and what they tell in ``bits``; ``text1`` … ``text3``: keys of which two texts that are alike share one at
    least. ``document``: whose text.
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
    """A paragraph (by its mark) that an agency has in the reports on two years running."""

    agency: str
    mark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyInterval:
    """How a duty stood in [``since``, ``until``), None: to this day: its status, and the edition that counted.

    ``counts``: which edition it is of those seen by then, the ``last`` or the ``first``, or ``both``; ``editions``: how
    many they were. ``edition`` None: none. ``reading``: the document whose figures are the edition's, its page's where
    it is not ``tabled``: no table was read. ``documents``: what a ruling may name. ``marks``: ``revised``,
    ``two_at_once``, ``withdrawn``, ``system``.
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
    """Everything judged about one portal; replaces what was judged before in one transaction.

    ``combined``: readings of reports whose cells stand in several documents, named by a digest over these.
    ``texts``: what is searched, of every edition.
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
