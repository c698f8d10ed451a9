"""Scores are counted by year with bounds, each with what it rests on, and never added up."""

from __future__ import annotations

from small_archive import Site, report_page

from archive.projection.update import update
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import LookOutcome

SFJ = "汶上县司法局"


def test_scores_have_bounds_reasons_and_evidence(own: Home) -> None:
    site = Site(own, first_year=2025)
    site.agency("sfj", SFJ)
    site.agency("czj", "汶上县财政局")
    column, link = site.column(), [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告", "2026-01-19")]
    site.look("2026-01-20 09:00", column, link)
    site.fetch("2026-01-20 09:01", "nb/1.html", report_page(SFJ, 2025))
    site.look("2026-02-09 09:00", column, link, outcome=LookOutcome.UNREACHABLE)
    update(own)
    answer = Archive(own).scores(years=[2025])
    lines = {(one.agency.id, one.component): one for one in answer.lines}
    held, unknown = lines["wenshang/sfj", "complete_form"], lines["wenshang/czj", "complete_form"]
    assert (held.score, held.why, bool(held.edition)) == (True, "all_numbers", True)
    assert (unknown.score, unknown.why, unknown.en, unknown.edition) == (
    None, "status_unknown", "whether it was published is unknown", None,
    )  # fmt: skip
    totals = {one.component: one for one in answer.totals}
    rate = totals["complete_form"].rate
    assert rate is not None
    assert (rate.count, rate.unknown, rate.population, rate.low, rate.high) == (1, 1, 2, 0.5, 1.0)
    assert not {"score", "index", "total"} & {*totals}
