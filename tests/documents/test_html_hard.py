"""Pages as content systems mangle them: hidden copies, tables without <table>, broken markup, frames, pictures."""

# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

import base64
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from archive.documents.charset import decode
from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Pages, Paragraph, Table
from archive.parser import reader
from benchmarks.reading_files import sample
from imitation.documents.kinds import WRITERS
from tests.documents.helpers import lines, places, tables, texts

CHAPTERS = "<p>一、总体情况</p><p>本机关全年主动公开信息34条。</p><p>二、主动公开政府信息情况</p>{}<p>五、存在的主要问题</p><p>无。</p>"
GRID = [
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "1", "0", "7"],
    ["行政规范性文件", "5", "2", "30"],
]


def table(rows: list[list[str]]) -> str:
    return (
        "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"
    )


def read(body: str, head: str = "") -> Pages:
    return read_pages(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode())


def codes(page: Pages) -> list[str]:
    return [finding.code for finding in page.findings]


OTHER = [GRID[0], ["规章", "9", "9", "9"], ["行政规范性文件", "9", "9", "9"]]


@pytest.mark.parametrize(
    ("head", "opening"),
    [
        ("", "<div style='display:none'>"),
        ("", "<div style='DISPLAY : NONE'>"),
        ("", "<div style='visibility: hidden'>"),
        ("", "<div style='font-size:0px'>"),
        ("", "<div style='position:absolute;left:-9999px'>"),
        ("", "<div style='left:-999em;position:absolute'>"),
        ("", "<div style='text-indent:-999px'>"),
        ("", "<div style='display:/* */none'>"),
        ("", "<div style='color:transparent'>"),
        ("", "<div style='font-size:1px'>"),
        ("", "<div style='clip: rect(0 0 0 0);position:absolute'>"),
        ("", "<div style='height:0;overflow:hidden'>"),
        ("", "<div style='overflow-y:hidden;max-height:0px'>"),
        ("", "<div style='text-decoration:underline line-through'>"),
        ("<style>.old{text-decoration:line-through}</style>", "<div class=old>"),
        ("", "<div hidden>"),
        ("", "<div aria-hidden='true'>"),
        ("", "<div class='layui-hide'>"),
        ("", "<div title='a>b' style='display:none'>"),
        ("<style>.old{color:red} .old { display : none }</style>", "<div class='x old'>"),
        ("<style>#old, .y{display:none!important}</style>", "<div id=old>"),
        ("<style>@media screen{.tabs .pane{visibility:hidden}}</style>", "<div class=tabs><div class=pane>"),
        ("<style><!-- div.copy{display:none} --></style>", "<div class=copy>"),
        ("<style media='screen, print'>.copy{display:none}</style>", "<div class=copy>"),
        ("<style media='' type='TEXT/CSS'>.copy{display:none}</style>", "<div class=copy>"),
        ("<style media='not print'>.copy{display:none}</style>", "<div class=copy>"),
        ("<style media='(min-width: 600px)'>.copy{display:none}</style>", "<div class=copy>"),
        ("<style>.copy{display:none}</style><style media=print>.copy{display:block}</style>", "<div class=copy>"),
        ("<style>.copy{display:none}</style><style media=handheld>.copy{display:block}</style>", "<div class=copy>"),
    ],
)
def test_a_hidden_copy_never_wins(head: str, opening: str) -> None:
    closing = "</div>" * opening.count("<div")
    for body in (
        f"{opening}{CHAPTERS.format(table(OTHER))}{closing}{CHAPTERS.format(table(GRID))}",
        f"{CHAPTERS.format(table(GRID) + opening + table(OTHER) + closing)}",
    ):
        page = read(body, head)
        assert [texts(found) for found in tables(page)] == [GRID]
        assert "hidden_text" not in codes(page)


@pytest.mark.parametrize(
    "head",
    [
        "<style>@media print{.a{display:none}}</style>",
        "<style>@media (max-width: 600px){.a{display:none}}</style>",
        "<style>.a{display:none} div.a{display:block}</style>",
        "<style>.a:hover{display:none} .a .b{display:none} .b{display:none}</style>",
        "<style>/* .a{display:none} */</style>",
        "<style media=print>.a{display:none}</style>",
        "<style media='screen and (max-width:600px)'>.a{display:none}</style>",
        "<style media=' Speech , (max-width: 480px) '>.a{display:none}</style>",
        "<style media='not screen'>.a{display:none}</style>",
        "<style media='projection'>} .a{display:none}</style>",
        "<style type='text/x-template'>.a{display:none}</style>",
        "<style>@media only print{.a{display:none}}</style>",
        "<style>@media tv,{.a{display:none}}</style>",
        "<style>.a{display:none}</style><style>.b{color:red} /* open</style><style>.a{display:block}</style>",
        "<style>.a{display:none}</style><style>@media print{.b{color:red}</style><style>.a{display:block}</style>",
    ],
)
def test_what_a_screen_shows_is_not_hidden(head: str) -> None:
    page = read(f"<div class=a>{CHAPTERS.format(table(GRID))}</div>", head)
    assert [texts(found) for found in tables(page)] == [GRID]
    assert "hidden_text" not in codes(page)


@pytest.mark.parametrize(
    "opening",
    [
        "<div style='font-size:0'><div style='font-size:14px'>",
        "<div style='visibility:hidden'><div style='visibility:visible'>",
        "<div style='color:transparent'><div style='COLOR:#333'>",
        "<div style='overflow:hidden;height:auto'><div style='line-height:0;overflow:hidden'>",
        "<div style='background-color:transparent;text-decoration:none'><div style='font-size:1em;width:0'>",
    ],
)
def test_what_an_inner_style_brings_back_is_shown(opening: str) -> None:
    page = read(f"{opening}{CHAPTERS.format(table(GRID))}</div></div>")
    assert [texts(found) for found in tables(page)] == [GRID]
    assert "hidden_text" not in codes(page)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<span style='text-decoration:line-through'>896</span>57", "57"),
        ("<span style='mso-x:y;TEXT-DECORATION-LINE: line-through'>896</span>57", "57"),
        ("<span class=old>896</span>57", "57"),
        ("8<span style='width:0;height:0;overflow:hidden;display:inline-block'>1</span>96", "896"),
        ("<p style='font-size:0'><span style='font-size:14px'>896</span></p>", "896"),
        ("<i style='visibility:hidden'>1<b style='visibility:visible'>896</b></i>", "896"),
        ("<i style='visibility:hidden'><b style='visibility:visible'>89</b>57<b>1</b></i>6", "896"),
        ("<i style='visibility:hidden'><b><u style='visibility:visible'>896</u>1</b>2</i>", "896"),
        ("<i style='visibility:hidden'>1<b class=seen>896</b></i>", "896"),
        ("<i class=unseen>1<b class=seen>896</b>2</i>", "896"),
        ("<i class=unseen>1<b style='visibility:visible'>8<s>2</s>96</b></i>", "896"),
        ("<i class=unseen>1<b style='visibility:inherit'>896</b></i>", ""),
        ("<i style='visibility:hidden'>1<b style='visibility:visible'>896<u style='display:none'>3</u></b></i>", "896"),
        ("<i style='color:transparent'>1<b style='color:#333'>896</b></i>", "896"),
        ("<i style='font-size:0'>1<b style='font-size:14px'>896</b></i>", "896"),
        ("<i style='font-size:1px'>1<b style='font-size:14px'>896</b></i>", f"{UNREAD}896"),
        ("<span style='font:0/0 a'>9</span>896", "896"),
        ("<span style='FONT: italic bold 0px/1 serif'>9</span>896", "896"),
        ("<span style='font:0/0 a'>9<b style='font:14px/1 serif'>896</b></span>", "896"),
        ("<span style='font:normal 0.9em serif'>896</span>", "896"),
        ("<span style='font:italic 12px/0 a'>896</span>", "896"),
        ("<span style='font-size:calc(0px)'>9</span>896", "896"),
        ("<span style='font-size:calc(0px + 14px)'>896</span>", f"{UNREAD}896"),
        ("8<span style='width:0.1px;overflow:hidden;display:inline-block'>1</span>96", "896"),
        ("<span style='display:inline-block;width:0.5em;overflow:hidden'>8</span>96", "896"),
        ("8<span style='transform: translate(-5000px,0)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='transform:translate3d(0, 9999px, 0)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='translate: -5000px'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='transform:translate(-50%,-50px)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='scale: 0'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='scale:0.5'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='position:absolute;right:-5000px'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='margin-left:-99999px;position:relative'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='margin-left:-5.4pt'>1</span>96", "8196"),
        ("<span style='direction:rtl;unicode-bidi:bidi-override'>896</span>", f"{UNREAD}896"),
        ("<span style='unicode-bidi:normal'>896</span>", "896"),
        ("8<span style='mask-image:linear-gradient(transparent,transparent)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='mask:none'>1</span>96", "8196"),
        ("8<span style='position:relative;inset:0 auto auto -999em'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='translate: -999em'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='-webkit-text-fill-color:transparent'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='display:inline-block;height:0;overflow:clip'>1</span>96", "896"),
        ("<span style='position:relative;top:28px'>896</span>", f"{UNREAD}896"),
        ("<span style='bottom: -20pt; position: relative'>896</span>", f"{UNREAD}896"),
        ("<span style='position:relative;top:1pt'>896</span>", "896"),
        ("<span style='position:relative;border-top:20px'>896</span>", "896"),
        ("<span style='display:block;transform:translateY(-100%)'>896</span>", f"{UNREAD}896"),
        ("<span style='display:block;transform:translate(0, 40px)'>896</span>", f"{UNREAD}896"),
        ("<span style='display:block;transform:translateY(1px)'>896</span>", "896"),
        ("<span style='letter-spacing:-1em'>896</span>", f"{UNREAD}896"),  # one digit upon the other
        ("<span style='LETTER-SPACING: -12px'>896</span>", f"{UNREAD}896"),
        ("<span style='letter-spacing:-.5em'>896</span>", f"{UNREAD}896"),
        ("<span style='letter-spacing:-0.6pt'>896</span>", "896"),
        ("<span style='letter-spacing:-.05em'>896</span>", "896"),
        ("<span style='color:rgba(0, 0, 0, 0)'>9</span>896", "896"),
        ("<span style='color:hsla(0,0%,0%,.01)'>9</span>896", "896"),
        ("<span style='color:rgba(0,0,0,1)'>896</span>", "896"),
        ("<span style='opacity:.01'>9</span>896", "896"),
        ("<span style='opacity:.5'>896</span>", "896"),
        ("<noembed>9</noembed>896", "896"),
        ("<noframes>9</noframes>896", "896"),
        ("<span aria-hidden=true>896</span>", "896"),
        ("<bdo dir=rtl>698</bdo>", "\u202e698"),
        ("<bdo dir=ltr>896</bdo>", "896"),
    ],
)
def test_a_cell_says_what_is_to_be_seen_in_it(cell: str, text: str) -> None:
    rows = [GRID[0], ["规章", cell, *GRID[1][2:]], *GRID[2:]]
    sheet = "td .old{color:red;text-decoration:line-through} .unseen{visibility:hidden} .seen{visibility:visible}"
    page = read(CHAPTERS.format(table(rows)), f"<style>{sheet}</style>")
    assert texts(tables(page)[0])[1][1] == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("896<sub>3</sub>", "896[3]"),
        ("<p>896<a href='#n'><sub>3</sub></a></p>", f"896{UNREAD}3"),
        ("<sub>896</sub>", "896"),
        ("896<span style='vertical-align: SUPER'>3</span>", "896[3]"),
        ("896<span style='font-size:9pt;vertical-align:sub'><i>3</i></span>", "896[3]"),
        ("896<span style='vertical-align:5px;font-size:60%'>3</span>", f"896{UNREAD}3"),
        ("896<span style='position:relative;top:-6px;font-size:9px'>①</span>", "896①"),
        ("896<a style='mso-footnote-id:ftn1'><span class=MsoFootnoteReference>[1]</span></a>", "896[1]"),
        ("896<span class=MsoFootnoteReference>1</span>", "896[1]"),
        ("896<span class='fn'>1</span>", f"896{UNREAD}1"),
        ("896<b class=fn><i class=fn>1</i></b>", f"896{UNREAD}{UNREAD}1"),
        ("896<sup>1</sup><span class=fn>2</span>", f"896[1]{UNREAD}2"),
        ("896<span class=fn>1</span><span class=fn>2</span>", f"896{UNREAD}1{UNREAD}2"),
        ("896<span style='mso-text-raise:6pt'>1</span>", f"896{UNREAD}1"),
        ("896<span style='position:relative;top:-4pt;mso-text-raise:4pt'>1</span>", f"896{UNREAD}1"),
        ("<span style='mso-text-raise:1pt'>8</span><span style='mso-text-raise:1.0pt'>96</span>", "896"),
        ("<span style='vertical-align:super'>8</span><span style='vertical-align:super'>96</span>", f"{UNREAD}8[96]"),
        ("<span style='position:relative;top:1px'>896</span>", "896"),
        ("8<span style='mso-text-raise:0pt'>96</span>", "896"),
        ("8<span style='vertical-align:0.0em'>96</span>", "896"),
        ("8<span style='vertical-align:middle'>96</span>", "896"),
        ("8<span style='position:relative;top:0'>96</span>", "896"),
        ("8<br><span class=fn>96</span>", f"8 {UNREAD}96"),
        ("896<span class=printed>1</span>", "8961"),
        ("896<span class=fn>件</span>", "896件"),
    ],
)
def test_a_mark_that_a_style_raises_behind_a_figure_is_no_digit_of_it(cell: str, text: str) -> None:
    made = table([*GRID, ["其他", cell, "0", "0"]])
    sheet = ".fn{vertical-align:super;font-size:8px} sup,sub,img{vertical-align:2px} .printed{vertical-align:top}"
    for head in (f"<style>{sheet}</style>", f"<style>{sheet}</style>" + "<p style='text-align:left'>" * 30):
        page = read(CHAPTERS.format(made), head)
        assert " ".join(texts(tables(page)[0])[-1][1].split()) == text


def test_cells_grow_with_what_they_hold() -> None:
    page = read(CHAPTERS.format(table(GRID).replace("<td>", "<td style='width:0;overflow:hidden'>")))
    assert [texts(found) for found in tables(page)] == [GRID]


def test_a_report_that_is_only_hidden_is_read_and_told() -> None:
    page = read(f"<p>正在加载</p><div id=tab2 style='display:none'>{CHAPTERS.format(table(GRID))}</div>")
    assert [texts(found) for found in tables(page)] == [GRID]
    assert [f.found for f in page.findings if f.code == "hidden_text"] == ["#tab2"]


def test_chapters_in_tabs_come_out_with_a_finding() -> None:
    page = read(
        "<div class=con><div><p>一、总体情况</p><p>全年平稳，工作有序推进，各项任务完成。</p></div>"
        f"<div style='display:none'><p>二、主动公开政府信息情况</p>{table(GRID)}<p>五、存在的主要问题</p><p>人手不足，有待加强，明年改进。</p></div></div>"
    )
    assert lines(page)[0] == "一、总体情况"
    assert [texts(found) for found in tables(page)] == [GRID]
    assert "hidden_text" in codes(page)


def test_a_table_that_nothing_shown_repeats_is_revealed() -> None:
    rows = [["第二十条第（一）项", "", "", ""], *GRID]
    page = read(CHAPTERS.format(f"<div class=hide>{table(rows)}</div>"))
    assert [texts(found) for found in tables(page)] == [rows]
    assert "hidden_text" in codes(page)


def test_two_differing_visible_copies_both_come_out() -> None:
    page = read(f"<div>{CHAPTERS.format(table(GRID))}</div><div>{CHAPTERS.format(table(OTHER))}</div>")
    found = [texts(each) for each in tables(page)]
    assert GRID in found


FORM = [["第二十条第（一）项", "", "", ""], *GRID]
OTHER_FORM = [FORM[0], *OTHER]


@pytest.mark.parametrize(
    "around", ["<div>{}</div>", "<section><div>{}</div></section>", "<table><tr><td>{}</td></tr></table>"]
)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("said", [CHAPTERS, "<p>{}</p>"])
def test_a_form_beside_the_element_of_another_is_read_with_it(around: str, first: bool, said: str) -> None:
    bare, boxed = said.replace("<p>{}</p>", "{}").format(table(FORM)), around.format(CHAPTERS.format(table(OTHER_FORM)))
    page = read(bare + boxed if first else boxed + bare)
    found = [texts(each) for each in tables(page)]
    assert FORM in found
    assert OTHER_FORM in found


def test_a_form_in_another_cell_of_the_table_that_lays_out_the_page_is_read_too() -> None:
    page = read(f"<table><tr><td>{CHAPTERS.format(table(FORM))}</td><td>{table(OTHER_FORM)}</td></tr></table>")
    found = [texts(each) for each in tables(page)]
    assert FORM in found
    assert OTHER_FORM in found


@pytest.mark.parametrize("rows", [FORM, [FORM[0], FORM[1], ["规章", "", "", ""], ["行政规范性文件", "", "", ""]]])
def test_a_form_beside_the_element_with_the_same_figures_or_none_is_no_other(rows: list[list[str]]) -> None:
    page = read(f"<p>手机版</p>{table(rows)}<div>{CHAPTERS.format(table(FORM))}</div>")
    assert [texts(each) for each in tables(page)] == [FORM]
    assert "手机版" not in lines(page)


def _paragraphs(rows: list[list[str]]) -> str:
    return "".join(f"<p>{cell}</p>" for row in rows for cell in row)


MOST = [*FORM, ["第二十条第（五）项", "", "", ""], ["行政许可", "6", "", ""], ["本年新收政府信息公开申请", "8", "", ""]]
MOST_OTHER = [*OTHER_FORM, *MOST[-3:]]


@pytest.mark.parametrize(("rows", "held"), [(MOST, False), (MOST_OTHER, True)])
def test_a_form_without_a_table_beside_the_element_is_read_where_its_figures_differ(
    rows: list[list[str]], held: bool
) -> None:
    page = read(f"<p>手机版</p>{_paragraphs(rows)}<div>{CHAPTERS.format(table(MOST))}</div>")
    assert MOST in [texts(found) for found in tables(page)]
    assert ("手机版" in lines(page)) == held


def _boxes(rows: list[list[str]]) -> str:
    return "<div>" + "".join(f"<div>{''.join(f'<div>{c}</div>' for c in row)}</div>" for row in rows) + "</div>"


RECEIVED = ["一、本年新收政府信息公开申请数量", "8", "0", "1"]
ENTIRE = [*FORM, RECEIVED]


@pytest.mark.parametrize("write", [_paragraphs, _boxes])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("rows", "held"),
    [
        (OTHER_FORM, True),
        ([[*RECEIVED[:3], "2"]], True),
        (FORM, False),
        ([RECEIVED], False),
        ([RECEIVED[:2]], False),
        ([["关于第二十条第（一）项的说明", "2", "0", "2", "3"]], True),
        ([["解读：2023年第二十条第（一）项", "2", "0", "2", "3"]], False),
    ],
)
def test_one_table_of_the_form_without_a_table_beside_the_element_is_read_where_its_figures_differ(
    write: Callable[[list[list[str]]], str], rows: list[list[str]], *, first: bool, held: bool
) -> None:
    beside, whole = f"<p>手机版</p>{write(rows)}", f"<div>{CHAPTERS.format(table(ENTIRE))}</div>"
    page = read(beside + whole if first else whole + beside)
    assert ENTIRE in [texts(found) for found in tables(page)]
    assert ("手机版" in lines(page)) == held


@pytest.mark.parametrize("figure", ["8", "{}"])
def test_many_elements_with_all_of_a_report_are_compared_in_little_time(figure: str) -> None:
    """Compared each with the places of all, 4,000 took seven seconds."""
    boxes = "".join(f"<div>{CHAPTERS.format('<p>其他 ' + figure.format(n) + '</p>')}</div>" for n in range(4_000))
    begun = time.process_time()
    read(f"<div>{boxes}</div>")
    assert time.process_time() - begun < 5


def test_a_word_of_the_form_beside_the_element_is_no_table() -> None:
    page = read(f"<p>解读：第二十条第（一）项制发8件</p><div>{CHAPTERS.format(table(FORM))}</div>")
    assert [texts(each) for each in tables(page)] == [FORM]


@pytest.mark.parametrize(
    "around",
    [
        "<template>{}</template>",
        "<!-- {} -->",
        "<!--[if mso]>{}<![endif]-->",
        "<noscript>{}</noscript>",
        "<xml>{}</xml>",
    ],
)
def test_what_is_no_text_of_the_page_stays_out(around: str) -> None:
    page = read(around.format(table(OTHER)) + CHAPTERS.format(table(GRID)))
    assert [texts(found) for found in tables(page)] == [GRID]


def boxes(rows: list[list[str]], row: str, cell: str, around: str = "div") -> str:
    inner = "".join(
        f"<{row}>"
        + "".join(f"<{cell}>{text}</{cell.split(maxsplit=1)[0]}>" for text in line)
        + f"</{row.split(maxsplit=1)[0]}>"
        for line in rows
    )
    return f"<{around}>{inner}</{around.split(maxsplit=1)[0]}>"


@pytest.mark.parametrize(
    "grid",
    [
        boxes(GRID, "div style='display:table-row'", "div style='display:table-cell'", "div style='display:table'"),
        boxes(GRID, "div class='row'", "div class='col-3'"),
        boxes(GRID, "ul", "li"),
        boxes(GRID, "div", "span"),
        boxes(GRID, "div class=tr", "p"),
        "<div style='display:grid;grid-template-columns: repeat(4, 1fr)'>"
        + "".join(f"<div>{text}</div>" for row in GRID for text in row)
        + "</div>",
        "<div style='display:grid;grid-template-columns: 2fr 1fr 1fr 1fr'>"
        + "".join(f"<span>{text}</span>" for row in GRID for text in row)
        + "</div>",
    ],
)
def test_tables_of_boxes(grid: str) -> None:
    page = read(CHAPTERS.format(grid))
    found = tables(page)
    assert [texts(each) for each in found] == [GRID]
    assert found[0].ruled
    assert lines(page)[2:4] == ["二、主动公开政府信息情况", "五、存在的主要问题"]


def test_boxes_that_span_in_a_css_grid() -> None:
    grid = (
        "<div style='display:grid;grid-template-columns:repeat(3,1fr)'><div style='grid-column: span 3'>第二十条第（一）项</div>"
        "<div style='grid-row: span 2'>甲</div><div>1</div><div>2</div><div>3</div><div>4</div></div>"
    )
    assert places(tables(read(CHAPTERS.format(grid)))[0]) == {
        (0, 0, 1, 3, "第二十条第（一）项"),
        (1, 0, 2, 1, "甲"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
        (2, 1, 1, 1, "3"),
        (2, 2, 1, 1, "4"),
    }


def test_rows_of_boxes_that_differ_in_number_are_unruled() -> None:
    rows = [["第二十条第（一）项"], *GRID]
    found = tables(read(CHAPTERS.format(boxes(rows, "div class=row", "div class=cell"))))
    assert [not each.ruled for each in found] == [True]


def test_paragraphs_in_boxes_are_no_table() -> None:
    text = "<div><p>第一段，说明全年的工作情况。</p><p>第二段，说明存在的问题和改进的打算。</p></div>"
    page = read(CHAPTERS.format(text * 3))
    assert tables(page) == []


def test_a_preformatted_text_keeps_its_columns() -> None:
    page = read(CHAPTERS.format("<pre>信息内容\t制发\t废止\t有效\n规章\t1\t0\t7\n文件\t5\t2\t30</pre>"))
    found = tables(page)
    assert [texts(each) for each in found] == [
        [["信息内容", "制发", "废止", "有效"], ["规章", "1", "0", "7"], ["文件", "5", "2", "30"]]
    ]
    assert "pre" in str(found[0].cells[0].locator["css"])


@pytest.mark.parametrize("value", ["0", "100%", "-3", "2x", "１", "", "1.5"])
def test_odd_spans(value: str) -> None:
    found = tables(read(f"<table><tr><td colspan='{value}'>甲<td>1<td>2<tr><td>乙<td>3<td>4</table>"))[0]
    assert max(cell.col + cell.colspan for cell in found.cells) == found.cols
    assert [cell.text for cell in found.cells] == ["甲", "1", "2", "乙", "3", "4"]


def test_rows_that_begin_in_an_unclosed_block_are_rows() -> None:
    page = read("<table><tr><td><div>甲<td><div>1<tr><td><div>乙<td><div>2<tr><td><div>丙<td><div>3</table>")
    assert [texts(each) for each in tables(page)] == [[["甲", "1"], ["乙", "2"], ["丙", "3"]]]


def test_cells_outside_of_rows() -> None:
    assert texts(tables(read("<table><td>甲</td><td>1</td><tr><td>乙<td>2</tr></table>"))[0]) == [
        ["甲", "1"],
        ["乙", "2"],
    ]


def test_the_form_as_a_nest_of_tables() -> None:
    inner = table([["规章", "1"], ["文件", "2"]])
    page = read(
        f"<table><tr><td>{CHAPTERS.format(inner + '<p>段</p>' + table([['许可', '3'], ['处罚', '4']]))}</td></tr></table>"
    )
    assert [texts(each) for each in tables(page)] == [[["规章", "1"], ["文件", "2"]], [["许可", "3"], ["处罚", "4"]]]


def test_figures_in_form_fields() -> None:
    page = read(
        "<table><tr><td>甲<td><input value=5 disabled><td><input type=checkbox value=9><td><textarea readonly>7</textarea>"
        "<td><select><option>8<option selected>6</select><tr><td>乙<td><input style='display:none' value=3><td><td><td>1</table>"
    )
    assert texts(tables(page)[0]) == [["甲", "5", "", "7", "6"], ["乙", "", "", "", "1"]]


def test_labels_broken_by_markup() -> None:
    page = read(
        "<table><tr><td>本年新收<br>政府信<span>息公</span>开申请&nbsp;数量<td>3<tr><td><p>上年结转</p><p>数量</p><td><font><b>4</b></font></table>"
    )
    assert texts(tables(page)[0]) == [["本年新收\n政府信息公开申请\xa0数量", "3"], ["上年结转\n数量", "4"]]


def test_word_saved_as_a_page() -> None:
    data = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">'
        "<head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><!--[if gte mso 9]><xml><w:View>Print</w:View></xml><![endif]-->"
        "<style>p.MsoNormal{mso-style-parent:'';margin:0cm}</style></head><body lang=ZH-CN><div class=Section1>"
        "<!--[if gte vml 1]><v:shape><v:textbox><p>框</p></v:textbox></v:shape><![endif]-->"
        f"{CHAPTERS.format(table(GRID))}<p class=MsoNormal><span style='mso-hide:all'>藏</span><o:p>&nbsp;</o:p></p></div></body></html>"
    ).encode("gb18030")
    page = read_pages(data)
    assert page.kind == "html"
    assert [texts(each) for each in tables(page)] == [GRID]
    assert not any("藏" in line or "框" in line for line in lines(page))


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<iframe src='/nb/2024.html'></iframe>", "/nb/2024.html"),
        ("<frameset><frame src='sheet001.htm'></frameset>", "sheet001.htm"),
        ("<iframe src='/web/viewer.html?file=%2Fupload%2F2024.pdf'></iframe>", "/upload/2024.pdf"),
        ("<iframe src='/api/file-download?fileUrl=/cms/a.pdf'></iframe>", "/api/file-download?fileUrl=/cms/a.pdf"),
        ("<iframe src='/web/viewer.html#file=/upload/2024.pdf'></iframe>", "/upload/2024.pdf"),
        ("<iframe src='viewer.html?file=2024.pdf'></iframe>", "2024.pdf"),
        ("<iframe src='/js/pdfjs/web/viewer.html?file=2024.pdf#page=1'></iframe>", "/js/pdfjs/web/2024.pdf"),
        (
            "<iframe src='https://example.org/web/viewer.html?file=2024.pdf'></iframe>",
            "https://example.org/web/2024.pdf",
        ),
        ("<object data='a.pdf' type='application/pdf'></object>", "a.pdf"),
        ("<object><param name=src value='b.pdf'></object>", "b.pdf"),
        ("<embed src='/x/y.ofd'>", "/x/y.ofd"),
        ("<script>var pdf = '/files/2024.pdf';</script>", "/files/2024.pdf"),
    ],
)
def test_a_page_that_only_frames_the_report(html: str, url: str) -> None:
    page = read(f"<h1>某局2024年政府信息公开工作年度报告</h1>{html}")
    assert [(part.kind, part.url) for part in page.parts] == [("embed", url)]


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<a href='/d/1.wps'>报告</a>", "/d/1.wps"),
        ("<a href='/d/1?id=5'>2024年报告.xlsx</a>", "/d/1?id=5"),
        ("<a href='/web/viewer.html?file=%2Fa%2Fb.pdf'>查看</a>", "/a/b.pdf"),
        ("<a href=\"javascript:down('/a/b.docx')\">下载</a>", "/a/b.docx"),
        ("<a href='#' onclick=\"window.open('/a/c.pdf')\">下载</a>", "/a/c.pdf"),
        ("<a href='/download' download>下载</a>", "/download"),
        (
            "<a href='/x/downfile.jsp?classid=0&showname=%E6%8A%A5.pdf&filename=a1.pdf'>附件</a>",
            "/x/downfile.jsp?classid=0&showname=%E6%8A%A5.pdf&filename=a1.pdf",
        ),
    ],
)
def test_links_that_are_attachments(html: str, url: str) -> None:
    page = read(f"<div id=zoom><p>某局2024年政府信息公开工作年度报告见附件。</p><p>{html}</p></div>")
    assert [(part.kind, part.url) for part in page.parts] == [("attachment", url)]


def test_an_embedded_picture_stands_where_the_page_shows_it() -> None:
    image = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12
    data = base64.b64encode(image).decode()
    page = read(
        CHAPTERS.format(f"<p id=pic><img src='data:image/png;base64,{data}'></p>")
        + f"<img width=16 src='data:image/png;base64,{data}'>"
    )
    assert len(page.pictures) == 1
    picture = page.pictures[0]
    assert picture.source.load() == image
    assert picture.locator == {"css": "#pic > img:nth-of-type(1)"}
    before, behind = page.blocks[picture.at - 1], page.blocks[picture.at]
    assert isinstance(before, Paragraph)
    assert before.text == "二、主动公开政府信息情况"
    assert isinstance(behind, Paragraph)
    assert behind.text == "五、存在的主要问题"


@pytest.mark.parametrize(
    ("head", "count"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">2I", 50_000, 50_000), 1),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">2I", 16, 16), 0),
        (b"GIF89a" + struct.pack("<2H", 50_000, 50_000), 1),
        (b"\x89PNG", 0),
    ],
)
def test_a_short_picture_that_says_to_be_great_is_no_icon(head: bytes, count: int) -> None:
    """It is loaded like any other, and its refusal is told."""
    data = base64.b64encode(head.ljust(60, b"\0") if count else head).decode()
    assert len(read(CHAPTERS.format(f"<img src='data:image/png;base64,{data}'>")).pictures) == count


def test_a_picture_with_broken_base64_says_so() -> None:
    page = read(CHAPTERS.format(f"<img src='data:image/png;base64,{'A' * 3001}'>"))
    with pytest.raises(ValueError, match="base64"):
        page.pictures[0].source.load()


def test_links_of_the_site_within_the_text_are_furniture_and_sentences_are_not() -> None:
    text = "<p>工作有序推进，" + "各项任务按时完成，" * 30 + "成效明显。</p>"
    page = read(
        f"<div class=con>{CHAPTERS.format(text + '<ul><li><a href=/1>热点专题聚焦</a></li><li><a href=/2>便民服务大厅</a></li></ul>' + table(GRID))}"
        "<p><a href=/x>详见2024年度报告。</a></p></div>"
    )
    marked = [b.text for b in page.blocks if isinstance(b, Paragraph) and b.furniture]
    assert marked == ["热点专题聚焦", "便民服务大厅"]


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        (charset, declared)
        for charset in ("utf-8", "gbk", "gb18030", "utf-16", "utf-8-sig")
        for declared in ("utf-8", "gb2312", None)
    ]
    + [("big5", "big5")],
)
def test_charsets_whatever_is_declared(charset: str, declared: str | None) -> None:
    head = f"<meta charset='{declared}'>" if declared else ""
    body = "<p>一、总体情况</p><p>全年公文公告</p>" if charset != "big5" else "<p>一、總體情況</p><p>全年公文公告</p>"
    page = read_pages(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(charset))
    assert lines(page)[1] == "全年公文公告"
    assert codes(page) == []


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "ISO-8859-15"])
@pytest.mark.parametrize("damage", [b"", b"<p>\xff</p>"])
def test_a_charset_without_chinese_is_no_evidence_however_soundly_it_decodes(declared: str, damage: bytes) -> None:
    head = f"<html><head><meta charset='{declared}'></head><body>".encode()
    text = "全年主动公开政府信息的公文公告，收到和处理政府信息公开申请情况" * 8
    page = read_pages(head + f"<p>{text}</p>".encode("gbk") + damage)
    assert text in lines(page)[0]


@pytest.mark.parametrize("gbk", [1, 3, 9, 40])
@pytest.mark.parametrize("utf8", [0, 1, 3, 9, 40])
def test_of_two_charsets_in_one_page_the_sound_characters_decide(gbk: int, utf8: int) -> None:
    """Whatever stands first: a page that begins in GBK and goes on in UTF-8 is judged as a whole."""
    pieces = ["<p>公开".encode("gbk")] * gbk + ["<p>信息".encode()] * utf8
    for data in (b"".join(pieces), b"".join(reversed(pieces))):
        broken = data.decode("utf-8", "replace").count("\ufffd")
        sound = sum(not c.isascii() for c in data.decode("utf-8", "replace")) - broken
        assert decode(data).charset == ("utf-8" if sound > 4 * broken else "gb18030")


def test_a_few_broken_bytes_do_not_change_the_charset() -> None:
    data = f"<html><body>{CHAPTERS.format(table(GRID))}<p>{'公开' * 300}</p></body></html>".encode()
    cut = data.replace("无。".encode(), "无。".encode()[:-1])
    page = read_pages(cut)
    assert [texts(each) for each in tables(page)] == [GRID]
    assert codes(page) == ["charset_broken"]


_WORDS = st.sampled_from(
    ["规章", "12", "", "<br>0", "<p>甲</p><p>乙</p>", "<span>3</span>4", "<div>5</div>", "<!--x-->6", "<b>7</b> 8"]
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["td", "th"]), _WORDS, st.integers(0, 3)), min_size=2, max_size=5),
        min_size=2,
        max_size=6,
    ),
    st.sampled_from(
        [
            "{}",
            "<div id=a>{}</div>",
            "<div id=a></div><div id=a>{}</div>",
            "<center><form><x:y>{}</x:y></form></center>",
            "<p><font>文{}</font>",
        ]
    ),
    st.sampled_from(
        ["<table>{}</table>", "<table><tbody>{}</tbody></table>", "<table><tr><th>头<th>头</tr></table><table>{}"]
    ),
)
def test_every_css_path_selects_its_cell(rows: list[list[tuple[str, str, int]]], around: str, made: str) -> None:
    body = "".join("<tr>" + "".join(f"<{t} colspan={n}>{w}</{t}>" for t, w, n in row) + "</tr>" for row in rows)
    html = "<!DOCTYPE html><html><body>" + around.format(made.format(body)) + "<p>尾</p></body></html>"
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    page = read_pages(html.encode())
    located: list[tuple[str, str]] = []
    for block in page.blocks:
        if isinstance(block, Table):
            located += [(cell.text, str(cell.locator["css"])) for cell in block.cells]
        else:
            located.append((block.text, str(block.locator["css"])))
    assert located
    for text, css in located:
        chosen = tree.cssselect(css)
        assert len(chosen) == 1
        assert "".join(text.split()) in "".join("".join(chosen[0].itertext()).split())


@pytest.mark.parametrize(
    "body",
    [
        "<table>" + "<tr><td colspan=1000 rowspan=65534>1<td>2" * 20_000 + "</table>",
        "<style>"
        + "".join(f".c{n} .x{{display:none}}" for n in range(500))
        + "</style>"
        + "".join(f"<div class='c{n} x'>" for n in range(1500)),
        CHAPTERS.format("<p><a href=/x>热点</a>" * 20_000),
        "<script>var a='" + '<p>\\"' * 200_000 + "';</script>",
        "<div>" * 1_800 + "<b hidden>x</b>" * 20_000,
        CHAPTERS.format(
            "<div style='display:grid;grid-template-columns:repeat(50,1fr)'>"
            + "<div style='grid-row:span 999'>1</div>" * 2_000
            + "</div>"
        ),
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</p>",
    ],
)
def test_hostile_pages_end(body: str) -> None:
    page = read(body)
    assert page.kind == "html"
    assert len(page.blocks) <= 20_000


def test_many_inks_and_grounds_are_compared_in_little_time() -> None:
    said = [f"rgb({number % 256},{number // 256},3)" for number in range(5_000)]
    rows = "".join(f"<tr><td style='color:{one};background:{one}'>1</td></tr>" for one in said)
    rules = "".join(f".a{number} .b td{{background:#{number}}}" for number in range(100, 400))
    begun = time.process_time()
    read(f"<table>{rows}</table>", f"<style>{rules}</style>")
    assert time.process_time() - begun < 5


def test_cells_of_a_row_beyond_the_steps_written_once_have_paths_too() -> None:
    row = "".join(f"<td>{number}</td>" for number in range(130))
    page = read_pages(f"<!DOCTYPE html><html><body><table><tr>{row}</tr><tr>{row}</tr></table></body></html>".encode())
    cells = tables(page)[0].cells
    assert len(cells) == 260
    assert all(str(cell.locator["css"]).endswith(f" > td:nth-of-type({int(cell.text) + 1})") for cell in cells)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<img src='896.png'>", UNREAD),
        ("<p><svg><text>896</text></svg></p>", UNREAD),
        ("<math><mn>896</mn></math>", UNREAD),
        ("<iframe src='x.html'></iframe>", UNREAD),
        ("896<img src='896.png'>", "896" + UNREAD),
        ("8<img src='9.png'>96", "896" + UNREAD),
        ("896<img src='/images/spacer.gif'>", "896"),
        ("896件<img src='件.png'>", "896件"),
        ("<div style='background:url(896.png)'></div>", UNREAD),
        ("<img src='/images/spacer.gif'>", ""),
        ("<img src='x.png' width=1>", ""),
        ("<span style='display:none'><img src='896.png'></span>", ""),
        ("<script>document.write('896')</script>", UNREAD),
        ("<script>document.write('896')</script>896", "896"),
        ("<p> </p>", ""),
    ],
)
def test_a_cell_with_a_picture_alone_is_not_blank(cell: str, text: str) -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", cell, "0", "0"]])))
    assert texts(tables(page)[0])[-1] == ["其他", text, "0", "0"]


def test_pictures_in_a_row_without_text_are_no_figures() -> None:
    page = read(CHAPTERS.format(table([*GRID, ["<img src='a.png'>", "<img src='b.png'>"]])))
    assert texts(tables(page)[0])[-1] == ["", ""]


def test_a_row_of_pictures_alone_as_long_as_a_row_of_figures_is_not_blank() -> None:
    page = read(CHAPTERS.format(table([["结果维持"] * 5, ["<img src='7.png'>"] * 5])))
    assert texts(tables(page)[0])[-1] == [UNREAD] * 5


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("8<span style='color:white'>1</span>96", f"8{UNREAD}196"),
        ("8<font color='#FFFFFF'>1</font>96", f"8{UNREAD}196"),
        ("<p style='COLOR: rgb(255, 255, 255)'>896</p>", UNREAD + "896"),
        ("<span style='color:#fff'>件</span>896", "件896"),
        ("<span style='color:#fff;background:#000'>896</span>", "896"),
        ("<span style='background-color:white'>896</span>", "896"),
        ("<span style='color:#fff9c4'>896</span>", f"{UNREAD}896"),
        ("8<span style='color:hsl(0, 0%, 100%)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='color:HSLA(120deg 50% 100% / 1)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='color:rgb(100% 100% 100%)'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='color:#ffffffff !important'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='color:#fff0'>1</span>96", f"8{UNREAD}196"),
        ("8<span style='color:snow'>1</span>96", f"8{UNREAD}196"),
        ("<span style='color:white'>89.6</span>", UNREAD + "89.6"),
        ("<span style='color:#036;background:#003366'>896</span>", UNREAD + "896"),
        ("<span style='background: rgb(0, 0, 0)'>896</span>", UNREAD + "896"),
        ("<span style='color:red;background:rgb(255,0,0) none repeat'>896</span>", UNREAD + "896"),
        ("<span style='background:yellow'><font color=yellow>896</font></span>", UNREAD + "896"),
        ("<span style='color:white;background-color:transparent'>896</span>", UNREAD + "896"),
        ("<span style='color:hsl(0,0%,20%)'>896</span>", "896"),
        ("<span style='color:rgba(255,255,255,.5)'>896</span>", f"{UNREAD}896"),
        ("<span style='color:var(--white)'>896</span>", "896"),
        ("<span style='color:white;background:url(a.png)'>896</span>", "896"),
        ("<span style='color:white;background:#fff linear-gradient(red,red)'>896</span>", f"{UNREAD}896"),
        ("<span style='color:white;background-image:url(a.png)'>896</span>", "896"),
        ("<span style='color:white'><b style='color:black'>896</b></span>", f"{UNREAD}896"),
        ("<span style='background-color:black;color:#000;color:#fff'>896</span>", "896"),
        ("896<details>1</details>", "896"),
        ("<details><summary>896</summary></details>", "896"),
        ("<dialog>1</dialog>896", "896"),
        ("<dialog open>1</dialog>896", "1\n896"),
        ("<progress value=1>1</progress>896<meter>2</meter>", "896"),
        ("<span style='mso-hide:all'>1</span>896", f"{UNREAD}896"),
        ("<span style='mso-hide:all;display:none'>1</span>896", "896"),
        ("<span style='font-size:1px'>1</span>896", f"{UNREAD}896"),
        ("<span style='font-size:0px'>1</span>896", "896"),
    ],
)
def test_white_and_folded_pieces_of_a_cell(cell: str, text: str) -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", cell, "0", "0"]])))
    assert texts(tables(page)[0])[-1] == ["其他", text, "0", "0"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<span style='display:block'>8</span><span style='display:block'>96</span>", f"{UNREAD}8{UNREAD}96"),
        ("8<font style='FLOAT: right'>96</font>", f"8{UNREAD}96"),
        ("<div style='display:flex'><i>8</i><i>96</i></div>", f"{UNREAD}896"),
        ("<span class=own>8</span><span class=own>96</span>", f"{UNREAD}8{UNREAD}96"),
        ("<div class=row><span>8</span><span>96</span></div>", f"{UNREAD}896"),
        ("<span class=on>8</span><span>96</span>", "896"),
        ("<span style='display:inline-block'>8</span><span>96</span>", "896"),
        ("<span style='display:block'>896</span>", "896"),
        ("<p style='display:block'>896</p>", "896"),
    ],
)
def test_figures_on_lines_or_sides_of_their_own_are_not_one(cell: str, text: str) -> None:
    sheet = "<style>.own{display:block}.row{display:flex}.on{display:inline;color:red}</style>"
    page = read(CHAPTERS.format(table([*GRID, ["其他", cell, "0", "0"]])), sheet)
    assert texts(tables(page)[0])[-1] == ["其他", text, "0", "0"]


@pytest.mark.parametrize(
    "style",
    [
        "text-align:center;line-height:150%;mso-pagination:widow-orphan;layout-grid-mode:char;letter-spacing:-.2pt",
        "margin:0cm;margin-bottom:.0001pt;text-indent:28.0pt;mso-char-indent-count:2.0;text-autospace:none",
        "border:none;mso-border-left-alt:solid windowtext .5pt;padding:0cm 5.4pt 0cm 5.4pt;height:24.0pt;background:white",
        "COLOR: windowtext; FONT-SIZE: 10.0pt; mso-number-format:'0_ '; vertical-align:middle; width:54pt",
        "font:14px/1.5 tahoma, 宋体;color:#333;zoom:1;*zoom:1;_height:1%;width:100px\\9",
        "font-size: 小四; font-family: '\\5FAE\\8F6F', sans-serif; position: relative; top: 1pt; mso-text-raise: -1.0pt",
        "color: rgb(51, 51, 51); background-color: rgb(255, 255, 255); display: inline !important; float: none",
        "-webkit-text-stroke-width: 0px; text-decoration: none solid rgb(0, 0, 0); orphans: 2; text-wrap-mode: wrap",
        "font-size: var(--font); margin-inline-start: 0px; opacity: 1; transform: none; transition: all .3s",
        "background: rgb(242, 242, 242) none repeat; overflow: hidden; white-space: nowrap; text-overflow: ellipsis",
    ],
)
def test_styles_as_editors_write_them_leave_figures_certain(style: str) -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", f'<span style="{style}">896</span>', "0", "0"]])))
    assert texts(tables(page)[0])[-1] == ["其他", "896", "0", "0"]
    rule = f"<style>td, td span {{{style}}}</style>"
    page = read(CHAPTERS.format(table([*GRID, ["其他", "<span>8</span><span>96</span>", "0", "0"]])), rule)
    assert texts(tables(page)[0])[-1] == ["其他", "896", "0", "0"]


@pytest.mark.parametrize(
    ("table_says", "row_says", "cell_says", "seen"),
    [
        ("", "style='color:#fff'", "", False),
        ("style='color:white'", "", "", False),
        ("", "", "style='color:white'", False),
        ("", "bgcolor=#FFFF00", "style='color:yellow'", False),
        ("bgcolor=000080", "style='color:navy'", "", False),
        ("", "style='background:#036;color:#036'", "", False),
        ("bgcolor=red", "bgcolor=white", "style='color:#fff'", False),
        ("", "style='background:#036;color:#fff'", "", True),
        ("bgcolor=navy", "style='color:#fff'", "", False),
        ("", "bgcolor=#003366", "style='color:#fff'", False),
        ("background=a.png", "", "style='color:#fff'", False),
        ("", "style='color:#fff'", "class=elsewhere", False),
        ("", "class=dark", "style='color:#fff'", False),
        ("", "style='color:#fff'", "class=dark", False),
        ("", "style='color:#fff'", "style='color:#000'", False),
        ("", "", "style='color:#333;background:#fff'", True),
    ],
)
def test_figures_are_doubted_unless_one_style_says_that_their_colour_shows_on_its_ground(
    table_says: str, row_says: str, cell_says: str, *, seen: bool
) -> None:
    made = table(GRID).replace("<table>", f"<table {table_says}>").replace("</table>", "")
    made += f"<tr {row_says}><td>其他</td><td {cell_says}>896</td><td>0</td><td>0</td></tr></table>"
    page = read(CHAPTERS.format(made), "<style>.dark td, td.dark, .dark{background:#036}</style>")
    assert texts(tables(page)[0])[-1][1] == ("896" if seen else UNREAD + "896")


def test_a_folded_table_does_not_stand_for_one_that_is_shown() -> None:
    page = read("<details>" + CHAPTERS.format(table(OTHER)) + "</details>" + CHAPTERS.format(table(GRID)))
    assert [texts(made) for made in tables(page)] == [GRID]
    assert codes(page) == []
    page = read("<details>" + CHAPTERS.format(table(GRID)) + "</details>")
    assert [texts(made) for made in tables(page)] == [GRID]
    assert codes(page) == ["hidden_text"]
    page = read("<details open>" + CHAPTERS.format(table(GRID)) + "</details>")
    assert codes(page) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (".n::after{content:'6'}", UNREAD + "89"),
        ('table .n:before{color:red;content:"\\38"}', UNREAD + "89"),
        (".n::after{content:'\\e601'}", "89"),
        (".n::after{content:'件'}", "89"),
        (".m::after{content:'6'}", "89"),
        (".n::after{content:'020';display:block;height:0;visibility:hidden}", "89"),
        (".n::after{content:'6'} .n{display:none}", ""),
        ("@media (max-width:600px){.n::after{content:'6'}}", "89"),
    ],
)
def test_digits_that_a_style_sheet_adds_to_a_figure(rule: str, text: str) -> None:
    page = read(
        CHAPTERS.format(table([*GRID, ["其他", "<span class=n>89</span>", "0", "0"]])), f"<style>{rule}</style>"
    )
    assert texts(tables(page)[0])[-1] == ["其他", text, "0", "0"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (table([["896"]]), "896"),
        (table([["896", ""]]), "896"),
        (table([["", ""]]), ""),
        (table([["8", "96"]]), UNREAD),
        ("8" + table([["9", "6"]]), f"8\n{UNREAD}"),
        (table([["<img src='8.png'>", ""]]), UNREAD),
        ("<div>" * 1_500 + "896" + "</div>" * 1_500, "896"),
        ("<div>" * 2_500 + "896" + "</div>" * 2_500, UNREAD),
    ],
)
def test_what_is_nested_in_a_cell_is_not_blank(cell: str, text: str) -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", cell, "0", "0"]])))
    assert texts(tables(page)[0])[3][:2] == ["其他", text]
    assert ("limit_reached" in codes(page)) == (cell.count("<div>") > 2_000)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("[data-n]{display:none}", f"8{UNREAD}96"),
        ("td i[data-n='1']{visibility:hidden}", f"8{UNREAD}96"),
        ("td i[data-n='2']{display:none}", "896"),
        ("td i:nth-child(1){display:none}", f"8{UNREAD}96"),
        ("td i:nth-child(2n){display:none}", f"8{UNREAD}96"),
        ("td b+i{display:none}", "896"),
        ("td>i:not(.x){display:none}", f"8{UNREAD}96"),
        ("td>i:not(.n){display:none}", f"8{UNREAD}96"),
        (":is(.m,.n){display:none}", f"{UNREAD}8{UNREAD}96"),
        ("td{.n{display:none}}", f"8{UNREAD}96"),
        (".n{font-size:0}", f"8{UNREAD}96"),
        (".n{color:#fff}", f"8{UNREAD}96"),
        (".n{color:#fff;background:#000}", "896"),
        (".n{color:hsl(0,0%,100%)}", f"8{UNREAD}96"),
        (".n{color:#036;background:#003366}", f"8{UNREAD}96"),
        (".n{position:absolute;left:-9999px}", f"8{UNREAD}96"),
        (".n{position:absolute;right: -9999px}", f"8{UNREAD}96"),
        (".n{font:0/0 a}", f"8{UNREAD}96"),
        (".n{transform:translateX(-9999px)}", f"8{UNREAD}96"),
        (".n{direction:rtl;unicode-bidi:bidi-override}", f"8{UNREAD}96"),
        (".n{letter-spacing:-9px}", f"8{UNREAD}96"),
        (".n{letter-spacing:-1px}", "896"),
        ("td i{visibility:collapse}", "86"),
        (".n{-webkit-text-fill-color:transparent}", f"8{UNREAD}96"),
        (".n{position:relative;top:-28px}", f"8{UNREAD}96"),
        (".n{display:inline-block;line-height:0;height:0;overflow:clip}", f"8{UNREAD}96"),
        ("\\6e{} .\\6e {display:none}", "86"),
        (".\\n{opacity:0}", f"8{UNREAD}96"),
        (".o\\:n, .\\31 n, .md\\:n:hover{opacity:0}", "896"),
        (".n{text-indent:-600px;display:inline-block}", f"8{UNREAD}96"),
        (".n{text-indent:-24px}", "896"),
        (".n:hover{display:none} .n::selection{color:#fff}", "896"),
        (".menu i,.menu [data-n],.n .n{opacity:0}", "896"),
        ("@media (max-width:1600px){.n{display:none}}", f"8{UNREAD}96"),
        ("@media (max-width:768px){.n{display:none}}", "896"),
        ("@media print,screen{.n{display:none}}", "86"),
        ("@layer a{.n{display:none}}", "86"),
        ("@keyframes a{from{opacity:0} .n{opacity:0}}", "896"),
        ("i::before{content:attr(data-n)}", f"8{UNREAD}96"),
        ("i::before{content:attr(class)}", "896"),
        ("tr:nth-child(4){display:none}", f"{UNREAD}896"),
        ("tr:nth-child(9){display:none}", f"{UNREAD}896"),
    ],
)
def test_rules_that_are_not_settled_make_the_figures_they_may_mean_uncertain(rule: str, text: str) -> None:
    row = ["其他", "8<i class=n data-n=1>9</i>6", "0", "0"]
    page = read(CHAPTERS.format(table([*GRID, row])), f"<style>{rule}</style>")
    assert texts(tables(page)[0])[-1][1] == text


@pytest.mark.parametrize(
    ("rule", "doubted"),
    [
        ("td:nth-child(2){content-visibility:hidden}", True),
        ("td:nth-child(2){content-visibility:auto}", False),
        ("td:nth-child(2){filter:opacity(0)}", True),
        ("td:nth-child(2){filter:opacity(1)}", False),
        ("td:nth-child(2){zoom:.001}", True),
        ("td:nth-child(2){zoom:1}", False),
        ("td:nth-child(2){max-height:0;overflow:hidden;display:block}", True),
        ("td:nth-child(2){max-height:0;overflow:hidden}", False),
        ("td:nth-child(2){display:var(--d)}", True),
        ("td:nth-child(2){color:#fff}", True),
        ("td{color:#333} td:nth-child(2){color:white}", True),
        ("td:nth-child(2){color:#fff} table td:nth-child(2){color:#000}", True),
        ("table{background:#036} td{color:#fff}", True),
        ("td{background:#fff} td:nth-child(2){color:#fff}", True),
    ],
)
def test_whole_cells_that_a_rule_may_hide_are_uncertain(rule: str, *, doubted: bool) -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", "896", "0", "0"]])), f"<style>{rule}</style>")
    assert (texts(tables(page)[0])[-1][1] != "896") == doubted
    assert (UNREAD in texts(tables(page)[0])[-1][1]) == doubted


@pytest.mark.parametrize(
    ("style", "doubted"),
    [
        ("content-visibility:hidden", True),
        ("filter:opacity(0)", True),
        ("zoom:.001", True),
        ("zoom:1", False),
        ("max-height:0;overflow:hidden;display:block", True),
        ("display:var(--d)", True),
        ("transform:scale(0)", True),
    ],
)
def test_cells_whose_own_style_hides_them_are_uncertain(style: str, *, doubted: bool) -> None:
    made = table([*GRID, ["其他", "896", "0", "0"]]).replace("<td>896", f"<td style='{style}'>896")
    assert (UNREAD in texts(tables(read(CHAPTERS.format(made)))[0])[-1][1]) == doubted


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("media=print", "89"),
        ("media='screen and (max-width: 600px)'", "89"),
        ("media='(max-width: 1500px)'", f"{UNREAD}89"),
        ("media=print onload='this.media=\"all\"'", f"{UNREAD}89"),
        ("media=screen", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize(
    "sheet", [".n{display:none}", ".m{color:red}} .n{display:none}", "@media all{.n{display:none}"]
)
def test_a_sheet_is_judged_by_its_media_as_by_a_query_around_it(sheet: str, said: str, text: str) -> None:
    made = table([*GRID, ["其他", "<span class=n>89</span>", "0", "0"]])
    page = read(CHAPTERS.format(made), f"<style {said}>{sheet}</style>")
    assert texts(tables(page)[0])[-1][1] == text


def test_what_pops_up_is_not_shown() -> None:
    page = read(CHAPTERS.format(table([*GRID, ["其他", "8<i popover>9</i>6", "0", "0"]])))
    assert texts(tables(page)[0])[-1][1] == "86"


@pytest.mark.parametrize(
    ("rule", "cell", "row"),
    [
        ("", "<td style='display:none'>7", ["其他", "8", "9"]),
        ("", "<td hidden>7", ["其他", "8", "9"]),
        (".n{display:none}", "<td class=n>7", ["其他", "8", "9"]),
        ("", "<td style='visibility:hidden'>7", ["其他", UNREAD, "8", "9"]),
        ("", "<td style='text-indent:-999px'>7", ["其他", UNREAD, "8", "9"]),
        ("", "<td style='opacity:0'> <i>7</i>", ["其他", UNREAD, "8", "9"]),
        ("", "<td style='visibility:hidden'>", ["其他", "", "8", "9"]),
        (".n{visibility:hidden}", "<td class=n>7", ["其他", UNREAD, "8", "9"]),
        (".n{visibility:hidden} td.n{display:none}", "<td class=n>7", ["其他", "8", "9"]),
    ],
)
def test_a_hidden_cell_moves_the_others_only_where_it_takes_no_room(rule: str, cell: str, row: list[str]) -> None:
    page = read(CHAPTERS.format(f"<table><tr><td>其他{cell}<td>8<td>9</table>"), f"<style>{rule}</style>")
    assert texts(tables(page)[0]) == [row]


def test_grounds_that_draw_figures_and_those_that_are_ornaments() -> None:
    head = "<style>.n{background:url(n.png) -10px 0} td{background:url(line.gif)}</style>"
    rows = [*GRID, ["<i class=n></i>其他", "<i class=n></i>", "0", ""]]
    made = table(rows).replace("<td></td>", "<td background='p.gif'></td>").replace("<td>0", "<td background='p.gif'>0")
    page = read(CHAPTERS.format(made), head)
    assert texts(tables(page)[0])[-1] == ["其他", UNREAD, "0", ""]


@pytest.mark.parametrize(
    "rule",
    [
        ":is(" * 50 + "a" + ")" * 50,
        ":not(:not(" * 20 + "a" + "))" * 20,
        "a" + "[b" * 2_000,
        "td " * 2_000 + "i",
        "i:nth-child(99999999999n+1)",
        "i + " * 6 + "i",
        ",".join(["[a~='b']"] * 500),
    ],
)
def test_senseless_selectors_end(rule: str) -> None:
    page = read(
        CHAPTERS.format(table([*GRID, ["其他", "8<i>9</i>6", "0", "0"]])), f"<style>{rule}{{opacity:0}}</style>"
    )
    assert texts(tables(page)[0])[-1][0] == "其他"


@pytest.mark.parametrize("span", ['colspan="3"', 'colspan="6"', ""])
def test_a_table_of_one_row_in_a_cell_over_its_columns_is_a_part_of_that_row(span: str) -> None:
    inner = "<table><tr><td>1</td><td></td><td>3</td></tr></table>"
    labels = "甲乙丙丁戊己庚"
    rows = "".join(f"<tr><td>{label}</td><td {span}>{inner}</td></tr>" for label in labels)
    (table,) = tables(read(f"<table>{rows}</table>"))
    assert texts(table) == [[label, "1", "", "3"] for label in labels]


def test_what_is_set_at_a_place_of_its_own_is_a_line_of_its_own() -> None:
    placed = "".join(
        f'<span style="position:absolute;left:{at}px">{text}</span>' for at, text in ((9, "2"), (60, "四、乙"))
    )
    assert lines(read(f"<div>{placed}<span>丙</span><span>丁</span></div>")) == ["2", "四、乙", "丙丁"]
    (table,) = tables(read(f"<table><tr><td>甲</td><td>{placed}</td></tr><tr><td>1</td><td>2</td></tr></table>"))
    assert texts(table)[0] == ["甲", "2四、乙"]


@pytest.mark.parametrize(
    "cell",
    [
        "<s>896</s>",
        "<del><b>896</b></del>",
        "<span style='text-decoration:line-through'>896</span>",
        "<span class=old>896</span>",
    ],
)
def test_what_is_crossed_out_is_told_with_its_cell(cell: str) -> None:
    """As a whole and in part; what is hidden, or stands outside of the report, is not."""
    rows = [GRID[0], ["规章", cell, f"5{cell}", "<i style='display:none'>7</i>8"], GRID[2]]
    pages = read(CHAPTERS.format(table(rows)), "<style>.old{text-decoration:line-through}</style>")
    held = [one for block in tables(pages) for one in block.cells if "struck" in one.locator]
    assert [(one.text, one.locator["struck"]) for one in held] == [("", "896"), ("5", "896")]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "896896")]


@pytest.mark.parametrize("end", ["<td>", "<td ", '<td class="a', "<td><p>", "<td>8", "<TD>"])
def test_a_page_that_breaks_off_in_a_cell_says_that_more_stood_there(end: str) -> None:
    whole = CHAPTERS.format(table(GRID))
    begun = whole[: whole.rindex("<td>30")]
    cut = read_pages(f"<html><body>{begun}{end}".encode())
    assert codes(cut) == ["document_damaged"]
    assert tables(cut)[-1].cells[-1].text in (UNREAD, f"8{UNREAD}", f"2{UNREAD}")
    assert not codes(read_pages(f"<html><body>{begun}<td>30</table>".encode()))
    assert not codes(read_pages(f"<html><body>{whole.replace('</td>', '').replace('</tr>', '')}".encode()))


@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("<p>本年度没有收取", True),
        ("<p>本年度没有收取。</p><p>", True),
        ("<p>本年度没有收取。</p><span style='co", True),
        ("<p>本年度没有收取。</p>", False),
        ("<p>本年度没有收取。<br>", False),
        ("<p>本年度没有收取。</body></html><!-- 8 --> 0.02s", False),
    ],
)
def test_a_page_that_breaks_off_in_its_text_is_told(end: str, cut: bool) -> None:
    whole = CHAPTERS.format(table(GRID)) + "<p></p>"
    assert codes(read_pages(f"<html><body>{whole}{end}".encode())) == ["document_damaged"] * cut
    assert not codes(read_pages(f"{whole}{end}".encode()))


@pytest.mark.parametrize(("end", "cut"), [("无。", False), ("无", False), ("本年度没有收取", True)])
def test_a_page_that_never_shuts_a_paragraph_ends_with_its_last_sentence(end: str, cut: bool) -> None:
    page = f"<html><body>{CHAPTERS.format(table(GRID))}<p>六、其他需要报告的事项<p>{end}".replace("</p>", "")
    assert codes(read_pages(page.encode())) == ["document_damaged"] * cut


def test_readings_above_characters_are_none_of_the_figure() -> None:
    [grid] = tables(read("<table><tr><td>规章</td><td><ruby>0<rp>(</rp><rt>7</rt><rp>)</rp></ruby></td></tr></table>"))
    assert texts(grid) == [["规章", "0"]]


@pytest.mark.parametrize(
    ("broken", "by"),
    [("</table>", ""), ("</tr>", "</tr></body>"), ("</tr>", "</tr></p></div></body></html>")],
    ids=["a table never closed", "the page closed within a table", "the page closed twice"],
)
def test_tables_that_a_browser_shows_are_read(broken: str, by: str) -> None:
    whole = sample(1)
    page = WRITERS["html"](whole.title, whole.blocks).decode()
    at = page.index(broken)
    reading = reader.read(f"{page[:at]}{by}{page[at + len(broken) :]}".encode())
    assert {name: cell.value for name, cell in reading.cells.items()} == whole.truth
