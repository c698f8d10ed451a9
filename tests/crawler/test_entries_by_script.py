"""Entries without a link of their own, whose scripts do nothing but go to an address."""

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from crawler.looks.page_reading import read_page
from storage.records import LookOutcome

HOST = "http://www.wanping.gov.cn"


def read(url: str, body: str) -> ListPage:
    return read_page(Generic(name="x"), Page(f"{HOST}{url}", f"<title>政府信息公开年报</title><body>{body}</body>"))


@pytest.mark.parametrize(
    "row",
    [
        "<li onclick=\"window.open('/d/{n}.html')\">{title}<span>2026-01-2{n}</span></li>",
        "<li><div onclick=\"show('{n}')\">{title}</div><span>2026-01-2{n}</span></li>",
        "<tr onclick=\"show('{n}')\"><td>{n}</td><td>{title}</td><td>2026-01-2{n}</td></tr>",
        "<li onclick=\"show('{n}')\"><i>510112/2026-0000{n}</i><span>{title}</span><em>2026-01-2{n}</em></li>",
    ],
)
def test_entries_whose_scripts_only_go_to_an_address_are_links(row: str) -> None:
    shows = "<script>function show(id) { location.href = '/d/' + id + '.html'; }</script>"
    titles = [f"宛平县{who}2025年政府信息公开工作年度报告" for who in ("司法局", "财政局", "民政局")]
    rows = "".join(row.format(n=n, title=title) for n, title in enumerate(titles))
    held = f"<table>{rows}</table>" if "<tr" in row else f"<ul>{rows}</ul>"
    found = read("/gk/nb/", f"{held}{shows}<p>共3条</p>")
    assert [(link.url, link.text) for link in found.links] == [(f"{HOST}/d/{n}.html", titles[n]) for n in range(3)]
    assert [link.listed for link in found.links] == [f"2026-01-2{n}" for n in range(3)]
    assert (found.outcome, found.doubt, found.total) == (LookOutcome.OK, "", 3)


def test_a_title_beside_a_label_in_brackets_stays_whole() -> None:
    title = "宛平县司法局2025年政府信息公开工作年度报告"
    row = f"<li onclick=\"window.open('/d/1.html')\"><b>[部门]</b>{title}<span>2026-01-21</span></li>"
    [link] = read("/gk/nb/", f"<ul>{row}</ul><p>共1条</p>").links
    assert title in link.text


@pytest.mark.parametrize(
    "script",
    ["location.href = '/d/' + no + '.html'", "location.href = '/d/' + document.getElementById('p').value", "ask({n})"],
)
def test_where_a_script_goes_is_not_guessed(script: str) -> None:
    title = "宛平县司法局2025年政府信息公开工作年度报告"
    found = read("/gk/nb/", f'<input id=p value=1><ul><li onclick="{script.format(n=1)}">{title}</li></ul>')
    assert not any(link.url.endswith(".html") for link in found.links)
    assert (found.outcome, found.doubt) != (LookOutcome.OK, "")
