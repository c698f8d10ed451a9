"""Archives of a chosen size for tests: with more portals, or with more of everything within each portal."""

from __future__ import annotations

from pathlib import Path

from small_archive import Site, at, new_archive, report_page

from archive.projection.update import update
from storage.home import Home
from storage.observations import Observations
from storage.records import AgencyKind, CaptureRole, Listing, Look, LookOutcome, RulingKind

YEAR = 2025
FIRST = "portal0"  #: the first portal
GOVERNMENT, DEPARTMENT = "甲县人民政府", "甲县第一局"  #: two of its agencies
LOOK = "0" * 32  #: a look at one of its lists, which has several pages
_PLACES, _NUMBERS = "甲乙丙丁戊己庚辛", "一二三四五六七八九"
_TOPICS = ("政务大厅", "村镇规划", "道路养护", "公共卫生", "义务教育", "生态保护", "劳动就业", "养老服务", "安全生产")
_RECEIVED = "applications.received"
_OTHER = f"{YEAR}年法治政府建设年度报告"
_WITHHELD = 2  # of the first portal, the agency whose documents are withheld


def archive_of(path: Path, *, portals: int, size: int) -> Home:
    """An archive of :func:`fill`, read and judged."""
    home = new_archive(path)
    fill(home, portals=portals, size=size)
    update(home)
    return home


def fill(home: Home, *, portals: int, size: int) -> None:
    """Put portals into an archive. ``size``: of agencies, listings, looks, pages of a look, editions, captures and
    withheld documents of a portal there are a few, and so many more.
    """
    for number in range(portals):
        name, place = f"portal{number}", f"{_PLACES[number]}县"
        _fill(Site(home, name=name, place=place, division=f"37083{number}", first_year=YEAR), size)


def title(agency: str) -> str:
    """The title of an agency's report."""
    return f"{agency}{YEAR}年政府信息公开工作年度报告"


def _fill(site: Site, size: int) -> None:
    government = site.agency("zf", f"{site.place}人民政府", AgencyKind.GOVERNMENT)
    departments = [f"{site.place}第{_NUMBERS[number]}局" for number in range(size + 3)]
    for number, name in enumerate(departments):
        site.agency(f"ju{number}", name, parent=government.id)
    published = [government.name, *departments[:-1]]  # the report of the last one is missing
    columns = [site.column(f"nb{number}", (AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT)) for number in range(size)]
    for column in columns:
        site.look("2026-01-20 09:00", column, clock_skew=600.0)
        site.look("2026-02-01 09:00", column)
        site.look("2026-02-03 09:00", column)
    links = [(f"nb/{number}.html", title(name)) for number, name in enumerate(published)]
    for edition in range(size + 1):
        day = f"2026-03-{2 + 2 * edition:02}"
        for column in columns:
            site.look(f"{day} 09:00", column, [*links, (f"nb/other{edition}.html", _OTHER)])
        other = f"<html><title>{_OTHER}</title><h1>{_OTHER}</h1><p>第{edition}稿</p></html>"
        site.fetch(f"{day} 09:01", f"nb/other{edition}.html", other.encode())
        for number, name in enumerate(published):
            page = _report(name, edition, alike=f"{site.division}{number // 2}")
            for hour in range(10, 11 + size):
                capture = site.fetch(f"{day} {hour}:02", f"nb/{number}.html", page)
            if site.name == FIRST and number == _WITHHELD:
                site.rule("2026-04-01 09:00", RulingKind.WITHHOLD, capture.document or "")
    _look_of_pages(site, columns[0], size + 1)


def _report(agency: str, edition: int, *, alike: str) -> bytes:
    """A report with a wrong sum, and with a text that agencies with the same ``alike`` share."""
    cells = {f"{_RECEIVED}.natural_person": 3 + edition, f"{_RECEIVED}.total": 5 + edition}
    shared = "".join(f"围绕{topic}{alike}类事项全面梳理年度重点任务并按季度向社会公开进展。" for topic in _TOPICS)
    return report_page(agency, YEAR, cells, text=f"第{edition}稿。{shared}")


def _look_of_pages(site: Site, listing: Listing, pages: int) -> None:
    """A look that read its list page after page."""
    when = "2026-03-30 09:00"
    run = site.run(at(when))
    captures = [
        site.fetch(when, f"nb/page{page}.html", b"<html></html>", role=CaptureRole.LISTING, run=run)
        for page in range(pages)
    ]
    look = Look(
        id=LOOK if site.name == FIRST else run.id, run=run.id, portal=site.name, listing=listing.id, started=at(when),
        finished=at(when), outcome=LookOutcome.PARTIAL, captures=tuple(one.id for one in captures),
    )  # fmt: skip
    Observations(site.home).add_look(look)
