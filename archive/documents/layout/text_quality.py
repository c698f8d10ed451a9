"""Whether the text of a page means anything, and which images on it may hold text of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from archive.documents.layout.page_layout import PageLayout

Box = tuple[float, float, float, float]

FEW = 20  # characters on a page that make no text layer yet (a stamp, a page number)
_MOSTLY = 0.5  # share of a page or its text
_SPARSE = 80  # different characters: a page of a report has more
_TYPED = 0.2  # ideographs among the characters: figures without their labels have fewer
LARGE = 0.15  # share of the page that makes an image worth recognising
_BROAD, _HIGH = 0.6, 0.04  # shares of its width and height that make one so too: a table of few rows
_STRANGE_SHARE = 0.3  # of the characters: more without a meaning make a text layer worthless
_DISTINCT = 1_000  # characters that are counted one by one
_MANY = 100  # ideographs that let their frequency be judged
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国以要他时来用们生到作地于出就分对成会可主发年动同工能下过说种面而方后多定行法所民得经报告政府信息公开申请件机关单位部理情况总计"
)
_COMMON_SHARE = 0.05
_MARKS_SHARE = 0.25
# letters no report is written in: where they fill a page, the font tells wrong codes
_STRANGE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00a1-\u00a6\u00a8-\u00af\u00b4-\u00b6\u00b8-\u00d6\u00d8-\u00f6\u00f8-\u02c6\u02cc-\u036f"
    "\u0530-\u1fff\ua000-\udfff\ue000-\uf8ff\ufb00-\ufe2f\ufe70-\ufeff\ufff0-\uffff]"
)
_NO_IDEOGRAPH = re.compile("[^\u3400-\u9fff]")
_MARK = re.compile(r"[!-'*;<=>?@\[\]\\^_`{|}~]")


def has_text(page: PageLayout) -> bool:
    """Whether a page has a text layer worth reading: characters that can be seen and mean something."""
    return (
        len(page.glyphs) >= FEW and not (page.invisible > _MOSTLY and page.images > _MOSTLY) and is_readable_text(page)
    )


def may_be_a_scan(page: PageLayout) -> bool:
    """Whether an image covers a page whose text is so little, or so much of it figures, that the image may hold the
    page's own: scans with a line of the portal below them, a stamp across, a title or figures typed on them.
    """
    return page.images > _MOSTLY and is_little([glyph.text for glyph in page.glyphs])


def is_little(texts: list[str]) -> bool:
    """Whether text that lies on an image says so little that it may be a stamp on it, or what a form was filled with.

    What is said again and again across a page counts once.
    """
    ideographs = _NO_IDEOGRAPH.sub("", "".join(texts))
    return len(set(texts)) < _SPARSE or len(ideographs) < _TYPED * len(texts)


def is_readable_text(page: PageLayout) -> bool:
    """Whether the characters of a page are those of a text, not of a font whose codes are private or scrambled."""
    text = "".join([g.text for g in page.glyphs])
    if len(text) < FEW:
        return True
    distinct = "".join(set(text))  # far fewer than all
    count = text.count if len(distinct) <= _DISTINCT else Counter(text).__getitem__
    if sum(map(count, _STRANGE.findall(distinct))) > _STRANGE_SHARE * len(text):
        return False
    ideographs = len(text) - sum(map(count, _NO_IDEOGRAPH.findall(distinct)))
    if ideographs >= _MANY:
        return sum(map(count, _COMMON.intersection(distinct))) >= _COMMON_SHARE * ideographs
    return bool(ideographs) or len(text) < 3 * FEW or len(_MARK.findall(text)) <= _MARKS_SHARE * len(text)


def images_worth_reading(page: PageLayout, holds_writing: Callable[[Box], bool]) -> list[Box]:
    """Boxes of large images on which no text of the page stands, strips of one image joined; or so little text that
    they may say more, and ``holds_writing`` of their own.
    """
    area = (page.right - page.left) * (page.bottom - page.top)
    boxes: list[Box] = []
    for x0, y0, x1, y1 in _merge_boxes(page.pictures):
        broad = x1 - x0 >= _BROAD * (page.right - page.left) and y1 - y0 >= _HIGH * (page.bottom - page.top)
        if (x1 - x0) * (y1 - y0) < LARGE * area and not broad:
            continue
        over = [g.text for g in page.glyphs if x0 <= g.cx <= x1 and y0 <= g.cy <= y1]
        if len(over) < FEW or (is_little(over) and holds_writing((x0, y0, x1, y1))):
            boxes.append((x0, y0, x1, y1))
    return boxes


def _merge_boxes(boxes: list[Box]) -> list[Box]:
    done: list[Box] = []
    for x0, y0, x1, y1 in sorted(boxes, key=lambda box: (box[1], box[0]))[:500]:
        if done:
            a0, b0, a1, b1 = done[-1]
            if abs(a0 - x0) < 2 and abs(a1 - x1) < 2 and y0 - b1 < 2:
                done[-1] = (min(a0, x0), b0, max(a1, x1), max(b1, y1))
                continue
        done.append((x0, y0, x1, y1))
    return done
