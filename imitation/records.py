"""The ground truth as frozen records: portals, columns, agencies, reports and revisions, other pages, expectations.

Every instant is aware; ``+08:00`` as on the portals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from storage.records import SHANGHAI, AgencyKind


@dataclass(frozen=True, kw_only=True)
class ImAgency:
    """A body on an imitation portal; ``id`` is the local part of the registry id, ``column`` the key of its column.

    ``size``: how many times as many applications as a small body it gets; ``topic``: what it publishes of its own work.
    """

    portal: str
    id: str
    name: str
    kind: AgencyKind
    code: str
    column: str
    size: int = 1
    topic: str = ""

    @property
    def key(self) -> str:
        """The id in the registry."""
        return f"{self.portal}/{self.id}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A list page (or, at 汶上, the address that answers for an organ and a year). ``agency``: its only owner."""

    key: str
    title: str
    host: str
    path: str
    crumbs: tuple[str, ...]
    kinds: tuple[AgencyKind, ...] = ()
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the archive must find for a duty after the last day. An empty ``status`` or ``evidence`` is not stated."""

    status: str
    evidence: str = ""
    reason: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Version:
    """The content of a report from ``at`` on. ``declared`` is the printed date; None where the page prints none.

    ``figures``: a set of ``figures.toml``; ``sums``: a government's figures; without either they are drawn. ``cells``
    override single ones.
    """

    at: datetime
    title: str
    declared: datetime | None
    figures: str
    cells: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, Decimal | None] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImReport:
    """One report (or its absence: ``periods`` empty). ``path``: file name given by the scenario, "" to make one.

    ``carries``: applications are carried from year to year; not at agencies of which a year's figures are given.
    ``real``: the set of real figures that one of the agency's reports has, and its year.
    """

    portal: str
    agency: ImAgency
    year: int
    column: str
    kind: str
    form: str
    created: datetime
    periods: tuple[tuple[datetime, datetime | None], ...]
    versions: tuple[Version, ...]
    expect: Expected
    ruled: Expected | None = None
    path: str = ""
    event: str = ""
    slip: bool = False
    carries: bool = True
    real: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """``portal/agency/year``: the registry id of the agency, and the year."""
        return f"{self.portal}/{self.agency.id}/{self.year}"

    def is_shown(self, now: datetime) -> bool:
        """Whether the portal shows the report at this instant."""
        return any(since <= now and (until is None or now < until) for since, until in self.periods)

    def version(self, now: datetime) -> Version:
        """Return the content as it stands at this instant (the first version before it was published)."""
        return [self.versions[0], *(v for v in self.versions if v.at <= now)][-1]

    def silent_at(self) -> datetime | None:
        """When cells changed while the printed date and the title stayed; None if they never did."""
        for before, after in zip(self.versions, self.versions[1:], strict=False):
            if (before.declared, before.title, after.note) == (after.declared, after.title, ""):
                return after.at
        return None


@dataclass(frozen=True, kw_only=True)
class OtherPage:
    """A page in a report column that is none: 解读, 法治政府建设年度报告, 网站报表, 通知, a blank template."""

    portal: str
    column: str
    title: str
    body: str
    shown_from: datetime

    @property
    def key(self) -> str:
        """Names the page within the scenario."""
        return f"{self.portal}/{self.title}"

    def is_shown(self, now: datetime) -> bool:
        """Whether the portal shows the page at this instant."""
        return self.shown_from <= now


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Misbehaviour of a host: see ``faults.py`` for the kinds. ``path`` is a prefix; open ends are None."""

    hosts: tuple[str, ...]
    kind: str
    path: str = "/"
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""

    def holds(self, host: str, path: str, now: datetime) -> bool:
        """Whether it applies to this request."""
        early = self.since is not None and now < self.since
        over = self.until is not None and now >= self.until
        return host in self.hosts and path.startswith(self.path) and not early and not over


@dataclass(frozen=True, kw_only=True)
class ImPortal:
    """One imitation portal. ``new``: no spider in the project knows it."""

    name: str
    place: str
    province: str
    division: str
    family: str
    scheme: str
    hosts: tuple[str, ...]
    site_name: str
    page_size: int
    new: bool
    columns: tuple[Column, ...]
    agencies: tuple[ImAgency, ...]
    reports: tuple[ImReport, ...]
    others: tuple[OtherPage, ...]
    faults: tuple[Fault, ...]

    def column(self, key: str) -> Column:
        """Return the column of that key; KeyError if there is none."""
        return {column.key: column for column in self.columns}[key]

    def in_column(self, key: str, now: datetime) -> list[ImReport | OtherPage]:
        """Return what the column shows, newest printed date first, as the CMS sorts: back-dated entries sink."""
        entries: list[ImReport | OtherPage] = [r for r in self.reports if r.column == key and r.is_shown(now)]
        entries += [o for o in self.others if o.column == key and o.is_shown(now)]
        return sorted(
            entries, key=lambda e: (printed(e, now) or datetime.min.replace(tzinfo=SHANGHAI), e.key), reverse=True
        )


@dataclass(frozen=True)
class Scenario:
    """All portals, and the days on which they are looked at."""

    days: tuple[datetime, ...]
    portals: tuple[ImPortal, ...]

    @cached_property
    def by_host(self) -> Mapping[str, ImPortal]:
        """Portal of each host name."""
        return {host: portal for portal in self.portals for host in portal.hosts}

    def portal(self, name: str) -> ImPortal:
        """Return the portal of that slug; KeyError if there is none."""
        return {portal.name: portal for portal in self.portals}[name]

    def reports(self) -> tuple[ImReport, ...]:
        """Every report of every portal, absent ones too."""
        return tuple(report for portal in self.portals for report in portal.reports)

    def silently_revised(self) -> str:
        """Name of the first agency whose report changes silently."""
        return next(report.agency.name for report in self.reports() if report.silent_at())

    def revised(self) -> Mapping[str, str]:
        """``portal/agency/year`` → ``silent`` or ``announced``, for the reports that change; no other may seem to."""
        changing = [report for report in self.reports() if len(report.versions) > 1]
        return {report.key: "silent" if report.silent_at() else "announced" for report in changing}

    def expected(self, *, ruled: bool = False) -> Mapping[str, Expected]:
        """``portal/agency/year`` → expectation, for the duties it is stated for; ``ruled``: after the rulings."""
        chosen = {r.key: (r.ruled or r.expect) if ruled else r.expect for r in self.reports()}
        return {key: expect for key, expect in chosen.items() if expect.status}


Entry = ImReport | OtherPage
Row = tuple[str, str, datetime | None]  # address, title, printed date


def titled(entry: Entry, now: datetime) -> str:
    """Return the printed title at an instant."""
    return entry.version(now).title if isinstance(entry, ImReport) else entry.title


def printed(entry: Entry, now: datetime) -> datetime | None:
    """Return the date that the portal prints beside an entry at an instant."""
    return entry.version(now).declared if isinstance(entry, ImReport) else entry.shown_from


def draw(text: str, bound: int) -> int:
    """Return a number in [0, bound) that depends on the text only."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") % bound
