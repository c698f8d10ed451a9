"""Figures of reports before 2019: asked for, shown and exported, and joined with what later forms count the same."""

from __future__ import annotations

from small_archive import Site, report_page

from archive.projection.update import update
from archive.queries.reports import show
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.wording import Block, SectionHeading
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind
from tests.case_tables import read_cases

SFJ = "汶上县司法局"


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
    return page(f"{SFJ}{year}年政府信息公开工作年度报告", blocks)


def test_one_series_over_three_forms_with_its_breaks_marked(own: Home) -> None:
    count, granted = "applications.received.total", "applications.result.granted.total"
    site = Site(own, first_year=2016)
    site.agency("sfj", SFJ)
    counted = ("applications.received", "applications.result.granted", "applications.result.total")
    cells = {f"{row}.{column}": 4 for row in counted for column in ("natural_person", "total")}
    pages = [
        (2016, unified_page(2016, "9", "7")),
        (2018, unified_page(2018, "8", "6")),
        (2020, report_page(SFJ, 2020, cells)),
        (2024, report_page(SFJ, 2024, cells)),
    ]
    links = [(f"nb/{year}.html", f"{SFJ}{year}年政府信息公开工作年度报告", "2026-02-09") for year, _ in pages]
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
    [pair] = held.compare_years(count, 2018, 2020, kinds=[AgencyKind.DEPARTMENT]).lines
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
    site = Site(own, first_year=2012)
    site.agency("sfj", SFJ)
    title = f"{SFJ}2012年政府信息公开工作年度报告"
    site.look("2026-02-09 09:00", site.column(), [("nb/2012.html", title, "2026-02-09")])
    site.fetch("2026-02-09 09:01", "nb/2012.html", page(title, blocks))
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
        held.table(count, kinds=[AgencyKind.DEPARTMENT], years=[2012], stated=stated).groups[0].totals[2012]
        for stated in (False, True)
    ]
    assert [(one.value, one.stated) for one in sums] == [(None, 0), (5, 1)]
