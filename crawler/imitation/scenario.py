"""The ground truth as frozen records: portals, columns, agencies, reports and revisions, other pages, expectations.

``scenario.toml`` says only what departs from the ordinary; :func:`load` fills in the rest, the same on every machine
(what looks random is drawn from SHA-256 of the names). Every instant is aware; ``+08:00`` as on the portals.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache, cached_property
from importlib import resources
from typing import Any

from storage.records import AgencyKind

SHANGHAI = timezone(timedelta(hours=8))
Raw = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImAgency:
    """A body on an imitation portal; ``id`` is the local part of the registry id, ``column`` the key of its column."""

    portal: str
    id: str
    name: str
    kind: AgencyKind
    code: str
    column: str


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
    """The content of a report from ``at`` on. ``declared`` is the printed date; None where the page prints none."""

    at: datetime
    title: str
    declared: datetime | None
    figures: str
    cells: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImReport:
    """One report (or its absence: ``periods`` empty). ``path``: file name given by the scenario, "" to make one.

    ``carries``: applications are carried from year to year; not at agencies of which a year's figures are given.
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

    @property
    def key(self) -> str:
        """``portal/agency/year``: the registry id of the agency, and the year."""
        return f"{self.portal}/{self.agency.id}/{self.year}"

    def shown(self, now: datetime) -> bool:
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

    def shown(self, now: datetime) -> bool:
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
        entries: list[ImReport | OtherPage] = [r for r in self.reports if r.column == key and r.shown(now)]
        entries += [o for o in self.others if o.column == key and o.shown(now)]
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

    def expected(self, *, ruled: bool = False) -> Mapping[str, Expected]:
        """``portal/agency/year`` → expectation, for the duties it is stated for; ``ruled``: after the rulings."""
        chosen = {r.key: (r.ruled or r.expect) if ruled else r.expect for r in self.reports()}
        return {key: expect for key, expect in chosen.items() if expect.status}


def printed(entry: ImReport | OtherPage, now: datetime) -> datetime | None:
    """Return the date that the portal prints beside an entry at an instant."""
    return entry.version(now).declared if isinstance(entry, ImReport) else entry.shown_from


def draw(text: str, bound: int) -> int:
    """Return a number in [0, bound) that depends on the text only."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") % bound


@cache
def load() -> Scenario:
    """Read ``scenario.toml``. Raises KeyError or ValueError if it contradicts itself."""
    raw = tomllib.loads(resources.files("crawler.imitation").joinpath("scenario.toml").read_text("utf-8"))
    return Scenario(tuple(raw["days"]), tuple(_portal(p, raw["years"], raw["ordinary"]) for p in raw["portal"]))


def _portal(raw: Raw, years: list[int], ordinary: Raw) -> ImPortal:
    hosts = tuple(raw["hosts"])
    columns = tuple(_column(c, hosts[0]) for c in raw["column"])
    agencies = tuple(_agency(raw["name"], a, columns) for a in raw["agency"])
    special = {(r["agency"], r["year"]): r for r in raw["report"]}
    wanted = {(a.id, year): a for a in agencies for year in years}
    by_id = {a.id: a for a in agencies}
    given = {r["agency"] for r in raw["report"] if "figures" in r}
    wanted |= {key: by_id[key[0]] for key in special}
    reports = tuple(
        _report(agency, year, special.get((name, year), {}), ordinary[agency.kind.value], max(years), name not in given)
        for (name, year), agency in sorted(wanted.items())
    )
    return ImPortal(
        name=raw["name"], place=raw["place"], province=raw["province"], division=raw["division"], family=raw["family"],
        scheme=raw["scheme"], hosts=hosts, site_name=raw["site_name"], page_size=raw.get("page_size", 20),
        new=raw.get("new", False), columns=columns, agencies=agencies, reports=reports,
        others=tuple(
            OtherPage(portal=raw["name"], column=o["column"], title=o["title"], body=o["body"], shown_from=o["shown"])
            for o in raw.get("other", ())
        ),
        faults=tuple(
            Fault(hosts=tuple(f["hosts"]), kind=f["kind"], since=f["since"], until=f["until"], event=f["event"])
            for f in raw.get("fault", ())
        ),
    )  # fmt: skip


def _column(raw: Raw, host: str) -> Column:
    return Column(
        key=raw["key"], title=raw["title"], host=raw.get("host", host), path=raw["path"], crumbs=tuple(raw["crumbs"]),
        kinds=tuple(AgencyKind(k) for k in raw.get("kinds", ())), agency=raw.get("agency"),
    )  # fmt: skip


def _agency(portal: str, raw: Raw, columns: tuple[Column, ...]) -> ImAgency:
    kind = AgencyKind(raw["kind"])
    column = raw.get("column") or next(c.key for c in columns if kind in c.kinds)
    return ImAgency(portal=portal, id=raw["id"], name=raw["name"], kind=kind, code=raw.get("code", ""), column=column)


def _report(agency: ImAgency, year: int, raw: Raw, ordinary: Raw, last: int, carries: bool) -> ImReport:
    key = f"{agency.portal}/{agency.id}/{year}"
    periods = _periods(raw, agency.kind, year, key)
    shown = periods[0][0] if periods else datetime(year + 1, 1, 15, tzinfo=SHANGHAI)
    first = Version(
        at=shown,
        title=raw.get("title", f"{agency.name}{year}年政府信息公开工作年度报告"),
        declared=_declared(raw, shown),
        figures=raw.get("figures", ""),
        cells=raw.get("cells", {}),
    )
    expect = raw.get("expect") or ordinary["season" if year == last else "past"]
    return ImReport(
        portal=agency.portal, agency=agency, year=year, column=agency.column, kind=raw.get("kind", "html"),
        form=raw.get("form", "2021"), created=raw.get("created", shown), periods=periods,
        versions=(first, *(_revision(r, first) for r in raw.get("revision", ()))),
        expect=_expected(expect), ruled=_expected(raw["ruled"]) if "ruled" in raw else None,
        path=raw.get("path", ""), event=raw.get("event", ""), slip=raw.get("slip", False), carries=carries,
    )  # fmt: skip


def _expected(raw: Raw) -> Expected:
    return Expected(
        status=raw["status"],
        evidence=raw["evidence"],
        reason=raw.get("reason", ""),
        findings=tuple(raw.get("findings", ())),
    )


def _revision(raw: Raw, first: Version) -> Version:
    return Version(
        at=raw["at"], title=raw.get("title", first.title), declared=_declared(raw, first.declared),
        figures=raw.get("figures", first.figures), cells=raw.get("cells", {}), note=raw.get("note", ""),
    )  # fmt: skip


def _declared(raw: Raw, default: datetime | None) -> datetime | None:
    if "declared" not in raw:
        return default
    if not raw["declared"]:
        return None
    return datetime.combine(date.fromisoformat(raw["declared"]), datetime.min.time(), SHANGHAI).replace(hour=10)


def _periods(raw: Raw, kind: AgencyKind, year: int, key: str) -> tuple[tuple[datetime, datetime | None], ...]:
    if raw.get("absent"):
        return ()
    if "periods" in raw:
        return tuple((datetime.fromisoformat(a), datetime.fromisoformat(b) if b else None) for a, b in raw["periods"])
    return ((raw.get("shown") or _season(kind, year, key), None),)


def _season(kind: AgencyKind, year: int, key: str) -> datetime:
    """Return an office hour: 8–23 January for agencies, 10 February – 20 March for governments."""
    start = date(year + 1, 2, 10) if kind is AgencyKind.GOVERNMENT else date(year + 1, 1, 8)
    day = start + timedelta(days=draw(key, 38 if kind is AgencyKind.GOVERNMENT else 16))
    return datetime(
        day.year, day.month, day.day, 9 + draw(key + "h", 8), draw(key + "m", 60), draw(key + "s", 60), tzinfo=SHANGHAI
    )
