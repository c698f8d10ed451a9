"""The questions, asked of one small archive of two portals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from small_archive import Site, at, report_page

from archive.queries.bounds import NotKnownError
from archive.queries.overview import runs
from nianbao.python_api import Archive
from storage.home import Home
from storage.observations import Observations
from storage.records import AgencyKind, CellState, Note, Run, Status

SFJ, CZJ = "汶上县司法局", "汶上县财政局"


def title(agency: str, year: int) -> str:
    return f"{agency}{year}年政府信息公开工作年度报告"


def play(home: Home) -> None:
    site = Site(home, first_year=2024)
    for key, name in (("sfj", SFJ), ("czj", CZJ)):
        site.agency(key, name, aliases=("县财局",) if key == "czj" else ())
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    site.look("2026-02-01 09:00", column)
    site.look("2026-02-03 09:00", column)
    links = [
        ("nb/t20260205_1.html", title(SFJ, 2025), "2026-02-05"),
        ("nb/2.html", "2025年法治政府建设年度报告", "2026-02-05"),
    ]
    site.look("2026-02-09 09:00", column, links)
    text = "联系人电话13812345678。"
    cells = {"applications.received.natural_person": 3, "applications.received.total": 3}
    page = report_page(SFJ, 2025, cells, published="2026-02-05", text=text)
    site.fetch("2026-02-09 09:01", "nb/t20260205_1.html", page)
    other = "<html><title>2025年法治政府建设年度报告</title><h1>2025年法治政府建设年度报告</h1><p>依法行政</p></html>"
    site.fetch("2026-02-09 09:02", "nb/2.html", other.encode())
    site.look("2026-03-09 09:00", column, links)
    cells |= {"applications.received.natural_person": 4, "applications.received.total": 4}
    page = report_page(SFJ, 2025, cells, published="2026-02-05", text=text.replace("电话", "手机"))
    site.fetch("2026-03-09 09:01", "nb/t20260205_1.html", page)
    city = Site(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
    city.agency("sfj", "济源市司法局")
    city.column()


def test_a_verdict_gives_its_evidence(held: Archive) -> None:
    found = held.status(SFJ, 2025)
    assert found.history[0].status is Status.NOT_YET_DUE
    assert found.history[-1].status is Status.LATE
    assert [look.started for look in found.looks] == [at(f"2026-02-{day} 09:00") for day in ("01", "03", "09")]
    for line in (*found.captures, *(capture for look in found.looks for capture in look.captures)):
        assert line.warc_file is not None
        assert line.warc_length
        assert len(line.payload_digest or "") == 64
    assert len(found.editions) == 2
    before = held.status(SFJ, 2025, as_of=at("2026-02-20 09:00"))
    assert len(before.editions) == 1
    assert "silent_revision" not in {finding.code for finding in before.findings}
    early = held.status(SFJ, 2025, as_of=at("2026-02-02 09:00"))
    assert (early.duty.status, early.editions) == (Status.MISSING, ())
    assert early.history[-1].until is None


def test_a_report_is_shown_in_the_order_of_its_form(held: Archive) -> None:
    found = held.show(SFJ, 2025)
    assert len(found.cells) == 200
    assert found.cells[0].id == "proactive.rules.issued"
    cell = next(cell for cell in found.cells if cell.id == "applications.received.total")
    assert (cell.value, cell.state, cell.row) == (Decimal(4), CellState.PRINTED, "一、本年新收政府信息公开申请数量")
    assert cell.column == "总计"
    assert cell.locator["table"] is not None
    assert found.source is not None
    assert found.source.document == found.edition.main
    assert len(found.others) == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (lambda held: held.status("汶上县司法", 2019), "2024, 2025"),
        (lambda held: held.status("汶上县司发局", 2025), SFJ),
        (lambda held: held.status("司法局", 2025), "济源市司法局"),
        (lambda held: held.coverage("汶下县"), "汶上县"),
        (lambda held: held.coverage(portal="wenshan"), "wenshang"),
        (lambda held: held.missing(2016), "2024"),
        (lambda held: held.show(CZJ, 2025), "is not held"),
        (lambda held: held.show(SFJ, 2024), "2025"),
    ],
)
def test_the_unknown_is_answered_with_the_nearest(held: Archive, question: object, expected: str) -> None:
    with pytest.raises(NotKnownError, match=expected):
        question(held)  # type: ignore[operator]


def test_notes_of_crawls_name_files_without_the_folders_of_the_machine(home: Home) -> None:
    run = Run(id="r", portal="wenshang", purpose="crawl", started=at("2026-02-01 09:00"))
    Observations(home).start_run(run)
    values = {"path": "/srv/archive/warc/a.warc.gz", "url": "https://www.wenshang.gov.cn/nb/1.html"}
    notes = (Note("stopped", {"why": Note("error.disk_full", values).plain}),)
    Observations(home).finish_run(run, finished=run.started, outcome="failed", notes=notes)
    line = next(one for one in runs(home) if one.id == "r")
    assert line.notes[0].values["why"] == {"code": "error.disk_full", "values": values | {"path": "a.warc.gz"}}
