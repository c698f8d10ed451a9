"""The ground truth as frozen records: portals, columns, agencies, reports with revisions, other pages, expectations.

Every instant has a time zone, ``+08:00`` as on the portals.
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
    """An agency on an imitation portal. ``id``: local part of the registry id; ``column``: key of its column.

    ``size``: how many times as many applications as a small agency it gets; ``topic``: what it publishes about its
    work.
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
        """Return the agency's id in the registry."""
        return f"{self.portal}/{self.id}"


@dataclass(frozen=True, kw_only=True)
class ImitatedList:
    """A list page (at 汶上, the address that answers for an agency and year). ``agency``: its only agency, if any."""

    key: str
    title: str
    host: str
    path: str
    crumbs: tuple[str, ...]
    kinds: tuple[AgencyKind, ...] = ()
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the archive must find for a duty after the last day. Empty ``status`` or ``evidence``: not specified."""

    status: str
    evidence: str = ""
    reason: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ImitatedVersion:
    """The content of a report from ``at`` on. ``declared``: the printed date, None if the page prints none.

    ``figures``: a set of ``figures.toml``; ``sums``: a government's figures; without either they are derived from
    agency and year. ``cells`` override single figures.
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
    """One report (never published if ``periods`` is empty). ``path``: its file name, "" to generate one.

    ``carries``: applications are carried from year to year, except for agencies with given figures of one year.
    ``real``: the set of real figures of one of the agency's reports, and its year.
    """

    portal: str
    agency: ImAgency
    year: int
    column: str
    kind: str
    form: str
    created: datetime
    periods: tuple[tuple[datetime, datetime | None], ...]
    versions: tuple[ImitatedVersion, ...]
    expect: Expected
    path: str = ""
    event: str = ""
    slip: bool = False
    carries: bool = True
    real: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """Return ``portal/agency/year``: the agency's registry id, and the year."""
        return f"{self.portal}/{self.agency.id}/{self.year}"

    def is_shown(self, now: datetime) -> bool:
        """Return whether the portal shows the report at this instant."""
        return any(since <= now and (until is None or now < until) for since, until in self.periods)

    def version(self, now: datetime) -> ImitatedVersion:
        """Return the content at this instant; before publication the first version."""
        return [self.versions[0], *(v for v in self.versions if v.at <= now)][-1]

    def silent_at(self) -> datetime | None:
        """Return when cells changed while printed date and title stayed the same, None if they never did."""
        for before, after in zip(self.versions, self.versions[1:], strict=False):
            if (before.declared, before.title, after.note) == (after.declared, after.title, ""):
                return after.at
        return None


@dataclass(frozen=True, kw_only=True)
class OtherPage:
    """A page in a report column that is no report: 解读, 法治政府建设年度报告, 网站报表, 通知, a blank template."""

    portal: str
    column: str
    title: str
    body: str
    shown_from: datetime

    @property
    def key(self) -> str:
        """Return the page's name within the scenario."""
        return f"{self.portal}/{self.title}"

    def is_shown(self, now: datetime) -> bool:
        """Return whether the portal shows the page at this instant."""
        return self.shown_from <= now


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A misbehaviour of hosts; ``faults.py`` lists the kinds. ``path`` is a prefix; None means no limit of time."""

    hosts: tuple[str, ...]
    kind: str
    path: str = "/"
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""

    def holds(self, host: str, path: str, now: datetime) -> bool:
        """Return whether it applies to this request."""
        early = self.since is not None and now < self.since
        over = self.until is not None and now >= self.until
        return host in self.hosts and path.startswith(self.path) and not early and not over


@dataclass(frozen=True, kw_only=True)
class ImPortal:
    """One imitation portal. ``new``: the project has no spider for it."""

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
    columns: tuple[ImitatedList, ...]
    agencies: tuple[ImAgency, ...]
    reports: tuple[ImReport, ...]
    others: tuple[OtherPage, ...]
    faults: tuple[Fault, ...]

    def column(self, key: str) -> ImitatedList:
        """Return the column of that key; KeyError if there is none."""
        return {column.key: column for column in self.columns}[key]

    def in_column(self, key: str, now: datetime) -> list[ImReport | OtherPage]:
        """Return what the column shows, newest printed date first, as the CMS sorts; so back-dated entries sink."""
        entries: list[ImReport | OtherPage] = [r for r in self.reports if r.column == key and r.is_shown(now)]
        entries += [o for o in self.others if o.column == key and o.is_shown(now)]
        return sorted(
            entries, key=lambda e: (printed(e, now) or datetime.min.replace(tzinfo=SHANGHAI), e.key), reverse=True
        )


@dataclass(frozen=True)
class Scenario:
    """All portals, and the days on which they are crawled."""

    days: tuple[datetime, ...]
    portals: tuple[ImPortal, ...]

    @cached_property
    def by_host(self) -> Mapping[str, ImPortal]:
        """Return the portal of each host name."""
        return {host: portal for portal in self.portals for host in portal.hosts}

    def portal(self, name: str) -> ImPortal:
        """Return the portal of this name; KeyError if there is none."""
        return {portal.name: portal for portal in self.portals}[name]

    def reports(self) -> tuple[ImReport, ...]:
        """Return all reports of all portals, unpublished ones too."""
        return tuple(report for portal in self.portals for report in portal.reports)

    def silently_revised(self) -> str:
        """Return the name of the first agency whose report changes silently."""
        return next(report.agency.name for report in self.reports() if report.silent_at())

    def revised(self) -> Mapping[str, str]:
        """Return ``silent`` or ``announced`` for each report that changes, by key; no other may seem to change."""
        changing = [report for report in self.reports() if len(report.versions) > 1]
        return {report.key: "silent" if report.silent_at() else "announced" for report in changing}

    def expected(self) -> Mapping[str, Expected]:
        """Return the expectations by ``portal/agency/year``, where there are any."""
        return {report.key: report.expect for report in self.reports() if report.expect.status}


Entry = ImReport | OtherPage
Row = tuple[str, str, datetime | None]  # address, title, printed date


def titled(entry: Entry, now: datetime) -> str:
    """Return an entry's title at an instant."""
    return entry.version(now).title if isinstance(entry, ImReport) else entry.title


def printed(entry: Entry, now: datetime) -> datetime | None:
    """Return the date that the portal prints beside an entry at an instant, None if none."""
    return entry.version(now).declared if isinstance(entry, ImReport) else entry.shown_from


def draw(text: str, bound: int) -> int:
    """Return a number in [0, bound) that depends only on the text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") % bound
