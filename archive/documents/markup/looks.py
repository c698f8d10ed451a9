"""Leave out of a page's bytes what is said only about its looks, before they are decoded and parsed.

Two thirds of a page pasted from Word are styles such as ``mso-pagination:widow-orphan;font-family:仿宋_GB2312``, and
each of its paragraphs says that it is ``MsoNormal`` and how it is aligned. No element is added, moved or removed but
the empty ``<o:p>`` and ``<span>`` that end a paragraph, and the paragraph that is all its cell holds, so CSS paths of
cells and of what stands outside them hold; a style of which one declaration may matter (``visibility``, ``uncertain``,
``grids``) is kept as it stands.
"""

from __future__ import annotations

import re

from archive.documents.markup.colours import WHITE, is_unseen, shown
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.remembered import Remembered

_STYLE, _QUOTE = b' style="', b'"'
# behind it in its tag: nothing that may be a second style, which would count then
_CLOSED = re.compile(
    rb' style="([^"]*)"(?=>|(?: (?:lang|class|align|valign|width|height|rowspan|colspan)="[^"<>]{0,200}"){0,8} ?/?>)'
)
# What holds only until an element inside says otherwise, by a style that may have been left out (of lower letters), and
# selectors that ask for what is left out.
_TINY = re.compile(rb"font-size\s{0,4}:\s{0,4}(?:0|1(?!\d)|\.)")
_NONE = re.compile(rb"font:\s{0,4}(?:[a-z]{1,10}\s{1,4}){0,4}0")
_INK = re.compile(rb"color(?<![\w-]color)\s{0,4}[:=]\s{0,4}[\"']?([^;\"'<>{}]{1,60})")
_GROUND = re.compile(rb"(?:background(?:-color)?\s{0,4}:|bgcolor\s{0,4}=)\s{0,4}[\"']?([^;\"'<>{}]{1,60})")
_MOST_COLOURS = 200  # different ones; in a page with more any may be that of a ground
_ASKED_FOR = (b"[style", b"[lang")
_WORDS_OWN = re.compile(rb'<p(?: class="Mso[A-Za-z0-9]{0,40}"| align="[A-Za-z]{0,10}"){1,2}>')
_SPELLINGS = 12  # of a paragraph's tag in one page
_ASKED_OF_WORD = (b".mso", b"[class", b"[align")
_MANY, _MOST = 20, 50_000  # styles: in a page with fewer there is nothing to be gained; more stay as they are
_LONG = 400  # bytes; a longer style is kept as it stands
_REMEMBERED = 5_000  # styles; then they are forgotten
_LEFT_BEHIND = (
    (b'<span lang="EN-US"><o:p></o:p></span></p>', b"</p>"),
    (b' lang="EN-US"', b""),
    (b"<o:p></o:p></span>", b"</span>"),
    (b"<span></span></p>", b"</p>"),
)
_ONE_PARAGRAPH = re.compile(
    rb"(<td[^<>]*>)\s{0,20}<p>(?:<span>)?(?:<o:p>)?([^<>]*)(?:</o:p>)?(?:</span>)?</p>\s{0,20}</td>"
)
_SHEET = b"<style"  # whose rules may be of paragraphs in cells


def without_looks(data: bytes) -> bytes:
    """A page in any charset that holds ASCII, without styles that nothing here asks for."""
    parts = _CLOSED.split(data, _MOST)
    styles = parts[1::2]
    if len(styles) < _MANY:
        return data
    less = b"".join(parts[::2])
    if _STYLE in less and not all([_QUOTE in part for part in data.split(_STYLE)[1:]]):  # noqa: C419
        return data  # one is never closed, or holds what looks like another
    if kept := {style: b' style="%b"' % style for style in set(styles) if not _KNOWN[style]}:
        parts[1::2] = [kept.get(style, b"") for style in styles]
        less = b"".join(parts)
    low = less.lower()
    sheet = _SHEET in low
    if _may_matter(low, sheet=sheet):
        return data
    for behind, instead in _LEFT_BEHIND:
        less = less.replace(behind, instead)
    if sheet and any(asked in low for asked in _ASKED_OF_WORD):
        return less
    for _ in range(_SPELLINGS):
        if (own := _WORDS_OWN.search(less)) is None:
            break
        less = less.replace(own.group(), b"<p>")
    return less if sheet else _bare(less)


def _bare(data: bytes) -> bytes:
    """A page whose cells hold their text themselves, where all they hold is one paragraph that says nothing more."""
    before_cells_texts = _ONE_PARAGRAPH.split(data)
    parts = [b"</td>"] * (len(before_cells_texts) // 3 * 4 + 1)
    parts[::4], parts[1::4], parts[2::4] = before_cells_texts[::3], before_cells_texts[1::3], before_cells_texts[2::3]
    return b"".join(parts)


def _may_matter(low: bytes, *, sheet: bool) -> bool:
    """Whether a style may matter that was left out.

    ``low``: the rest of the page in lower letters; ``sheet``: whether it has a style sheet.
    """
    tiny = b"font-size" in low and _TINY.search(low) is not None
    tiny = tiny or (b"font:" in low and _NONE.search(low) is not None)
    return tiny or (sheet and any(asked in low for asked in _ASKED_FOR)) or (b"color" in low and _may_vanish(low))


def _may_vanish(low: bytes) -> bool:
    """Whether a page names an ink and a ground of one colour: ink inside of it may be seen by a style left out."""
    inks = {*_INK.findall(low)}
    grounds = {*_GROUND.findall(low)} if inks else set()
    if len(inks) + len(grounds) > _MOST_COLOURS:
        return True
    printed = [ink for text in inks if (ink := shown(f"color:{text.decode('latin-1')}").ink) is not None]
    upon = [ground for text in grounds if (ground := shown(f"background:{text.decode('latin-1')}").ground) is not None]
    return any(is_unseen(ink, ground) for ink in printed for ground in (WHITE, *upon))


def _is_look(style: bytes) -> bool:
    """Whether a style is only about looks."""
    if len(style) > _LONG:
        return False
    plain = style.replace(b"&#39;", b"'").replace(b"&quot;", b"'") if b"&" in style else style
    return vocabulary().looks.fullmatch(plain) is not None


_KNOWN = Remembered(_is_look, longest=_LONG, most=_REMEMBERED)
