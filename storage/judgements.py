"""Rows of the projections that are no nouns of their own: what :mod:`storage.projections` takes and gives besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import Binding, Duty, Edition, Finding, Lead, Reading, StatusInterval


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
class LookJudgement:
    """What is thought of a look: how many of its links are leads, whether it is suspect and against which base look."""

    look: str
    listing: str
    leads: int
    suspect: bool = False
    reason: str = ""
    base: str | None = None


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
class PortalRows:
    """Everything judged about one portal; replaces what was judged before in one transaction.

    ``combined``: readings of reports whose cells stand in several documents, named by a digest over these.
    """

    leads: Sequence[Lead] = ()
    look_judgements: Sequence[LookJudgement] = ()
    bindings: Sequence[Binding] = ()
    editions: Sequence[Edition] = ()
    combined: Sequence[Reading] = ()
    duties: Sequence[Duty] = ()
    statuses: Sequence[StatusInterval] = ()
    findings: Sequence[StoredFinding] = ()
