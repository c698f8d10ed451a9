"""One notice with the files of several bodies, or years: each file is a report of its own, or nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from archive.queries.review import review
from archive.queries.verdict import status
from storage.home import Home
from storage.records import AgencyKind, CaptureRole, Status

COUNTY, SFJ, CZJ, JYJ = "汶上县人民政府", "汶上县司法局", "汶上县财政局", "汶上县教育局"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


@pytest.fixture
def site(archive: Home) -> Site:
    site = Site(archive, first_year=2025)
    site.agency("zf", COUNTY, AgencyKind.GOVERNMENT)
    for key, name in (("sfj", SFJ), ("czj", CZJ), ("jyj", JYJ)):
        site.agency(key, name)
    return site


def notice(site: Site, heading: str, files: list[tuple[str, bytes]], when: str = "2026-01-25") -> list[str]:
    """A page with nothing but links to files, (words, bytes) each; gives the files' documents."""
    links = "".join(f'<p><a href="f{n}.htm">{words}</a></p>' for n, (words, _) in enumerate(files))
    body = f"<html><head><title>{heading}</title></head><body><h1>{heading}</h1>{links}</body></html>"
    listing = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT))
    site.look(f"{when} 09:00", listing, [("nb/1.html", heading)])
    page = site.fetch(f"{when} 09:01", "nb/1.html", body.encode()).id
    return [
        site.fetch(
            f"{when} 09:{2 + n:02}", f"nb/f{n}.htm", data, role=CaptureRole.ATTACHMENT, via=page, link_text=words
        ).document
        or ""
        for n, (words, data) in enumerate(files)
    ]


def held(home: Home, key: str) -> list[str]:
    return [edition.main for edition in status(home, key, 2025).editions]


def reviewed(home: Home) -> str:
    return "\n".join(line.subject for line in review(home))


def unnamed(agency: str) -> bytes:
    """A report that does not say whose it is."""
    return report_page(agency, 2025).replace(agency.encode(), b"")


HEADINGS = ["汶上县2025年各部门政府信息公开工作年度报告", "汶上县人民政府2025年政府信息公开工作年度报告"]


@pytest.mark.parametrize("heading", HEADINGS)
def test_each_file_is_the_report_of_the_body_that_it_names(archive: Home, site: Site, heading: str) -> None:
    files = [("附件1：司法局.docx", report_page(SFJ, 2025)), ("附件2：财政局.docx", report_page(CZJ, 2025))]
    first, second = notice(site, heading, files)
    update(archive)
    assert held(archive, "sfj") == [first]
    assert held(archive, "czj") == [second]
    assert held(archive, "zf") == []


def test_a_file_that_names_nobody_is_whose_its_link_says_and_never_the_publishers(archive: Home, site: Site) -> None:
    files = [("司法局", unnamed(SFJ)), ("财政局", report_page(CZJ, 2025)), ("下载", unnamed(JYJ + "本级"))]
    documents = notice(site, HEADINGS[0], files)
    update(archive)
    assert held(archive, "sfj") == documents[:1]
    assert held(archive, "czj") == documents[1:2]
    assert held(archive, "zf") == held(archive, "jyj") == []


def test_a_file_and_a_link_that_name_different_bodies_go_to_review(archive: Home, site: Site) -> None:
    files = [("司法局", report_page(JYJ, 2025)), ("财政局", report_page(CZJ, 2025))]
    notice(site, HEADINGS[0], files)
    update(archive)
    assert held(archive, "sfj") == held(archive, "jyj") == []
    assert "nb/f0.htm" in reviewed(archive)


def test_a_file_of_another_year_than_the_notice_goes_to_review(archive: Home, site: Site) -> None:
    files = [("司法局", report_page(SFJ, 2024)), ("财政局", report_page(CZJ, 2025))]
    notice(site, HEADINGS[0], files)
    update(archive)
    assert held(archive, "sfj") == []
    assert "nb/f0.htm" in reviewed(archive)


def test_a_notice_of_several_bodies_proves_no_absence(archive: Home, site: Site) -> None:
    files = [("司法局", report_page(SFJ, 2025)), ("财政局", report_page(CZJ, 2025))]
    notice(site, HEADINGS[0], files)
    notice_later = [("司法局", report_page(SFJ, 2025)), ("财政局", report_page(CZJ, 2025))]
    notice(site, HEADINGS[0], notice_later, "2026-03-25")
    update(archive)
    assert status(archive, "jyj", 2025).duty.status is Status.UNKNOWN
    assert status(archive, "sfj", 2025).duty.status is not Status.LATE


def test_one_other_name_left_in_a_file_splits_no_page_that_names_its_body(archive: Home, site: Site) -> None:
    files = [("附件.docx", report_page(JYJ, 2025)), ("附件（PDF版）", report_page(SFJ, 2025))]
    notice(site, f"{SFJ}2025年政府信息公开工作年度报告", files)
    update(archive)
    assert len(held(archive, "sfj")) == 1
    assert held(archive, "jyj") == []


@pytest.mark.parametrize(
    ("heading", "expected"), [(HEADINGS[0], Status.UNKNOWN), (f"{SFJ}2025年政府信息公开工作年度报告", Status.MISSING)]
)
def test_one_file_of_many_bodies_hides_those_that_nobody_has_opened(
    archive: Home, site: Site, heading: str, expected: Status
) -> None:
    """A packed file of all departments is read as one report: the others may be in it."""
    listing = site.column(covers=(AgencyKind.DEPARTMENT,))
    for day in ("2026-02-02", "2026-02-04", "2026-02-20"):
        site.look(f"{day} 09:00", listing, [("nb/all.zip", heading)])
        site.fetch(f"{day} 09:01", "nb/all.zip", report_page(SFJ, 2025))
    update(archive)
    assert status(archive, "jyj", 2025).duty.status is expected
