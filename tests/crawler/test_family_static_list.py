"""Static lists: every shape of addresses and pagers read to its end; no shape belongs to two families."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from pathlib import Path

import pytest
from county import THEN, column, scenario
from whole_crawl import look_at, prove, reports_among, true_reports, without_items

from crawler.cms.static_list import StaticList
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.signatures import signatures
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zwgk/nb/"
ROW = '<li><a href="content_1202379.html">甲县财政局2025年政府信息公开工作年度报告</a><span>2026-01-20</span></li>'
SHAPES = {
    "hebei": "/columns/bd1244e9-83be-4acc-9962-5c3adb9f5167/",
    "rednet": "/35048/35049/",
    "xian": "/zwgk/zfxxgk/qzfxxgknb/",
    "snowflake": "/xw/zwzx/qxrd/",
    "ivs": "/nw12344/",
    "easysite": "/web/zwgk/zfxxgk/nb/",
    "cms_html": "/cms/html/npszf/",
}
ADDRESSES = {  # one of each shape that was seen → its family; None: of no single one
    "/art/2025/1/21/art_33398_4279338.html": "hanweb_jcms",
    "/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335465W&fbtime=2025": "hanweb_jcms",
    "/zwgk/zfxxgk/zfxxgknb/t657193.html": "trs_wcm",
    "/xxgk/xxgknb/202401/t20240129_310451.html": "trs_wcm",
    "/gongkai/channel_c_5f9f696d489871774b4da7ea_n_1605850162.1332/doc_65d31c1b0adcabfa3655daae.html": "channel_oid",
    "/2025/12-08/945529.html": "dated_list",
    "/info/2927/130764.htm": "vsb",
    "/xxgk_content.jsp?urltype=news.NewsContentUrl&wbtreeid=1069&wbnewsid=12345": "vsb",
    "/hebdlq/c112289c/202602/c01_1108994.shtml": "ucap",
    "/psx/2022nb/202312/1c2c81b9a107482081792e2ed7132ac8.shtml": "ucap",
    "/10462/c102238/2020/10/19/7084e8cc67e943f3a63cc71cd23c2a07.shtml": "ucap",
    "/n54935142/n1/c68566562/content.html": "ucap",
    "/zwgk/zfxxgk/zfxxgknb/bm/mb2021/content/post_8040242.html": "nfcms",
    "/columns/bd1244e9-83be-4acc-9962-5c3adb9f5167/202501/20/aeb0c6b9-2a0a-4d8e-be9b-ffd9af02a2d8.html": "static_list",
    "/109/171/174/content_1335045.html": "static_list",
    "/35048/20210127/i2288199.html": "static_list",
    "/nw12344/20230331/0123456789abcdef0123456789abcdef.html": "static_list",
    "/zwgk/zfxxgk/qzfxxgknb/5ed7564665cbd83eb77652ed.html": "static_list",
    "/xw/zwzx/qxrd/1833316118612205569.html": "static_list",
    "/cms/html/npszf/2013-01-25/1779102018.html": "static_list",
    "/esxzfxxgk/zfxxgkndbg4152/20230113/1411354.html": "static_list",
    "/xxgk-show-69828.html": "static_list",
    "/info/iContent.jsp?cat_id=15971&info_id=1": "static_list",
    "/eportal/ui?pageId=2312805&articleKey=3020974&columnId=792644": "static_list",
    "/gongkai/show/7d645fdfc128a78a691d46fc9d42d6dd.html": "static_list",
}


def read(text: str, url: str = AT) -> ListPage:
    return StaticList(name="x").read_list(Page(url, text))


@pytest.mark.parametrize(("path", "family"), ADDRESSES.items())
def test_a_shape_of_addresses_belongs_to_one_family(path: str, family: str) -> None:
    url = f"http://www.a.gov.cn{path}"
    assert {name for name, one in signatures().items() if any(pattern.search(url) for pattern in one.url)} == {family}
    assert family in {name for name, one in signatures().items() if one.detail.search(url)}


@pytest.mark.parametrize(("family", "path"), SHAPES.items())
def test_every_shape_is_read_to_its_end(tmp_path: Path, family: str, path: str) -> None:
    made = scenario(family, column("nb", path))
    look, links, truth = look_at(tmp_path, StaticList, made)
    assert (look.outcome, look.reason, {link.url for link in links}) == (LookOutcome.OK, "", truth)
    assert reports_among(links) == true_reports(made, tmp_path)
    later, links, truth = look_at(tmp_path, StaticList, made, THEN)
    assert (later.outcome, {link.url for link in links}) == (LookOutcome.OK, truth)
    assert look_at(tmp_path, StaticList, made, changed=without_items)[0].outcome is LookOutcome.CHANGED


def test_choices_of_pages_are_followed() -> None:
    options = "".join(f'<option value="index_{n}.html">第{n}页</option>' for n in range(1, 4))
    found = read(f"<ul>{ROW}</ul><select onchange='location=this.value'>{options}</select>")
    assert found.following == (AT + "index_2.html", AT + "index_3.html")
    dead = read(
        f"<ul>{ROW}</ul><select onchange='go(this.value)'><option value='1'>1</option><option value='2'>2</option></select>"
    )
    assert (dead.following, dead.by_script) == ((), True)


def test_a_form_that_turns_pages_is_sent_back_as_it_came() -> None:
    form = '<form method="post" action="List.aspx?cid=7"><input type="hidden" name="__VIEWSTATE" value="dDw="><input type="hidden" name="x" value="1"><input name="q">{}</form>'
    found = read(f"<ul>{ROW}</ul>" + form.format("<a href=\"javascript:__doPostBack('ctl00$P','2')\">下一页</a>"))
    assert found.following == (
        ListRequest(
            AT + "List.aspx?cid=7",
            (("__VIEWSTATE", "dDw="), ("x", "1"), ("__EVENTTARGET", "ctl00$P"), ("__EVENTARGUMENT", "2")),
            script=False,
        ),
    )
    off = form.format("<a disabled='disabled' href=\"javascript:__doPostBack('ctl00$P','2')\">下一页</a>")
    assert read(f"<ul>{ROW}</ul>{off}").following == ()


@pytest.mark.parametrize(
    "script",
    [
        "layui.laypage.render({elem:'p',count:99})",
        "$('#p').pagination(99,{})",
        "kkpager.generPageHtml({})",
        "createPageHTML(n, i)",
    ],
)
def test_a_pager_that_an_unread_script_writes_leaves_the_end_open(script: str) -> None:
    assert read(f"<ul>{ROW}</ul><div id='p'></div><script>{script}</script>").by_script
    assert not read(f"<ul>{ROW}</ul>").by_script


def test_a_county_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    path = SHAPES["hebei"]
    prove(tmp_path / "archive", "static_list.StaticList", "hebei", path, f"{path}index_2.html")
