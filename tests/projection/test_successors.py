"""Reports of bodies that took others over are held against theirs too; a stated number against the registry."""

from __future__ import annotations

from datetime import date

from archive.queries.check import check
from storage.records import AgencyEnd, AgencyKind
from tests.projection.small_archive import report_page
from tests.projection.stories import Portal, Tale, story, title

OUT, IN = "applications.carried_out.total", "applications.carried_in.total"
OLD, NEW, GOV = "汶上县工商行政管理局", "汶上县市场监督管理局", "汶上县人民政府"


def put(site: Portal, *reports: tuple[str, int, dict[str, int]], text: str = "") -> None:
    """Reports put up one after the other."""
    links = []
    for number, (name, year, cells) in enumerate(reports):
        links.append((f"nb/{name}{year}.html", title(name, year), f"{year + 1}-01-20"))
        site.look(f"2026-01-{10 + number} 09:00", site.column(covers=tuple(AgencyKind)), links)
        page = report_page(name, year, cells, published=f"{year + 1}-01-20", text=text)
        site.fetch(f"2026-01-{10 + number} 09:05", links[-1][0], page)


def ended(site: Portal, key: str, name: str, *heirs: str) -> None:
    more = {"valid_to": date(2025, 3, 31), "ended": AgencyEnd.MERGED}
    site.agency(key, name, successors=tuple(f"{site.name}/{heir}" for heir in heirs), **more)


def told(site: Portal, code: str) -> list[str]:
    found = [one for edition in site.verdict("new").editions for one in edition.findings]
    found += [one for one in site.verdict("new").findings if one not in found]
    return [one.en for one in found if one.code == code]


def checked(site: Portal, code: str = "carry_over") -> list[str]:
    return [one.en for one in check(site.home, code=[code]).lines if one.agency.id.startswith(f"{site.name}/")]


@story(first_year=2023)
def test_a_renamed_body_carries_over_what_its_former_name_reported(site: Portal) -> Tale:
    ended(site, "old", OLD, "new")
    site.agency("new", NEW, valid_from=date(2025, 4, 1))
    put(site, (OLD, 2024, {OUT: 7}), (NEW, 2025, {IN: 5}))
    yield
    rule = "what is carried in is what the year before carried out"
    assert f" ({rule}): the report for 2025 gives 5, that of {OLD} for 2024 gives 7." in checked(site)[0]


@story((0, True), (62, False), first_year=2023)
def test_a_stated_number_of_bodies_that_the_registry_does_not_know_is_a_finding(
    site: Portal, others: int, doubted: bool
) -> Tale:
    site.agency("new", GOV, AgencyKind.GOVERNMENT)
    site.bodies(one=NEW, **{f"body{at}": f"汶上县第{at}局" for at in range(others)})
    put(site, (GOV, 2025, {}), text="完成全县64家单位政府信息公开年度报告集中公开。")
    yield
    assert bool(told(site, "bodies_stated")) is doubted
