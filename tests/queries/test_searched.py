"""``search``: words in texts and titles, of what was known then, withheld from nobody's eyes but the ruling's."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_archive import Site, at, new_archive, report_page

from archive.parser.masking import mask
from archive.projection.searching import LONGEST, edition_texts, editions_with_ends
from archive.projection.update import rebuild, update
from archive.queries.bounds import QueryError
from archive.queries.search import parse, snippets
from archive.queries.stored import open_projections
from archive.queries.where import NotKnownError
from nianbao.python_api import Archive, open_archive
from storage.home import Home
from storage.records import AgencyKind, Edition, RulingKind
from storage.search_texts import SearchParagraph, normalised
from tests.played import nianbao

SFJ, CZJ, ZDZ, MZJ = "汶上县司法局", "汶上县财政局", "中都镇人民政府", "汶上县民政局"
PERSON = "申请人张三丰向本机关申请，电话13812345678。"


def play(home: Home) -> None:
    site = Site(home, first_year=2023)
    sfj, czj = site.agency("sfj", SFJ), site.agency("czj", CZJ)
    zdz = site.agency("zdz", ZDZ, AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    names = {"sfj": sfj, "czj": czj, "zdz": zdz}
    links = [(f"nb/{key}.html", f"{one.name}2025年政府信息公开工作年度报告") for key, one in names.items()]
    site.look("2026-01-20 09:00", column, links)
    site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(SFJ, 2025, text=f"收到芦 笙复议１２件，{PERSON}"))
    site.fetch("2026-01-20 09:02", "nb/zdz.html", report_page(ZDZ, 2025, text="推动政务公开。</p><p>芦笙节照常。"))
    site.fetch("2026-01-20 09:03", "nb/czj.html", report_page(CZJ, 2025, text="预算公开。"))
    site.fetch("2026-02-09 09:00", "nb/sfj.html", report_page(SFJ, 2025, text=f"收到琵琶复议12件，{PERSON}"))
    older = [("nb/old.html", f"{CZJ}2024年政府信息公开工作年度报告")]
    site.look("2026-02-10 09:00", column, [*links, *older])
    site.fetch("2026-02-10 09:01", "nb/old.html", report_page(CZJ, 2024, text="芦笙。"))
    other = Site(home, name="yiyuan", place="沂源县", division="370323")
    mzj = other.agency("mzj", "沂源县民政局")
    other.look("2026-01-20 09:00", other.column(), [("nb/1.html", f"{mzj.name}2025年政府信息公开工作年度报告")])
    other.fetch("2026-01-20 09:01", "nb/1.html", report_page(mzj.name, 2025, text="芦笙也有。"))


def met(held: Archive, query: str, **more: object) -> list[tuple[str, int]]:
    found = held.search(query, **more)  # type: ignore[arg-type]
    assert found.total == len(found.hits)
    return [(hit.agency.id.partition("/")[2], hit.year) for hit in found.hits]


def test_reports_that_have_the_words_the_latest_year_first(held: Archive) -> None:
    assert met(held, "芦笙") == [("zdz", 2025), ("mzj", 2025), ("czj", 2024)]
    assert met(held, "复议12件") == [("sfj", 2025)]
    assert met(held, "芦笙 -照常") == [("mzj", 2025), ("czj", 2024)]
    assert met(held, "芦笙 推动政务公开") == [("zdz", 2025)]  # in two paragraphs
    assert met(held, "公开芦笙节") == []  # and no hit across them
    assert met(held, "笙", years=[2025], place="3703") == [("mzj", 2025)]
    assert met(held, "财政局2024年") == [("czj", 2024)]  # the title


def test_what_narrows_a_search(held: Archive) -> None:
    assert met(held, "芦笙", place="汶上县") == [("zdz", 2025), ("czj", 2024)]
    assert met(held, "芦笙", kinds=[AgencyKind.TOWNSHIP]) == [("zdz", 2025)]
    assert met(held, "芦笙", agency="财政") == [("czj", 2024)]
    assert met(held, "芦笙", portal="yiyuan", years=[2024]) == []
    with pytest.raises(NotKnownError, match="汶上"):
        held.search("芦笙", "汶上市")


def test_the_last_edition_known_then_is_searched_or_all(held: Archive) -> None:
    assert met(held, "芦笙复议") == []
    assert met(held, "芦笙复议", as_of=at("2026-02-01 09:00")) == [("sfj", 2025)]
    found = held.search("芦笙复议", all_editions=True)
    assert [(hit.last, hit.first_seen) for hit in found.hits] == [(False, at("2026-01-20 09:01"))]
    assert met(held, "芦笙", as_of=at("2026-01-25 09:00"), years=[2024]) == []
    assert met(held, "笙", as_of=at("2026-01-01 09:00")) == []


def test_persons_are_neither_shown_nor_found(held: Archive) -> None:
    for word in ("13812345678", "1234567", "申请人张三", "张三丰"):
        assert met(held, word) == [], word
    (hit,) = held.search("向本机关申请").hits
    (shown,) = hit.snippets
    assert "张**向本机关申请，电话138****5678。" in shown.text


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


def test_pages_are_turned(held: Archive) -> None:
    every = held.search("公开")
    assert every.total == 5
    pages = [held.search("公开", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [hit.edition for page in pages for hit in page.hits] == [hit.edition for hit in every.hits]
    assert [(page.total, len(page.hits)) for page in pages] == [(5, 2), (5, 2), (5, 1), (5, 0)]


def test_an_empty_answer_says_how_much_was_searched_and_known(held: Archive) -> None:
    found = held.search("学位", years=[2025])
    assert (found.total, found.searched, found.unread, found.withheld) == (0, 4, 0, 0)
    assert found.known is not None
    assert found.known.duties == 4
    assert held.search("芦笙").known is None


def test_what_a_ruling_withholds_is_not_searched(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home)
        update(home)
        held, site = Archive(home), Site(home)
        site.rule("2026-03-01 09:00", RulingKind.WITHHOLD, "wenshang/zdz/2025")
        found = held.search("芦笙")
        assert [hit.agency.id for hit in found.hits] == ["yiyuan/mzj", "wenshang/czj"]
        assert (found.total, found.withheld, found.searched) == (2, 1, 4)
        (page,) = held.search("芦笙", portal="yiyuan").hits
        site.rule("2026-03-01 09:00", RulingKind.WITHHOLD, page.snippets[0].document)
        assert [hit.agency.id for hit in held.search("芦笙").hits] == ["wenshang/czj"]
        assert held.search("学位").withheld == 2  # said whether or not they have it


def test_reports_of_which_no_text_could_be_read_are_told(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = Site(home, first_year=2025)
        site.agency("sfj", SFJ)
        site.look("2026-01-20 09:00", site.column(), [("nb/1.pdf", f"{SFJ}2025年政府信息公开工作年度报告")])
        site.fetch("2026-01-20 09:01", "nb/1.pdf", b"%PDF-1.4 cut off", mime="application/pdf")
        update(home)
        found = Archive(home).search("公开")
        assert (found.total, found.searched, found.unread) == (0, 0, 1)
        assert found.known is not None
        assert found.known.duties == 1


def test_the_index_is_the_same_after_a_rebuild(home: Home) -> None:
    before = _content(home)
    rebuild(home)
    assert _content(home) == before
    assert met(Archive(home), "芦笙") == [("zdz", 2025), ("mzj", 2025), ("czj", 2024)]


def _content(home: Home) -> dict[str, list[str]]:
    with open_projections(home) as store:
        return {name: rows for name, rows in store.content().items() if name.startswith("search_")}


def test_page_and_file_are_one_text(home: Home) -> None:
    """What both print is searched once, where it stands first."""
    with open_projections(home) as store:
        editions = store.editions("wenshang")
        readings = {one.document: one for one in store.readings()}
    first = next(one for one in editions if one.agency == "wenshang/zdz")
    second = next(one for one in editions if one.agency == "wenshang/czj" and one.year == 2025)
    both = replace(first, documents=(first.main, second.main))
    agencies = {one.agency: _agency(one.agency) for one in editions}
    (whole,) = edition_texts([both], readings, agencies)  # type: ignore[arg-type]
    said = [normalised(one.text) for one in whole.passages]
    assert len(said) == len(set(said))
    assert {one.document for one in whole.passages} == {first.main, second.main}
    assert any("预算公开" in one.text for one in whole.passages)
    (long,) = edition_texts(
        [first], {first.main: replace(readings[first.main], sections=(), text="长" * (LONGEST + 1))}, agencies
    )  # type: ignore[arg-type]
    assert long.cut
    assert sum(len(one.text) for one in long.passages) == LONGEST


def _agency(name: str) -> object:
    class Department:
        id, kind = name, AgencyKind.DEPARTMENT

    return Department()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6), st.integers(0, 3)), max_size=5), st.integers(0, 8))
def test_an_edition_stands_while_it_is_the_last_known(made: list[tuple[bool, int, int]], day: int) -> None:
    """By the order in which every question takes the last of those known by then."""
    editions = [
        Edition(
            id=f"e{number}", agency="a", year=2025, track="", content_digest="", main="", cells_from=None,
            first_seen=at(f"2026-01-{first:02} 09:00"), last_seen=at(f"2026-01-{first + more:02} 09:00"),
            captures=(), documents=(), change="undated" if undated else "first",
        )
        for number, (undated, first, more) in enumerate(made)
    ]  # fmt: skip
    now = at(f"2026-01-{day + 1:02} 12:00")
    known = [one for one in editions if one.first_seen <= now]
    last = max(known, key=lambda one: (one.change != "undated", one.first_seen, one.last_seen, one.id), default=None)
    stand = [
        one.id
        for one, until in editions_with_ends(editions)
        if one.first_seen <= now and (until is None or until > now)
    ]
    assert stand == ([last.id] if last else [])


@pytest.mark.parametrize(
    ("typed", "words", "without"),
    [
        ("行政复议", ("行政复议",), ()),
        ("行政  复议　公开", ("行政", "复议", "公开"), ()),
        ('"行政 复议"公开', ("行政复议", "公开"), ()),
        ("“依法 行政” -“不予 公开” －诉讼", ("依法行政",), ("不予公开", "诉讼")),
        ("公开 公开 ＯＰＥＮ", ("公开", "open"), ()),
        ("2024-2025 a-b", ("2024-2025", "a-b"), ()),
        ('公开 "没有 写完', ("公开", "没有写完"), ()),
        ("公开 OR NOT (a*", ("公开", "or", "not", "(a*"), ()),
        ("公开 -", ("公开", "-"), ()),
    ],
)
def test_what_is_typed(typed: str, words: tuple[str, ...], without: tuple[str, ...]) -> None:
    found = parse(typed)
    assert (found.words, found.without) == (words, without)


@pytest.mark.parametrize("typed", ["", "  ", '""', "-诉讼", "\u200b", "长" * 101, " ".join("一二三四五六七八九十壬")])
def test_what_cannot_be_searched_for(typed: str) -> None:
    with pytest.raises(QueryError):
        parse(typed)


def test_snippets_show_every_word_and_paragraphs_before_headings() -> None:
    def passage(number: int, words: str) -> SearchParagraph:
        return SearchParagraph(text=words, document="ab" * 32, section=1, heading="h", key="", paragraph=number)

    passages = [
        passage(0, "四、复议"),
        passage(1, "复议一"),
        passage(2, "复议二"),
        passage(3, "诉讼" + "长" * 90 + "复议"),
    ]
    count, shown = snippets(passages, ["复议", "诉讼"], 2, 5)
    assert count == 5
    assert [one.text for one in shown] == ["复议一", "诉讼长长长长长…"]
    assert [one.marks for one in shown] == [((0, 2),), ((0, 2),)]
    assert snippets(passages, ["无"], 2, 5) == (0, ())
    _, (overlapping,) = snippets([passage(1, "行政复议案")], ["行政复议", "复议案"], 2, 5)
    assert overlapping.marks == ((0, 5),)


def test_every_pair_of_characters_of_the_demo_is_found_where_it_stands(played: Path) -> None:
    """The index against a scan of everything that was read of each report's page and files."""
    with open_archive(played) as held:
        with open_projections(held.home) as store:
            editions = store.editions()
            readings = {one.document: one for one in store.readings()}
        texts = {}
        for edition in editions:
            said = [readings[name] for name in dict.fromkeys((edition.main, *edition.documents)) if name in readings]
            printed = [text for one in said for part in one.sections for text in (part.heading, mask(part.text))]
            lines = [line for text in (*printed, *(one.title for one in said)) for line in text.splitlines()]
            texts[edition.id] = [normalised(line) for line in lines]
        pairs = sorted({line[at : at + 2] for said in texts.values() for line in said for at in range(len(line) - 1)})
        assert len(pairs) > 500
        for pair in [one for one in pairs if parse(f'"{one}"').words == (one,)][:: len(pairs) // 50]:
            hits = held.search(f'"{pair}"', limit=1000, snippets=0, all_editions=True).hits
            expected = {name for name, lines in texts.items() if any(pair in line for line in lines)}
            assert {hit.edition for hit in hits} == expected, pair


def test_the_command(played: Path) -> None:
    told = nianbao("search", "行政复议", "--place", "3708", "--limit", "2", archive=played)
    assert told.code == 0, told.err
    assert "«行政复议»" in told.out
    assert "reports that have it; --limit 4 shows more" in told.out
    rows = list(csv.DictReader(io.StringIO(nianbao("search", "复议", "--csv", "--limit", "3", archive=played).out)))
    assert {row["edition"] for row in rows}
    assert all("复议" in row["snippets"] for row in rows)
    answer = json.loads(nianbao("search", "没有这个词", "--json", archive=played).out)[0]
    assert (answer["total"], answer["hits"]) == (0, [])
    assert answer["searched"] > 0
    assert answer["known"]["duties"] > 0
    lines = nianbao("search", "司法局", "--years", "2025", "--jsonl", archive=played).rows()
    assert {line["year"] for line in lines} == {2025}
    nothing = nianbao("search", "--", "没有这个词", '-"公开 情况"', archive=played)
    assert "no held text has it" in nothing.out
    assert "UNKNOWN" in nothing.out
    wrong = nianbao("search", '""', archive=played)
    assert (wrong.code, wrong.out) == (2, "")
    assert "contains no word to search" in wrong.err
