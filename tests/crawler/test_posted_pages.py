"""Lists whose pages are turned by sending a form: followed where the markup says all that is sent, told where not."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from collections.abc import Callable

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list, a_report

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zwgk/nb/List.aspx?cid=25"
HOST = "www.wanping.gov.cn"
TITLE = "宛平县第{}税务局2024年政府信息公开工作年度报告"
ROWS = "".join(f'<li><a href="/zwgk/nb/t20250120_{n}.html">{TITLE.format(n)}</a><span>2025-01-20</span></li>' for n in range(12))  # fmt: skip
STATE = '<input type="hidden" name="__EVENTTARGET" value=""><input type="hidden" name="__EVENTARGUMENT" value=""><input type="hidden" name="__VIEWSTATE" value="/wE">'
FIELD = '<form id="f1" name="f" method="post" action="/list.do"><input type="hidden" id="no" name="pageNo" value="1"><input name="q" value="年报"><input name="empty">{}</form>'
NUMBERS = '<div class="page"><b>1</b><a href="javascript:go(2)">2</a><a href="javascript:go(3);">3</a></div>'
CALENDAR = "<table><tr>" + "".join(f"<td>{day}</td>" for day in "日一二三四五六") + "</tr><tr>{}</tr></table>"


def read(text: str) -> ListPage:
    shown = f"<html><head><title>政府信息公开年报_甲县</title></head><body><ul>{ROWS}</ul>{text}</body></html>"
    return Generic(name="x").read_list(Page(AT, shown))


def function(body: str, *, parameters: str = "n") -> str:
    return f"<script>/* pages */ function go({parameters}){{{body}}}</script>" + FIELD.format("") + NUMBERS


def asp(here: int, last: int, *, argument: str = "{}", shown: str = "<span>{}</span>", rest: str = "") -> str:
    back = "<a href=\"javascript:__doPostBack('AspNetPager1','{}')\">{}</a>"
    numbers = " ".join(shown.format(n) if n == here else back.format(argument.format(n), n) for n in range(1, last + 1))
    return f'<form method="post" action="List.aspx?cid=25">{STATE}<div id="AspNetPager1">{numbers}{rest}</div></form>'


def sent(found: ListPage) -> dict[str, str]:
    (step,) = found.following
    assert isinstance(step, ListRequest)
    assert step.form is not None
    assert not step.script
    return dict(step.form)


@pytest.mark.parametrize("here", [1, 2, 4])
@pytest.mark.parametrize("argument", ["{}", "Page${}"])
def test_the_number_after_the_one_shown_is_posted_with_all_hidden_fields(here: int, argument: str) -> None:
    found = read(asp(here, 5, argument=argument))
    assert found.following == (
        ListRequest(
            AT,
            (
                ("__EVENTTARGET", "AspNetPager1"),
                ("__EVENTARGUMENT", argument.format(here + 1)),
                ("__VIEWSTATE", "/wE"),
            ),
            script=False,
        ),
    )
    assert not found.doubt


@pytest.mark.parametrize(
    "shown",
    ["<b>{}</b>", '<a disabled="disabled">{}</a>', '<a class="current" href="javascript:;">{}</a>', " {} ", "[{}]"],
)
def test_the_page_shown_is_the_number_that_leads_nowhere_or_is_marked(shown: str) -> None:
    assert sent(read(asp(3, 6, shown=shown)))["__EVENTARGUMENT"] == "4"


def test_a_class_says_which_of_the_linked_numbers_is_shown() -> None:
    back = "<li{}><a href=\"javascript:__doPostBack('P','{}')\">{}</a></li>"
    items = "".join(back.format(' class="active"' if n == 2 else "", n, n) for n in range(1, 4))
    assert sent(read(f'<form method="post">{STATE}<ul>{items}</ul></form>'))["__EVENTARGUMENT"] == "3"


def test_the_last_number_ends_the_list_and_three_dots_lead_to_the_next_ten() -> None:
    assert (read(asp(5, 5)).following, read(asp(5, 5)).doubt) == ((), "")
    dots = "<a href=\"javascript:__doPostBack('AspNetPager1','11')\">...</a>"
    assert sent(read(asp(10, 10, rest=dots)))["__EVENTARGUMENT"] == "11"


def test_buttons_of_a_pager_may_be_controls_of_their_own() -> None:
    back = "<a href=\"javascript:__doPostBack('p$ctl01$ctl0{}','')\">{}</a>"
    pager = "<span>1</span>" + "".join(back.format(n, n + 1) for n in (1, 2))
    assert sent(read(f'<form method="post">{STATE}<span>{pager}</span></form>'))["__EVENTTARGET"] == "p$ctl01$ctl01"


@pytest.mark.parametrize(
    "body",
    [
        'document.getElementById("no").value=n; document.getElementById("f1").submit();',
        "document.f.pageNo.value = n;\n  document.f.submit()\n  return false;\n",
        'document.forms[0].pageNo.value=n;document.forms["f"].submit();',
        "var form = document.forms[0]; form.elements['pageNo'].value = n; form.submit();",
        '$("#no").val(n);\n$("#f1").submit();\nreturn false;',
        "$(\"input[name='pageNo']\").val(n); // the number\n $('form').submit()",
        'document.getElementsByName("pageNo")[0].value=n; f1.submit();',
    ],
)
def test_a_function_that_sets_a_field_and_sends_the_form_is_followed(body: str) -> None:
    (step,) = read(function(body)).following
    assert step == ListRequest("http://www.a.gov.cn/list.do", (("pageNo", "2"), ("q", "年报")), script=False)


def test_a_function_of_two_numbers_and_an_address_of_its_own() -> None:
    script = "function page(n,s){ $('#no').val(n); f1.action = '/other.do'; go(); } function go(){ $('#f1').submit(); }"
    pager = "<ul class='pagination'><li class='active'><a href='javascript:'>1</a></li><li><a href='javascript:' onclick=\"page(2,20,'');\">2</a></li></ul>"
    (step,) = read(f"<script>{script}</script>{FIELD.format('')}{pager}").following
    assert step == ListRequest("http://www.a.gov.cn/other.do", (("pageNo", "2"), ("q", "年报")), script=False)


@pytest.mark.parametrize(
    "button",
    [
        '<input type="hidden" name="p" value="2"><a href="javascript:document.f.submit()">下一页</a>',
        '<input type="hidden" name="p" value="2"><input type="submit" value="下一页">',
        '<button name="p" value="2">下一页</button>',
        '<input type="hidden" name="p"><a href="#" onclick="document.f.p.value=\'2\';document.f.submit();return false">下一页</a>',
    ],
)
def test_a_button_that_says_the_next_page_and_sends_its_form_is_followed(button: str) -> None:
    assert sent(read(f'<form method="post" name="f">{button}</form>')) == {"p": "2"}


@pytest.mark.parametrize(
    "body",
    [
        "if (n < 1) { return; } document.f.pageNo.value=n; document.f.submit();",
        "document.f.pageNo.value=n; track(n); document.f.submit();",
        "document.f.pageNo.value=n+1; document.f.submit();",
        "document.f.pageNo.value=n; document.f.submit(); location.reload()",
        "document.f.action='http://www.b.gov.cn/'; document.f.pageNo.value=n; document.f.submit();",
        "document.f.action='//www.a.gov.cn:8080/'; document.f.pageNo.value=n; document.f.submit();",
        "document.g.pageNo.value=n; document.f.submit();",
        "document.f.pageNo.value=n; go(n);",
        "document.f.pageNo.value=n; $.post('/list.do', {p: n});",
    ],
)
def test_a_function_that_does_anything_else_is_not_followed_and_the_end_stays_open(body: str) -> None:
    found = read(function(body))
    assert (found.following, found.by_script) == ((), True)


@pytest.mark.parametrize(
    "form",
    [
        '<form method="post" action="http://www.b.gov.cn/"><input name="p" value="2" type="hidden"><input type="submit" value="下一页"></form>',
        '<form method="post" action="https://www.a.gov.cn/"><input name="p" value="2" type="hidden"><input type="submit" value="下一页"></form>',
        '<form method="post"><input type="password" name="w"><input type="submit" value="下一页"></form>',
        f'<form method="post"><input type="hidden" name="w" value="{"x" * 500_001}"><input type="submit" value="下一页"></form>',
        f'<form method="post">{"<input type=hidden name=w value=1>" * 201}<input type="submit" value="下一页"></form>',
        '<form method="post"><input type="submit" value="下一页" disabled></form>',
    ],
    ids=["host", "scheme", "password", "long", "many", "off"],
)
def test_forms_that_lead_away_ask_for_secrets_or_are_too_large_are_not_sent(form: str) -> None:
    assert read(form).following == ()


def test_a_button_with_options_is_posted_as_its_control() -> None:
    said = 'WebForm_DoPostBackWithOptions(new WebForm_PostBackOptions("{}", "", true, "", "{}", false, true))'
    form = "<form method=\"post\">{}<a href='javascript:{}'>下一页</a></form>"
    assert sent(read(form.format(STATE, said.format("p$next", ""))))["__EVENTTARGET"] == "p$next"
    elsewhere = read(form.format(STATE, said.format("p$next", "/other.aspx")))
    assert (elsewhere.following, elsewhere.by_script) == ((), True)


def test_days_of_a_calendar_are_no_pages() -> None:
    day = "<td><a href=\"javascript:__doPostBack('Calendar1','91{0:02}')\">{0}</a></td>"
    days = CALENDAR.format("".join(day.format(n) for n in range(2, 32)) + "<td>1</td>")
    assert read(f'<form method="post">{STATE}{days}</form>').following == ()
    few = "".join(day.format(n) for n in range(2, 6)).replace("'91", "'77")
    assert read(f'<form method="post">{STATE}<table><tr><td>1</td>{few}</tr></table></form>').doubt == ""


def test_numbers_of_which_none_is_shown_leave_the_end_open() -> None:
    pager = "".join(f'<a href="javascript:go({n})">{n}</a>' for n in (1, 2, 3))
    text = function("document.f.pageNo.value=n; document.f.submit();").replace(NUMBERS, "") + f"<div>{pager}</div>"
    assert (read(text).following, read(text).doubt) == ((), "pages_turned_by_script")
    assert read(f"{text}<p>共12条</p>").doubt == ""  # all of them are here


def rows(first: int, last: int) -> list[tuple[str, str, str]]:
    return [(f"/nb/t20250120_{n}.html", TITLE.format(n), "2025-01-20") for n in range(first, last)]


def serve(web: Web, pager: Callable[[int], str], *, stuck: int = 99) -> None:
    """Three pages of four reports; a POST names the one it wants. From ``stuck`` on, the same page comes again."""
    pages = {n: a_list(*rows(4 * n - 4, 4 * n), tail=pager(n)) for n in (1, 2, 3)}

    def answer(asked: Asked) -> Answer:
        wanted = int(asked.form.get("__EVENTARGUMENT") or asked.form.get("p") or 1)
        return pages[min(wanted, stuck)]

    web.routes[HOST, "/nb/"] = answer
    for n in range(12):
        web.routes[HOST, f"/nb/t20250120_{n}.html"] = a_report(TITLE.format(n))


def field_pager(marked: bool) -> Callable[[int], str]:
    """A pager of a plain form; ``marked``: whether it says which page is shown."""

    def pager(here: int) -> str:
        numbers = "".join(f'<a href="javascript:go({n})">{n}</a>' for n in (1, 2, 3) if n != (here if marked else 1))
        shown = f"<b>{here if marked else 1}</b>"
        form = '<form name="f" method="post"><input type="hidden" name="p" value="1"></form>'
        return f"<script>function go(n){{document.f.p.value=n;document.f.submit()}}</script>{form}<div>{shown}{numbers}</div>"

    return pager


@pytest.mark.parametrize("family", ["trs_wcm.TrsWcm", "generic.Generic"])
def test_a_list_is_read_to_its_last_form(archive: Archive, web: Web, family: str) -> None:
    archive.portal(family=family)
    serve(web, lambda n: asp(n, 3).replace("List.aspx?cid=25", ""))
    (report,) = archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason, len(archive.links(look))) == (LookOutcome.OK, "", 12)
    assert (report.outcome, report.visits) == ("ok", 12)
    assert [asked.form.get("__EVENTARGUMENT") for asked in web.log if asked.path == "/nb/"] == [None, "2", "3"]
    assert [asked.form.get("__VIEWSTATE") for asked in web.log if asked.path == "/nb/"][1:] == ["/wE", "/wE"]


@pytest.mark.parametrize(
    ("pager", "stuck", "reason", "links"),
    [
        (field_pager(marked=True), 99, "", 12),
        (field_pager(marked=True), 1, "second_page_repeats_the_first", 4),  # the form does not turn the page
        (field_pager(marked=False), 99, "next_page_is_the_page_shown", 8),  # every page says that it is the first
        (lambda n: field_pager(marked=True)(n) + "<p>共50条</p>", 99, "12_of_50", 12),
        (lambda n: field_pager(marked=True)(n) + "<p>共12条</p>", 99, "", 12),
        (lambda n: field_pager(marked=True)(n) + "<p>第1页/共9页</p>", 99, "3_of_9_pages", 12),
        (lambda n: field_pager(marked=True)(n) if n == 1 else field_pager(marked=True)(0).replace("<b>0</b>", ""), 99,
         "pages_turned_by_script", 8),
    ],
    ids=["read", "stuck", "all_say_one", "more_printed", "all_printed", "more_pages_printed", "unmarked"],
)  # fmt: skip
def test_a_form_that_does_not_turn_the_page_is_no_end(
    archive: Archive, web: Web, pager: Callable[[int], str], stuck: int, reason: str, links: int
) -> None:
    archive.portal(family="generic.Generic")
    serve(web, pager, stuck=stuck)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.PARTIAL if reason else LookOutcome.OK, reason)
    assert len(archive.links(look)) == links
