"""Each doubt of review is offered with what can be done about it; the registry asked, and its doubts settled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.projection.update import update
from archive.queries.coverage_of_answer import count_unnamed
from archive.queries.look_answers import shrunk_in
from archive.queries.registry import registry_doubts, registry_entry
from archive.queries.review import ReviewLine, review
from archive.queries.stored import open_projections
from archive.queries.verdict import status
from nianbao.rulings import RulingError, decided, rule_on
from storage.home import Home
from storage.records import AgencyEnd, AgencyKind, CaptureOutcome, Listing, LookOutcome
from storage.registry import Registry

SFJ, CZJ, UNKNOWN = "汶上县司法局", "汶上县财政局", "汶上县水利局"


def doubts(own: Home, kind: str) -> list[ReviewLine]:
    update(own)
    return [line for line in review(own) if line.kind == kind]


def ruled(own: Home, kind: str, subject: str, *words: str) -> None:
    rule_on(own, decided(own, kind, subject, words), by="somebody", reason="looked")


def two_agencies(own: Home) -> tuple[SmallSite, Listing]:
    site = SmallSite(own)
    site.departments(sfj=SFJ, czj=CZJ)
    return site, site.column()


def test_a_body_that_is_not_in_the_registry_is_brought_in_first(own: Home) -> None:
    site = SmallSite(own)
    site.agency("sfj", SFJ)
    site.publish("2026-02-09", "nb/1.html", UNKNOWN, listed="2026-02-05", published="2026-02-05")
    (line,) = doubts(own, "binding")
    assert count_unnamed(own, open_projections(own), ["wenshang"]) == 1
    assert count_unnamed(own, open_projections(own), []) == 0
    assert line.open.startswith("nianbao agencies import FILE.csv --portal wenshang ")
    assert f"name,kind,source and {UNKNOWN},部门,{site.url('nb/1.html')}" in line.open
    assert line.open.endswith("then: nianbao reread")
    site.agency("slj", UNKNOWN)
    assert doubts(own, "binding") == []
    assert count_unnamed(own, open_projections(own), ["wenshang"]) == 0


def test_a_listing_is_asked_about_until_every_agency_is_said(own: Home) -> None:
    site = SmallSite(own)
    site.departments(sfj=SFJ, czj=CZJ)
    column = site.column(covers=())
    site.look("2026-02-09 09:00", column)
    (line,) = doubts(own, "scope")
    assert line.url == column.url  # 洛阳市栾川县: a person who decides has to see the list
    assert "which agencies this list carries" in line.en
    assert "--by WHO --reason WHY" in line.open
    agencies = sorted(one.id for one in Registry(own).agencies())
    assert [one.words[2:] for one in line.choices] == [
        (f"agency={agency}", f"covers={covers}") for agency in agencies for covers in ("true", "false")
    ]
    assert line.choices[1].zh == f"该列表不刊登{CZJ}的报告"
    ruled(own, "scope", column.id, f"agency={SFJ}", "covers=true")
    (line,) = doubts(own, "scope")
    assert CZJ in line.en
    assert CZJ in line.zh
    assert SFJ not in line.en
    ruled(own, "scope", column.id, f"agency={CZJ}", "covers=false")
    assert doubts(own, "scope") == []
    site.agency("xz", "城关镇人民政府", AgencyKind.TOWNSHIP)
    (line,) = doubts(own, "scope")
    assert "城关镇" in line.en
    ruled(own, "scope", column.id, "kind=乡镇", "covers=true")
    assert doubts(own, "scope") == []


def test_looks_that_showed_less_are_one_line_of_their_listing(own: Home) -> None:
    site, column = two_agencies(own)
    every = [
        (f"nb/{year}{n}.html", title(name, year)) for year in (2022, 2023, 2024) for n, name in ((1, SFJ), (2, CZJ))
    ]
    site.look("2026-02-01 09:00", column, every)
    site.look("2026-02-05 09:00", column, every[4:])
    newest = site.look("2026-02-09 09:00", column, every[5:])
    (line,) = doubts(own, "look")
    assert shrunk_in(own, {newest.run}, at("2026-02-01 00:00")) == {column.id: 5}
    assert line.subject == newest.id
    assert "The newest of 2 looks" in line.en
    ruled(own, "void_look", newest.id[:8])  # an id may be cut short
    assert doubts(own, "look") == []


def test_a_list_that_moved_is_offered_its_end_and_keeps_no_absence_open_then(own: Home) -> None:
    """What the lists found in its place show counts from when they were met; a wrong ruling is taken back."""
    site, column = two_agencies(own)
    shown = [(f"nb/{year}.html", title(SFJ, year)) for year in (2023, 2024)]
    for day in ("2026-02-02 09:00", "2026-02-09 09:00"):
        site.look(day, column, shown)
    assert doubts(own, "listing") == []
    new = replace(column, id="wenshang:found-new", url=site.url("new/"), recorded_at=at("2026-02-16 09:00"))
    Registry(own).put_listings([new])
    for day in ("2026-02-16 09:00", "2026-02-23 09:00"):
        site.look(day, column, outcome=LookOutcome.CHANGED)
        site.look(day, new, [(f"new/{url}", text) for url, text in shown])
    (line,) = doubts(own, "listing")
    assert "Since 2026-02-16 this list is no longer at" in line.en
    assert f"its 2 reports are now at {new.url} (wenshang:found-new: 2)" in line.en
    found = status(own, CZJ, 2025).duty
    assert (found.status, found.reason) == ("unknown", "changed")
    kind, subject, *words = line.choices[0].words
    ruled(own, kind, subject, *words)
    assert doubts(own, "listing") == []
    assert Registry(own).listings("wenshang")[1].ended_at == at("2026-02-16 00:00")
    found = status(own, CZJ, 2025).duty
    assert (found.status, found.evidence, found.last_absent) == ("missing", "proven", at("2026-02-23 09:00"))
    ruled(own, "listing", column.id, "ended=false")
    assert [line.subject for line in doubts(own, "listing")] == [column.id]


@pytest.mark.parametrize(
    ("opened", "outcome", "told", "settles"),
    [
        (CZJ, CaptureOutcome.PAGE, f"the report of {CZJ} for 2025", ("agency=" + CZJ, "year=2025")),
        ("", CaptureOutcome.PAGE, "no annual report", ("is_report=false",)),
        ("", CaptureOutcome.SOFT_404, "no annual report", ("is_report=false",)),
    ],
)
def test_a_link_that_names_a_report_and_opens_another_page_accuses_nobody(
    own: Home, opened: str, outcome: CaptureOutcome, told: str, settles: tuple[str, ...]
) -> None:
    site, column = two_agencies(own)
    page = report_page(CZJ, 2025) if opened else "<h1>政府信息公开指南</h1><p>为方便公众，编制本指南。</p>".encode()
    for day in ("2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(day, column, [("nb/1.html", title(SFJ))])
        site.fetch(day, "nb/1.html", page, outcome=outcome)
    update(own)
    open_status = status(own, SFJ, 2025)
    assert open_status.history[-1].reason == "unresolved_lead"
    assert [(one.url, one.title) for one in open_status.leads] == [(site.url("nb/1.html"), title(SFJ))]
    (line,) = [one for one in doubts(own, "binding") if one.title == title(SFJ)]
    assert told in line.en
    assert line.choices[0].words == ("binding", site.url("nb/1.html"), *settles)
    ruled(own, "binding", site.url("nb/1.html"), *settles)
    update(own)
    assert (status(own, SFJ, 2025).history[-1].reason, status(own, SFJ, 2025).leads) == ("absent_twice", ())
    assert [one for one in doubts(own, "binding") if one.title == title(SFJ)] == []


# ------------------------------------------------------------------------------------------------ the registry

GSJ, SCJ = "汶上县工商行政管理局", "汶上县市场监督管理局"


@pytest.fixture
def home(own: Home) -> Home:
    site = SmallSite(own)
    site.agency("scj", SCJ, valid_from=date(2025, 7, 1), aliases=("县市监局",))
    old = site.agency("gsj", GSJ, source="wenshang.csv: guessed: http://www.wenshang.gov.cn/", guessed=True)
    site.publish("2026-01-10", "nb/1.html", GSJ, 2024, listed="2025-01-15", published="2025-01-15")
    ended = replace(
        old, valid_to=date(2025, 6, 30), ended=AgencyEnd.MERGED, successors=("wenshang/scj",), guessed=False,
        source="import of june.csv: 鲁编办〔2025〕3号", recorded_at=at("2026-02-01 09:00"),
    )  # fmt: skip
    Registry(own).put_agencies([ended])
    update(own)
    return own


def test_one_body_is_told_with_whence_it_is_known_and_who_took_over(home: Home) -> None:
    found = registry_entry(home, GSJ)
    assert [(one.kind, one.attests) for one in found.sources] == [
        ("operator", True), ("published", True), ("guessed", False),
    ]  # fmt: skip
    assert found.sources[1].years == (2024,)
    assert found.ask is not None
    assert found.ask.zh == (f"该机关存续至2025-06-30，并入{SCJ}：其后的年度报告应向后者查询，其余义务与状态不承继。")
    assert [one.source for one in found.history] == [
        "wenshang.csv: guessed: http://www.wenshang.gov.cn/",
        "import of june.csv: 鲁编办〔2025〕3号",
    ]
    assert ("valid_to", "", "2025-06-30") in found.history[1].changes
    duties = {one.year: one for one in found.duties}
    assert (duties[2024].due, duties[2024].article, duties[2024].code) == (
        date(2025, 1, 31),
        "第四十九条第一款",
        "370830",
    )
    assert (duties[2024].holiday, duties[2024].holidays_known) == ("春节", True)
    assert (duties[2025].status, duties[2025].code_how) == ("not_expected", "carried")
    assert [one.name for one in registry_entry(home, SCJ).predecessors] == [GSJ]
    assert json.loads(json.dumps(found.to_dict(), default=str))["id"] == "wenshang/gsj"


def test_a_doubt_is_reviewed_until_the_row_is_mended_or_ruled_right(home: Home) -> None:
    registry = Registry(home)
    scj = next(one for one in registry.agencies() if one.id == "wenshang/scj")
    registry.put_agencies([replace(scj, valid_from=date(2025, 9, 1), recorded_at=at("2026-02-02 09:00"))])
    (line,) = [one for one in review(home) if one.kind == "registry"]
    assert (line.subject, line.title) == ("wenshang/gsj/gap", GSJ)
    assert line.en == f"It ended 62 days before its successor {SCJ} began."
    ruled = decided(home, "registry", f"{GSJ}/gap", ["holds=true"])
    assert ruled.subject == "wenshang/gsj/gap"
    rule_on(home, ruled, by="me", reason="law of 2025")
    assert [one for one in review(home) if one.kind == "registry"] == []
    assert len(registry_doubts(home)["wenshang"]) == 1
    with pytest.raises(RulingError, match="is not a doubt of the registry; write AGENCY/DOUBT, with one of: gap"):
        decided(home, "registry", f"{GSJ}/gaps", ["holds=true"])
    with pytest.raises(RulingError, match=r"holds=…"):
        decided(home, "registry", f"{GSJ}/gap", [])
