"""A government's report against those of its bodies: what fits, what may be missing, what is wrong, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from small_archive import Site, report_page, title

from archive.assessment.rollup import RollUpCell
from archive.projection.update import update
from archive.queries.rollup import RollUpAnswer, rollup
from storage.home import Home
from storage.records import Agency, AgencyKind, RulingKind

NEW, REST = "applications.received.natural_person", "applications.received.total"
PENALTY = "proactive.admin_penalty.decided"
STATED = "完成全县4家单位政府信息公开年度报告集中公开。"


class County:
    """A county with a government, three departments and a township, whose reports are put up as asked."""

    def __init__(self, home: Home) -> None:
        self.site = Site(home)
        self.column = self.site.column(covers=tuple(AgencyKind))
        self.gov = self.site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
        self.bodies = {
            key: self.site.agency(key, name, kind, parent="wenshang/gov")
            for key, name, kind in (
                ("sfj", "汶上县司法局", AgencyKind.DEPARTMENT),
                ("czj", "汶上县财政局", AgencyKind.DEPARTMENT),
                ("jyj", "汶上县教育和体育局", AgencyKind.DEPARTMENT),
                ("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP),
            )
        }
        self._links: list[tuple[str, str, str]] = []

    def reports(self, agency: Agency, cells: Mapping[str, int], *, text: str = "", day: int = 20) -> None:
        path = f"nb/{agency.id.partition('/')[2]}-{day}.html"
        page = report_page(agency.name, 2025, cells, published=f"2026-01-{day}", text=text)
        self._links.append((path, title(agency.name), f"2026-01-{day}"))
        self.site.look(f"2026-01-{day} 09:00", self.column, self._links)
        self.site.fetch(f"2026-01-{day} 09:05", path, page)


def asked(home: Home, place: str = "汶上县", **more: object) -> RollUpAnswer:
    update(home)
    return rollup(home, place, 2025, **more)  # type: ignore[arg-type]


def cell(found: RollUpAnswer, name: str) -> RollUpCell:
    return next(one for one in found.cells if one.indicator == name)


def test_a_gap_is_held_against_the_reports_that_are_missing(own: Home) -> None:
    county = County(own)
    county.reports(county.gov, {NEW: 40, PENALTY: 300}, text=STATED)
    county.reports(county.bodies["sfj"], {NEW: 15, PENALTY: 100})
    county.reports(county.bodies["gcz"], {NEW: 25, PENALTY: 0})
    found = asked(own)
    assert (found.government.name, found.form, found.bodies, found.held) == ("汶上县人民政府", "2021", 4, 2)
    assert {one.agency.name for one in found.without} == {"汶上县财政局", "汶上县教育和体育局"}
    assert {one.state for one in found.without} == {"unknown"}
    fits = cell(found, NEW)
    assert (fits.own, fits.total, fits.reports, fits.gap, fits.verdict, fits.absent) == (40, 40, 2, 0, "fits", 2)
    assert fits.en == (
        "The government's report gives 40, and the 2 reports add up to 40: they agree; 2 agencies have no figure "
        "(汶上县财政局, 汶上县教育和体育局)."
    )
    gap = cell(found, PENALTY)
    assert (gap.gap, gap.verdict) == (Decimal(200), "gap_fits_missing")
    assert "差额可能来自这些机关" in gap.zh
    (said,) = found.stated
    assert (said.number, said.what, said.least, said.most, said.agrees) == (4, "all", 4, 5, True)
    assert said.sentence in STATED
    assert found.to_dict()["verdicts"] == found.verdicts


def test_a_sum_that_exceeds_or_falls_short_is_wrong_somewhere_and_one_report_may_explain_all_gaps(own: Home) -> None:
    county = County(own)
    county.reports(county.gov, {NEW: 60, REST: 60, PENALTY: 700})
    for key, figures in {"sfj": (25, 300), "czj": (35, 400), "jyj": (12, 50), "gcz": (0, 0)}.items():
        county.reports(county.bodies[key], {NEW: figures[0], REST: figures[0], PENALTY: figures[1]})
    found = asked(own)
    assert (found.held, found.without) == (4, ())
    wrong = cell(found, NEW)
    assert (wrong.gap, wrong.verdict) == (Decimal(-12), "exceeds")
    assert [(say.how, say.agency) for say in wrong.candidates] == [("left_out", "汶上县教育和体育局")]
    assert wrong.candidates[0].zh == "若政府未计入汶上县教育和体育局（12），则相符。"
    (suspect,) = found.suspects
    assert (suspect.how, suspect.agency, suspect.closes, suspect.gaps) == ("left_out", "汶上县教育和体育局", 3, 3)
    assert found.verdicts["exceeds"] == 3


def test_a_blank_is_no_zero_and_a_withheld_report_is_not_told_by_the_rest(own: Home) -> None:
    county = County(own)
    county.reports(county.gov, {NEW: 60})
    county.reports(county.bodies["sfj"], {NEW: 25})
    blank = report_page("汶上县财政局", 2025, {NEW: 35}, published="2026-01-20").replace(b">35<", b"><")
    county.site.look(
        "2026-01-21 09:00", county.column, [("nb/czj.html", "汶上县财政局2025年政府信息公开工作年度报告", "2026-01-20")]
    )
    county.site.fetch("2026-01-21 09:05", "nb/czj.html", blank)
    found = asked(own)
    told = cell(found, NEW)
    assert (told.blank, told.absent, told.gap, told.verdict) == (1, 2, Decimal(35), "gap_fits_missing")
    county.site.rule("2026-03-01 09:00", RulingKind.WITHHOLD, "wenshang/sfj/2025")
    hidden = cell(asked(own), NEW)
    assert (hidden.total, hidden.gap, hidden.verdict, hidden.unread) == (None, None, "unknown", 1)
    assert hidden.zh == "有报告被裁定隐藏，不作比较。"
