"""Pagers that were taken for none: counted from 0, an arrow alone, many numbers, a second call of a script."""

from __future__ import annotations

import lxml.html
import pytest

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.paging.next_pages import with_next_pages
from crawler.lists.paging.pagers import next_links, numbered_links, printed_total
from crawler.lists.paging.script_pagers import pages_of
from crawler.lists.paging.signs_of_more import turned_by_script

SITE = "http://www.a.gov.cn"
LIST = f"{SITE}/col/list"
NUMBERS = "".join(f'<a href="index_{n}.html">{n}</a>' for n in range(1, 21))
MONTH = "".join(f'<td><a href="d{n}.html">{n}</a></td>' for n in range(1, 32))
WEEK = "".join(f"<th>{day}</th>" for day in "日一二三四五六")


def after(text: str, url: str = LIST) -> list[str]:
    found = next_links(url, url, lxml.html.fromstring(f"<html><body>{text}</body></html>"))
    return [target.removeprefix(f"{SITE}/col/") for target in found]


@pytest.mark.parametrize(
    ("own", "names"),
    [("", ["list?page=1"]), ("?page=0", ["list?page=1"]), ("?page=1", []), ("?Page=7", []), ("?id=3", ["list?page=1"])],
)
def test_a_step_to_page_1_is_the_end_only_where_the_page_has_a_number(own: str, names: list[str]) -> None:
    assert after('<a href="/col/list?page=1">下一页</a>', LIST + own) == names


@pytest.mark.parametrize(
    ("anchor", "names"),
    [
        ('<a class="next" href="index_2.html">&gt;</a>', ["index_2.html"]),
        ('<a class="b NextPage" href="index_2.html"><i></i></a>', ["index_2.html"]),
        ('<a rel="next" href="index_2.html"></a>', ["index_2.html"]),
        ('<a href="index_2.html"> › </a>', ["index_2.html"]),
        ('<a href="index_9.html">&gt;&gt;</a>', []),
        ('<a href="index_1.html">&lt;</a>', []),
        ('<a href="x.html">&gt;</a><a href="index_2.html">下一页</a>', ["index_2.html"]),
    ],
)
def test_an_arrow_turns_the_page(anchor: str, names: list[str]) -> None:
    assert after(anchor) == names


@pytest.mark.parametrize(
    ("anchor", "names"),
    [
        ('<a href="news_1.html">更多&gt;&gt;</a>', []),  # of another list
        ('<a href="/col/list?page=2">查看更多</a>', ["list?page=2"]),
        ('<a href="/col/other?page=2">更多</a>', []),
        ('<a href="/col/more/">更多</a>', []),
    ],
)
def test_more_leads_on_where_its_address_is_a_page_of_the_same_list(anchor: str, names: list[str]) -> None:
    assert after(anchor) == names


def test_more_leads_to_the_next_file_of_a_folder() -> None:
    assert after('<a href="index_1.html">更多</a>', f"{SITE}/col/") == ["index_1.html"]


@pytest.mark.parametrize("href", ["#", "javascript:void(0)", "javascript:;"])
def test_the_buttons_of_jeecms_go_to_the_address_that_they_encode(href: str) -> None:
    """Seen on portals of JEECMS, of which the pages end on ``.jhtml``."""
    button = f'<a href="{href}" onclick="location.href=encodeURI(\'index_%d.jhtml\');">%s</a>'
    assert after(f"1/3页 <a disabled>上一页</a>{button % (2, '下一页')}{button % (3, '尾页')}") == ["index_2.jhtml"]


def test_an_arrow_that_only_a_script_turns_is_told() -> None:
    assert turned_by_script(lxml.html.fromstring('<p><a href="javascript:go(2)">&gt;</a></p>'))
    assert not turned_by_script(lxml.html.fromstring('<p><a class="next" href="javascript:;">&gt;</a></p>'))


@pytest.mark.parametrize("word", ["下一页", "下 一 页", "后翻", "下翻", "向后", "后一页", "早期文章", "较早的文章"])
@pytest.mark.parametrize("markup", ["<span>{}</span>", "<a>{}</a>", "<em class='n'>{}</em>"])
def test_a_list_that_only_a_script_turns_is_told_whatever_its_button_is_called(word: str, markup: str) -> None:
    entries = "".join(
        f"<li><a href='/art/{n}.html'>汶上县司法局{2010 + n}年政府信息公开工作年度报告</a></li>" for n in range(9)
    )
    shown = Page(LIST, f"<ul>{entries}</ul><div>{markup.format(word)}</div>")
    assert Generic(name="x").read_list(shown).by_script


def test_many_numbers_are_pages_unless_they_stand_in_a_calendar() -> None:
    pages = [f"index_{n}.html" for n in range(2, 21)]
    assert after(NUMBERS) == pages
    assert after(f"<table><tr>{WEEK}</tr><tr>{MONTH}</tr></table>") == []
    assert after(f"<table><tr>{WEEK}</tr><tr>{MONTH}</tr></table>{NUMBERS}") == pages
    assert len(after(f"<table><tr>{MONTH}</tr></table>")) == 30
    assert len(after("".join(f'<a href="i_{n}.html">{n}</a>' for n in range(1, 500)))) == 200
    assert after("".join(f'<a href="{"x" * n}.html">{n}</a>' for n in range(1, 21))) == []


def test_numerals_are_pages_unless_they_are_days() -> None:
    linked = "".join(f'<a href="d_{n}.html">{day}</a>' for n, day in enumerate("一二三四五六", 1))
    assert after(linked) == [f"d_{n}.html" for n in range(2, 7)]
    assert after(f'{linked}<a href="d_7.html">日</a>') == []
    assert after('<a href="one.html">一</a><a href="two.html">二</a><a href="three.html">三</a>') == []


def test_the_number_of_entries_of_one_page_is_no_total() -> None:
    for text in ("本页共5条", "每页共20条", "本页 共 5 条", "此页共5条", "该页共5条", "本页5条"):
        assert printed_total(text) is None
    assert printed_total("本页共5条，共48条") == 48
    assert printed_total("每页 20 条 共48条") == 48


TWENTY = "createPageHTML(20,0,'index','html');"


@pytest.mark.parametrize(
    "script",
    [
        f"//createPageHTML(1,0,'index','html');\n{TWENTY}",
        f"{TWENTY}createPageHTML(3,0,'box','html')",
        f"function createPageHTML(n, i) {{}} {TWENTY}",
        "//var countPage = 1;\nvar countPage = 20;",
    ],
)
def test_of_several_calls_that_with_most_pages_counts(script: str) -> None:
    found = pages_of(Page(f"{SITE}/nb/", script)) or ()
    assert (len(found), found[0], found[-1]) == (19, f"{SITE}/nb/index_1.html", f"{SITE}/nb/index_19.html")


def test_a_call_that_cannot_be_read_leaves_a_doubt_beside_one_that_can() -> None:
    one, unread = "createPageHTML(1,0,'index','html');", "createPageHTML(n,0,'index','html');"
    plain = ListPage(links=())
    assert pages_of(Page(LIST, one)) == ()
    assert with_next_pages(plain, Page(LIST, one + unread)).by_script
    both = with_next_pages(plain, Page(LIST, unread + TWENTY))
    assert (len(both.following), both.doubt) == (19, "pages_turned_by_script")


@pytest.mark.parametrize(
    ("pager", "names"),
    [
        ("<a href=i_2.html>2</a><a href=i_3.html>3</a>…<a href=i_5.html>尾页</a>", "i_2 i_3 i_4 i_5"),
        ("<a href=i_1.html>2</a><a href=i_2.html>3</a><a href=i_4.html>末页</a>", "i_1 i_2 i_3 i_4"),
        ("<a href=i_2.html>2</a><a href=i_3.html>3</a><a href=x/9.html>尾页</a>", "i_2 i_3"),  # of another list
        ("<a href=7.html>2</a><a href=9.html>3</a><a href=31.html>尾页</a>", "7 9"),  # not counted by their numbers
        ("<a href=i_2.html>2</a><a href=i_7.html>尾页</a>", "i_2"),
        ("<a href=i_2.html>下一页</a>", ""),
        ("<a href=a.html>2</a><a href=b.html>3</a>", ""),
    ],
)  # fmt: skip
def test_all_pages_of_a_pager_are_known_by_their_numbers(pager: str, names: str) -> None:
    base = "http://www.a.gov.cn/nb/"
    assert numbered_links(base, parse(f"<p>{pager}</p>")) == tuple(f"{base}{name}.html" for name in names.split())
