"""``cited_by``: works that a person entered as citing a report, and whether the report changed since."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from small_archive import Site, at, report_page

from archive.exports.atom import Reader, feed
from archive.projection.update import update
from nianbao.python_api import Archive
from nianbao.rulings import RulingError, decided, rule_on
from storage.home import Home

SFJ = "汶上县司法局"
BEFORE, AFTER = "一篇改动前的论文，2026", "一篇改动后的报道，2026"


def play(home: Home) -> None:
    """A report that changes in silence in February; one work read it before, one after, one entry was taken back."""
    site = Site(home, first_year=2025)
    site.agency("sfj", SFJ)
    column = site.column()
    for day, text in (("2026-01-20", "甲"), ("2026-02-20", "乙")):
        site.look(f"{day} 09:00", column, [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")])
        site.fetch(f"{day} 09:01", "nb/1.html", report_page(SFJ, 2025, text=text))
    update(home)
    for title, words in (
        (BEFORE, ["used=2026-02-01", "url=https://example.org/paper"]),
        (AFTER, ["used=2026-02-28"]),
        ("误记", []),
        ("误记", ["lifted=true"]),
    ):
        ruling = decided(home, "cited_by", f"{SFJ}/2025", [f"title={title}", *words])
        rule_on(home, ruling, by="测试", reason="作者来信")


def test_a_work_whose_report_changed_after_it_was_read_is_told(held: Archive) -> None:
    before, after = held.cited_by(agency=SFJ, years="2025")
    assert (after.title, after.changed, after.url) == (AFTER, None, None)
    assert (before.title, before.changed, before.url) == (BEFORE, at("2026-02-20 09:01"), "https://example.org/paper")
    assert before.changes == ("silent_revision",)
    assert "2026-02-20" in before.zh
    assert held.cited_by(years="2024") == ()


def test_the_feed_of_changes_names_the_works_that_cite_the_report(held: Archive) -> None:
    found = held.news(at("2026-02-01 00:00"))
    root = ElementTree.fromstring(feed(found, "here", "news", Reader(lang="en", site="https://a.example", place="")))
    [text] = [one.text or "" for one in root.iter("{http://www.w3.org/2005/Atom}content")]
    assert f"cited in: {BEFORE}; {AFTER}" in text


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("汶上县司法局/2019", ["title=一篇论文"]),
        (f"{SFJ}/2025", ["url=https://example.org"]),
        (f"{SFJ}/2025", ["title= "]),
        (f"{SFJ}/2025", ["title=从未登记", "lifted=true"]),
        (f"{SFJ}/2025", ["title=一篇论文", "url=javascript:alert(1)"]),
        (f"{SFJ}/2025", ["title=一篇论文", "used=2999-01-01"]),
    ],
    ids=["no such report", "no title", "blank title", "nothing to take back", "no address of a page", "a day to come"],
)
def test_what_cites_nothing_that_can_be_found_is_refused(held: Archive, subject: str, words: list[str]) -> None:
    with pytest.raises(RulingError):
        decided(held.home, "cited_by", subject, words)
