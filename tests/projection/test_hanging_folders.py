"""A folder that a list leads to only later, or no more: what the list showed meanwhile speaks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from small_archive import Site, at, new_archive, report_page

from archive.projection.update import update
from archive.queries.recent_outcomes import doubts_of
from archive.queries.revisions import revisions
from archive.queries.verdict import status
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, EvidenceGrade, Listing, ListingForm, Look, LookOutcome, Status
from storage.registry import Registry

NB, FOLDER = "http://www.wenshang.gov.cn/nb/", "http://www.wenshang.gov.cn/nb/n2025n.htm"
OLD, NEW = '<a href="n2024n.htm">2024年</a>', '<a href="n2025n.htm">2025年</a>'


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


class County:
    """A column that leads to folders of years; the one of 2025 is found on 15 February, with a report in it."""

    def __init__(self, home: Home, url: str = FOLDER, others: Sequence[tuple[str, str]] = ()) -> None:
        self.site = Site(home, first_year=2024)
        self.sfj = self.site.agency("sfj", "汶上县司法局")
        self.swj = self.site.agency("swj", "汶上县水务局")
        self.column = self.site.column()
        self.folder = Listing(
            id="wenshang:found-1", portal="wenshang", url=url, form=ListingForm.COLUMN, column="年报>2025年",
            recorded_at=at("2026-02-15 09:00"),
        )  # fmt: skip
        self.report = ("nb/n2025n/sfj.htm", "汶上县司法局2025年政府信息公开工作年度报告", "2026-01-20")
        self.others = others

    def hub(self, when: str, page: str) -> Look:
        return self.site.look(when, self.column, body=page.encode())

    def found(self, *links: tuple[str, str] | tuple[str, str, str]) -> None:
        """The crawl of 15 February: the column leads to the folder, which has the report, dated in time."""
        look = self.hub("2026-02-15 09:00", f'{OLD}<a href="{self.folder.url}">2025年</a>')
        assert look.started <= self.folder.recorded_at <= look.finished
        Registry(self.site.home).put_listing(self.folder)
        self.site.look("2026-02-15 09:02", self.folder, links or (self.report, *self.others))
        page = report_page("汶上县司法局", 2025, published="2026-01-20")
        self.site.fetch("2026-02-15 09:03", self.report[0], page)

    def told(self, who: Agency) -> tuple[Status, EvidenceGrade]:
        update(self.site.home)
        line = status(self.site.home, who.id, 2025).duty
        return line.status, line.evidence


LATE = (Status.LATE, EvidenceGrade.PROVEN)
SPARED = (Status.ON_TIME, EvidenceGrade.CLAIMED)


def test_what_the_list_did_not_lead_to_was_not_shown(archive: Home) -> None:
    county = County(archive)
    for when in ("2026-01-25 09:00", "2026-02-01 09:00", "2026-02-09 09:00"):
        county.hub(when, OLD)
    county.found()
    assert county.told(county.sfj) == LATE
    assert county.told(county.swj) == (Status.MISSING, EvidenceGrade.PROVEN)
    verdict = status(archive, county.sfj.id, 2025)
    assert verdict.duty.last_absent == at("2026-02-09 09:00")
    assert {look.listing for look in verdict.looks} <= {county.column.id, county.folder.id}
    before = status(archive, county.sfj.id, 2025, as_of=at("2026-02-10 09:00"))
    assert before.duty.status is Status.MISSING


@pytest.mark.parametrize(
    "seen",
    [
        OLD + '<a href="n2025n.htm">二〇二五</a>',  # linked, under a name that nobody took for a folder's
        OLD + "<script>menu('n2025n.htm')</script>",
    ],
)
def test_a_folder_that_was_linked_and_overlooked_is_asked_for(archive: Home, seen: str) -> None:
    county = County(archive)
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        county.hub(when, seen)
    county.found()
    assert county.told(county.sfj) == SPARED


def test_one_that_was_linked_once_was_there_before_it_was_found(archive: Home) -> None:
    county = County(archive)
    county.hub("2026-01-25 09:00", OLD + '<a href="n2025n.htm">二〇二五</a>')
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        county.hub(when, OLD)
    county.found()
    assert county.told(county.sfj) == SPARED


def test_a_folder_with_reports_of_other_years_is_older_than_the_link_to_it(archive: Home) -> None:
    county = County(archive, others=[("nb/n2025n/2.htm", "汶上县司法局2023年政府信息公开工作年度报告")])
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        county.hub(when, OLD)
    county.found()
    assert county.told(county.sfj) == SPARED


def test_a_list_of_another_host_is_no_folder_of_this_one(archive: Home) -> None:
    county = County(archive, "http://sfj.wenshang.gov.cn/nb/n2025n.htm")
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        county.hub(when, OLD)
    county.found()
    assert county.told(county.sfj) == SPARED


def test_a_look_in_part_or_a_shrunken_list_speaks_for_no_folder(archive: Home) -> None:
    county = County(archive)
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        county.site.look(when, county.column, outcome=LookOutcome.PARTIAL, body=OLD.encode())
    county.found()
    assert county.told(county.sfj) == SPARED


@pytest.mark.parametrize(("page", "gone"), [(OLD, True), (OLD + NEW, False)])
def test_a_folder_that_was_taken_away_is_no_longer_shown(archive: Home, page: str, *, gone: bool) -> None:
    county = County(archive)
    county.hub("2026-01-25 09:00", OLD)
    county.found()
    for when in ("2026-03-01 09:00", "2026-03-09 09:00", "2026-03-17 09:00"):
        run = county.site.run(at(when))
        county.site.look(when, county.column, body=page.encode(), run=run)
        county.site.look(when, county.folder, outcome=LookOutcome.CHANGED, body=b"<html>404</html>", run=run)
    update(archive)
    changes = {line.change for line in revisions(archive).lines if line.agency.id == county.sfj.id}
    assert ("withdrawn" in changes) is gone
    doubted = doubts_of(archive, {look.id for look in Observations(archive).looks()})
    assert [one.reason for one in doubted.values()].count("not_linked") == (3 if gone else 0)
