"""OFD text that may be seen otherwise than the file tells it is doubted; what is seen as told is not."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from archive.documents.kinds import read_pages
from tests.documents.helpers import tables
from tests.documents.test_ofd import page

PROSE = "本机关按照规定公开政府信息，编制本年度报告并向社会公布。"
LINES = "".join(
    f'<ofd:PathObject Boundary="0 0 210 297"><ofd:AbbreviatedData>M {x0} {y0} L {x1} {y1}</ofd:AbbreviatedData>'
    "</ofd:PathObject>"
    for x0, y0, x1, y1 in [
        *((20, y, 100, y) for y in (50, 60, 70)),
        *((x, 50, x, 70) for x in (20, 60, 100)),
    ]
)


def text(said: str, x: float, y: float, *, box: str = "10 4", says: str = "", inner: str = "", step: str = "2") -> str:
    delta = f' DeltaX="{step}"' if len(said) > 1 and step else ""
    return (
        f'<ofd:TextObject Boundary="{x} {y} {box}" Font="1" Size="4" {says}>{inner}'
        f'<ofd:TextCode X="0" Y="3.5"{delta}>{said}</ofd:TextCode></ofd:TextObject>'
    )


def cell(*objects: str) -> tuple[str, bool]:
    """What stands in the upper right cell of a table, and whether it is doubted; no other is."""
    fixed = text(PROSE, 20, 20, box="150 5", step="4") + text(PROSE, 20, 30, box="150 5", step="4") + LINES
    fixed += text("规章", 30, 53, step="4") + text("文件", 30, 63, step="4") + text("6", 75, 63)
    found = {(c.row, c.col): c for c in tables(read_pages(page(fixed + "".join(objects))))[0].cells}
    assert [found[place].text for place in ((0, 0), (1, 0), (1, 1))] == ["规章", "文件", "6"]
    assert not any(c.locator.get("astray") for place, c in found.items() if place != (0, 1))
    return found[0, 1].text, bool(found[0, 1].locator.get("astray"))


def clip(x: float, y: float, wide: float, high: float) -> str:
    path = f"M 0 0 L {wide} 0 L {wide} {high} L 0 {high} C"
    return (
        f'<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="{x} {y} {wide} {high}">'
        f"<ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>"
    )


def shapes(codes: int, glyphs: str) -> str:
    count = len(glyphs.split())
    return (
        f'<ofd:CGTransform CodePosition="0" CodeCount="{codes}" GlyphCount="{count}"><ofd:Glyphs>{glyphs}</ofd:Glyphs>'
        "</ofd:CGTransform>"
    )


def filled(colour: str, says: str = "") -> str:
    return (
        f'<ofd:PathObject Boundary="70 52 20 6" Fill="true" Stroke="false" {says}><ofd:FillColor Value="{colour}"/>'
        "<ofd:AbbreviatedData>M 0 0 L 20 0 L 20 6 L 0 6 C</ofd:AbbreviatedData></ofd:PathObject>"
    )


@pytest.mark.parametrize(
    "drawn",
    [
        text("57", 75, 53),
        text("57", 75, 53, box="4 4"),
        text("57", 75, 53, box="0 0"),
        text("57", 75, 53, inner=clip(-1, -1, 12, 7)),
        text("57", 75, 53, inner=shapes(2, "20 21")),
        filled("255 255 255") + text("57", 75, 53),
        text("57", 75, 53) + filled("255 255 0", 'Alpha="80"'),
    ],
)
def test_what_is_seen_as_told_is_not_doubted(drawn: str) -> None:
    assert cell(drawn) == ("57", False)


@pytest.mark.parametrize(
    "drawn",
    [
        text("57", 75, 53, box="2 4"),
        text("57", 75, 53, box="4 0.3"),
        text("57", 75, 53, inner=clip(50, 50, 1, 1)),
        text("57", 75, 53, inner=clip(0, 0, 2, 5)),
        text("57", 75, 53, inner=shapes(1, "20 21")),
        text("57", 75, 53, inner=shapes(2, "20")),
        text("57", 75, 53) + filled("255 255 255"),
        text("57", 75, 53, says='CTM="-1 0 0 1 4 0"'),
        text("57", 75, 53, says='CTM="-1 0 0 -1 4 4"'),
        text("57", 75, 53, says='Alpha="9"'),
        text("57", 75, 53, inner='<ofd:FillColor Value="245 245 245"/>'),
        text("57", 75, 53) + text("98", 75.5, 53.2),
    ],
)
def test_what_may_be_seen_otherwise_is_doubted(drawn: str) -> None:
    assert cell(drawn)[1]


def test_steps_may_count_characters_beyond_the_first_plane_as_two() -> None:
    for steps in ("4 0 2 2", "4 2 2"):
        assert cell(text("\U00020bb7571", 70, 53, box="12 4", step=steps))[0] == "\U00020bb7571"
    row = text("\U00020bb757", 30, 53, box="80 4", step="40 0 8")
    found = tables(read_pages(page(text(PROSE, 20, 20, box="150 5", step="4") + LINES + row)))[0]
    assert [c.text for c in found.cells if c.row == 0] == ["\U00020bb7", "5 7"]


def test_it_is_told_which_characters() -> None:
    done = read_pages(page(text(PROSE, 20, 20, box="150 5", step="4") + text("57", 75, 53, box="2 4")))
    assert [(f.code, f.found) for f in done.findings] == [("seen_otherwise", "57")]


def in_strips(shades: list[int], high: float = 30, *, lost: int = -1, before: str = "") -> bytes:
    """A page of images below each other, drawn from the last to the first, each of one grey."""
    files, media, drawn = {}, "", ""
    for n in reversed(range(len(shades))):
        out = io.BytesIO()
        Image.new("L", (400, 40), shades[n]).save(out, "PNG")
        if n != lost:
            files[f"Doc_0/{n}.png"] = out.getvalue()
        media += f'<MultiMedia ID="{50 + n}"><MediaFile>{n}.png</MediaFile></MultiMedia>'
        drawn += (
            f'<ofd:ImageObject Boundary="5 {60 + n * high} 200 {high}" CTM="200 0 0 {high} 0 0" ResourceID="{50 + n}"/>'
        )
    return page(
        before + drawn, extra={"Doc_0/R.xml": f"<Res><MultiMedias>{media}</MultiMedias></Res>".encode(), **files}
    )


def greys(data: bytes, count: int) -> list[int]:
    with Image.open(io.BytesIO(data)) as image:
        grey = image.convert("L")
        return [grey.getpixel((grey.width // 2, int((n + 0.5) * grey.height / count))) for n in range(count)]  # type: ignore[misc]


def test_a_page_cut_into_strips_is_one_picture() -> None:
    done = read_pages(in_strips([10, 90, 170, 250]))
    (picture,) = done.pictures
    assert (done.kind, dict(picture.locator)) == ("scan", {"page": 1})
    assert greys(picture.source.load(), 4) == [10, 90, 170, 250]


def test_strips_between_text_are_one_picture_at_their_place() -> None:
    done = read_pages(in_strips([10, 90, 170], before=text(PROSE, 20, 20, box="150 5", step="4")))
    (picture,) = done.pictures
    assert (done.kind, picture.at, greys(picture.source.load(), 3)) == ("ofd", 1, [10, 90, 170])


def test_a_strip_that_is_missing_is_told() -> None:
    done = read_pages(in_strips([10, 90, 170], lost=1))
    assert done.pictures == ()
    assert [f.code for f in done.findings] == ["picture_unreadable"]


def test_a_strip_that_is_damaged_is_a_reason_when_it_is_loaded() -> None:
    whole = read_pages(in_strips([10, 90, 170]))
    (picture,) = whole.pictures
    assert len(picture.source.load()) > 1_000
    broken = in_strips([10, 90, 170]).replace(b"\x89PNG", b"\x89PNX")
    with pytest.raises(ValueError, match=r"."):
        read_pages(broken).pictures[0].source.load()
