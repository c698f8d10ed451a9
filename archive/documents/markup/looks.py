"""Leave out of a page's bytes what is said only about its looks, before they are decoded and parsed.

Two thirds of a page pasted from Word are styles such as ``mso-pagination:widow-orphan;font-family:仿宋_GB2312``, and
each of its paragraphs says that it is ``MsoNormal`` and how it is aligned. No element is added, moved or removed but
the empty ``<o:p>`` and ``<span>`` that end a paragraph, and the paragraph that is all its cell holds, so CSS paths of
cells and of what stands outside them hold; a style of which one declaration may matter (``visibility``, ``uncertain``,
``grids``) is kept as it stands.
"""

from __future__ import annotations

import re

from archive.documents.markup.vocabulary import vocabulary

_STYLE = re.compile(rb' style="([^"]*)"')
# what may stand behind it in its tag: nothing that may be a second style, which would count then
_REST = re.compile(rb'(?: (?:lang|class|align|valign|width|height|rowspan|colspan)="[^"<>]{0,200}"){0,8} ?/?>')
# What holds only until an element inside says otherwise, by a style that may have been left out (of lower letters; each
# begins with the letters that are looked for), and selectors that ask for what is left out.
_INHERITED = (
    re.compile(rb"font-size\s{0,4}:\s{0,4}(?:0|1(?!\d)|\.)"),
    re.compile(rb"color(?<![\w-]color)\s{0,4}:\s{0,4}transparent"),
)
_ASKED_FOR = (b"[style", b"[lang")
_WORDS_OWN = re.compile(rb'<p(?: class="Mso[A-Za-z0-9]{0,40}")?(?: align="[A-Za-z]{1,10}")?>')
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
_ONE_PARAGRAPH = re.compile(rb"><p><span>([^<>]*)</span></p></td>")
_CELL = b"<td"
_SHEET = b"<style"  # whose rules may be of paragraphs in cells


def without_looks(data: bytes) -> bytes:
    """A page in any charset that holds ASCII, without styles that nothing here asks for."""
    parts = _STYLE.split(data, _MOST)
    if len(parts) <= 2 * _MANY:
        return data
    if len(_KNOWN) > _REMEMBERED:
        _KNOWN.clear()
    parts[1::2] = [
        b"" if _KNOWN[style] and (rest[:1] == b">" or _REST.match(rest)) else b' style="%b"' % style
        for style, rest in zip(parts[1::2], parts[2::2], strict=True)
    ]
    less = b"".join(parts)
    low = less.lower()
    if _may_matter(low):
        return data
    for behind, instead in _LEFT_BEHIND:
        less = less.replace(behind, instead)
    if any(asked in low for asked in _ASKED_OF_WORD):
        return less
    less = _WORDS_OWN.sub(b"<p>", less)
    return less if _SHEET in low else _bare(less)


def _bare(data: bytes) -> bytes:
    """A page whose cells hold their text themselves, where all they hold is one paragraph that says nothing more."""
    parts = _ONE_PARAGRAPH.split(data)
    parts[1::2] = [
        b">%b</td>" % text
        if before.endswith(_CELL) or before.startswith(_CELL, before.rfind(b"<"))
        else b"><p><span>%b</span></p></td>" % text
        for before, text in zip(parts[::2], parts[1::2], strict=False)
    ]
    return b"".join(parts)


def _may_matter(low: bytes) -> bool:
    """Whether a style may matter that was left out. ``low``: the rest of the page in lower letters."""
    return any(pattern.search(low) for pattern in _INHERITED) or any(asked in low for asked in _ASKED_FOR)


class _Known(dict[bytes, bool]):
    """Style → whether it is only about looks."""

    def __missing__(self, style: bytes) -> bool:
        if len(style) > _LONG:
            return False
        found = self[style] = vocabulary().looks.fullmatch(style) is not None
        return found


_KNOWN = _Known()
