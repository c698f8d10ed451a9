"""Figures of two counties and their prefecture, on either engine, and those of the forms and prose before 2019."""

from __future__ import annotations

import json

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.exports.plain_values import jsonable
from archive.projection.update import update
from archive.queries.bounds import NOT_GOVERNMENTS, NotKnownError, QueryError
from archive.queries.figure_answers import FigureLine, Series
from archive.queries.reports import show
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.wording import Block, SectionHeading
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, RulingKind, Status
from tests.case_tables import read_cases

RECEIVED, PERSONS = "applications.received.total", "applications.received.natural_person"
GRANTED = "applications.result.granted"
COUNTY, OTHER, CITY = "汶上县人民政府", "梁山县人民政府", "济宁市人民政府"
ENGINES = ("sqlite", "postgresql")
SFJ = "汶上县司法局"


def received(persons: int | None, total: int | None, **more: object) -> dict[str, object]:
    """A report whose requests are all granted, so that its sums hold."""
    cells: dict[str, object] = {PERSONS: persons, RECEIVED: total}
    for row in (GRANTED, "applications.result.total"):
        cells |= {f"{row}.natural_person": persons, f"{row}.total": total}
    return cells | more


def publish(site: SmallSite, listing: object, reports: list[tuple[str, int, dict[str, object]]], day: str) -> None:
    links = [(f"nb/{at}.html", title(agency, year), day) for at, (agency, year, _) in enumerate(reports)]
    site.look(f"{day} 09:00", listing, links)  # type: ignore[arg-type]
    for at_, (agency, year, cells) in enumerate(reports):
        page = report_page(agency, year, cells, published=day)  # type: ignore[arg-type]
        site.fetch(f"{day} 09:{at_ + 1:02}", f"nb/{at_}.html", page)


def play(home: Home) -> None:
    site = SmallSite(home, first_year=2020)
    site.agency("xrmzf", COUNTY, AgencyKind.GOVERNMENT)
    site.departments(sfj=SFJ, czj="汶上县财政局")
    covers = (AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT)
    column = site.column(covers=covers)
    site.look("2026-02-01 09:00", column)
    reports = [
        (COUNTY, 2020, received(5, 5, **{"applications.result.other.all.total": 2})),
        (COUNTY, 2023, received(40, 40)),
        (COUNTY, 2024, received(0, 0)),
        (SFJ, 2024, received(None, None)),  # left blank
        ("汶上县财政局", 2024, received(3, 4)),  # the sum does not hold
        (SFJ, 2023, received(2, 2, **{RECEIVED: "1.5"})),
    ]
    publish(site, column, reports, "2026-02-09")
    site.look(
        "2026-02-20 09:00", column, [(f"nb/{n}.html", title(a, y), "2026-02-09") for n, (a, y, _) in enumerate(reports)]
    )
    site.fetch("2026-02-20 09:01", "nb/1.html", report_page(COUNTY, 2023, received(44, 44), published="2026-02-09"))  # type: ignore[arg-type]
    hill = SmallSite(home, name="liangshan", place="梁山县", division="370832", first_year=2023)
    hill.agency("xrmzf", OTHER, AgencyKind.GOVERNMENT)
    publish(hill, hill.column(covers=covers), [(OTHER, 2023, received(10, 10))], "2026-02-09")
    city = SmallSite(home, name="jining", place="济宁市", division="370800", first_year=2023)
    city.agency("rmzf", CITY, AgencyKind.GOVERNMENT)
    city.agency("ws", COUNTY, AgencyKind.GOVERNMENT)  # the prefecture's portal lists the county's report too
    publish(
        city,
        city.column(covers=covers),
        [(CITY, 2023, received(99, 99)), (COUNTY, 2023, received(45, 45))],
        "2026-02-09",
    )
    former = SmallSite(home, name="laiwu", place="莱城区", division="371202", first_year=2023)
    former.agency("rmzf", "莱城区人民政府", AgencyKind.GOVERNMENT)
    publish(former, former.column(covers=covers), [("莱城区人民政府", 2023, received(7, 7))], "2026-02-09")


def line(found: Series, agency: str, year: int, indicator: str = RECEIVED) -> FigureLine:
    [one] = [x for x in found.lines if (x.agency.name, x.year, x.indicator) == (agency, year, indicator)]
    return one


def test_blank_zero_text_and_unknown_stay_apart(held: Archive) -> None:
    found = held.series(RECEIVED, portal="wenshang", years=[2023, 2024])
    states = {(x.agency.name, x.year): (x.figure.state.value, x.figure.value) for x in found.lines}
    assert states == {
        (COUNTY, 2023): ("printed", 44),
        (COUNTY, 2024): ("printed", 0),
        (SFJ, 2023): ("text", None),
        (SFJ, 2024): ("blank", None),
        ("汶上县财政局", 2023): ("unknown", None),
        ("汶上县财政局", 2024): ("printed", 4),
    }
    assert line(found, "汶上县财政局", 2023).status in {Status.MISSING, Status.UNKNOWN}
    assert "doubted" in line(found, "汶上县财政局", 2024).marks
    assert "doubted" not in line(found, COUNTY, 2024).marks
    plain = json.dumps(jsonable(found.to_dict()), ensure_ascii=False)
    assert '"state": "blank"' in plain


def test_agencies_may_stand_behind_the_indicator(held: Archive) -> None:
    found = held.series(RECEIVED, SFJ, "wenshang", years=[2023])
    assert found.lines == held.series(RECEIVED, agencies=[SFJ, "wenshang"], years=[2023]).lines
    assert {one.agency.name for one in found.lines} == {SFJ, COUNTY}


def test_the_edition_that_counts_is_the_last_known_or_the_first(held: Archive) -> None:
    def value(**how: object) -> tuple[object, object]:
        one = line(held.series(RECEIVED, portal="wenshang", years=[2023], **how), COUNTY, 2023)  # type: ignore[arg-type]
        return one.figure.value, one.marks

    assert value() == (44, ("revised",))
    assert value(edition="first") == (40, ("revised",))
    assert value(as_of=at("2026-02-10 09:00")) == (40, ())
    before = line(held.series(RECEIVED, portal="wenshang", years=[2023], as_of=at("2026-02-05 09:00")), COUNTY, 2023)
    assert (before.figure.state.value, before.edition) == ("unknown", None)


def test_governments_are_added_up_by_level_and_each_once(held: Archive) -> None:
    found = held.table(RECEIVED, years=[2023], place="济宁市")
    total = found.groups[0].totals[2023]
    assert (total.value, total.reports, total.owed, total.complete) == (54, 2, 2, True)
    assert (total.low, total.high) == (54, 54)
    assert total.doubted == 1  # the prefecture's portal shows another figure of the county
    [county] = [one.line for one in held.rank(RECEIVED, 2023).lines if one.line.agency.name == COUNTY]
    assert county.agency.portal == "wenshang"
    assert {"doubted", "differs_elsewhere"} <= set(county.marks)
    assert (found.summed.level, found.summed.of_others) == ("county", 1)
    city = held.table(RECEIVED, years=[2023], place="济宁市", level="prefecture").groups[0].totals[2023]
    assert (city.value, city.reports) == (99, 1)
    with pytest.raises(QueryError, match="count twice"):
        held.table(RECEIVED, kind=list(AgencyKind))


def test_a_sum_of_bodies_counts_blanks_missing_and_unknown_apart(held: Archive) -> None:
    found = held.table(RECEIVED, years=[2023, 2024], portal="wenshang", kind=NOT_GOVERNMENTS)
    before, after = (found.groups[0].totals[year] for year in (2023, 2024))
    assert (after.value, after.reports, after.owed, dict(after.without)) == (4, 1, 2, {"blank": 1})
    assert (after.low, after.high, after.doubted) == (4, None, 1)
    assert before.value is None
    assert before.without["text"] == 1
    assert sum(before.without.values()) == before.owed == 2


def test_groups_go_by_division_in_the_codes_of_a_year(held: Archive) -> None:
    def keys(**how: object) -> dict[str, object]:
        found = held.table(RECEIVED, years=[2023], **how)  # type: ignore[arg-type]
        return {f"{group.key} {group.name}": group.totals[2023].value for group in found.groups}

    assert keys(by="division") == {"370830 汶上县": 44, "370832 梁山县": 10, "371202 莱城区": 7}
    assert keys(by="division", codes=2024)["370116 莱芜区"] == 7
    assert keys(by="prefecture", codes=2024) == {"370800 济宁市": 54, "370100 济南市": 7}
    assert keys(by="province") == {"370000 山东省": 61}
    assert keys(place="370116", codes=2024) == {" all": 7}
    moved = held.series(RECEIVED, place="3712", codes=2017).lines[0]
    assert (moved.code, moved.code_how, moved.agency.division) == ("371202", "same", "371202")
    with pytest.raises(NotKnownError, match="371202"):
        held.series(RECEIVED, place="3712", codes=2024)


def test_bodies_are_ranked_and_what_cannot_be_is_counted(held: Archive) -> None:
    found = held.rank(RECEIVED, 2023)
    assert [(x.rank, x.line.agency.name, x.line.figure.value) for x in found.lines] == [
        (1, COUNTY, 44), (2, OTHER, 10), (3, "莱城区人民政府", 7),
    ]  # fmt: skip
    assert found.total.value == 61
    rates = held.rank("derived.grant_rate", 2023)
    assert [x.line.agency.name for x in rates.lines] == [COUNTY]
    assert {(x.rank, x.line.agency.name) for x in rates.set_apart} == {(None, OTHER), (None, "莱城区人民政府")}
    assert (rates.in_order, rates.few_cases) == (1, 2)
    assert len(held.rank("grant_rate", 2023, min_n=0).lines) == 3
    assert {x.rank for x in held.rank("grant_rate", 2023, min_n=0).lines} == {1}  # equal figures share a place
    idle = held.rank("grant_rate", 2024, portal="wenshang", kind=[AgencyKind.GOVERNMENT])  # else the county's agencies
    assert (idle.lines, idle.set_apart, idle.no_cases, idle.total.reports) == ((), (), 1, 1)
    assert held.rank(RECEIVED, 2023).no_cases == 0


def test_what_a_ruling_withholds_is_no_figure_and_in_no_sum(home: Home, held: Archive) -> None:
    site = SmallSite(home)
    site.rule("2026-03-01 09:00", RulingKind.WITHHOLD, "wenshang/xrmzf/2023")
    try:
        one = line(held.series(RECEIVED, portal="wenshang", years=[2023]), COUNTY, 2023)
        assert (one.figure.value, one.figure.state.value, one.form) == (None, "withheld", None)
        total = held.table(RECEIVED, years=[2023], portal="wenshang").groups[0].totals[2023]
        assert (total.value, total.low, dict(total.without)) == (None, None, {"withheld": 1})
    finally:
        site.rule("2026-03-02 09:00", RulingKind.WITHHOLD, "wenshang/xrmzf/2023", lifted=True)
    assert line(held.series(RECEIVED, portal="wenshang", years=[2023]), COUNTY, 2023).figure.value == 44


def test_reports_of_a_system_are_in_no_sum_and_what_was_taken_away_is_marked(own: Home) -> None:
    site = SmallSite(own, first_year=2024)
    site.departments(sfj=SFJ, czj="汶上县财政局")
    column = site.column()
    reports = [(SFJ, 2024, received(8, 8)), ("汶上县财政局", 2024, received(3, 3))]
    publish(site, column, reports, "2026-02-09")
    for day in ("2026-02-20", "2026-03-09"):
        site.look(f"{day} 09:00", column, [("nb/0.html", title(SFJ, 2024), "2026-02-09")])
    site.rule("2026-03-10 09:00", RulingKind.BINDING, site.url("nb/0.html"), report_kind="system")
    update(own)
    held = Archive(own)
    found = held.series(RECEIVED, years=[2024])
    whole, gone = line(found, SFJ, 2024), line(found, "汶上县财政局", 2024)
    assert (whole.figure.value, whole.marks) == (8, ("system",))
    assert (gone.figure.value, gone.marks) == (3, ("withdrawn",))
    total = held.table(RECEIVED, years=[2024], kind=NOT_GOVERNMENTS).groups[0].totals[2024]
    assert (total.value, total.reports, dict(total.without)) == (3, 1, {"system": 1})
    assert [one.line.agency.name for one in held.rank(RECEIVED, 2024, kind=NOT_GOVERNMENTS).lines] == ["汶上县财政局"]


# ------------------------------------------------------------------------------------------------ before 2019


def unified_page(year: int, received: str, granted: str) -> bytes:
    """A report with the table that 国办发〔2014〕32号 made one for all."""
    given = {"RECEIVED": received, "GRANTED": granted}
    rows = [(name, unit, given.get(figure, figure)) for name, unit, figure in read_cases(__file__, "rows")]
    opening = f"{SFJ}按照规定编制本报告，统计期限自{year}年1月1日起至{year}年12月31日止。"
    blocks: list[Block] = [
        SectionHeading("一、概述"),
        opening,
        SectionHeading("二、政府信息公开情况统计表"),
        plain_table(rows),
    ]
    return page(title(SFJ, year), blocks)


def test_one_series_over_three_forms_with_its_breaks_marked(own: Home) -> None:
    count, granted = "applications.received.total", "applications.result.granted.total"
    site = SmallSite(own, first_year=2016)
    site.agency("sfj", SFJ)
    counted = ("applications.received", "applications.result.granted", "applications.result.total")
    cells = {f"{row}.{column}": 4 for row in counted for column in ("natural_person", "total")}
    pages = [
        (2016, unified_page(2016, "9", "7")),
        (2018, unified_page(2018, "8", "6")),
        (2020, report_page(SFJ, 2020, cells)),
        (2024, report_page(SFJ, 2024, cells)),
    ]
    links = [(f"nb/{year}.html", title(SFJ, year), "2026-02-09") for year, _ in pages]
    site.look("2026-02-09 09:00", site.column(), links)
    for minute, (year, body) in enumerate(pages, 1):
        site.fetch(f"2026-02-09 09:{minute:02}", f"nb/{year}.html", body)
    update(own)
    held = Archive(own)

    years = [2016, 2018, 2020, 2024]
    told = [(x.year, x.form, x.figure.value, x.marks) for x in held.series(count, years=years).lines]
    assert told == [
        (2016, "pre2019", 9, ()),
        (2018, "pre2019", 8, ()),
        (2020, "2019", 4, ("break",)),
        (2024, "2021", 4, ("break",)),
    ]
    apart = {x.year: x.figure.state for x in held.series(granted, years=years).lines}
    assert apart[2018] == "not_in_form"
    joined = [(x.year, x.figure.value, x.marks) for x in held.series(f"joined.{granted}", years=[2016, 2018]).lines]
    assert joined == [(2016, 7, ("near",)), (2018, 6, ("near",))]
    [pair] = held.compare_years(count, 2018, 2020, kind=[AgencyKind.DEPARTMENT]).lines
    assert (pair.change, pair.bridged) == (-4, True)
    assert [row["value"] for row in held.export("figures", count, years=[2018, 2020])] == [8, 4]
    [line] = held.indicators(f"joined.{granted}")
    assert line.near[0].other == "pre2019.applications.answered.granted.year"


def test_figures_of_prose_are_given_beside_the_cells_and_in_series_only_when_asked_for(own: Home) -> None:
    told = f"2012年{SFJ}共收到政府信息公开申请5件，其中同意公开3件，不予公开2件。未发生因政府信息公开引起的行政复议。"
    blocks: list[Block] = [
        SectionHeading("一、概述"),
        f"{SFJ}按照规定编制本报告，统计期限自2012年1月1日起至2012年12月31日止。",
        SectionHeading("三、依申请公开政府信息情况"),
        told,
    ]
    count = "applications.received.total"
    site = SmallSite(own, first_year=2012)
    site.agency("sfj", SFJ)
    heading = title(SFJ, 2012)
    site.look("2026-02-09 09:00", site.column(), [("nb/2012.html", heading, "2026-02-09")])
    site.fetch("2026-02-09 09:01", "nb/2012.html", page(heading, blocks))
    update(own)
    held = Archive(own)

    shown = show(own, SFJ, 2012)
    assert shown.cells == ()
    assert {(one.id, one.value) for one in shown.stated} == {
        ("pre2019.applications.received.year", 5),
        ("pre2019.applications.answered.granted.year", 3),
        ("pre2019.applications.answered.refused.year", 2),
        ("pre2019.review.year", 0),
    }
    assert all(one.sentence in told.replace("，", ",") or one.raw in told for one in shown.stated)
    [plain] = held.series(count, years=[2012]).lines
    assert (plain.figure.value, plain.figure.state) == (None, "unread")
    [line] = held.series(count, years=[2012], stated=True).lines
    assert (line.figure.value, line.figure.state, line.marks) == (5, "stated", ("stated",))
    [near] = held.series("joined.applications.result.granted.total", years=[2012], stated=True).lines
    assert (near.figure.value, near.marks) == (3, ("near", "stated"))
    sums = [
        held.table(count, kind=[AgencyKind.DEPARTMENT], years=[2012], stated=stated).groups[0].totals[2012]
        for stated in (False, True)
    ]
    assert [(one.value, one.stated) for one in sums] == [(None, 0), (5, 1)]
