"""The questions, asked of one small archive of two portals."""

from __future__ import annotations

from small_archive import Site, at, report_page

from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, Status

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
