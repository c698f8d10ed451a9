"""Menus of bodies that only a script serves: the list of one body is not that of all."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import pytest
from loopback_web import Archive, Web, page

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page, parse
from crawler.looks.page_reading import read_page
from crawler.rendering.browser_search import missing
from crawler.rendering.further_lists import choices_of
from crawler.rendering.rendered_reading import Circumstances, judged, turned
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
BODIES = ("宛平县财政局", "宛平县司法局", "宛平县大河镇人民政府")
TREE = "".join(f"<li><span onclick=\"load('{n}')\">{who}</span></li>" for n, who in enumerate(BODIES))
CHOICES = "".join(f"<option value=/org/{n}/>{who}</option>" for n, who in enumerate(BODIES))
LISTS = "".join(f"<li><a href='/org/{n}/'>{who}</a></li>" for n, who in enumerate(BODIES))


def rows(*bodies: str) -> str:
    items = (
        f"<li><a href='/d/{who[-2:]}{year}.html'>{who}{year}年政府信息公开工作年度报告</a><i>{year + 1}-01-20</i></li>"
        for who in bodies
        for year in (2025, 2024)
    )
    return f"<ul id=list>{''.join(items)}</ul>"


def read(body: str) -> ListPage:
    return read_page(
        Generic(name="x"), Page(f"http://{HOST}/nb/", f"<title>政府信息公开年报</title><body>{body}</body>")
    )


def test_the_list_of_one_body_beside_a_menu_of_all_is_not_whole() -> None:
    assert read(f"<ul>{TREE}</ul>{rows(BODIES[0])}").doubt == "other_bodies_by_script"
    assert read(f"<ul>{TREE}</ul><p>暂无数据</p>").doubt in {"other_bodies_by_script", ""}
    choice = "".join(f"<option value={n}>{who}</option>" for n, who in enumerate(BODIES))
    assert read(f"<select onchange='ask()'>{choice}</select>{rows(BODIES[0])}").doubt == "other_bodies_by_script"
    nobodys = rows("").replace("<ul id=list>", "<ul>")
    assert read(f"<ul>{TREE}</ul>{nobodys}").doubt == "other_bodies_by_script"


@pytest.mark.parametrize(
    "beside",
    [
        f"<ul>{TREE}</ul>{rows(*BODIES)}",  # the reports of all
        f"<ul>{LISTS}</ul>{rows(BODIES[0])}",  # each has an address
        rows(BODIES[0]),
        f"<select onchange='location=value'>{CHOICES}</select>{rows(BODIES[0])}",  # so has each of these
        f"<a onclick='f(1)'>宛平县财政局</a><a onclick='f(2)'>无障碍浏览</a>{rows(BODIES[0])}",
    ],
)
def test_any_other_list_is(beside: str) -> None:
    assert read(beside).doubt == ""


def test_the_last_page_of_a_list_of_many_may_hold_one_entry(archive: Archive, web: Web) -> None:
    head = f"<title>政府信息公开年报</title><ul>{TREE}</ul>"
    archive.portal(family="generic.Generic")
    web.routes[HOST, "/nb/"] = page(f"{head}{rows(*BODIES[:2])}<a href='/nb/?p=2'>下一页</a>共2页")
    web.routes[HOST, "/nb/?p=2"] = page(f"{head}{rows(BODIES[2])}<a href='/nb/'>上一页</a>共2页")
    archive.crawl()
    assert [(look.outcome, look.reason) for look in archive.looks()] == [(LookOutcome.OK, "")]


def test_each_body_of_the_menu_is_a_further_list_to_choose() -> None:
    tree = parse(f"<body><ul>{TREE}</ul>{rows(BODIES[0])}</body>")
    assert [choice.label for choice in choices_of(tree)] == list(BODIES)


@pytest.mark.parametrize(
    "node",
    [
        "<li treenode><a treenode_a title='{0}'><span class='button ico_docu'></span><span class='node_name'>{0}</span></a></li>",
        "<li class='jstree-node'><i class='jstree-ocl'></i><a class='jstree-anchor' href='#'><i class='jstree-icon'></i>{0}</a></li>",
        "<div class='el-tree-node__content'><span class='is-leaf'></span><span class='el-tree-node__label'>{0}</span></div>",
    ],
    ids=["ztree", "jstree", "element"],
)
def test_nodes_of_a_tree_that_scripts_make_are_choices(node: str) -> None:
    """They listen, and their markup does not say so."""
    tree = parse(f"<body>{''.join(map(node.format, BODIES))}<table id=list></table></body>")
    assert [choice.label for choice in choices_of(tree)] == list(BODIES)


@pytest.mark.parametrize(
    ("shown", "outcome", "doubt"),
    [
        (BODIES, LookOutcome.OK, ""),
        (BODIES[:2], LookOutcome.OK, "pages_turned_by_script"),
        ((), LookOutcome.SCRIPT_ONLY, "pages_turned_by_script"),
    ],
)
def test_a_menu_beside_nothing_until_it_is_pressed_is_read_where_each_body_was_shown(
    shown: tuple[str, ...], outcome: LookOutcome, doubt: str
) -> None:
    def seen(list_: str) -> str:
        return f"<title>政府信息公开年报</title><body><ul>{TREE}</ul>{list_}<script src='/a.js'></script></body>"

    texts = [seen("<ul id=list></ul>"), *(seen(rows(who)) for who in shown)]
    how = Circumstances()
    made = [Page(f"http://{HOST}/nb/", text) for text in texts]
    pages = [judged(read_page(Generic(name="x"), one), one, how) for one in made]
    found = turned(pages, texts, ["", *shown], how)
    assert (found[0].outcome, found[0].doubt) == (outcome, doubt)
    assert [len(page.links) for page in found] == [0, *(2 for _ in shown)]


def test_more_bodies_than_are_shown_are_no_whole_list() -> None:
    many = "".join(f"<li onclick='load({n})'>宛平县第{n}执法局</li>" for n in range(200))
    assert len(choices_of(parse(f"<body><ul>{many}</ul></body>"))) == 200


def test_folders_of_a_tree_are_no_choices() -> None:
    """They only fold; one in which nothing stands yet may hold bodies that nobody sees."""
    node = "<li treenode><a><span class='node_name'>{}</span></a>{}</li>"
    inside = "".join(node.format(who, "") for who in BODIES)
    for folder in ("县直部门", "县政府"):  # the name of a group, or one that may be a body's
        tree = parse(f"<ul class=ztree>{node.format(folder, f'<ul>{inside}</ul>')}{node.format('乡镇街道', '')}</ul>")
        assert [choice.label for choice in choices_of(tree)] == [*BODIES, "乡镇街道"]


#: As zTree makes them: the bodies of a folder that is closed are not in the page before it is opened.
NODE = "<li><span class='button switch {0}_{1}' onclick='unfold(this)'></span><a><span class='node_name' onclick='{2}'>{3}</span></a><ul>{4}</ul></li>"
LEAVES = [NODE.format("docu", "docu", f"load({n})", who, "") for n, who in enumerate(BODIES)]
FOLDED = (
    f"{NODE.format('root', 'open', '', '政府部门', ''.join(LEAVES[:2]))}{NODE.format('bottom', 'close', '', '乡镇街道', '')}"
    "<script>function unfold(folder) { folder.className = 'button switch bottom_open'; "
    f"folder.parentNode.lastChild.innerHTML = {LEAVES[2]!r}; }}</script>"
)


@pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
@pytest.mark.parametrize("menu", [f"<ul>{TREE}</ul>", f"<ul class=ztree>{FOLDED}</ul>"], ids=["menu", "tree"])
def test_each_of_them_is_shown_in_a_browser(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch, menu: str
) -> None:
    archive.portal(family="generic.Generic")
    script = """<script>function load(n) { fetch('/list/' + n + '.html').then(function (r) { return r.text() })
      .then(function (t) { document.getElementById('list').innerHTML = t; }); }</script>"""
    shown = f"<title>政府信息公开年报</title>{menu}{rows(BODIES[0])}{script}"
    web.routes[HOST, "/nb/"] = page(f"<html><body>{shown}</body></html>")
    for number, who in enumerate(BODIES):
        web.routes[HOST, f"/list/{number}.html"] = page(rows(who).partition(">")[2].removesuffix("</ul>"))
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason, len(archive.links(look))) == (LookOutcome.OK, "", 6)
