"""Lists that only scripts turn are read in a browser, or it is said what could not be tried."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from crawler.lists.browser import Browser, find_program
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer
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
    with Browser(lambda request: Answer(request, request.url, 0)) as browser:

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


def script(text: str) -> str:
    return f"<ul id=list></ul><script>{DRAW}{text}</script>"


BUTTON = (
    script(
        f"const all = {of(ROWS)}; let page = 1; draw(all.slice(0, 5));"
        "function turn() { if (page < 3) { page++; draw(all.slice(page * 5 - 5, page * 5)) } }"
    )
    + "<div class=pager><a href='javascript:turn()'>下一页</a></div>"
)
MORE = (
    script(
        f"const all = {of(ROWS)}; let shown = 5; draw(all.slice(0, 5));"
        "function more(one) { add(all.slice(shown, shown + 5)); shown += 5; if (shown >= all.length) one.remove() }"
    )
    + "<button onclick='more(this)'>加载更多</button>"
)
SCROLLED = (
    script(
        f"const all = {of(ROWS)}; let shown = 5; draw(all.slice(0, 5));"
        "window.addEventListener('scroll', () => { add(all.slice(shown, shown + 5)); shown += 5 });"
    )
    + "<div style='height:3000px'></div>"
)
TABS = (
    "<ul class=tabs><li onclick='show(0)'>本年</li><li onclick='show(1)'>上年</li><li onclick='show(2)'>其他</li></ul>"
) + script(f"const all = {of(ROWS)}; function show(n) {{ draw(all.slice(8 - n * 4, 12 - n * 4)) }} show(0);")
FETCHED = (
    script(
        "async function load(n) { const r = await (await fetch(`/nb/rows?page=${n}`)).json(); draw(r.rows) }"
        "let n = 1; load(1);"
    )
    + "<div class=pager><span onclick='if (n < 3) load(++n)'>下页</span></div>"
)
ANSWERS = {f"/nb/rows?page={n}": json.dumps({"total": 12, "rows": ROWS[n * 5 - 5 : n * 5]}) for n in (1, 2, 3)}
UNLINKED = script(
    f"for (const r of {of(ROWS)}) {{"
    "const one = document.createElement('li'); one.textContent = `${r.title} ${r.date}`;"
    "one.onclick = () => { location.href = r.url }; document.getElementById('list').append(one) }"
)
ICONS = script(
    f"const all = {of(ROWS)}; let page = 1; draw(all.slice(0, 5));"
    "document.querySelector('.btn-next').onclick = () => { if (page < 3) draw(all.slice(page++ * 5, page * 5)) }"
).replace("<script>", "<button class=btn-next><i class=el-icon></i></button><script>")
BOXED = "<select id=year><option>2023</option><option>2022</option><option>2021</option></select>" + script(
    f"const all = {of(ROWS)}; const box = document.getElementById('year');"
    "function show() { const y = box.value - 2021; draw(all.slice(y * 4, y * 4 + 4)) } box.onchange = show; show();"
)
FOLDED = (
    "<div id=years><h3>2023年政府信息公开年报</h3><h3>2022年政府信息公开年报</h3><h3>2021年政府信息公开年报</h3></div>"
) + script(
    f"const all = {of(ROWS)}; draw(all.slice(8)); document.querySelectorAll('h3').forEach((one, at) =>"
    "one.addEventListener('click', () => draw(all.slice(8 - at * 4, 12 - at * 4))));"
)
FRAMED = "<iframe src='/nb/rows.html' width=800 height=600></iframe><script>1</script>"
IN_FRAME = {"/nb/rows.html": f"<html><body>{BUTTON}</body></html>"}
TREE = (
    "<ul><li><a href='javascript:void(0)' onclick='show(0)'>县政府一科</a></li>"
    "<li><a href='javascript:void(0)' onclick='show(1)'>县政府二科</a></li></ul>"
) + script(
    f"const all = {of(ROWS)}; function row(r) {{ return `<li><a href='${{r.url}}'>01/2024-7</a> ${{r.title}}</li>` }}"
    "function show(n) { draw(all.slice(0, 10 + n * 2)) } show(0);"  # so no page is full with 10
)
CARDS = "<style>.card { cursor: pointer }</style>" + BUTTON.replace("<ul id=list></ul>", "<div id=list></div>").replace(
    '{ return `<li><a href="${r.url}">${r.title}</a><span>${r.date}</span></li>` }',
    "{ return `<div class=card onmouseup='window.open(\"${r.url}\")'><p>${r.title}</p><i>${r.date}</i></div>` }",
)
GROUPS = (  # as on www.haian.gov.cn: the last group has a name of the place's own
    "<div>"
    + "".join(
        f"<a href='javascript:void(0)' data-n={n}>{name}</a>"
        for n, name in enumerate(("市政府", "市级部门", "区镇（街道）"))
    )
    + "</div>"
) + script(
    f"const all = {of(ROWS)}; draw(all.slice(0, 4)); document.querySelectorAll('a[data-n]').forEach(one =>"
    "one.onclick = () => draw(all.slice(one.dataset.n * 4, one.dataset.n * 4 + 4)));"
)
HASHED = (
    "<ul class=menu><li><a href='#/2023'>2023年</a></li><li><a href='#/2022'>2022年</a></li>"
    "<li><a href='#/2021'>2021年</a></li></ul>"
) + script(
    f"const all = {of(ROWS)}; function show() {{ const y = Number(location.hash.slice(2) || 2023) - 2021;"
    "draw(all.slice(y * 4, y * 4 + 4)) } window.onhashchange = show; show();"
)


@pytest.mark.parametrize(
    ("body", "answers"),
    [(BUTTON, {}), (MORE, {}), (SCROLLED, {}), (FETCHED, ANSWERS), (UNLINKED, {}), (FRAMED, IN_FRAME),
     (HASHED, {}), (TREE, {}), (GROUPS, {}),
     *(pytest.param(body, {}, marks=pytest.mark.nightly) for body in (TABS, ICONS, BOXED, FOLDED, CARDS))],
    ids=["button", "more", "scrolled", "fetched", "unlinked", "framed", "hashed", "tree", "groups", "tabs", "icons",
         "boxed", "folded", "cards"],
)  # fmt: skip
def test_a_list_is_read_whole_however_its_script_shows_it(
    body: str, answers: dict[str, str], in_browser: Callable[..., ListReading]
) -> None:
    reading = in_browser(served(body, answers))
    assert {urlsplit(entry.url).path for entry in reading.entries if entry.url} >= {row["url"] for row in ROWS}
    assert reading.unmet == ()


def led(first: int, to: str) -> str:
    rows = "".join(row(n) for n in range(first, min(first + 5, len(ROWS))))
    return f"{rows}<p>共3页</p><script>1</script><a href='{to}'>下一页</a>"


CUT = {"/nb/2.htm": f"<html>{led(5, '3.htm')}</html>", "/nb/3.htm": f"<html><ul>{row(10)}"}


@pytest.mark.parametrize(
    ("body", "answers", "unmet"),
    [
        (FETCHED, {name: ANSWERS[name] for name in list(ANSWERS)[:2]}, "total"),  # the third answer fails
        (FETCHED, ANSWERS | {"/nb/rows?page=2": ANSWERS["/nb/rows?page=1"]}, "total"),  # the second repeats the first
        (BUTTON.replace("function turn", "function broken"), {}, "script_failed"),
        (BUTTON + "<script src='/js/more.js'></script>", {}, "script_failed"),
        (BUTTON + "<p>共13条</p>", {}, "total"),
        ("", {"/nb/": f"<html><body>{BUTTON}"}, "unconfirmed"),
        (MORE.replace("shown + 5)); shown += 5", "shown + (shown - 5 ? 3 : 2))); shown += 3"), {}, "unconfirmed"),
        (led(0, "2.htm"), CUT, "browser: not_received"),
    ],
    ids=["answer fails", "answer repeats", "function lacks", "script lacks", "claim raised", "page cut", "part short",
         "last page cut"],
)  # fmt: skip
def test_what_a_browser_could_not_turn_to_its_end_is_partial(
    body: str, answers: dict[str, str], unmet: str, in_browser: Callable[..., ListReading]
) -> None:
    reading = in_browser(served(body, answers))
    assert not reading.is_whole
    assert any(unmet in one for one in reading.unmet)


@pytest.mark.skipif(find_program() is None, reason="no browser is installed")
def test_what_can_only_be_pressed_leads_to_a_list() -> None:
    app = f"""{DRAW}; function show() {{ const list = document.getElementById('list'), at = location.hash;
      if (at === '#/nb') return draw({of(ROWS)});
      list.innerHTML = at ? '<a href="#/nb">政府信息公开年报</a>' : '<p><b>政务公开</b></p><p><b>新闻</b></p>';
      const one = document.querySelector('b'); if (one) one.onclick = () => {{ location.hash = '#/gk' }} }}
    window.onhashchange = show; show()"""
    body = "<style>b { cursor: pointer }</style><ul id=list></ul><script src=/app.js></script>"
    portal = Served(HOST, {"/": f"<html><body>{body}</body></html>", "/app.js": app})
    with Browser(portal) as browser:
        found = walk(portal, browser=browser)
    assert [(one.url, len(one.entries), one.unmet) for one in found] == [(f"http://{HOST}/#/nb", 12, ())]


def test_what_was_known_is_missed_in_a_browser_too(in_browser: Callable[..., ListReading]) -> None:
    known = tuple(f"https://{HOST}{url}" for url in (*(row["url"] for row in ROWS), "/nb/gone.html"))
    reading = in_browser(served(BUTTON, {}), known)
    assert f"browser: known_entry: https://{HOST}/nb/gone.html" in reading.unmet
    assert not any(ROWS[0]["url"] in one for one in reading.unmet if one.startswith("browser"))
