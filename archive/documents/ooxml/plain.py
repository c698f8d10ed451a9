"""Rows of a table as nearly all are: cells of paragraphs of runs of text, with nothing in them that needs a rule.

Such a row is read at once, three times as fast as by the walk over its elements. Whatever is not known here to mean
nothing for what prints makes a row one for the walk.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

Element = etree._Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _named(names: str) -> frozenset[str]:
    return frozenset(f"{{{W}}}{name}" for name in names.split())


_TBL, _TC, _TC_PR, _TR_PR = f"{{{W}}}tbl", f"{{{W}}}tc", f"{{{W}}}tcPr", f"{{{W}}}trPr"
_P, _P_PR, _R, _R_PR, _T = f"{{{W}}}p", f"{{{W}}}pPr", f"{{{W}}}r", f"{{{W}}}rPr", f"{{{W}}}t"
_SPAN, _MERGE, _VAL = f"{{{W}}}gridSpan", f"{{{W}}}vMerge", f"{{{W}}}val"
#: Properties that say how things look, which part of a look an exception is, and where an editor's marks stand.
_IDLE = _named(
    "b bCs i iCs u sz szCs rFonts color highlight kern lang rStyle noProof spacing w shd bdr em"
    " jc ind rPr keepNext keepLines pageBreakBefore widowControl snapToGrid adjustRightInd autoSpaceDE autoSpaceDN"
    " wordWrap overflowPunct topLinePunct kinsoku textAlignment contextualSpacing mirrorIndents bidi"
    " tcW vAlign noWrap hideMark textDirection tcFitText cnfStyle tcBorders tcMar top left bottom right start end"
    " insideH insideV tl2br tr2bl trHeight cantSplit tblHeader wAfter wBefore tblCellSpacing"
    " bookmarkStart bookmarkEnd proofErr lastRenderedPageBreak"
)


@dataclass(slots=True)
class PlainCell:
    """A cell: the text of each of its paragraphs, its width in columns and its vertical merge as printed there."""

    texts: list[str] = field(default_factory=list)
    width: str = ""
    down: str | None = None


def plain_row(row: Element) -> list[PlainCell] | None:
    """The cells of a row; None if it is to be walked through, as is one that stands elsewhere than in a table."""
    parent = row.getparent()
    if parent is None or parent.tag != _TBL:
        return None
    cells: list[PlainCell] = []
    for element in row:
        tag = element.tag
        if tag != _TC:
            if tag != _TR_PR or not _is_idle(element):
                return None
            continue
        cell = PlainCell()
        for inner in element:
            tag = inner.tag
            if tag == _P:
                text = _text(inner)
                if text is None:
                    return None
                cell.texts.append(text)
            elif tag != _TC_PR or not _take(inner, cell):
                return None
        cells.append(cell)
    return cells


def _take(properties: Element, cell: PlainCell) -> bool:
    """Whether the properties of a cell are understood here; its merges are noted."""
    for one in properties:
        tag = one.tag
        if tag == _SPAN:
            value = one.get(_VAL)
            if not value or len(one):
                return False
            cell.width = value
        elif tag == _MERGE:
            if len(one) or (one.attrib and _VAL not in one.attrib):
                return False
            cell.down = one.get(_VAL) or "continue"
        elif tag not in _IDLE or (len(one) and not _is_idle(one)):
            return False
    return True


def _text(paragraph: Element) -> str | None:
    """What the runs of a paragraph print; None if anything but text stands in them."""
    pieces: list[str] = []
    for part in paragraph:
        tag = part.tag
        if tag == _R:
            for leaf in part:
                tag = leaf.tag
                if tag == _T:
                    if len(leaf):
                        return None
                    pieces.append(leaf.text or "")
                elif (tag != _R_PR and tag not in _IDLE) or (len(leaf) and not _is_idle(leaf)):
                    return None
        elif (tag != _P_PR and tag not in _IDLE) or (len(part) and not _is_idle(part)):
            return None
    return pieces[0] if len(pieces) == 1 else "".join(pieces)


def _is_idle(properties: Element) -> bool:
    return all(inner.tag in _IDLE for inner in properties.iterdescendants())
