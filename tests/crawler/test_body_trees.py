"""Trees of bodies that a script makes: each node is a list, or the look says that those are not read."""

from __future__ import annotations

import pytest

from crawler.cms.static_list import StaticList
from crawler.lists.list_page import DIVIDED, ListPage, Page
from crawler.looks.page_reading import read_page
from storage.records import LookOutcome

AT = "http://www.wanping.gov.cn/zfxxgknb/index.jsp"
NODES = (
    '{"id":1,"pId":0,"name":"县政府部门","open":true},{"id":11,"pId":1,"name":"县水利局"},'
    '{id:12, pId:1, name:\'县司法局\'},{"id":21,"pId":1,"name":"新店镇"}'
)
GOES = '$("#mainFrame").attr("src","/xxgk/deptlist.jsp?deptId="+node.id+"&catId=nb");'
FIRST = '$("#mainFrame").attr("src","/xxgk/deptlist.jsp?deptId="+zNodes[1].id+"&catId=nb");'
MAKES = "$.fn.zTree.init($('#tree'), setting, zNodes);"
LINKED = NODES.replace("}", ',"url":"/a/1.html"}')
ENTRY = '<li><a href="/art/7.html">宛平县水利局2024年政府信息公开工作年度报告</a> 2025-01-20</li>'


def read(script: str, body: str = "") -> ListPage:
    text = f"<title>政府信息公开年报</title><ul id='tree' class='ztree'></ul>{body}<script>{script}</script>"
    return read_page(StaticList(name="x"), Page(AT, text))


def test_each_node_of_a_tree_of_bodies_is_a_list() -> None:
    found = read(f"var zNodes=[{NODES}]; function onClick(e, id, node) {{ {GOES} }} {FIRST}")
    assert (found.outcome, found.reason) == (LookOutcome.PARTIAL, DIVIDED)
    assert {link.text: link.url.partition("?")[2] for link in found.subcolumns} == {
        "县水利局": "deptId=11&catId=nb",
        "县司法局": "deptId=12&catId=nb",
        "新店镇": "deptId=21&catId=nb",
    }


def test_where_its_nodes_lead_is_not_guessed_and_one_bodys_list_is_one_in_part() -> None:
    tree = f"var zNodes=[{NODES}]; {MAKES}"
    assert read(tree, f"<ul>{ENTRY}</ul>").doubt == "other_bodies_by_script"
    assert (
        read(f"{tree} {GOES} open('/b/list.jsp?id=' + node.id);", f"<ul>{ENTRY}</ul>").doubt == "other_bodies_by_script"
    )


@pytest.mark.parametrize(
    "script",
    [
        f"var links=[{NODES}];",  # no tree
        "var zNodes=[{id:1,name:'要闻'},{id:2,name:'公告'},{id:3,name:'县水利局'}];" + MAKES,
        f"var zNodes=[{LINKED}]; {MAKES}",
    ],
)
def test_other_data_of_scripts_say_nothing_of_the_list(script: str) -> None:
    assert read(script, f"<ul>{ENTRY}</ul>").doubt == ""
