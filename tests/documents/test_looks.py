"""Styles that are only about looks are left out before a page is parsed: what is read of it does not change."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from archive.documents.html import read
from archive.documents.markup.looks import without_looks
from archive.documents.pages import Limits, Pages

_LOOKS = (
    "font-family:仿宋_GB2312",
    "mso-pagination:widow-orphan;font-size:12.0pt",
    "mso-bidi-font-size: 16pt; line-height: 28pt;",
    "border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt",
    "text-align:center;color:black;font-weight:bold",
)
_MATTER = (
    "display:none",
    "font-family:宋体;mso-hide:all",
    "visibility:hidden",
    "font-size:0",
    "font-size:1pt",
    "color:transparent",
    "text-decoration:line-through",
    "text-indent:-9999px",
    "color:#fff",
    "width:0;overflow:hidden",
    "position:absolute",
    "background:url(7.png)",
)
_STYLES = st.sampled_from(_LOOKS * 4 + _MATTER)
_PIECES = st.tuples(st.sampled_from(("p", "span", "div", "b")), _STYLES, st.sampled_from(("12", "县", "", "1,234")))
_CELLS = st.lists(st.lists(_PIECES, max_size=3), min_size=1, max_size=4)


def _page(rows: list[list[list[tuple[str, str, str]]]], equals: str, more: str = "") -> bytes:
    """A page of a table; ``equals``: how "style" and its value are put together, ``more`` stands in its head."""
    cells = [["".join(_nested(piece, equals) for piece in cell) for cell in row] for row in rows]
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    filler = f'<p class="MsoNormal" style{equals}"font-family:宋体">一、总体情况</p>' * 30
    return f"<html><head>{more}</head><body>{filler}<table>{body}</table></body></html>".encode()


def _nested(piece: tuple[str, str, str], equals: str) -> str:
    tag, style, text = piece
    return f'<{tag} style{equals}"{style}"><span style{equals}"font-size:12pt;color:black">{text}</span></{tag}>'


@example([[[("p", _LOOKS[0], "")]], [[("p", _LOOKS[0], "12")]]], "")
@given(st.lists(_CELLS, min_size=1, max_size=5), st.sampled_from(("", "<style>span[style] {display: none}</style>")))
def test_a_page_is_read_as_it_is_with_all_its_styles(rows: list[list[list[tuple[str, str, str]]]], more: str) -> None:
    as_it_is = _page(rows, " = ", more)  # spelt so, styles are left where they are
    assert without_looks(as_it_is) == as_it_is
    assert _to_the_cell(read(_page(rows, "=", more), Limits())) == _to_the_cell(read(as_it_is, Limits()))


def _to_the_cell(pages: Pages) -> str:
    """All that was read, with the paths of paragraphs in a cell, which may be that of the cell, as the cell's.

    An empty paragraph that is all of a cell is an empty cell: where the table is mere layout, no line is blank for it.
    """
    all_read = re.sub(r", blanks=\d+", "", repr(pages))
    return re.sub(r"(td:nth-of-type\(\d+\)) > p:nth-of-type\(1\)( > span:nth-of-type\(1\))?", r"\1", all_read)


def test_a_cell_holds_the_text_of_its_only_paragraph_itself() -> None:
    styled = '<p style="font-size:9pt"><span style="color:black">{}</span></p>'
    one, two = styled.format("7"), styled.format("1") + styled.format("2")
    page = f"<table>{f'<tr><td>{one}</td><td rowspan=2>{one}</td><td>{two}</td></tr>' * 30}</table>"
    less = without_looks(page.encode()).decode()
    kept = "<p><span>1</span></p><p><span>2</span></p>"
    assert less == f"<table>{f'<tr><td>7</td><td rowspan=2>7</td><td>{kept}</td></tr>' * 30}</table>"
    assert b"<p><span>7" in without_looks(b"<style>td p {display: none}</style>" + page.encode())


def test_only_what_is_about_looks_goes() -> None:
    kept = [
        f'<td width="30" style="{style}">1</td>'
        for style in ("display:none", "mso-hide:all", "font-family:宋体;left:-999px")
    ]
    gone = [
        '<td style="font-family:宋体" valign="top">1</td>',
        '<p style="mso-pagination:none"><span lang="EN-US" style="font-size:9pt">2<o:p></o:p></span></p>',
    ]
    less = without_looks("".join(gone * 30 + kept).encode("gb18030")).decode("gb18030")
    assert less == '<td valign="top">1</td><p><span>2</span></p>' * 30 + "".join(kept)


def test_what_word_says_of_paragraphs_goes_but_where_a_rule_asks_for_it() -> None:
    word = (
        '<p class="MsoNormal" align="center" style="font-size:9pt"><span>7</span><span style="color:black"></span></p>'
    )
    assert without_looks((word * 30).encode()) == b"<p><span>7</span></p>" * 30
    rule = "<style>p.MsoNormal {display: none}</style>"
    assert without_looks((rule + word * 30).encode()).count(b'class="MsoNormal"') == 30
    assert without_looks((word.replace("<p ", '<p id="a" ') * 30).encode()).count(b'class="MsoNormal"') == 30


def test_a_second_style_of_an_element_never_comes_to_count() -> None:
    page = ('<td style="font-size:9pt" STYLE="display:none">7</td>' * 30).encode()
    assert without_looks(page) == page


def test_a_size_that_hides_outside_keeps_the_sizes_inside() -> None:
    page = ("<div STYLE='font-size: 0'>" + '<span style="font-size:12pt">7</span>' * 30 + "</div>").encode()
    assert without_looks(page) == page
