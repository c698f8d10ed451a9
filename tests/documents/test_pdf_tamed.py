"""Patterns of no step and forms that name themselves are taken out before pdfium draws them, and told; so are pages of
which a picture would cost too much."""

from __future__ import annotations

import pytest

from archive.documents.kinds import read_pages
from archive.documents.pdfium.tamed import tamed

WORDS = b"BT /F 12 Tf 50 800 Td (The report of a bureau in 2023) Tj ET "


def written(content: bytes, resources: bytes, *more: bytes) -> bytes:
    """A PDF of one page; ``more``: its objects from the fifth on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
    page += b"/Subtype/Type1/BaseFont/Helvetica>>>>%b>>>>" % resources
    stream = b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream, *more)
    body, places = b"%PDF-1.7\n", b""
    for number, said in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, said)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, places)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return body + table + tail


def form(resources: bytes, content: bytes = b"/X Do /X Do /X Do") -> bytes:
    said = b"<</Type/XObject/Subtype /Form/BBox[0 0 600 900]%b/Length %d>>stream\n%b\nendstream"
    return said % (resources, len(content), content)


def pattern(step: bytes, matrix: bytes = b"") -> bytes:
    said = b"<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep %b/YStep %b%b/Resources<<>>/Length 12>>"
    return said % (step, step, matrix) + b"stream\n0 0 1 1 re f\nendstream"


@pytest.mark.parametrize(
    "more",
    [
        (form(b"/Resources<</XObject<</X 5 0 R>>>>"),),
        (form(b"/Resources<</XObject<</X 6 0 R>>>>"), form(b"/Resources<</XObject<</X 5 0 R>>>>")),
        (form(b"/Resources 6 0 R"), b"<</XObject<</X 5 0 R>>>>"),
    ],
    ids=["itself", "each other", "by resources"],
)
def test_a_form_within_itself_costs_its_page_nothing_else(more: tuple[bytes, ...]) -> None:
    pages = read_pages(written(WORDS + b"/X Do", b"/XObject<</X 5 0 R>>", *more))
    assert [found.code for found in pages.findings] == ["limit_reached"]
    assert any("bureau" in str(block) for block in pages.blocks)


def test_forms_within_others_are_left_as_they_are() -> None:
    inner = form(b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>", WORDS)
    outer = form(b"/Resources<</XObject<</X 6 0 R/Y 6 0 R>>>>", b"/X Do")
    data = written(b"/X Do", b"/XObject<</X 5 0 R>>", outer, inner)
    assert tamed(data) == (data, 0)
    assert any("bureau" in str(block) for block in read_pages(data).blocks)


@pytest.mark.parametrize(
    ("step", "matrix", "places"),
    [
        (b".001", b"", 2),
        (b"1", b"/Matrix[.001 0 0 .001 0 0]", 2),
        (b"4", b"/Matrix[.5 0 0 .5 0 0]", 0),
        (b"1.5", b"", 0),
    ],
)
def test_a_pattern_of_no_step_is_not_painted(step: bytes, matrix: bytes, places: int) -> None:
    data = written(WORDS + b"/Pattern cs /P scn 0 0 9 9 re f", b"/Pattern<</P 5 0 R>>", pattern(step, matrix))
    changed, count = tamed(data)
    assert (len(changed), count) == (len(data), places)
    pages = read_pages(data)
    assert [found.code for found in pages.findings] == ["limit_reached"] * bool(places)
    assert any("bureau" in str(block) for block in pages.blocks)


def test_a_page_of_a_drawing_beyond_all_bounds_is_not_empty() -> None:
    lines = b"0 0 m " + b"".join(b"%d %d l " % (n % 7, n % 5) for n in range(210_000)) + b"S"
    pages = read_pages(written(b"BT /F 12 Tf 50 800 Td (2023) Tj ET " + lines, b""))
    assert [found.code for found in pages.findings] == ["limit_reached"]


def test_pages_that_are_none_are_told_at_once() -> None:
    data = written(WORDS, b"")
    gone = data.replace(b"/Kids[3 0 R]/Count 1>>", b"/Kids[3 0 R%b]/Count 31>>" % (b" 9 0 R" * 30))
    pages = read_pages(gone)
    assert [found.code for found in pages.findings].count("document_damaged") == 1
    assert any("bureau" in str(block) for block in pages.blocks)


@pytest.mark.parametrize("under", [False, True])
@pytest.mark.parametrize("one", [False, True])
def test_of_a_page_full_of_lines_no_picture_is_made_and_the_text_is_kept(one: bool, under: bool) -> None:
    """Lines across all of a page took 42 s to draw, and its few words were lost with it."""
    ends = [((7 * n) % 595, (n % 2) * 842) for n in range(420_000 if one else 20_000)]
    lines = b"".join(b"%d 0 m %d 842 l S " % (x, x) for x, _ in ends)
    if one:
        lines = b"0 0 m " + b"".join(b"%d %d l " % end for end in ends) + b"S "
    words = b"BT /F 12 Tf 50 800 Td (A report of 2023) Tj ET "
    pages = read_pages(written(words + lines if under else lines + words, b""))
    assert (pages.kind, pages.unreadable, pages.pictures) == ("pdf", "", ())
    assert "report of 2023" in str(pages.blocks)
    assert {found.code for found in pages.findings} - {"seen_otherwise"} == {"limit_reached"}


def test_short_lines_however_many_are_drawn() -> None:
    """The letters of a page may be shapes: what they say is recognised."""
    lines = b"".join(b"%d %d m %d %d l S " % (n % 595, n % 842, n % 595, n % 842 + 3) for n in range(20_000))
    assert read_pages(written(b"BT /F 12 Tf 50 800 Td (2023) Tj ET " + lines, b"")).kind == "scan"


def test_forms_that_paint_forms_a_thousandfold_are_taken_out() -> None:
    levels = [form(b"/Resources<</XObject<</X %d 0 R>>>>" % (6 + n), b"/X Do " * 10) for n in range(9)]
    leaf = form(b"", b"0 0 1 1 re f")
    resources = b"/XObject<</X 5 0 R>>"
    pages = read_pages(written(WORDS + b"/X Do", resources, *levels, leaf))
    assert [found.code for found in pages.findings] == ["limit_reached"]
    assert "The report of a bureau in 2023" in str(pages.blocks)
    assert not read_pages(written(WORDS + b"/X Do", resources, *levels[:2], form(b"", b"0 0 1 1 re f"))).findings
