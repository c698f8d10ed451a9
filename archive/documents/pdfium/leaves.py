"""A page of a PDF → ``PageLayout``s: what can be seen, in reading orientation, in points of ordinary size."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import gt
from statistics import median
from typing import Any

from archive.documents.contrast import BLACK
from archive.documents.layout.page_layout import Glyph, PageLayout, Ruling, rotate_box, rotate_point
from archive.documents.layout.sideways_figures import set_upright
from archive.documents.pages import UNREAD
from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.characters import Characters, characters_of
from archive.documents.pdfium.clips import clips_of
from archive.documents.pdfium.costly import are_costly, is_costly
from archive.documents.pdfium.doubled import echoes, leave_out, swallowing
from archive.documents.pdfium.drawing import IDENTITY, PageDrawing, bounds_of, drawing_of
from archive.documents.pdfium.fields import Note, add_note, flattened, notes_on
from archive.documents.pdfium.library import Handle
from archive.documents.pdfium.marks import contradicted, marks_of
from archive.documents.pdfium.replaced import put_in_place
from archive.documents.pdfium.sight import look_at_glyphs, mirrored, signs

Box = tuple[float, float, float, float]

_EDGE = 2.0  # points by which a ruling may run out over the edge of its page
_SMALL, _LARGE = 4.5, 40.0  # points: the size of running text beyond which a page is drawn to another scale
_USUAL = 10.5
_MOSTLY = 0.5
_EVEN = 0.05  # of a digit's width by which it may stand over the edge of its page
_BESIDE = 0.3  # of a digit's height: between two of a figure
_POINTS = ".,，．"  # in a figure
_COPIES = 4  # of a text at one place that are told apart: several shadows
OUTLINES = 100  #: bent shapes on a page: letters drawn as shapes
_A4: Box = (0.0, 0.0, 595.0, 842.0)
_FLIPPED = ((False, True), (False, False), (True, False), (True, True))  # x and y of strokes, by turn


def page_of(document: Any, index: int, form: Handle = 0) -> PageLayout | None:
    """Page ``index`` (from 0) as glyphs and strokes, or None if it is damaged. ``form``: handle of the form, if any."""
    handle = library.address_of(document.raw)
    page = library.load_page(handle, index)
    if not page:
        return None
    try:
        notes = notes_on(page, form)
        if any(note.drawn for note in notes) and flattened(page):
            library.close_page(page)
            page = library.load_page(handle, index)
            if not page:
                return None
        text = library.load_text(page)
        if not text:
            return None
        try:
            characters, drawn = characters_of(text), drawing_of(page)
            for _ in range(_COPIES):
                if not (below := swallowing(characters, text, drawn)):
                    break
                leave_out(below, drawn)
                library.close_text(text)
                text = library.load_text(page)
                if not text:
                    return None
                characters = characters_of(text)
            return _read_page(page, text, index + 1, notes, characters, drawn)
        finally:
            if text:
                library.close_text(text)
    finally:
        if page:
            library.close_page(page)


def _read_page(
    page: Handle, text: Handle, number: int, notes: list[Note], characters: Characters, drawn: PageDrawing
) -> PageLayout:  # fmt: skip
    if drawn.forms:
        put_in_place(characters, text, drawn.forms)
    frame = _frame(page)
    turn = characters.turn
    x0, y0, x1, y1 = rotate_box(frame, turn)
    done = PageLayout(number, x0, y0, x1, y1, turn, curves=drawn.curves, cut=characters.cut or drawn.cut)
    wide, high = frame[2] - frame[0], frame[3] - frame[1]
    done.shown = (high, wide) if library.page_rotation(page) % 2 else (wide, high)
    done.costly = are_costly(drawn.images) or (bool(drawn.ways) and is_costly(drawn.ways, drawn.unseen, frame))
    _images(done, drawn, frame)
    done.glyphs = _visible_glyphs(done, characters, text, drawn, page, frame)
    for note in notes:
        add_note(done, note)
    _strokes(done, drawn)
    if cut := _cut_off(done, characters):
        done.doubted = [*done.doubted, *cut]
    done.fills = [rotate_box(fill.box, turn) for fill in drawn.fills]
    _to_usual_size(done)
    if characters.turns:
        set_upright(done)
    return done


def _frame(page: Handle) -> Box:
    """What a viewer shows of the page: the crop box within the media box."""
    floats = (ctypes.c_float * 4)()
    at = ctypes.addressof(floats)
    if not library.bounding_box(page, at):
        return _A4
    left, top, right, bottom = floats
    if not (right > left and top > bottom):
        return _A4
    return left, bottom, right, top


def _images(layout: PageLayout, drawn: PageDrawing, frame: Box) -> None:
    area = (frame[2] - frame[0]) * (frame[3] - frame[1])
    for image in drawn.images:
        left, bottom = max(image.box[0], frame[0]), max(image.box[1], frame[1])
        right, top = min(image.box[2], frame[2]), min(image.box[3], frame[3])
        if right > left and top > bottom:
            layout.pictures.append(rotate_box((left, bottom, right, top), layout.turn))
            layout.images += (right - left) * (top - bottom) / area


def _visible_glyphs(
    layout: PageLayout, characters: Characters, text: Handle, drawn: PageDrawing, page: Handle, frame: Box
) -> list[Glyph]:
    """The glyphs within the page that are painted and not painted over."""
    glyphs, indexes = _placed(layout, characters)
    objects: list[Handle] = []
    if any(ink != BLACK for ink in drawn.inks.values()):
        objects = list(map(bulk.text_object, repeat(bulk.pointer(text)), indexes))
        _inked(layout, glyphs, objects, characters, text, drawn)
    late = [image for image in drawn.images if image.order > min(drawn.texts.values(), default=0)]
    clips, flipped, marks = clips_of(drawn.texts, drawn.forms), mirrored(drawn), marks_of(drawn.texts)
    replaced = contradicted(page, text, marks)
    drawn.pale |= marks.layered
    upset = 2 in characters.turns
    suspected = bool(drawn.hidden or late or clips or flipped or replaced or upset or signs(drawn))
    if not glyphs or not (suspected or (objects and len({glyph.ink for glyph in glyphs}) > 1)):
        return glyphs
    objects = objects or list(map(bulk.text_object, repeat(bulk.pointer(text)), indexes))
    twice = echoes(glyphs, objects, drawn)
    if twice.gone:
        glyphs = [glyph for n, glyph in enumerate(glyphs) if n not in twice.gone]
        objects = [item for n, item in enumerate(objects) if n not in twice.gone]
    if not suspected:
        return glyphs
    hidden = {n for n, item in enumerate(objects) if item in drawn.hidden}
    white = {
        n
        for n, (o, g) in enumerate(zip(objects, glyphs, strict=True))
        if o in drawn.white and not _on_something(g, layout, drawn)
    }
    layout.invisible = len(hidden) / len(glyphs)
    if layout.invisible > _MOSTLY and layout.images > _MOSTLY:  # a text layer under a scan
        return [g for n, g in enumerate(glyphs) if n not in white]
    gone = hidden | white
    doubted = {n for n, item in enumerate(objects) if item in flipped or item in replaced or glyphs[n].turn == 2}
    if layout.invisible > _MOSTLY and layout.curves >= OUTLINES:  # the letters are drawn as shapes too
        doubted |= hidden
        gone = white
    sight = look_at_glyphs(layout, glyphs, objects, drawn, clips, page, frame, gone | doubted, twice)
    gone |= sight.gone
    doubted |= sight.doubted
    layout.doubted = [glyphs[n] for n in sorted(doubted - gone)]
    for item, says in replaced.items():
        x0, y0, x1, y1 = rotate_box(bounds_of(bulk.pointer(item), drawn.forms.get(item, IDENTITY)), layout.turn)
        layout.doubted.append(Glyph(says, x0, y0, x1, y1))
    return [*(g for n, g in enumerate(glyphs) if n not in gone), *sight.unread]


def _inked(
    layout: PageLayout,
    glyphs: Sequence[Glyph],
    objects: Sequence[Handle],
    characters: Characters,
    text: Handle,
    drawn: PageDrawing,
) -> None:
    """Note the inks of the glyphs, and of the characters that lean."""
    for glyph, item in zip(glyphs, objects, strict=True):
        glyph.ink = drawn.inks.get(item, BLACK)
    for index, x, y in characters.leaning:
        ink = drawn.inks.get(bulk.text_object(bulk.pointer(text), index), BLACK)
        layout.leaning.append((*rotate_point(x, y, layout.turn), ink))


def _cut_off(layout: PageLayout, characters: Characters) -> list[Glyph]:
    """Figures beyond the edge of the page in tables whose rulings run out over it: there the page was cut.

    Their cells are not blank, though nothing is seen in them. What else stands out there (crop marks, the other half
    of a sheet) is no part of the page.
    """
    left, right, top, bottom = layout.left - _EDGE, layout.right + _EDGE, layout.top - _EDGE, layout.bottom + _EDGE
    level = [s for s in layout.horizontal if s.start < right and s.end > left and (s.start < left or s.end > right)]
    upright = [s for s in layout.vertical if s.start < bottom and s.end > top and (s.start < top or s.end > bottom)]
    if not level and not upright:
        return []
    wide = [*(s.start for s in level), *(s.end for s in level), *(s.at for s in upright)]
    high = [*(s.at for s in level), *(s.start for s in upright), *(s.end for s in upright)]
    x0, x1, y0, y1 = min(wide), max(wide), min(high), max(high)
    return [
        glyph
        for glyph in _glyphs(characters)
        if glyph.text.isdigit()
        and x0 <= glyph.cx <= x1
        and y0 <= glyph.cy <= y1
        and not (layout.left <= glyph.cx <= layout.right and layout.top <= glyph.cy <= layout.bottom)
    ]


def _placed(layout: PageLayout, characters: Characters) -> tuple[list[Glyph], list[int]]:
    """All glyphs within the page in reading orientation, with their indexes in its text."""
    glyphs = _glyphs(characters)
    left, right, top, bottom = layout.left, layout.right, layout.top, layout.bottom
    inside = [left <= g.cx <= right and top <= g.cy <= bottom for g in glyphs]
    over = [n for n, g in enumerate(glyphs) if not left <= g.x0 <= g.x1 <= right and top <= g.cy <= bottom]
    layout.over = any(glyphs[n].text.isdecimal() and glyphs[n].x1 > right for n in over)
    for n in over:
        _unread_over_the_edge(glyphs, n, inside, left, right)
    if all(inside):
        return glyphs, characters.indexes
    return list(compress(glyphs, inside)), list(compress(characters.indexes, inside))


def _unread_over_the_edge(glyphs: list[Glyph], n: int, inside: list[bool], left: float, right: float) -> None:
    """Set a mark of what is not read within the page for a digit over its edge: the rest of its figure is none, and
    where nothing else stands it is no blank. One beyond the edge counts right behind a digit within.
    """
    glyph = glyphs[n]
    wide = glyph.x1 - glyph.x0
    crosses = glyph.x0 < right - _EVEN * wide < right + _EVEN * wide < glyph.x1 or (
        glyph.x0 < left - _EVEN * wide < left + _EVEN * wide < glyph.x1
    )
    if not glyph.text.isdecimal() or glyph.turn or not (crosses or _is_behind(glyphs, n, inside)):
        return
    at = min(max(glyph.x0, left + wide), right - wide)
    glyphs[n] = Glyph(UNREAD, at, glyph.y0, at, glyph.y1, glyph.spaced, 0, glyph.ink)
    inside[n] = True


def _is_behind(glyphs: Sequence[Glyph], n: int, inside: Sequence[bool]) -> bool:
    """Whether a glyph beyond the edge stands right beside a digit, or a point, of the same figure within the page."""
    glyph = glyphs[n]
    near = _BESIDE * glyph.height
    return not inside[n] and any(
        0 <= m < len(glyphs)
        and inside[m]
        and (glyphs[m].text.isdecimal() or glyphs[m].text in _POINTS)
        and abs(glyphs[m].y0 - glyph.y0) < near
        and min(abs(glyph.x0 - glyphs[m].x1), abs(glyph.x1 - glyphs[m].x0)) < near
        for m in (n - 1, n + 1)
    )


def _glyphs(characters: Characters) -> list[Glyph]:
    """All glyphs of the text in reading orientation."""
    c = characters
    if c.turn == 0:
        sides = c.left, [-y for y in c.top], c.right, [-y for y in c.bottom]
    elif c.turn == 1:
        sides = c.bottom, c.left, c.top, c.right
    elif c.turn == 2:
        sides = [-x for x in c.right], c.bottom, [-x for x in c.left], c.top
    else:
        sides = [-y for y in c.top], [-x for x in c.right], [-y for y in c.bottom], [-x for x in c.left]
    turns: Iterable[int] = [(turn - c.turn) % 4 for turn in c.turns] if c.turns else repeat(0)
    x0s, y0s, x1s, y1s = sides
    glyphs = list(map(Glyph, c.texts, x0s, y0s, x1s, y1s, c.spaced, turns))
    if any(map(gt, x0s, x1s)) or any(map(gt, y0s, y1s)):
        for glyph in glyphs:
            glyph.x0, glyph.x1 = sorted((glyph.x0, glyph.x1))
            glyph.y0, glyph.y1 = sorted((glyph.y0, glyph.y1))
    return glyphs


def _on_something(glyph: Glyph, layout: PageLayout, drawn: PageDrawing) -> bool:
    """Whether a colour or an image lies where a glyph stands, so that white print can be read."""
    x, y = glyph.cx, glyph.cy
    boxes = [rotate_box(fill.box, layout.turn) for fill in drawn.fills if not fill.white] + layout.pictures
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def _strokes(layout: PageLayout, drawn: PageDrawing) -> None:
    """Strokes in reading orientation."""
    turn = layout.turn
    layout.horizontal, layout.vertical = drawn.horizontal, drawn.vertical
    if turn % 2:
        layout.horizontal, layout.vertical = drawn.vertical, drawn.horizontal
    across, down = _FLIPPED[turn]
    for strokes, at, along in ((drawn.horizontal, down, across), (drawn.vertical, across, down)):
        for stroke in strokes:
            if at:
                stroke.at = -stroke.at
            if along:
                stroke.start, stroke.end = -stroke.end, -stroke.start


def _to_usual_size(layout: PageLayout) -> None:
    """Scale a page drawn very small or very large: distances between lines are told in points."""
    if len(layout.glyphs) < 20:
        return
    size = median([g.y1 - g.y0 for g in layout.glyphs])
    if _SMALL <= size <= _LARGE or size <= 0:
        return
    k = layout.scale = _USUAL / size
    layout.left, layout.top, layout.right, layout.bottom = (
        layout.left * k,
        layout.top * k,
        layout.right * k,
        layout.bottom * k,
    )
    layout.glyphs = [
        Glyph(g.text, g.x0 * k, g.y0 * k, g.x1 * k, g.y1 * k, g.spaced, g.turn, g.ink) for g in layout.glyphs
    ]
    layout.horizontal = [Ruling(s.at * k, s.start * k, s.end * k) for s in layout.horizontal]
    layout.vertical = [Ruling(s.at * k, s.start * k, s.end * k) for s in layout.vertical]
    layout.leaning = [(x * k, y * k, ink) for x, y, ink in layout.leaning]
    layout.fills = [(a * k, b * k, c * k, d * k) for a, b, c, d in layout.fills]
    layout.pictures = [(a * k, b * k, c * k, d * k) for a, b, c, d in layout.pictures]
    layout.doubted = [
        Glyph(g.text, g.x0 * k, g.y0 * k, g.x1 * k, g.y1 * k, g.spaced, g.turn, g.ink) for g in layout.doubted
    ]
