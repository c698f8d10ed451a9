"""Citations: an address means the same edition and cell after a rebuild and on another machine, whatever was added.

``cited_by``: works that a person entered as citing a report, and whether the report changed since.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.exports.atom import Audience, feed
from archive.exports.citations import bibtex, gbt7714
from archive.projection.update import update
from archive.queries.bounds import NotKnownError
from archive.queries.citing import parse_address
from nianbao.python_api import Archive
from nianbao.rulings import RulingError, decided, rule_on
from storage.home import Home
from storage.records import RulingKind
from storage.registry import Registry
from tests.case_tables import read_cases
from tests.served import asking

SFJ = "汶上县司法局"
TOTAL = "applications.received.total"
BEFORE, AFTER = "一篇改动前的论文，2026", "一篇改动后的报道，2026"
PATH = "nb/t20260205_1.html"


def page(total: int) -> bytes:
    cells = {"applications.received.natural_person": total, TOTAL: total}
    return report_page(SFJ, 2025, cells, published="2026-02-05")


def play(home: Home) -> None:
    """Three editions: 3, then 4, then 3 again; one work read the first, one the last, one entry was taken back."""
    site = SmallSite(home, first_year=2025)
    site.agency("sfj", SFJ)
    column = site.column()
    link = [(PATH, title(SFJ), "2026-02-05")]
    for day, total in (("2026-02-09", 3), ("2026-03-09", 4), ("2026-03-20", 3)):
        site.look(f"{day} 09:00", column, link)
        site.fetch(f"{day} 09:01", PATH, page(total))
    update(home)
    for work, words in (
        (BEFORE, ["used=2026-02-20", "url=https://example.org/paper"]),
        (AFTER, ["used=2026-03-28"]),
        ("误记", []),
        ("误记", ["lifted=true"]),
    ):
        ruling = decided(home, "cited_by", f"{SFJ}/2025", [f"title={work}", *words])
        rule_on(home, ruling, by="测试", reason="作者来信")


def test_a_figure_is_cited_with_its_bytes(home: Home) -> None:
    found = Archive(home).cite(SFJ, 2025, edition="1", cell=TOTAL)
    assert re.fullmatch(rf"nianbao:{SFJ}/2025@[0-9a-f]{{12}}#{TOTAL}", found.address)
    assert found.cell is not None
    assert found.cell.value == 3
    assert found.record is not None
    assert found.digest == found.record.document
    assert gbt7714(found) == (
        f"{SFJ}. （演示数据 SIMULATED）{SFJ}2025年政府信息公开工作年度报告[R/OL]. (2026-02-05)[2026-02-09]. "
        f"http://www.wenshang.gov.cn/{PATH}. 存档: {found.address}, SHA-256 {found.digest}."
    )
    assert gbt7714(replace(found, simulated=False)).startswith(f"{SFJ}. {SFJ}2025年")
    assert "  year = {2026},\n" in bibtex(found)
    assert f"\\url{{http://www.wenshang.gov.cn/{PATH}}}" in bibtex(found)


def test_an_address_outlives_the_name_of_its_agency(own: Home) -> None:
    site = SmallSite(own, first_year=2025)
    agency = site.agency("sfj", SFJ)
    site.ask("2026-02-09 09:00", site.addressed(agency, 2025), page(3))
    update(own)
    before = Archive(own).cite(SFJ, 2025, cell=TOTAL)
    later = agency.recorded_at + timedelta(days=1)
    Registry(own).put_agencies([replace(agency, name="汶上县法治局", recorded_at=later)])
    site.rule("2026-03-01 09:00", RulingKind.BINDING, before.record.url, agency=agency.id, year=2025)  # type: ignore[union-attr]
    update(own)
    after = Archive(own).cite(before.address)
    assert (after.agency, after.digest, after.cell) == ("汶上县法治局", before.digest, before.cell)
    assert Archive(own).cite(after.address).digest == before.digest
    with pytest.raises(NotKnownError, match="has no cell"):
        Archive(own).cite(before.address.replace(TOTAL, "no.such"))


@pytest.mark.parametrize("text", read_cases(__file__, "no_addresses"))
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a citation address"):
        parse_address(text)


def test_what_is_not_held_is_told_with_what_is(home: Home) -> None:
    archive = Archive(home)
    with pytest.raises(NotKnownError, match="no edition 000000000000 of") as told:
        archive.cite(f"nianbao:{SFJ}/2025@{'0' * 12}")
    assert archive.cite(SFJ, 2025).address in str(told.value)
    with pytest.raises(NotKnownError, match=r"s 2012 report"):
        archive.cite(f"nianbao:{SFJ}/2012@{'0' * 12}")
    with pytest.raises(NotKnownError, match=r"belongs to another archive.*Did you mean: .*汶上县司法局"):
        archive.cite(f"nianbao:汶上县司法/2025@{'0' * 12}")
    with pytest.raises(NotKnownError, match=r"has no cell 'applications.recieved.totl'.*Did you mean: .*received"):
        archive.cite(SFJ, 2025, cell="applications.recieved.totl")
    with pytest.raises(NotKnownError, match=f"Did you mean: .*{TOTAL}"):
        archive.cite(SFJ, 2025, cell="applications.total")
    with pytest.raises(ValueError, match="Give the reporting year too"):
        archive.cite(SFJ)


def test_a_hostile_title_cannot_leave_its_field(home: Home) -> None:
    found = Archive(home).cite(SFJ, 2025)
    assert found.record is not None
    url = "http://www.wenshang.gov.cn/a}\\input{/etc/passwd}%41 b"
    evil = replace(found, title="报告}}, evil={\\input{x}} $%&~^", record=replace(found.record, url=url))
    entry = bibtex(evil)
    assert entry.count("\n") == 7
    assert entry.count("{") == entry.count("}")
    assert all(line.count("{") == line.count("}") for line in entry.splitlines()[1:-1])
    assert "\\input" not in entry
    assert "evil={" not in entry


# ---------------------------------------------------------------------------------------------- works that cite it


def test_a_work_whose_report_changed_after_it_was_read_is_told(held: Archive) -> None:
    before, after = held.cited_by(agency=SFJ, years="2025")
    assert (after.title, after.changed, after.url) == (AFTER, None, None)
    assert (before.title, before.changed, before.url) == (BEFORE, at("2026-03-20 09:01"), "https://example.org/paper")
    assert before.changes == ("silent_revision", "former_content")
    assert "2026-03-20" in before.zh
    assert held.cited_by(years="2024") == ()


def test_a_work_can_cite_one_cell_and_is_named_on_its_page(own: Home) -> None:
    play(own)
    address = Archive(own).cite(SFJ, 2025, edition="1", cell=TOTAL).address
    for words in (["title=一张图"], ["title=误记"], ["title=误记", "lifted=true"]):
        rule_on(own, decided(own, "cited_by", address, words), by="测试", reason="作者来信")
    [work] = [one for one in Archive(own).cited_by() if one.cell]
    assert (work.title, work.cell, f"@{work.edition[-12:]}#" in address) == ("一张图", TOTAL, True)
    other = TOTAL.replace("total", "natural_person")
    with asking(own.path) as web:
        pages = {
            one: web.get(f"/zh/{one}").text
            for one in (
                f"cell/{work.agency.id}/2025/{TOTAL}",
                f"cell/{work.agency.id}/2025/{other}",
                f"diff/{work.agency.id}/2025",
            )
        }
    assert [("一张图" in page, BEFORE in page) for page in pages.values()] == [
        (True, True),
        (False, True),
        (True, True),
    ]


def test_the_feed_of_changes_names_the_works_that_cite_the_report(held: Archive) -> None:
    found = held.news(at("2026-03-01 00:00"))
    root = ElementTree.fromstring(
        feed(found, Audience(lang="en", site="http://a.example", place="", about="", archive=""))
    )
    texts = [one.text or "" for one in root.iter("{http://www.w3.org/2005/Atom}content")]
    assert len(texts) == 2
    assert all(f"cited in: {BEFORE}; {AFTER}" in text for text in texts)


@pytest.mark.parametrize(("subject", "words"), read_cases(__file__, "refused_works"))
def test_what_cites_nothing_that_can_be_found_is_refused(held: Archive, subject: str, words: tuple[str, ...]) -> None:
    with pytest.raises((RulingError, NotKnownError)):
        decided(held.home, "cited_by", subject, [*words])
