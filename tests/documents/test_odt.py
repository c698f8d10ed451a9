"""OpenDocument text: what is printed is read, what is hidden or deleted is not, what is not text is no blank."""

from __future__ import annotations

import io
import zipfile

import pytest

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits, Pages, Paragraph, Table
from imitation.documents.opentext import odt, packed

_SHOWN = (
    '<style:style style:name="gone" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="struck" style:family="text">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="white" style:family="text"><style:text-properties fo:color="#FFFFFF"/></style:style>'
    '<style:style style:name="up" style:family="text">'
    '<style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="shifted" style:family="text">'
    '<style:text-properties style:text-position="33% 100%"/></style:style>'
    '<style:style style:name="down" style:family="text">'
    '<style:text-properties style:text-position="sub 58%"/></style:style>'
    '<style:style style:name="small" style:family="text">'
    '<style:text-properties style:text-position="-12% 60%"/></style:style>'
    '<style:style style:name="lower" style:family="text">'
    '<style:text-properties style:text-position="-12% 100%"/></style:style>'
    '<style:style style:name="gone2" style:family="paragraph" style:parent-style-name="base"/>'
    '<style:style style:name="back" style:family="text"><style:text-properties text:display="true"/></style:style>'
)
_BASE = (
    '<style:style style:name="base" style:family="paragraph"><style:text-properties text:display="none"/></style:style>'
)


def pages(body: str, limits: Limits | None = None) -> Pages:
    return read_pages(packed(body, automatic=_SHOWN, styles=_BASE), limits)


def texts(body: str) -> list[str]:
    return [block.text for block in pages(body).blocks if isinstance(block, Paragraph)]


def cell(inner: str) -> str:
    """What is read of a cell beside a label."""
    row = f"<table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>{inner}</table:table-row>"
    (table,) = pages(f"<table:table>{row}</table:table>").blocks
    assert isinstance(table, Table)
    return next(found.text for found in table.cells if found.col == 1)


def in_cell(inner: str) -> str:
    return cell(f"<table:table-cell><text:p>{inner}</text:p></table:table-cell>")


@pytest.mark.parametrize(
    ("inner", "read"),
    [
        ("<text:list><text:list-item><text:p/></text:list-item></text:list>", UNREAD),
        ("<text:list><text:list-item><text:p>5</text:p></text:list-item></text:list>", "5"),
        ("<text:list><text:list-header><text:p/></text:list-header></text:list>", ""),
    ],
)
def test_a_cell_of_nothing_but_the_number_of_a_list_is_not_blank(inner: str, read: str) -> None:
    assert cell(f"<table:table-cell>{inner}</table:table-cell>") == read


@pytest.mark.parametrize(
    ("inner", "read"),
    [
        ('甲<text:s text:c="3"/>乙', "甲   乙"),
        ("甲<text:tab/>乙<text:line-break/>丙", "甲\t乙\n丙"),
        ('1<text:span text:style-name="gone">2</text:span>3', "13"),
        ('1<text:span text:style-name="struck">2</text:span>3', "13"),
        ('31<text:span text:style-name="up">2</text:span>', "31[2]"),
        ('31<text:span text:style-name="shifted">2</text:span>', "31²"),
        ('31<text:span text:style-name="down">2</text:span>', "31[2]"),
        ('31<text:span text:style-name="small">2</text:span>', "31[2]"),
        ('31<text:span text:style-name="lower">2</text:span>', "312"),
        ('8<text:change text:change-id="c1"/><text:change-start text:change-id="c2"/>9<text:change-end/>', "89"),
        ("8<office:annotation><text:p>批注 5</text:p></office:annotation>9", "89"),
        ("8<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p></text:note-body>"
         "</text:note>", "8[1]"),
        ('8<text:hidden-text text:is-hidden="true" text:string-value="7"/>', "8"),
        ("<text:ruby><text:ruby-base>公</text:ruby-base><text:ruby-text>gōng</text:ruby-text></text:ruby>开", "公开"),
        ("8\n  9", "8   9"),
    ],
)  # fmt: skip
def test_what_a_paragraph_prints(inner: str, read: str) -> None:
    assert texts(f"<text:p>{inner}</text:p>") == [read]


def test_what_is_struck_out_in_a_cell_is_told_with_it() -> None:
    inner = '<text:p><text:span text:style-name="struck">135</text:span></text:p>'
    row = f"<table:table-row><table:table-cell>{inner}</table:table-cell></table:table-row>"
    found = pages(f"<table:table>{row * 2}</table:table>")
    (table,) = (block for block in found.blocks if isinstance(block, Table))
    assert [(cell.text, cell.locator.get("struck")) for cell in table.cells] == [("", "135")] * 2
    assert [(said.code, said.found) for said in found.findings] == [("struck_out", "135135")]


def test_headings_lists_and_sections() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>删去</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="2"><text:number>一、</text:number>总体情况</text:h>'
        "<text:list><text:list-item><text:number>1.</text:number><text:p>条目</text:p></text:list-item></text:list>"
        '<text:section text:display="none"><text:p>藏起来的</text:p></text:section>'
        '<text:section text:display="condition" text:is-hidden="true"><text:p>藏起来的</text:p></text:section>'
        "<text:section><text:p>露出来的</text:p></text:section>"
        '<text:p text:style-name="gone2">藏起来的<text:span text:style-name="back">露</text:span></text:p>'
    )
    blocks = [block for block in pages(body).blocks if isinstance(block, Paragraph)]
    assert [(block.text, block.heading) for block in blocks] == [
        ("一、总体情况", 2), ("1.条目", 0), ("露出来的", 0), ("露", 0),
    ]  # fmt: skip


def test_merged_repeated_and_header_rows() -> None:
    body = (
        '<table:table><table:table-column table:number-columns-repeated="3"/><table:table-header-rows>'
        '<table:table-row><table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="9">'
        "<text:p>甲</text:p></table:table-cell><table:covered-table-cell/><table:table-cell><text:p>乙</text:p>"
        "</table:table-cell></table:table-row></table:table-header-rows><table:table-row>"
        '<table:covered-table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>丙</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    (table,) = pages(body).blocks
    assert isinstance(table, Table)
    assert (table.rows, table.cols) == (2, 3)
    assert [(c.row, c.col, c.rowspan, c.colspan, c.text) for c in table.cells] == [
        (0, 0, 2, 2, "甲"), (0, 2, 1, 1, "乙"), (1, 2, 1, 1, "丙"),
    ]  # fmt: skip


def test_cells_that_claim_the_same_place_do_not_overlap() -> None:
    tall = '<table:table-cell table:number-rows-spanned="3"><text:p>1</text:p></table:table-cell>'
    row = f"<table:table-row>{tall}<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row>"
    (table,) = pages(f"<table:table>{row * 2}</table:table>").blocks
    assert isinstance(table, Table)
    assert [(c.row, c.col, c.rowspan) for c in table.cells] == [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)]


_PICTURE = '<draw:frame text:anchor-type="{}"><draw:image xlink:href="Pictures/1.png"/></draw:frame>'


@pytest.mark.parametrize(
    ("inner", "read"),
    [
        ('8<text:span text:style-name="white">9</text:span>', f"8{UNREAD}9"),
        (_PICTURE.format("char"), UNREAD),
        (f"8{_PICTURE.format('as-char')}96", f"8{UNREAD}96"),
        (f"896{_PICTURE.format('paragraph')}", "896"),
        ("<draw:frame><draw:text-box><text:p>7</text:p></draw:text-box></draw:frame>", "7"),
    ],
)
def test_what_is_not_surely_text_in_a_cell_is_no_figure_and_no_blank(inner: str, read: str) -> None:
    assert in_cell(inner) == read


def test_a_table_in_a_cell_leaves_the_cell_unread_and_stands_behind() -> None:
    inner = "<table:table-row>" + "<table:table-cell><text:p>5</text:p></table:table-cell>" * 2 + "</table:table-row>"
    held = f"<table:table-cell><table:table>{inner}</table:table></table:table-cell>"
    row = f"<table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>{held}</table:table-row>"
    outer, nested = pages(f"<table:table>{row}</table:table>").blocks
    assert isinstance(outer, Table)
    assert isinstance(nested, Table)
    assert [c.text for c in outer.cells] == ["甲", UNREAD]
    assert [c.text for c in nested.cells] == ["5", "5"]


def test_limits_are_told() -> None:
    row = "<table:table-row><table:table-cell><text:p>1</text:p></table:table-cell></table:table-row>"
    told = pages(f"<table:table>{row * 50}</table:table>", Limits(cells=10))
    assert [found.code for found in told.findings] == ["limit_reached"]
    deep = "<text:p>1</text:p>"
    for _ in range(9):
        deep = (
            f"<table:table><table:table-row><table:table-cell>{deep}</table:table-cell></table:table-row></table:table>"
        )
    assert [found.code for found in pages(deep, Limits(depth=4)).findings] == ["limit_reached"]


def test_repeated_rows_in_repeated_rows_cost_no_more_than_the_limit() -> None:
    body = "<text:p>1</text:p>"
    for _ in range(12):
        body = (
            '<table:table><table:table-row table:number-rows-repeated="200"><table:table-cell '
            f'table:number-columns-repeated="200">{body}</table:table-cell></table:table-row></table:table>'
        )
    told = pages(body, Limits(cells=500))
    assert "limit_reached" in {found.code for found in told.findings}


def test_what_cannot_be_read() -> None:
    whole = odt("题", ["正文。"])
    assert read_pages(whole).unreadable == ""
    assert read_pages(whole).title == "题"
    locked = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    assert read_pages(packed("", manifest=locked)).unreadable == "encrypted"
    assert read_pages(packed("")).unreadable == "empty"
    assert read_pages(packed(_PICTURE.format("char").join(("<text:p>", "</text:p>")))).unreadable == "needs_ocr"
    torn = read_pages(whole[:-200])
    assert torn.kind == "odt"
    assert [found.code for found in torn.findings] == ["document_damaged"]


def test_half_a_figure_is_no_figure() -> None:
    head = "<table:table><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell>"
    broken = read_pages(packed(f"{head}<table:table-cell><text:p>12<"))
    assert [found.code for found in broken.findings] == ["document_damaged"]
    (table,) = broken.blocks
    assert isinstance(table, Table)
    assert [c.text for c in table.cells][1].endswith(UNREAD)


def flat(kind: str, body: str) -> bytes:
    """One file of XML in place of a package."""
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{urn}{name}:1.0"' for name in ("office", "table", "text"))
    mime = f'office:mimetype="application/vnd.oasis.opendocument.{kind}"'
    part = "text" if kind == "text" else "spreadsheet"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n\n<office:document {spaces} office:version="1.2" {mime}>'
        f"<office:body><office:{part}>{body}</office:{part}></office:body></office:document>"
    ).encode()


def test_flat_files_are_read_as_their_packages_are() -> None:
    row = "".join(
        f"<table:table-cell office:value-type='string'><text:p>{text}</text:p></table:table-cell>" for text in "甲乙"
    )
    table = f"<table:table table:name='一'><table:table-row>{row}</table:table-row></table:table>"
    for kind, name in (("text", "odt"), ("spreadsheet", "ods")):
        read = read_pages(flat(kind, table))
        assert (read.kind, read.unreadable) == (name, "")
        (block,) = read.blocks
        assert isinstance(block, Table)
        assert [found.text for found in block.cells] == ["甲", "乙"]


def test_a_package_that_was_packed_again_is_what_it_was() -> None:
    """Its type stands neither first nor as it is, as a tool leaves it that knows nothing of such packages."""
    whole = odt("某局报告", ["一、总体情况"])
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            new.writestr(name, old.read(name))
    read = read_pages(again.getvalue())
    assert read.kind == "odt"
    assert read.blocks == read_pages(whole).blocks
