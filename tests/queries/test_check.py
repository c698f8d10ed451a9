"""``check``: what contradicts itself, last year's, or another agency's; a government's report against its agencies'."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from small_archive import SmallSite, report_page, title

from archive.assessment.rollup import RollUpCell
from archive.projection.update import update
from archive.queries.check import CODES, Check, CheckLine
from archive.queries.rollup import RollUpAnswer, rollup
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import Agency, AgencyKind, RulingKind, Severity
from tests.case_tables import read_cases

SFJ, CZJ, MZJ, JYJ = "汶上县司法局", "汶上县财政局", "汶上县民政局", "汶上县教育和体育局"

FIGURES = dict(read_cases(__file__, "figures"))
COUNTS, TEXT = read_cases(__file__, "texts")


def page(agency: str, year: int, cells: Mapping[str, int], text: str = "") -> bytes:
    return report_page(agency, year, cells, text=f"</p><p>{text}</p><p>" if text else "")


def publish(site: SmallSite, key: str, agency: str, year: int, cells: Mapping[str, int], text: str = "") -> None:
    path = f"nb/{key}{year}.html"
    site.look(f"{year + 1}-01-20 09:00", site.column(), [(path, title(agency, year))])
    site.fetch(f"{year + 1}-01-20 09:01", path, page(agency, year, cells, text))


def play(home: Home) -> None:
    """司法局 gives last year's figures and text, 财政局 a sum that is none and another's text, 民政局 zeros in both
    years, 教体局 a jump; 财政局's figures of 2025 are those of 司法局.
    """
    site = SmallSite(home, first_year=2024)
    site.departments(sfj=SFJ, czj=CZJ, mzj=MZJ, jyj=JYJ)
    for year in (2024, 2025):
        publish(site, "sfj", SFJ, year, FIGURES, COUNTS.format(year=year, before=year - 1))
        publish(site, "mzj", MZJ, year, {})
    publish(site, "czj", CZJ, 2024, {"review.total": 9}, TEXT)
    publish(site, "czj", CZJ, 2025, FIGURES)
    publish(site, "jyj", JYJ, 2024, {"litigation.direct.total": 2, "litigation.direct.upheld": 2}, TEXT)
    publish(site, "jyj", JYJ, 2025, {"litigation.direct.total": 320, "litigation.direct.upheld": 320})


def told(found: Check) -> list[tuple[str, str, int]]:
    return [(line.code, line.agency.id, line.year) for line in found.lines]


def one(found: Check, code: str) -> CheckLine:
    [line] = [line for line in found.lines if line.code == code]
    return line


def test_everything_that_does_not_add_up_is_told_once(held: Archive) -> None:
    found = held.check()
    assert told(found) == [
        ("identity_broken", "wenshang/czj", 2024),
        ("same_text", "wenshang/czj", 2024),
        ("same_figures", "wenshang/czj", 2025),
        ("same_text", "wenshang/jyj", 2024),
        ("jump", "wenshang/jyj", 2025),
        ("figures_copied", "wenshang/sfj", 2025),
        ("paragraph_copied", "wenshang/sfj", 2025),
        ("same_figures", "wenshang/sfj", 2025),
    ]
    assert (found.reports, found.read, found.withheld) == (8, 8, 0)
    assert list(found.counts) == [code for code in CODES if code in found.counts]
    assert sum(found.counts.values()) == sum(found.severities.values()) == len(found.lines)
    assert all(line.zh and line.en and line.edition for line in found.lines)


def test_a_line_leads_to_the_cell_and_to_what_it_is_held_against(held: Archive) -> None:
    found = held.check()
    broken = one(found, "identity_broken")
    assert (broken.about, broken.severity, broken.doubted) == ("sums", Severity.WARNING, False)
    assert (broken.cells[0], broken.expected, broken.found) == ("review.total", "0", "9")
    assert broken.en.startswith("A sum does not hold for “Administrative reconsideration” (")
    assert broken.locator is not None
    assert "table:nth-of-type(3)" in str(broken.locator["css"])
    jump = one(found, "jump")
    assert (jump.expected, jump.found, jump.against) == ("2", "320", (held.status(JYJ, 2024).editions[0].id,))
    copied = one(found, "paragraph_copied")
    assert copied.found is not None
    assert copied.found.startswith("2025年，本机关（联络员手机138****5678）主动公开信息")
    assert copied.since == held.status(SFJ, 2025).editions[0].first_seen
    same = next(line for line in found.lines if line.code == "same_figures")
    assert [other.name for other in same.others] == [SFJ]
    assert same.against == (held.status(SFJ, 2025).editions[0].id,)


def test_what_the_reader_doubts_is_no_more_than_information(own: Home) -> None:
    site = SmallSite(own, first_year=2025)
    site.agency("sfj", SFJ)
    site.look("2026-01-20 09:00", site.column(), [("nb/1.html", title(SFJ, 2025))])
    body = page(SFJ, 2025, {"review.total": 9_471}).replace(b">9471<", ">9471（其中网络 3 件）<".encode())
    site.fetch("2026-01-20 09:01", "nb/1.html", body)
    update(own)
    [line] = Archive(own).check(code=["identity_broken"]).lines
    assert (line.severity, line.doubted) == (Severity.INFO, True)


def test_one_body_on_two_portals_is_not_two_agencies(own: Home) -> None:
    for name, place, division in (("wenshang", "汶上县", "370830"), ("jining", "济宁市", "370800")):
        site = SmallSite(own, name=name, place=place, division=division, first_year=2025)
        site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
        site.agency("sfj", SFJ)
        column = site.column(covers=(AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT))
        links = [("nb/1.html", title("汶上县人民政府", 2025)), ("nb/2.html", title(SFJ, 2025))]
        site.look("2026-01-20 09:00", column, links)
        for path, who in (("nb/1.html", "汶上县人民政府"), ("nb/2.html", SFJ)):
            cells = FIGURES if who == SFJ else FIGURES | {"proactive.admin_coercion.decided": 12}
            site.fetch("2026-01-20 09:01", path, page(who, 2025, cells, TEXT if who == SFJ else ""))
    update(own)
    assert Archive(own).check().read == 4
    assert told(Archive(own).check()) == []


def test_what_several_agencies_say_every_year_is_boilerplate(own: Home) -> None:
    """On one portal, and where each portal has but one agency that says it."""
    places = [("wenshang", "汶上县", "370830"), ("yiyuan", "沂源县", "370323"), ("jiyuan", "济源市", "419001")]
    for name, place, division in (*places, ("yaodu", "尧都区", "141002")):
        site = SmallSite(own, name=name, place=place, division=division, first_year=2024)
        site.agency("sfj", f"{place}司法局")
        for year in (2024, 2025):
            publish(site, "sfj", f"{place}司法局", year, {}, TEXT)
            if name in ("wenshang", "yiyuan"):
                update(own)
        if name == "jiyuan":
            update(own)
            assert len(told(Archive(own).check(code=["text_copied"]))) == 3
    update(own)
    assert told(Archive(own).check()) == []


# ------------------------------------------------------------------------------------------------ roll-ups

NEW, REST = "applications.received.natural_person", "applications.received.total"
PENALTY = "proactive.admin_penalty.decided"
STATED = "完成全县4家单位政府信息公开年度报告集中公开。"


class SummedCounty:
    """A county with a government, three departments and a township, whose reports are put up as asked."""

    def __init__(self, home: Home) -> None:
        self.site = SmallSite(home)
        self.column = self.site.column(covers=tuple(AgencyKind))
        self.gov = self.site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
        self.agency_by_key = {
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
    county = SummedCounty(own)
    county.reports(county.gov, {NEW: 40, PENALTY: 300}, text=STATED)
    county.reports(county.agency_by_key["sfj"], {NEW: 15, PENALTY: 100})
    county.reports(county.agency_by_key["gcz"], {NEW: 25, PENALTY: 0})
    found = asked(own)
    assert (found.government.name, found.form, found.agencies, found.held) == ("汶上县人民政府", "2021", 4, 2)
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
    county = SummedCounty(own)
    county.reports(county.gov, {NEW: 60, REST: 60, PENALTY: 700})
    for key, figures in {"sfj": (25, 300), "czj": (35, 400), "jyj": (12, 50), "gcz": (0, 0)}.items():
        county.reports(county.agency_by_key[key], {NEW: figures[0], REST: figures[0], PENALTY: figures[1]})
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
    county = SummedCounty(own)
    county.reports(county.gov, {NEW: 60})
    county.reports(county.agency_by_key["sfj"], {NEW: 25})
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
