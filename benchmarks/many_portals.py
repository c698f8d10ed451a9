"""Any number of copies of the scenario's portals with other names and hosts, each with a spider file and a CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from crawler.listing_specs import ListingSpec
from crawler.portals import find
from crawler.spider import PortalSpider
from imitation.records import ImPortal, Scenario
from imitation.registry import agencies_csv
from imitation.scenario import load
from storage.records import ListingForm


def copies(count: int, *, agencies: int | None = None) -> Scenario:
    """Return a scenario of ``count`` copies of the project's portals without faults; ``agencies``: how many of each."""
    own = [_largest_agencies_only(portal, agencies) for portal in load().portals if not portal.new]
    portals = tuple(_copy_portal(own[number % len(own)], number) for number in range(count))
    return Scenario(load().days, portals)


def _largest_agencies_only(portal: ImPortal, agencies: int | None) -> ImPortal:
    """Return a portal with only the agencies that have most reports."""
    if agencies is None:
        return portal
    reports = Counter(report.agency.id for report in portal.reports)
    largest = {name for name, _ in reports.most_common(agencies)}
    return replace(
        portal,
        agencies=tuple(agency for agency in portal.agencies if agency.id in largest),
        reports=tuple(report for report in portal.reports if report.agency.id in largest),
    )


def write_portals(scenario: Scenario, folder: Path) -> list[str]:
    """Write each portal's spider file and CSV into the archive's folder ``portals``; return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for portal in scenario.portals:
        spider = find(_origin(portal.name))
        (folder / f"{portal.name}.py").write_text("\n".join(_spider_lines(portal, spider)) + "\n", encoding="utf-8")
        (folder / f"{portal.name}.csv").write_text(agencies_csv(portal), encoding="utf-8")
    return [portal.name for portal in scenario.portals]


def _origin(name: str) -> str:
    return name.rpartition("_")[0]


def _host(host: str, number: int) -> str:
    return f"{host.removesuffix('.gov.cn')}-{number}.gov.cn"


def _copy_portal(portal: ImPortal, number: int) -> ImPortal:
    name = f"{portal.name}_{number}"
    return replace(
        portal,
        name=name,
        hosts=tuple(_host(host, number) for host in portal.hosts),
        columns=tuple(replace(column, host=_host(column.host, number)) for column in portal.columns),
        agencies=tuple(replace(agency, portal=name) for agency in portal.agencies),
        reports=tuple(
            replace(report, portal=name, agency=replace(report.agency, portal=name)) for report in portal.reports
        ),
        others=tuple(replace(other, portal=name) for other in portal.others),
        faults=(),
    )


def _spider_lines(portal: ImPortal, spider: type[PortalSpider]) -> Iterator[str]:
    number = int(portal.name.rpartition("_")[2])
    base = spider.__mro__[1]
    yield f"from {base.__module__} import {base.__name__}, addressed, column"
    yield f"class Copy{number}({base.__name__}):"
    yield f"    name, place, division = {portal.name!r}, {portal.place!r}, {portal.division!r}"
    yield f"    first_year, hosts = {spider.first_year!r}, {portal.hosts!r}"
    yield f"    entrances = {tuple(_url_on_copy(url, portal, number) for url in spider.entrances)!r}"
    yield f"    listings = ({', '.join(_listing_code(spec, portal, number) for spec in spider.listings)},)"


def _listing_code(spec: ListingSpec, portal: ImPortal, number: int) -> str:
    url = _url_on_copy(spec.url, portal, number)
    if spec.form is ListingForm.ADDRESSED:
        return f"addressed({spec.key!r}, {url!r}, title={spec.title!r}, covers={spec.covers!r})"
    return f"column({spec.key!r}, {url!r}, title={spec.title!r}, covers={spec.covers!r}, agency={spec.agency!r})"


def _url_on_copy(url: str, portal: ImPortal, number: int) -> str:
    for host in sorted(portal.hosts, key=len, reverse=True):
        original = host.replace(f"-{number}.gov.cn", ".gov.cn")
        if f"//{original}/" in url:
            return url.replace(f"//{original}/", f"//{host}/")
    return url
