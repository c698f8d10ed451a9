"""大汉 JCMS end to end: the openness catalogue behind ``search.jsp``, and lists whose answers count their pages."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from loopback_web import Answer, Archive, Web, page

from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.lists.list_page import Page
from crawler.lists.list_requests import list_request
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
BODIES = ("财政局", "教育局", "水利局", "司法局", "民政局")
COLUMN = (
    f'column("nb", "http://{HOST}/col/col7/index.html?number=A0002101", title="政府信息公开年报", covers="department"),'
)
QUERY = "/module/xxgk/search.jsp?infotypeId=A0002101&jdid=3&area=&divid=div7&vc_title=&sortfield=%2Ccompaltedate%3A0&fbtime=-1&texttype=0"


def title(number: int) -> str:
    return f"宛平县{BODIES[number]}2025年政府信息公开工作年度报告"


def href(number: int) -> str:
    return f"/art/2026/1/{10 + number}/art_7_{100 + number}.html"


def catalogue(number: int, *rows: int) -> Answer:
    items = "".join(
        f'<tr class="tr_main_value_{"odd" if n % 2 else "even"}"><td>{n}</td><td><a href="{href(n)}" title="{title(n)}">{title(n)[:12]}...</a></td><td>2026-01-{10 + n}</td></tr>'
        for n in rows
    )
    return page(
        f"<table class='tb_main'>{items}</table><table class='tb_title'><tr><td>第{number}页&nbsp;共3页</td></tr></table>"
    )


def test_the_catalogue_is_read_to_its_end_or_in_part(archive: Archive, web: Web) -> None:
    archive.portal(family="hanweb_jcms.HanwebJcms", listings=COLUMN)
    shell = page(
        f"<html><title>政府信息公开年报</title><div id='div7'></div><script>$('#div7').load('{QUERY.replace('&', '&amp;')}')</script></html>"
    )
    web.routes[HOST, "/col/col7/index.html?number=A0002101"] = shell
    web.routes[HOST, QUERY] = catalogue(1, 0, 1)
    for number, rows in ((2, (2, 3)), (3, (4,))):
        web.routes[HOST, f"{QUERY}&currpage={number}"] = catalogue(number, *rows)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    assert archive.links(look) == [f"http://{HOST}{href(n)}" for n in range(5)]
    asked = next(one for one in web.log if one.path == QUERY)
    assert asked.headers["x-requested-with"] == "XMLHttpRequest"
    del web.routes[HOST, f"{QUERY}&currpage=2"]
    archive.crawl()
    assert [look.outcome for look in archive.looks()] == [LookOutcome.OK, LookOutcome.PARTIAL]


def test_a_column_that_shows_the_first_rows_itself_is_read_to_its_end(archive: Archive, web: Web) -> None:
    archive.portal(family="hanweb_jcms.HanwebJcms", listings=COLUMN)
    first = catalogue(1, 0, 1).body.decode()
    ask = (
        'function go(n){$.ajax({type:"post",url:"/module/xxgk/search.jsp?standardXxgk=1&currpage="+n+"&sortfield=,",'
        "data:{infotypeId:'A0002101',area:'',divid:'div7',currpage:n},success:function(d){}})}"
    )
    shell = f"<html><title>政府信息公开年报</title>{first}<p>共5条</p><a onclick='go(2)' href='javascript:void(0)'>下一页</a><script>{ask}</script></html>"
    web.routes[HOST, "/col/col7/index.html?number=A0002101"] = page(shell)
    for number, rows in ((1, (0, 1)), (2, (2, 3)), (3, (4,))):
        query = "/module/xxgk/search.jsp?standardXxgk=1&{}sortfield=%2C&infotypeId=A0002101&area=&divid=div7{}"
        first_form, later = query.format("currpage=1&", ""), query.format("", f"&currpage={number}")
        web.routes[HOST, first_form if number == 1 else later] = catalogue(number, *rows)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    assert archive.links(look) == [f"http://{HOST}{href(n)}" for n in range(5)]


def question(sent: str) -> tuple[str, ...]:
    """The fields of the request that a column beside a tree of organs is read by."""
    organs = "".join(
        f"<li><a href='/col/col7/index.html?vc_xxgkarea=1162{n}A&number=A1'>{BODIES[n]}</a></li>" for n in range(3)
    )
    ask = (
        'var type="A1",area="",id="div7";function go(p){$.ajax({type:"POST",url:"/module/xxgk/search.jsp?texttype=0&currpage="+p+'
        f'"&sortfield=,compaltedate:0",data:{sent},success:function(d){{$("#"+id).html(d)}}}})}}go(1)'
    )
    shell = f"<title>政府信息公开年报</title><ul>{organs}</ul><div id='div7'><img src='/images/loading.gif'></div><script>{ask}</script>"
    read = HanwebJcms(name="x").read_list(Page(f"http://{HOST}/col/col7/index.html", shell))
    return tuple(urlsplit(list_request(step).url).query for step in read.following) or (read.outcome,)


def test_what_a_script_sends_is_put_together_from_what_is_known_of_the_page() -> None:
    (asked,) = question('"infotypeId="+type+"&area="+area+"&divid="+id')
    assert dict(parse_qsl(asked, keep_blank_values=True)) == {
        "texttype": "0", "currpage": "1", "sortfield": ",compaltedate:0", "infotypeId": "A1", "area": "", "divid": "div7"
    }  # fmt: skip
    assert question("sendOf(this)") == (LookOutcome.SCRIPT_ONLY,)


def test_answers_that_count_their_pages_are_followed(archive: Archive, web: Web) -> None:
    archive.portal(family="hanweb_jcms.HanwebJcms", listings=COLUMN)

    def record(number: int) -> str:
        return f"<record><![CDATA[<li><a href=\"{href(number)}\" title='{title(number)}'>{title(number)}</a><span>2026-01-20</span></li>]]></record>"

    proxy = "/module/web/jpage/dataproxy.jsp?page={}&appid=1&webid=67&path=/&columnid=7&unitid=42&permissiontype=0"
    first = f'<nextgroup><![CDATA[<a href="{proxy.format(1)}"></a>]]></nextgroup><recordset>{record(0)}{record(1)}</recordset>'
    call = "<script>$(function(){$('#42').jpage({totalRecord:5,dataStore:x,perPage:2,ajaxParam:p});});</script>"
    web.routes[HOST, "/col/col7/index.html?number=A0002101"] = page(
        f"<div id='42'><script type='text/xml'><datastore>{first}</datastore></script></div>{call}"
    )
    for number, rows in ((1, (0, 1)), (2, (2, 3)), (3, (4,))):
        answer = f"<datastore><totalrecord>5</totalrecord><totalpage>3</totalpage><recordset>{''.join(map(record, rows))}</recordset></datastore>"
        web.routes[HOST, proxy.format(number)] = page(answer)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.total, sorted(archive.links(look))) == (
        LookOutcome.OK,
        5,
        [f"http://{HOST}{href(n)}" for n in range(5)],
    )


def test_an_empty_answer_behind_the_last_entry_is_no_page_that_is_missing(archive: Archive, web: Web) -> None:
    """Seen: 15 entries stand in the page, one answer has the others and names an empty group; the next has none."""
    archive.portal(family="hanweb_jcms.HanwebJcms", listings=COLUMN)

    def record(number: int) -> str:
        return f"<record><![CDATA[<li><a href=\"{href(number)}\" title='{title(number)}'>{title(number)}</a><span>2026-01-20</span></li>]]></record>"

    proxy = "/module/web/jpage/dataproxy.jsp?page={}&appid=1&webid=67&path=/&columnid=7&unitid=42&permissiontype=0"
    first = f'<nextgroup><![CDATA[<a href="{proxy.format(1)}"></a>]]></nextgroup><recordset>{"".join(map(record, range(3)))}</recordset>'
    call = "<script>$(function(){$('#42').jpage({totalRecord:TOTAL,dataStore:x,perPage:3,ajaxParam:p});});</script>"
    end = '<datastore><nextgroup><![CDATA[<a href=""></a>]]></nextgroup><totalrecord>TOTAL</totalrecord><totalpage>2</totalpage><recordset>{}</recordset></datastore>'
    nothing = ("<recordset></recordset>", "<datastore><totalrecord>5</totalrecord><recordset></recordset></datastore>")
    for total, outcome, behind in (
        *((5, LookOutcome.OK, one) for one in nothing),
        (6, LookOutcome.PARTIAL, nothing[0]),
    ):
        web.routes[HOST, proxy.format(2)] = page(behind)
        web.routes[HOST, "/col/col7/index.html?number=A0002101"] = page(
            f"<div id='42'><script type='text/xml'><datastore>{first}</datastore></script></div>{call}".replace(
                "TOTAL", str(total)
            )
        )
        web.routes[HOST, proxy.format(1)] = page(end.format(record(3) + record(4)).replace("TOTAL", str(total)))
        archive.crawl()
        look = archive.looks()[-1]
        assert (look.outcome, len(archive.links(look))) == (outcome, 5), look.reason
