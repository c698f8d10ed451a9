"""``search``: words in texts and titles, of what was known then; ``find``: what a few words mean, the nearest first."""

from __future__ import annotations

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.queries.bounds import QueryError
from archive.queries.search import parse_search
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, Status
from tests.case_tables import read_cases

ENGINES = ("sqlite", "postgresql")
SFJ, CZJ, ZDZ, ZF, WJJ = "汶上县司法局", "汶上县财政局", "中都镇人民政府", "汶上县人民政府", "汶上县卫生健康局"
PERSON = "申请人张三丰向本机关申请，电话13812345678。"


def play(home: Home) -> None:
    site = SmallSite(home, first_year=2023)
    sfj, czj = site.agency("sfj", SFJ), site.agency("czj", CZJ)
    zdz = site.agency("zdz", ZDZ, AgencyKind.TOWNSHIP)
    site.agency("zf", ZF, AgencyKind.GOVERNMENT)
    site.agency("wjj", WJJ)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    names = {"sfj": sfj, "czj": czj, "zdz": zdz}
    links = [(f"nb/{key}.html", title(one.name)) for key, one in names.items()]
    site.look("2026-01-20 09:00", column, links)
    site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(SFJ, 2025, text=f"收到芦 笙复议１２件，{PERSON}"))
    site.fetch("2026-01-20 09:02", "nb/zdz.html", report_page(ZDZ, 2025, text="推动政务公开。</p><p>芦笙节照常。"))
    site.fetch("2026-01-20 09:03", "nb/czj.html", report_page(CZJ, 2025, text="预算公开。"))
    site.fetch("2026-02-09 09:00", "nb/sfj.html", report_page(SFJ, 2025, text=f"收到琵琶复议12件，{PERSON}"))
    older = [("nb/old.html", title(CZJ, 2024))]
    site.look("2026-02-10 09:00", column, [*links, *older])
    site.fetch("2026-02-10 09:01", "nb/old.html", report_page(CZJ, 2024, text="芦笙。总体情况好。"))
    other = SmallSite(home, name="yiyuan", place="沂源县", division="370323")
    sjj = other.agency("sjj", "沂源县审计局")
    other.publish("2026-01-20", "nb/1.html", sjj.name, text="芦笙也有。")


def met(held: Archive, query: str, **more: object) -> list[tuple[str, int]]:
    found = held.search(query, **more)  # type: ignore[arg-type]
    assert found.total == len(found.hits)
    return [(hit.agency.id.partition("/")[2], hit.year) for hit in found.hits]


def test_reports_that_have_the_words_the_latest_year_first(held: Archive) -> None:
    assert met(held, "芦笙") == [("zdz", 2025), ("sjj", 2025), ("czj", 2024)]
    assert met(held, "复议12件") == [("sfj", 2025)]
    assert met(held, "芦笙 -照常") == [("sjj", 2025), ("czj", 2024)]
    assert met(held, "芦笙 推动政务公开") == [("zdz", 2025)]  # in two paragraphs
    assert met(held, "公开芦笙节") == []  # and no hit across them
    assert met(held, "笙", years=[2025], place="3703") == [("sjj", 2025)]
    assert met(held, "财政局2024年") == [("czj", 2024)]  # the title
    assert met(held, "芦笙", portal="yiyuan") == met(held, "芦笙", agency="沂源县审计局") == [("sjj", 2025)]
    assert met(held, "芦笙", kind="township") == [("zdz", 2025)]
    assert met(held, "民政") == []  # not within 人民政府, which is found as a whole
    assert met(held, '"人民 政府"') == [("zdz", 2025)]
    (hit,) = held.search("都镇人民政府").hits
    assert {one.text[slice(*mark)] for one in hit.snippets for mark in one.marks} == {"都镇人民政府"}
    assert met(held, "芦笙复议", as_of=at("2026-01-21 00:00")) == [("sfj", 2025)]  # what was said then
    part = held.search("芦笙", limit=2, offset=1)
    assert ([hit.year for hit in part.hits], part.total) == ([2025, 2024], 3)


def test_the_text_around_a_hit_as_printed(held: Archive) -> None:
    (hit,) = held.search("芦笙复议", all_editions=True, around=6).hits
    assert hit.occurrences == 1
    (shown,) = hit.snippets
    ((begin, end),) = shown.marks
    assert shown.text[begin:end] == "芦 笙复议"
    assert shown.text.startswith("…")
    assert "１２件" in shown.text
    assert (shown.heading, shown.key) == ("一、总体情况", "overview")
    report = held.show(SFJ, 2025, hit.edition)
    section = report.sections[shown.locator["section"] - 1]
    assert shown.text.strip("…") in section.text.splitlines()[shown.locator["paragraph"] - 1]
    assert shown.document == report.edition.main


def test_hits_only_in_headings_of_the_form_come_last_and_are_counted_apart(held: Archive) -> None:
    first, *others = held.search("总体情况").hits
    assert (first.year, first.only_headings, first.occurrences) == (2024, False, 1)
    assert [one.only_headings for one in others] == [True] * 4
    for limit, offset in ((1, 0), (3, 0), (2, 2), (3, 7)):
        page = held.search("总体情况", limit=limit, offset=offset)
        assert (page.hits, page.total, page.only_headings) == ((first, *others)[offset : offset + limit], 5, 4)
    assert [one.only_headings for one in held.search("总体情况 芦笙 -照常").hits] == [False, True]
    found = held.find("总体情况")
    assert (found.texts, found.only_headings) == (5, 4)
    assert [one.year for one in found.matches if one.sort == "text"] == [2024, 2025, 2025]


@pytest.mark.parametrize(("typed", "words", "without"), read_cases(__file__, "typed"))
def test_what_is_typed(typed: str, words: tuple[str, ...], without: tuple[str, ...]) -> None:
    assert parse_search(typed) == (words, without)


@pytest.mark.parametrize("typed", ["", "  ", '""', "-诉讼", "\u200b", "长" * 101, " ".join("一二三四五六七八九十壬")])
def test_what_cannot_be_searched_for(typed: str) -> None:
    with pytest.raises(QueryError):
        parse_search(typed)


# ------------------------------------------------------------------------------------------------ what a few words mean


@pytest.mark.parametrize(("words", "sort", "name"), read_cases(__file__, "first_matches"))
def test_the_first_match_is_what_was_meant(held: Archive, words: str, sort: str, name: str) -> None:
    found = held.find(words)
    assert [(one.sort, one.name.lstrip("一二三四五六、")) for one in found.matches][:1] == [(sort, name)]


def test_a_government_comes_before_its_departments_and_exact_names_before_all(held: Archive) -> None:
    names = [one.name for one in held.find("汶上县").matches if one.sort == "agency"]
    assert names == [ZF, CZJ, SFJ, WJJ]
    assert [one.name for one in held.find("财政局").matches if one.sort == "agency"] == [CZJ]
    assert not [one for words in ("civil affairs", "minzheng") for one in held.find(words).matches]  # not in 人民政府


def test_texts_searched_are_counted_only_where_nothing_is_found(held: Archive) -> None:
    """Counting reads a row of every edition: most of the time of the page /find in an archive of two million."""
    assert held.find("汶上县").searched is None
    nothing = held.find("没有这样的词")
    assert (nothing.matches, nothing.searched) == ((), held.search("没有这样的词").searched)
    assert nothing.searched


@pytest.mark.parametrize(("words", "statuses"), read_cases(__file__, "years"))
def test_a_year_asks_for_the_report_on_it(held: Archive, words: str, statuses: dict[str, str]) -> None:
    found = held.find(words)
    assert (found.words, found.years) == (SFJ, tuple(map(int, statuses)))
    reports = {(one.name, str(one.year)): one.status for one in found.matches if one.sort == "report"}
    assert reports == {(SFJ, year): Status(status) for year, status in statuses.items() if status}
