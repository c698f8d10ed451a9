"""Read ``scenario.toml`` into records. The file contains only exceptions; the normal case is filled in here.

What looks random is derived from SHA-256 of names, so it is the same on every machine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from imitation.figures import is_real, sums
from imitation.records import (
    Expected,
    Fault,
    ImAgency,
    ImitatedList,
    ImitatedVersion,
    ImPortal,
    ImReport,
    OtherPage,
    Scenario,
    draw,
)
from storage.records import SHANGHAI, AgencyKind

Raw = Mapping[str, Any]


@cache
def load() -> Scenario:
    """Read ``scenario.toml``. Raises KeyError or ValueError if it contradicts itself."""
    raw = tomllib.loads(resources.files("imitation").joinpath("scenario.toml").read_text("utf-8"))
    return Scenario(tuple(raw["days"]), tuple(_make_portal(p, raw["years"], raw["ordinary"]) for p in raw["portal"]))


def _make_portal(raw: Raw, years: list[int], ordinary: Raw) -> ImPortal:
    """Return a portal with a report of each agency on each year; ``ordinary``: what those not listed are, by kind."""
    hosts = tuple(raw["hosts"])
    years = raw.get("years", years)
    columns = tuple(_make_column(c, hosts[0]) for c in raw["column"])
    agencies = tuple(_make_agency(raw["name"], a, columns) for a in raw["agency"])
    special = {(r["agency"], r["year"]): r for r in raw["report"]}
    agencies_to_make = {(a.id, year): a for a in agencies for year in years}
    by_id = {a.id: a for a in agencies}
    figures = {r["agency"]: (r["figures"], r["year"]) for r in raw["report"] if "figures" in r}
    real = {r["agency"]: (r["figures"], r["year"]) for r in raw["report"] if is_real(r.get("figures", ""))}
    agencies_to_make |= {key: by_id[key[0]] for key in special}
    reports = [
        _make_report(
            agency, year, special.get((name, year), {}), ordinary[agency.kind.value],
            last=max(years), real=real.get(name), carries=name not in figures,
        )
        for (name, year), agency in sorted(agencies_to_make.items())
    ]  # fmt: skip
    complete = tuple(_with_sums(report, reports) for report in reports)
    return ImPortal(
        name=raw["name"], place=raw["place"], province=raw["province"], division=raw["division"], family=raw["family"],
        scheme=raw["scheme"], hosts=hosts, site_name=raw["site_name"], page_size=raw.get("page_size", 20),
        new=raw.get("new", False), columns=columns, agencies=agencies, reports=complete,
        others=tuple(
            OtherPage(portal=raw["name"], column=o["column"], title=o["title"], body=o["body"], shown_from=o["shown"])
            for o in raw.get("other", ())
        ),
        faults=tuple(Fault(**{**one, "hosts": tuple(one["hosts"])}) for one in raw.get("fault", ())),
    )  # fmt: skip


def _with_sums(report: ImReport, reports: list[ImReport]) -> ImReport:
    """Return a government's report with the sums of its agencies' figures, any other report unchanged."""
    if report.agency.kind is not AgencyKind.GOVERNMENT:
        return report
    agencies = [one for one in reports if one.year == report.year and one.agency.kind is not AgencyKind.GOVERNMENT]
    totals = sums(report, agencies)
    return replace(report, versions=tuple(replace(version, sums=totals) for version in report.versions))


def _make_column(raw: Raw, host: str) -> ImitatedList:
    return ImitatedList(
        key=raw["key"], title=raw["title"], host=raw.get("host", host), path=raw["path"], crumbs=tuple(raw["crumbs"]),
        kinds=tuple(AgencyKind(k) for k in raw.get("kinds", ())), agency=raw.get("agency"),
    )  # fmt: skip


def _make_agency(portal: str, raw: Raw, columns: tuple[ImitatedList, ...]) -> ImAgency:
    kind = AgencyKind(raw["kind"])
    column = raw.get("column") or next(c.key for c in columns if kind in c.kinds)
    return ImAgency(
        portal=portal, id=raw["id"], name=raw["name"], kind=kind, code=raw.get("code", ""), column=column,
        size=raw.get("size", 1), topic=_topic(raw["name"]),
    )  # fmt: skip


@cache
def _topics() -> Mapping[str, str]:
    return tomllib.loads(resources.files("imitation").joinpath("topics.toml").read_text("utf-8"))


def _topic(name: str) -> str:
    """Return what an agency with this name publishes about its work, "" if nothing is known."""
    return next((topic for part, topic in _topics().items() if part in name), "")


def _make_report(
    agency: ImAgency, year: int, raw: Raw, ordinary: Raw, *, last: int, real: tuple[str, int] | None, carries: bool
) -> ImReport:
    """Return the report of one agency for one year; ``raw`` has what differs from the normal case."""
    key = f"{agency.portal}/{agency.id}/{year}"
    periods = _periods(raw, agency.kind, year, key)
    first_shown = periods[0][0] if periods else datetime(year + 1, 1, 15, tzinfo=SHANGHAI)
    first = ImitatedVersion(
        at=first_shown,
        title=raw.get("title", f"{agency.name}{year}年政府信息公开工作年度报告"),
        declared=_declared_date(raw, first_shown),
        figures=raw.get("figures", ""),
        cells=raw.get("cells", {}),
    )
    expect = raw.get("expect") or ordinary["season" if year == last else "past"]
    return ImReport(
        portal=agency.portal, agency=agency, year=year, column=agency.column, kind=raw.get("kind", "html"),
        form=raw.get("form", form_in_force(year)), created=raw.get("created", first_shown), periods=periods,
        versions=(first, *(_make_revision(r, first) for r in raw.get("revision", ()))),
        expect=_make_expectation(expect),
        path=raw.get("path", ""), event=raw.get("event", ""), slip=raw.get("slip", False), carries=carries, real=real,
    )  # fmt: skip


def form_in_force(year: int) -> str:
    """Return the national form for reports on a year, unless the scenario names another."""
    return "2021" if year >= 2021 else "2019" if year >= 2019 else "pre2019"


def _make_expectation(raw: Raw) -> Expected:
    return Expected(
        status=raw["status"],
        evidence=raw["evidence"],
        reason=raw.get("reason", ""),
        findings=tuple(raw.get("findings", ())),
    )


def _make_revision(raw: Raw, first: ImitatedVersion) -> ImitatedVersion:
    return ImitatedVersion(
        at=raw["at"], title=raw.get("title", first.title), declared=_declared_date(raw, first.declared),
        figures=raw.get("figures", first.figures), cells=raw.get("cells", {}), note=raw.get("note", ""),
    )  # fmt: skip


def _declared_date(raw: Raw, default: datetime | None) -> datetime | None:
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
    return ((raw.get("shown") or _usual_time(kind, year, key), None),)


def _usual_time(kind: AgencyKind, year: int, key: str) -> datetime:
    """Return a time in office hours: 8–23 January for agencies, 10 February – 20 March for governments."""
    start = date(year + 1, 2, 10) if kind is AgencyKind.GOVERNMENT else date(year + 1, 1, 8)
    day = start + timedelta(days=draw(key, 38 if kind is AgencyKind.GOVERNMENT else 16))
    return datetime(
        day.year, day.month, day.day, 9 + draw(key + "h", 8), draw(key + "m", 60), draw(key + "s", 60), tzinfo=SHANGHAI
    )
