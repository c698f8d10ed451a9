"""Lists whose first page is plain, and whose further pages, or further years, only scripts bring."""

# ruff: noqa: E501 - markup and scripts stay on one line

from __future__ import annotations

import pytest
from county import HOST
from loopback_web import Answer, Archive, Asked, Web, page

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_page import parse as parsed
from crawler.lists.reasons import NOTHING_NEW, SCROLLED
from crawler.operations.relook import relook
from crawler.rendering.browser_search import missing
from crawler.rendering.further_lists import choices_of
from crawler.rendering.page_turning import ENDED, Control, is_page_of
from crawler.rendering.rendered_reading import Circumstances, judged, turned
from crawler.rendering.rendering_need import is_turned_by_script
from nianbao.notes import notes_sentence
from storage.records import LookOutcome

needs_browser = pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
SIZE, PAGES, YEARS = 10, 3, (2024, 2023, 2022)
LAST = 3  # entries of the last page
TOTAL = SIZE * (PAGES - 1) + LAST


def row(key: str, n: int, year: int = 2024) -> str:
    title = f"宛平县第{n}局{year}年政府信息公开工作年度报告"
    return f'<li><a href="/{key}/{year}0120{n:02}.html">{title}</a> {year + 1}-01-2{n % 10}</li>'


def rows(key: str, number: int) -> str:
    return "".join(row(key, n) for n in range(TOTAL)[(number - 1) * SIZE : number * SIZE])


def of_year(key: str, year: int) -> str:
    return "".join(row(key, n, year) for n in range(3))


GET = "fetch('/d/KEY?p=' + n).then(r => r.ok ? r.text() : '').then(d => { THEN });"
GO = (
    "<div class=page>共3页 <a href='javascript:go(n-1)'>上一页</a><a href='javascript:go(n+1)'>下一页</a></div>"
    "<script>var n = 1; function go(to) { if (to < 1 || to > 3) return; n = to; "
    + GET.replace("THEN", "list.innerHTML = d")
    + " }</script>"
)
SCROLL = "<div style='height:3000px'></div><script>var n = 1; window.onscroll = function () { if (scrollY < 100 || n > 2) return; n++; fetch('/d/KEY?p=' + n).then(r => r.ok ? r.text() : '').then(d => { list.insertAdjacentHTML('beforeend', d) }) }</script>"
JUMP = "<div id=pager></div><script>var n = NUMBER; function jump(to) { location.href = '/KEY/?p=' + to; } pager.innerHTML = n < 3 ? '<a href=\"javascript:;\" onclick=\"jump(' + (n + 1) + ')\">下一页</a>' : '<span class=disabled>下一页</span>';</script>"
SENT = "<form name=f method=post><input type=hidden name=p></form><a href='#' onclick='return to(NUMBER + 1)' class=NEXT>下一页</a><script>function to(n) { if (n > 3) { alert('没有了'); return false } document.f.p.value = n; document.f.submit(); return false; }</script>"
TABS = "<p>YEARS</p><script>function show(n) { fetch('/d/KEY?y=' + n).then(r => r.text()).then(d => { list.innerHTML = d }) }</script>".replace(
    "YEARS", "".join(f"<a href='javascript:;' onclick='show({year})'>{year}年</a>" for year in YEARS)
)
SELECT = "<select onchange='show(this.value)'>YEARS</select><script>function show(n) { fetch('/d/KEY?y=' + n).then(r => r.text()).then(d => { list.innerHTML = d }) }</script>".replace(
    "YEARS", "".join(f"<option value={year}>{year}年度</option>" for year in YEARS)
)
BAR = "<ul id=bar>YEARS</ul><script>for (let one of bar.children) one.onclick = () => fetch('/d/KEY?y=' + parseInt(one.textContent)).then(r => r.text()).then(d => { list.innerHTML = d })</script>".replace(
    "YEARS", "".join(f"<li>{year}年</li>" for year in YEARS)
)
PAGED = {"go": GO, "scroll": SCROLL, "jump": JUMP, "sent": SENT}
YEARLY = {"tabs": TABS, "select": SELECT, "bar": BAR}
TURNED = {key: one for key, one in {**PAGED, **YEARLY}.items() if key not in {"go", "tabs"}}


def portal(archive: Archive, web: Web, kinds: dict[str, str], *, broken: bool = False) -> None:
    """A column of each kind; ``broken``: the third page, or the third year, fails."""
    listings = "".join(f'column("{key}", "http://{HOST}/{key}/", title="政府信息公开年报"),' for key in kinds)
    archive.portal(host=HOST, family="generic.Generic", listings=listings)

    def shown(key: str, number: int) -> Answer:
        first = of_year(key, 2024) if key in YEARLY else rows(key, number)
        markup = kinds[key].replace("KEY", key).replace("NUMBER", str(number))
        markup = markup.replace("NEXT", "disabled" if number == PAGES else "next")
        return page(
            f"<html><body><title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul id=list>{first}</ul>{markup}</body></html>"
        )

    gone = page("<h1>error</h1>", 500)
    for key in kinds:
        web.routes[HOST, f"/{key}/"] = lambda asked, key=key: posted(asked, key)  # type: ignore[misc]
        for number in range(1, PAGES + 1):
            bad = broken and number == PAGES
            web.routes[HOST, f"/{key}/?p={number}"] = gone if bad else shown(key, number)
            web.routes[HOST, f"/d/{key}?p={number}"] = gone if bad else page(rows(key, number))
            year = YEARS[number - 1]
            web.routes[HOST, f"/d/{key}?y={year}"] = gone if bad else page(of_year(key, year))

    def posted(asked: Asked, key: str) -> Answer:
        number = int(asked.form.get("p") or 1)
        return gone if broken and number == PAGES else shown(key, number)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.02")
    monkeypatch.setenv("NIANBAO_BROWSER", "")


@needs_browser
def test_what_scripts_turn_is_read_to_its_end(archive: Archive, web: Web) -> None:
    portal(archive, web, TURNED)
    archive.crawl()
    looks = {look.listing.partition(":")[2]: look for look in archive.looks()}
    assert {key: (look.outcome, look.reason) for key, look in looks.items()} == dict.fromkeys(
        TURNED, (LookOutcome.OK, "")
    )
    found = {key: len(archive.links(look)) for key, look in looks.items()}
    assert found == {key: TOTAL if key in PAGED else 3 * len(YEARS) for key in TURNED}
    asked = [path for path in web.paths() if path.startswith("/jump/") and "0120" not in path]
    assert asked == ["/jump/", "/jump/?p=2", "/jump/?p=3"]  # each page once
    assert [path for path in web.paths() if path.startswith("/d/select")] == ["/d/select?y=2023", "/d/select?y=2022"]
    with archive.home() as home:
        assert relook(home, "wanping") == 0


@needs_browser
def test_a_page_that_fails_leaves_its_list_in_part(archive: Archive, web: Web) -> None:
    portal(archive, web, {"jump": JUMP, "tabs": TABS}, broken=True)
    archive.crawl()
    looks = {look.listing.partition(":")[2]: look for look in archive.looks()}
    assert {key: (look.outcome, look.reason) for key, look in looks.items()} == dict.fromkeys(
        looks, (LookOutcome.PARTIAL, "part_not_loaded:http_500")
    )
    found = {key: len(archive.links(look)) for key, look in looks.items()}
    assert found == {"jump": 2 * SIZE, "tabs": 6}


def test_without_a_browser_it_is_told(archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_BROWSER", "none")
    portal(archive, web, {"go": GO, "tabs": TABS, "bar": BAR})
    (report,) = archive.crawl()
    looks = {look.listing.partition(":")[2]: look for look in archive.looks()}
    assert {look.outcome for look in looks.values()} == {LookOutcome.PARTIAL}
    assert looks["tabs"].reason == looks["bar"].reason == "other_years_by_script"
    assert looks["go"].reason == "1_of_3_pages"
    assert "lists made by scripts were not read: the setting browser is 'none'" in notes_sentence(report.notes)
    assert "(scripts show the other years): what only scripts bring" in notes_sentence(report.notes)


ENTRY = f"<ul>{of_year('r', 2024)}</ul>"
FIRST = "http://www.a.gov.cn/nb/"


def a_page(markup: str) -> Page:
    return Page(FIRST, f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1>{markup}")


def read(markup: str, how: Circumstances) -> ListPage:
    shown = a_page(markup)
    return judged(Generic(name="x").read_list(shown), shown, how)


@pytest.mark.parametrize(
    ("markup", "reason", "wanted"),
    [
        (f"{ENTRY}<a href='javascript:go(2)'>下一页</a>", "pages_turned_by_script", True),
        (f"{ENTRY}<p>共9条</p><a href='javascript:go(2)'>下一页</a>", "3_of_9", True),
        (f"{ENTRY}<div id=p></div><script>laypage.render({{elem: 'p', pages: 3}})</script>", "1_of_3_pages", True),
        (f"{ENTRY}<p>共9条</p>", "3_of_9", False),  # it says so, and nothing turns
        (f"{ENTRY}<p>共9条</p><a href='/nb/2.html'>下一页</a><a href='javascript:go(2)'>2</a>", "3_of_9", False),
        (f"{ENTRY}<a href='javascript:go(2)'>下一页</a>", "http_503", False),
    ],
)
def test_only_what_scripts_turn_is_shown_to_a_browser(markup: str, reason: str, wanted: bool) -> None:
    shown = a_page(markup)
    assert is_turned_by_script(shown, Generic(name="x").read_list(shown), reason) is wanted


@pytest.mark.parametrize(
    "markup",
    [
        "<table id=t></table><script>layui.use('table', function () { layui.table.render({elem: '#t', url: '/d'}) })</script>",
        '<table data-toggle="table" data-url=/d><thead><tr><th data-field=title>标题</th></tr></thead></table>',
        "<table id=t></table><script>$('#t').datagrid({url: '/d'})</script>",
    ],
)
def test_tables_that_components_fill_are_made_by_scripts(markup: str) -> None:
    assert Generic(name="x").read_list(a_page(markup)).outcome is LookOutcome.SCRIPT_ONLY


@pytest.mark.parametrize(
    ("url", "further"),
    [
        ("http://a.gov.cn/nb/?p=2", True),
        ("http://a.gov.cn/nb/index_2.html", True),
        ("http://a.gov.cn/nb/2.html", True),
        ("http://a.gov.cn/other/", False),
        ("http://a.gov.cn/nb/login.jsp", False),
        ("https://a.gov.cn/nb/?p=2", False),
        ("http://b.gov.cn/nb/?p=2", False),
    ],
)
def test_a_further_page_is_known_by_its_address(url: str, further: bool) -> None:
    assert is_page_of(url, "http://a.gov.cn/nb/") is further


@pytest.mark.parametrize(
    ("first", "url", "further"),
    [
        ("/list/nb/auto/105.html", "/list/nb/2/105.html", True),  # seen in 曲靖
        ("/list/nb/1/105.html", "/list/nb/2/105.html", True),
        ("/list/nb/zn/105.html", "/list/nb/2/105.html", False),
        ("/list/nb/auto/105.html", "/list/zn/2/105.html", False),
        ("/list/nb/auto/105.html", "/list/nb/2/106.html", False),
    ],
)
def test_a_number_for_a_folder_is_that_of_a_page(first: str, url: str, further: bool) -> None:
    assert is_page_of(f"http://a.gov.cn{url}", f"http://a.gov.cn{first}") is further


@pytest.mark.parametrize(
    ("markup", "labels"),
    [
        ("<a href='javascript:;'>2024年</a><a href='javascript:;'>2023年</a>", ["2024", "2023"]),
        ("<ul><li class=on>2024年</li><li>2023年</li></ul>", ["2024", "2023"]),
        ("<select><option>2024</option><option>2023</option></select>", ["2024", "2023"]),
        ("<select><option>全部</option><option>2024</option><option>2023</option></select>", []),
        ("<a href='/nb/2024/'>2024年</a><a href='/nb/2023/'>2023年</a>", []),
        ("<a href='#'>2024年</a><a href='#'>2024年</a>", []),
        ("<form><input type=password><a href='#'>2024年</a><a href='#'>2023年</a></form>", []),
        ("<ul><li onclick='a(1)'>县直部门</li><li onclick='a(2)'>乡镇</li></ul>", ["县直部门", "乡镇"]),
        (f"<ul>{of_year('r', 2023)}</ul><a href='#'>2024年</a><a href='#'>2023年</a>", []),  # all are shown
    ],
)
def test_further_lists_are_known_by_what_they_say(markup: str, labels: list[str]) -> None:
    tree = parsed(f"<html><body>{ENTRY}{markup}</body></html>")
    assert [one.label for one in choices_of(tree)] == labels


def test_an_option_is_chosen_where_it_stands() -> None:
    tree = parsed(f"<select></select>{ENTRY}<select><option>2024 年</option><option selected>2023 年</option></select>")
    assert [(one.control, one.shown) for one in choices_of(tree)] == [
        (Control("select", "2024年", 1, 0), False),
        (Control("select", "2023年", 1, 1), True),
    ]


BUTTONS = "<a href='javascript:;'>2024年</a><a href='javascript:;'>2023年</a>"


@pytest.mark.parametrize(
    ("shown", "labels", "doubt"),
    [
        ([of_year("r", 2023)], ["2023"], "other_years_by_script"),  # nobody knows which was shown first
        ([of_year("r", 2024), of_year("r", 2023)], ["2024", "2023"], ""),
        ([of_year("r", 2024), of_year("r", 2024)], ["2024", "2023"], "choice_shows_nothing_new"),
        (
            [of_year("r", 2024), "<li><a href=/x/9.html>宛平县召开经济工作会议</a> 2024-01-21</li>"],
            ["2024", "2023"],
            "a_turn_without_report",
        ),
        ([of_year("r", 2024), ""], ["2024", "2023"], "choice_shows_nothing_new:2023"),
        ([of_year("r", 2024), "<p>暂无数据</p>"], ["2024", "2023"], ""),
        ([of_year("r", 2024), f"{of_year('r', 2023)}<p>共4条</p>"], ["2024", "2023"], "3_of_4"),
        (
            [of_year("r", 2024), f"{of_year('r', 2023)}<a href='javascript:go(2)'>下一页</a>"],
            ["2024", "2023"],
            "pages_turned_by_script",
        ),
    ],
)
def test_what_choosing_proves(shown: list[str], labels: list[str], doubt: str) -> None:
    how = Circumstances()
    texts = [f"<ul>{entries}</ul>{BUTTONS}" for entries in (of_year("r", 2024), *shown)]
    pages = turned([read(text, how) for text in texts], [a_page(text).text for text in texts], ["", *labels], how)
    assert {one.doubt for one in pages} - {""} == ({doubt} if doubt else set())
    assert {one.outcome for one in pages} == {LookOutcome.OK}


@pytest.mark.parametrize(
    ("sizes", "turning", "doubt"),
    [
        ((7, 7, 3), NOTHING_NEW, ""),
        ((7, 7, 3), SCROLLED, ""),
        ((7, 14, 3), SCROLLED, ""),
        ((7, 10), SCROLLED, ""),  # two pages at once
        ((7, 7), SCROLLED, SCROLLED),
        ((7, 3, 7), NOTHING_NEW, NOTHING_NEW),
        ((3,), NOTHING_NEW, NOTHING_NEW),
        ((7, 7), ENDED, ""),
    ],
)
def test_a_shorter_last_page_is_an_end(sizes: tuple[int, ...], turning: str, doubt: str) -> None:
    how, at, texts = Circumstances(turning=turning), 0, []
    for size in sizes:
        texts.append(f"<ul>{''.join(row('r', n) for n in range(at, at + size))}</ul>")
        at += size
    pages = turned([read(text, how) for text in texts], [a_page(text).text for text in texts], [""] * len(texts), how)
    assert {one.doubt for one in pages} == {doubt}
