"""Lists whose pages only scripts turn: turned on in a real Chromium, to their end or as far as they let themselves be."""

# ruff: noqa: E501 - markup and scripts stay on one line

from __future__ import annotations

import json

import pytest
from county import HOST
from loopback_web import Answer, Archive, Asked, Web, page

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.reasons import NOTHING_NEW
from crawler.operations.relook import relook
from crawler.rendering.browser_search import missing
from crawler.rendering.page_turning import ENDED, Control, control_of
from crawler.rendering.rendered_reading import Circumstances, judged, turned
from storage.captures import CaptureStore
from storage.records import CaptureRole, LookOutcome

needs_browser = pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
TOTAL, SIZE = 23, 7
AT = f"http://{HOST}/nb/"
SHELL = "<title>政府信息公开年报</title><h1>政府信息公开年报</h1><div id='list'></div>%s<script>%s</script>"
ROW = "'<li><a href=\"' + x.url + '\">' + x.title + '</a> ' + x.date + '</li>'"
GET = f"fetch(['/api?p=' + n].join('')).then(r => r.json()).then(d => {{ var rows = d.rows.map(x => {ROW}).join(''); THEN }});"
MORE = (
    "<button id=more onclick='load()'>加载更多</button>",
    "var n = 0; function load() { n++; "
    + GET.replace("THEN", "list.innerHTML += rows; if (n >= d.pages) more.style.display = 'none';")
    + " } load();",
)
NEXT = (
    "<div class=pager><a href='javascript:go(-1)'>上一页</a><a id=next href='javascript:go(1)'>下一页</a></div>",
    "var n = 0; function go(by) { if (next.className) return; n += by; "
    + GET.replace("THEN", "list.innerHTML = '<ul>' + rows + '</ul>'; if (n >= d.pages) next.className = 'disabled';")
    + " } go(1);",
)
NUMBERS = (
    "<div id=pager></div>",
    "function go(n) { "
    + GET.replace(
        "THEN",
        "list.innerHTML = rows; pager.innerHTML = ''; for (let i = 1; i <= d.pages; i++) { var a = document.createElement('span'); a.textContent = i; a.onclick = () => go(i); pager.append(a); }",
    )
    + " } go(1);",
)
ENDLESS = (
    MORE[0],
    "var n = 0; function load() { n++; for (var i = 0; i < 3; i++) list.innerHTML += '<li><a href=\"/r/9' + n + i + '.html\">宛平县第' + n + i + '局2024年政府信息公开工作年度报告</a> 2025-01-20</li>'; } load();",
)
IDLE = MORE[0], MORE[1].replace("n++;", "if (n) return; n++;")
THROWS = MORE[0], MORE[1].replace("n++;", "if (n) throw 'no'; n++;")
AWAY = MORE[0], MORE[1].replace("n++;", "if (n) { location.href = '/elsewhere/'; return; } n++;")
BREAKS = (
    MORE[0],
    MORE[1]
    .replace("'/api?p=' + n", "n > 1 ? '/gone?p=' + n : '/api?p=' + n")
    .replace(".then(r => r.json())", ".then(r => r.ok ? r.json() : {rows: [], pages: 0})"),
)
FORM = (
    "<form action='/sent'><input name=words><input type=submit value=下一页><button>加载更多</button></form>",
    MORE[1].replace("if (n >= d.pages) more.style.display = 'none';", ""),
)


def report(n: int) -> dict[str, str]:
    title = f"宛平县第{n}局2024年政府信息公开工作年度报告"
    return {"url": f"/r/20250{n:03}.html", "title": title, "date": f"2025-01-{n % 20 + 1:02}"}


def api(asked: Asked) -> Answer:
    n = int(asked.path.rpartition("=")[2])
    rows = [report(i) for i in range(TOTAL)][(n - 1) * SIZE : n * SIZE]
    return Answer(
        200, json.dumps({"rows": rows, "pages": -(-TOTAL // SIZE)}).encode(), {"Content-Type": "application/json"}
    )


def portal(archive: Archive, web: Web, markup: str, script: str) -> None:
    archive.portal(
        host=HOST, family="generic.Generic", listings=f'column("nb", "http://{HOST}/nb/", title="政府信息公开年报"),'
    )
    web.routes[HOST, "/nb/"] = page(f"<html><body>{SHELL % (markup, script)}</body></html>")
    for n in range(1, 6):
        web.routes[HOST, f"/api?p={n}"] = api


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.02")
    monkeypatch.setenv("NIANBAO_BROWSER", "")


@needs_browser
@pytest.mark.parametrize("kind", [MORE, NEXT, NUMBERS], ids=["more", "next", "numbers"])
def test_a_list_is_turned_to_its_end(archive: Archive, web: Web, kind: tuple[str, str]) -> None:
    """Every page is asked for once and in order, and every DOM is kept: today's program reads the same out of them."""
    portal(archive, web, *kind)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    assert archive.links(look) == [f"http://{HOST}{report(n)['url']}" for n in range(TOTAL)]
    assert [path for path in web.paths() if path.startswith("/api")] == [f"/api?p={n}" for n in range(1, 5)]
    shown = [c for c in archive.captures() if c.role is CaptureRole.LISTING and c.status is None]
    assert len(shown) == 4
    assert {one.id for one in shown} < set(look.captures)
    with archive.home() as home:
        assert "第22局" in CaptureStore(home).body(shown[-1]).decode()
        assert relook(home, "wanping") == 0


@needs_browser
def test_entries_that_a_page_holds_hidden_are_turned_to_like_others(archive: Archive, web: Web) -> None:
    """The page holds its first two pages in a hidden list (jpage's ``#initData``), and asks for the others."""
    rows = "".join(
        f"<li><a href='{one['url']}'>{one['title']}</a> {one['date']}</li>" for one in map(report, range(2 * SIZE))
    )
    held = f"<div id=data style='display: none'><ul>{rows}</ul></div><a id=next href='javascript:go(1)'>下一页</a>"
    show = f"list.innerHTML = Array.from(data.querySelectorAll('li')).slice((n - 1) * {SIZE}, n * {SIZE}).map(x => x.outerHTML).join('')"
    go = f"var n = 0; function go(by) {{ n += by; if (n < 3) {show}; else {NEXT[1].partition('n += by; ')[2]}"
    portal(archive, web, held, go)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    assert archive.links(look) == [f"http://{HOST}{report(n)['url']}" for n in range(TOTAL)]


@needs_browser
@pytest.mark.parametrize(
    ("kind", "reason", "found"),
    [
        (ENDLESS, "more_pages_than_turned", 3 * (1 + 2)),
        (IDLE, "next_brings_nothing_new", SIZE),
        (THROWS, "next_brings_nothing_new", SIZE),
        (AWAY, "next_leads_to_another_page", SIZE),
        (BREAKS, "part_not_loaded:http_404", SIZE),
        (FORM, "pages_turned_by_script", SIZE),
    ],
    ids=["endless", "idle", "throws", "away", "breaks", "form"],
)
def test_a_list_whose_end_is_not_seen_proves_nothing(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch, kind: tuple[str, str], reason: str, found: int
) -> None:
    monkeypatch.setenv("NIANBAO_RENDER_TURNS", "2")
    portal(archive, web, *kind)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, reason)
    assert len(archive.links(look)) == found
    assert not {"/elsewhere/", "/sent"} & {path.partition("?")[0] for path in web.paths()}


ENTRY = "<ul><li><a href=/r/1.html>宛平县财政局2024年政府信息公开工作年度报告</a> 2025-01-20</li></ul>"


@pytest.mark.parametrize(
    ("markup", "control"),
    [
        (f"{ENTRY}<a href='#'>下一页 &gt;</a>", Control("a", "下一页>", 0)),
        (f"{ENTRY}<ul class=pagination><li><span>&gt;</span></li></ul>", Control("span", ">", 0)),
        (
            f"{ENTRY}<a><span><b>&nbsp;</b><span class='icon pagination-next'>&nbsp;</span></span></a>",
            Control("span", "", 1),
        ),
        (
            f"{ENTRY}<a class=l-btn-disabled><span><b>&nbsp;</b><span class=pagination-next>&nbsp;</span></span></a>",
            None,
        ),
        (f"<p>加载更多</p>{ENTRY}<p>加载更多</p>", Control("p", "加载更多", 1)),
        (f"{ENTRY}<i>1</i><i>2</i><i>3</i>", Control("i", "2", 0)),
        (f"{ENTRY}<i>2</i>", None),
        (f"{ENTRY}<a href='?p=1'>1</a><i>2</i>", None),  # the page that is shown, to which a link has led
        (f"{ENTRY}<a href='/nb/2.html'>下一页</a>", None),
        (f"{ENTRY}<a href='/nb/2.html'><span>下一页</span></a>", None),
        (f"{ENTRY}<a class=disabled href='#'>下一页</a>", None),
        (f"<a href='#'>下一页</a>{ENTRY}", None),
        (f"{ENTRY}<nav><a href='#'>下一页</a></nav>", None),
        (f"{ENTRY}<nav><ul class=pagination><li><a href='#'>下一页</a></ul></nav>", Control("a", "下一页", 0)),
        (f"{ENTRY}<header><ul class=pagination><li><a href='#'>下一页</a></ul></header>", None),
        (f"{ENTRY}<form><input type=password><a href='#'>下一页</a></form>", None),
        (f"{ENTRY}<form><a href='#'>下一页</a>转到第<input type=text>页</form>", Control("a", "下一页", 0)),
        (f"{ENTRY}<form>标题<input type=text><a href='#'>下一页</a>转到第<input type=text>页</form>", None),
        (f"{ENTRY}<a href='#'>登录</a><button>提交</button><button>更多服务</button><span>&gt;</span>", None),
    ],
)
def test_only_what_turns_a_list_on_is_pressed(markup: str, control: Control | None) -> None:
    assert control_of(parse(f"<html><body>{markup}</body></html>"), 1) == control


def read(text: str, how: Circumstances) -> ListPage:
    shown = Page(AT, text)
    return judged(Generic(name="x").read_list(shown), shown, how)


@pytest.mark.parametrize(
    ("turning", "tail", "doubt"),
    [
        (ENDED, "", ""),
        (NOTHING_NEW, "", NOTHING_NEW),
        (NOTHING_NEW, "<p>共2条</p>", ""),
        (NOTHING_NEW, "<p>共3条</p>", NOTHING_NEW),
        (NOTHING_NEW, "<p>共2页</p>", ""),
        (ENDED, "<ul><li onclick='a(1)'>县直部门</li><li onclick='a(2)'>乡镇</li></ul>", "pages_turned_by_script"),
    ],
)
def test_what_turning_proves(turning: str, tail: str, doubt: str) -> None:
    how = Circumstances(turning=turning)
    texts = [
        f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1>{entry}{tail}"
        for entry in (ENTRY, ENTRY.replace("/1.", "/2."))
    ]
    pages = turned([read(text, how) for text in texts], texts, [""] * 2, how)
    assert [(one.doubt, one.by_script) for one in pages] == [(doubt, False)] * 2


def test_a_turn_that_brings_no_report_was_one_of_another_box() -> None:
    how = Circumstances(turning=ENDED)
    news = ENTRY + "<ul><li><a href=/x/7.html>宛平县召开全县经济工作会议</a> 2025-01-21</li></ul>"
    texts = [f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1>{markup}" for markup in (ENTRY, news)]
    pages = turned([read(text, how) for text in texts], texts, [""] * 2, how)
    assert {one.doubt for one in pages} == {"a_turn_without_report"}
