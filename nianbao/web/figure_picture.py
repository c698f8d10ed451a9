"""Compose charts, legend, title and notes as one picture for download: SVG through a template, PNG through Pillow.

All that a reader must know is in the picture itself, because people pass pictures on without the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import dist

from PIL import Image, ImageDraw, ImageFont

from archive.assessment.measures import SMALL
from nianbao.language import Language
from nianbao.messages import say
from nianbao.web.archived import NotDrawnError
from nianbao.web.figure_charts import (
    GAP,
    NOTE,
    SMALL_IN_A_ROW,
    WIDTH,
    ChartGroup,
    Mark,
    Point,
    text_mark,
    text_width,
    wrap,
)

_MARGIN = 20
_TITLE, _TEXT = 17, 13  # font sizes
_LINE = 1.45  # height of a line of text, as a multiple of its font size
_SCALE = 2  # pixels of the PNG for each pixel of the SVG
#: style of a mark → its colour on white, and its dashes (lengths drawn and left out in turn)
STYLES = {
    "ink": ("#1d1c1a", ()), "pale": ("#5d5a54", ()), "grid": ("#dcd8cf", ()), "axis": ("#85817a", ()),
    "break": ("#85817a", (3, 3)), "gap": ("#ece9e1", ()), "warning": ("#8c1f17", ()), "c0": ("#14507f", ()),
    "c1": ("#8c2f24", (7, 3)), "c2": ("#1f5a33", (2, 3)), "c3": ("#7a4a00", (10, 3, 2, 3)), "c4": ("#5d5a54", (4, 4)),
}  # fmt: skip
#: the legend: key of the explanation in ``web.toml`` → a sample of shading, dashes and hollow dots
_LEGEND = {
    "key_gap": Mark(sort="band", style="gap", points=((0, -9), (14, 2))),
    "key_break": Mark(sort="line", style="break", points=((7, -10), (7, 3))),
    "key_weak": Mark(sort="dot", style="c0", points=((7, -4),), is_hollow=True),
}
_GROUND = "#ffffff"
#: fonts with Chinese characters: file name, which Pillow searches in the system's folders, and index of the face in the
#: file; the first that exists is used
_FONTS = (
    ("NotoSansCJK-Regular.ttc", 2), ("wqy-microhei.ttc", 0), ("wqy-zenhei.ttc", 0), ("PingFang.ttc", 0),
    ("msyh.ttc", 0), ("simhei.ttf", 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureText:
    """The text around the charts. ``warning``: that data are imitated ("": they are real); ``notes``: lines below;
    ``narrow_note``: what further letters in the narrow charts mean.
    """

    title: str
    summary: str
    warning: str
    notes: tuple[str, ...]
    narrow_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture: its size, and ``parts``: groups of marks, each with the x and y by which its marks are shifted."""

    width: float
    height: float
    parts: tuple[tuple[float, float, tuple[Mark, ...]], ...]
    title: str


def _kind_of_mark(mark: Mark) -> str:
    """Return what the legend explains a mark by: that it is hollow, or its style."""
    return "hollow" if mark.is_hollow else mark.style


def compose(text: PictureText, groups: Sequence[ChartGroup], lang: Language) -> Picture:
    """Lay out title, summary, warning, legend, charts and notes from top to bottom."""
    parts: list[tuple[float, float, tuple[Mark, ...]]] = []
    y = float(_MARGIN)

    def write(words: str, size: int, style: str) -> None:
        nonlocal y
        for line in wrap(words, WIDTH, size):
            y += round(size * _LINE)
            parts.append((_MARGIN, y, (text_mark(0, 0, line, style, size=size),)))

    write(text.title, _TITLE, "ink")
    write(text.summary, _TEXT, "ink")
    if text.warning:
        write(text.warning, _TEXT, "warning")
    y += 2 * GAP
    x = float(_MARGIN)
    drawn = {_kind_of_mark(mark) for group in groups for chart in group.charts for mark in chart.marks}
    for name, sample in _LEGEND.items():
        if _kind_of_mark(sample) not in drawn:
            continue
        words = say("web", lang, f"figures.{name}", least=SMALL)
        parts.append((x, y, (sample, text_mark(20, 0, words, "pale"))))
        x += 36 + round(text_width(words, NOTE))
    for group in groups:
        y += GAP
        write(group.heading, _TEXT, "pale")
        for first in range(0, len(group.charts), SMALL_IN_A_ROW):
            row = group.charts[first : first + SMALL_IN_A_ROW]
            x = float(_MARGIN)
            for chart in row:
                parts.append((x, y + GAP, chart.marks))
                x += chart.width + GAP
            y += max(chart.height for chart in row) + GAP
    y += GAP
    for note in text.notes:
        write(note, NOTE, "pale")
    return Picture(width=WIDTH + 2 * _MARGIN, height=round(y + _MARGIN), parts=tuple(parts), title=text.title)


# ---------------------------------------------------------------------------------------------- as a bitmap


def draw_png(picture: Picture) -> bytes:
    """Draw the picture on white as a PNG. Raises :class:`NotDrawnError` if no font has Chinese characters."""
    if not can_draw_png():
        raise NotDrawnError(code="picture.no_font")
    size = (round(picture.width * _SCALE), round(picture.height * _SCALE))
    image = Image.new("RGB", size, _GROUND)
    draw = ImageDraw.Draw(image)
    for right, down, marks in picture.parts:
        for mark in marks:
            points = [((x + right) * _SCALE, (y + down) * _SCALE) for x, y in mark.points]
            _draw_mark(draw, mark, points)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _draw_mark(draw: ImageDraw.ImageDraw, mark: Mark, points: list[Point]) -> None:
    """Draw a mark of a chart: a band, a text, a dot or square, else lines. ``points``: its points in pixels."""
    colour, dashes = STYLES[mark.style]
    if mark.sort == "band":
        draw.rectangle(points, fill=colour)
    elif mark.sort == "text":
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
        rim = 1.5 * _SCALE if mark.style == "ink" else 0  # numbers stay legible where a line crosses them
        font = _font(mark.size * _SCALE)
        draw.text(points[0], mark.text, colour, font, anchor=anchor, stroke_width=rim, stroke_fill=_GROUND)
    elif mark.sort in {"dot", "square"}:
        [(x, y)] = points
        radius = 3 * _SCALE
        draw_shape = draw.rectangle if mark.sort == "square" else draw.ellipse
        fill = _GROUND if mark.is_hollow or mark.sort == "square" else colour
        draw_shape((x - radius, y - radius, x + radius, y + radius), fill, colour, 2 * _SCALE)
    else:
        width = _SCALE * (2 if mark.style.startswith("c") else 1)
        for begin, end in _dashes(points[0], points[1], [one * _SCALE for one in dashes]):
            draw.line((begin, end), colour, width)


def _dashes(begin: Point, end: Point, dashes: Sequence[float]) -> Iterator[tuple[Point, Point]]:
    """Yield begin and end of each dash of a line; ``dashes``: lengths drawn and left out in turn, () for no gaps."""
    length = dist(begin, end)
    if not dashes or not length:
        yield begin, end
        return

    def at(way: float) -> Point:
        share = min(way, length) / length
        return begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share

    way, number = 0.0, 0
    while way < length:
        step = dashes[number % len(dashes)]
        if not number % 2:
            yield at(way), at(way + step)
        way += step
        number += 1


def can_draw_png() -> bool:
    """True if the machine has a font with Chinese characters."""
    return _font(NOTE) is not None


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    for name, face in _FONTS:
        try:
            return ImageFont.truetype(name, size, index=face)
        except OSError:
            continue
    return None
