"""Lists that only scripts turn are read in a browser, or it is said what could not be tried."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.lists.browser import Browser, find_program
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer
from crawler.lists.walk import Walk
from tests.lists.played_portals import Served, is_report_of, walk

HOST, PLACE, LIST = "www.wanping.gov.cn", "宛平县", "http://www.wanping.gov.cn/nb/"
TITLES = [
    f"宛平县{body}{year}年政府信息公开工作年度报告"
    for year in (2021, 2022, 2023)
    for body in ("财政局", "教育局", "水利局", "民政局")
]
ROWS = [{"title": title, "url": f"/nb/{n}.html", "date": "2025-01-10"} for n, title in enumerate(TITLES)]
DRAW = """
function row(r) { return `<li><a href="${r.url}">${r.title}</a><span>${r.date}</span></li>` }
function draw(rows) { document.getElementById('list').innerHTML = rows.map(row).join('') }
function add(rows) { document.getElementById('list').innerHTML += rows.map(row).join('') }
"""


def served(body: str, answers: dict[str, str]) -> Served:
    head = "<meta charset=utf-8><title>政府信息公开年报</title>"
    return Served(HOST, {"/nb/": f"<html><head>{head}</head><body>{body}</body></html>"} | answers)


@pytest.fixture(scope="module")
def in_browser() -> Iterator[Callable[..., ListReading]]:
    if find_program() is None:
        pytest.skip("no browser is installed")
    with closing(Browser(lambda request: Answer(request, request.url, 0))) as browser:

        def read(fetch: Served, known: tuple[str, ...] = ()) -> ListReading:
            browser.fetch = fetch
            return read_list(
                LIST, fetch, lambda entry: is_report_of(entry, PLACE, (HOST,)), browser=browser, known_urls=known
            )

        yield read


def of(rows: list[dict[str, str]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def row(n: int) -> str:
    return f"<ul><li><a href='{ROWS[n]['url']}'>{TITLES[n]}</a></li></ul>"


UNITS = ("民政局", "教育局", "财政局", "水利局", "司法局", "审计局")
PAGES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
BODIES = {name: one["body"].replace("@ROWS", of(ROWS)).replace("@DRAW", DRAW) for name, one in PAGES.items()}
ANSWERS = {f"/nb/rows?page={n}": json.dumps({"total": 12, "rows": ROWS[n * 5 - 5 : n * 5]}) for n in (1, 2, 3)}
BEHIND = {"fetched": ANSWERS, "framed": {"/nb/rows.html": f"<html><body>{BODIES['button']}</body></html>"}}
BUTTON, MORE, FETCHED = (BODIES[name] for name in ("button", "more", "fetched"))


@pytest.mark.parametrize("name", BODIES)
def test_a_list_is_read_whole_however_its_script_shows_it(name: str, in_browser: Callable[..., ListReading]) -> None:
    reading = in_browser(served(BODIES[name], BEHIND.get(name, {})))
    assert {urlsplit(entry.url).path for entry in reading.entries if entry.url} >= {row["url"] for row in ROWS}
    assert reading.unmet == ()


def led(first: int, to: str) -> str:
    rows = "".join(row(n) for n in range(first, min(first + 5, len(ROWS))))
    return f"{rows}<p>共3页</p><script>1</script><a href='{to}'>下一页</a>"


CUT = {"/nb/2.htm": f"<html>{led(5, '3.htm')}</html>", "/nb/3.htm": f"<html><ul>{row(10)}"}


@pytest.mark.parametrize(
    ("body", "answers", "unmet"),
    [
        # what is taken from an answer, cut or repeated is noticed without a browser too: test_lists_never_silent.py
        (FETCHED, {name: ANSWERS[name] for name in list(ANSWERS)[:2]}, "total"),  # the third answer fails
        (FETCHED, ANSWERS | {"/nb/rows?page=2": ANSWERS["/nb/rows?page=1"]}, "total"),  # repeats the first
        (BUTTON.replace("function turn", "function broken"), {}, "script_failed"),
        (BUTTON + "<script src='/js/more.js'></script>", {}, "script_failed"),
        (BODIES["tabs"].replace("show(2)", "draw([]); fetch(`/nb/2020`)"), {}, "script_failed"),
        (BUTTON + "<p>共13条</p>", {}, "total"),
        (BODIES["tabs"].replace("show(2)", "draw([]); document.body.append(`共15条`)"), {}, "total"),
        ("", {"/nb/": f"<html><body>{BUTTON}"}, "unconfirmed"),
        (MORE.replace("shown + 5)); shown += 5", "shown + (shown - 5 ? 3 : 2))); shown += 3"), {}, "unconfirmed"),
        (led(0, "2.htm"), CUT, "not_received"),
    ],
    ids=["answer fails", "answer repeats", "function lacks", "script lacks", "tab fails", "claim raised", "tab empty",
         "page cut", "part short", "last page cut"],
)  # fmt: skip
def test_what_a_browser_could_not_turn_to_its_end_is_partial(
    body: str, answers: dict[str, str], unmet: str, in_browser: Callable[..., ListReading]
) -> None:
    reading = in_browser(served(body, answers))
    assert not reading.is_whole
    assert unmet in {one.rule for one in reading.unmet_in_browser_or_all}


def test_agencies_below_a_closed_heading_that_are_too_many_are_told(
    in_browser: Callable[..., ListReading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.lists.list_reader.MAX_CHOICES", 3)
    body = BODIES["listened"].replace("show('财政局')</script>", "menu.hidden = true; show('财政局')</script>")
    reading = in_browser(served(body, {}))
    assert {one.rule for one in reading.unmet_in_browser_or_all} == {"choice"}


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_what_can_only_be_pressed_leads_to_a_list() -> None:
    app = f"""{DRAW}; function show() {{ const list = document.getElementById('list'), at = location.hash;
      if (at === '#/nb') return draw({of(ROWS)});
      list.innerHTML = at ? '<a href="#/nb">政府信息公开年报</a>' : '<p><b>政务公开</b></p><p><b>新闻</b></p>';
      const one = document.querySelector('b'); if (one) one.onclick = () => {{ location.hash = '#/gk' }} }}
    window.onhashchange = show; show()"""
    body = "<style>b { cursor: pointer }</style><ul id=list></ul><script src=/app.js></script>"
    portal = Served(HOST, {"/": f"<html><body>{body}</body></html>", "/app.js": app})
    with closing(Browser(portal)) as browser:
        found = walk(portal, browser=browser)
    assert [(one.url, len(one.entries), one.unmet) for one in found] == [(f"http://{HOST}/#/nb", 12, ())]


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_a_whole_list_of_one_agency_is_searched_for_a_tree_of_others() -> None:
    """As catalogues of 山东 have it (GovInfoOpen, public crawler of xxgk.sd.gov.cn): the rows are in the page, a tree
    of agencies comes by script, and a function goes to the list of each.
    """
    tree = "".join(f"<p><a href=javascript:go({n})>{body}</a></p>" for n, body in enumerate(("民政局", "教育局")))
    go = "function go(n) { location.href = '/nb/?d=' + n }"
    script = f"<div id=tree></div><script>{go} tree.innerHTML = `{tree}`</script>"
    lists = {f"/nb/?d={n}": f"<html><body>{script}{row(3 - 2 * n)}<p>共1条</p></body></html>" for n in (0, 1)}
    portal = Served(HOST, {"/": "<html><a href='/nb/?d=0'>政府信息公开年报</a></html>"} | lists)
    with closing(Browser(portal)) as browser:
        (found,) = walk(portal, browser=browser)
    assert ({urlsplit(one.url).path for one in found.entries}, found.unmet) == ({"/nb/1.html", "/nb/3.html"}, ())


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
@pytest.mark.parametrize(
    "menu",
    [
        "<a href=/nb/2/>民政局</a>",
        "<b onclick=below.hidden=!below.hidden>乡镇年报</b><div id=below hidden><a href=/nb/2/>城关镇</a></div>",
    ],
)
def test_a_menu_that_scripts_draw_leads_to_the_lists_of_other_agencies(menu: str) -> None:
    """Open as 涟水县 has it (public crawlers of huaian.gov.cn): rows in the page, pager and tree of agencies by script;
    or with a closed group, as menus of channels on sites of 内蒙古 are (api/Data/GetContents in public crawlers).
    """
    menu = f"<div id=tree></div><script>tree.innerHTML = '{menu}'</script>"
    script = f"<div id=pages></div><script>{DRAW} pages.innerHTML = '<a href=javascript:add([])>下一页</a>'</script>"
    lists = {f"/nb/{n}/": f"<html><body>{menu}{row(n)}{row(n + 4)}{script}</body></html>" for n in (1, 2)}
    portal = Served(HOST, {"/": "<html><a href='/nb/1/'>政府信息公开年报</a></html>"} | lists)
    with closing(Browser(portal)) as browser:
        found = walk(portal, browser=browser)
    assert [(urlsplit(one.url).path, len(one.entries)) for one in found] == [("/nb/1/", 2), ("/nb/2/", 2)]


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_a_directory_that_scripts_draw_leads_on_from_a_list_of_one_agency() -> None:
    """As 乐山 has it (public crawler of sfgw.leshan.gov.cn): each unit's pages lead to a directory of all units."""
    back = "<a href='/all/'>信息公开目录</a>"
    own = {f"/nb/{n}/": f"<html><title>政府信息公开年报</title>{back}{row(n)}{row(n + 4)}</html>" for n in (1, 2)}
    tree = "<div id=tree></div><script>tree.innerHTML = '<a href=/dw/2/>宛平县民政局</a>'</script>"
    of_unit = f"<html>{back}<a href=/nb/2/>政府信息公开年报</a></html>"
    pages = {"/": "", "/all/": f"<html>{back}{tree}</html>", "/dw/2/": of_unit}
    portal = Served(HOST, own | pages)
    with closing(Browser(portal)) as browser:
        made = Walk(portal, place="宛平县", hosts=(HOST,), browser=browser)
        found = [*made.read_each((), [f"http://{HOST}/nb/1/"])]
    assert [(urlsplit(one.url).path, len(one.entries)) for one in found] == [("/nb/1/", 2), ("/nb/2/", 2)]
    assert found[0].path == "政府信息公开年报"  # the title of the given page, as no label led to it


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_pages_of_units_in_a_frame_that_a_script_sets_lead_to_their_lists() -> None:
    """As UCAP of 江西 has it (public crawlers of tonggu.gov.cn): /bmxxgk/pc/list.html?code=…&temp=gkml."""
    frame = "<iframe id=f></iframe><script>f.src = '/gkml/' + location.search.slice(6) + '.html'</script>"
    units = "".join(f"<li><a href='/bm/list.html?code={n}'>{body}</a></li>" for n, body in enumerate(UNITS))
    shared = f"<html>{row(0)}{row(1)}</html>"
    pages = {
        "/": "<html><a href=/nb/>政府信息公开年报</a><a href=/bm/list.html>部门信息公开</a></html>",
        "/nb/": shared,
    }
    of_units = ("", *(f"?code={n}" for n in range(6)))
    pages |= {f"/bm/list.html{one}": f"<html>{units}{frame}</html>" for one in of_units}
    for n in range(6):
        menu = f"<a href=/zd/{n}/>法定主动公开内容</a><a href=/nb/{n}/>政府信息公开年报</a>"
        pages[f"/gkml/{n}.html"] = f"<html>{menu}</html>"
        pages[f"/zd/{n}/"] = f"<html>{menu}<div id=list></div><script src=/list.js></script></html>"
        pages[f"/nb/{n}/"] = f"<html>{row(n + 2)}</html>"
    portal = Served(HOST, pages | {"/list.js": "list.textContent = '暂无数据'"})
    with closing(Browser(portal)) as browser:
        found = walk(portal, browser=browser)
    assert {urlsplit(one.url).path for one in found if one.entries} == {"/nb/", *(f"/nb/{n}/" for n in range(6))}


def test_what_was_known_is_missed_in_a_browser_too(in_browser: Callable[..., ListReading]) -> None:
    known = tuple(f"https://{HOST}{url}" for url in (*(row["url"] for row in ROWS), "/nb/gone.html"))
    reading = in_browser(served(BUTTON, {}), known)
    missed = [one.detail for one in reading.unmet_in_browser_or_all if one.rule == "known_entry"]
    assert missed == [f"https://{HOST}/nb/gone.html"]
