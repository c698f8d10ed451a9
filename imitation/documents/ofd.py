"""Turn blocks into OFD (GB/T 33190-2016): placed text and ruled tables in mm, in the usual producers' styles."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from imitation.documents.grid import GridSizes, Pages
from imitation.wording import Block

_WIDTH, _HEIGHT = 210.0, 297.0
_MILLIMETRES = GridSizes(
    width=_WIDTH, height=_HEIGHT, margin=20.0, size=4.2, leading=7.0, cell_size=3.0, cell_leading=3.9, pad=1.0, gap=3.0,
    below=2.0, least=100.0,
)  # fmt: skip
_LINE = 0.2
_SPACE = "http://www.ofdspec.org/2016"
_MADE = (2020, 1, 1, 0, 0, 0)  # fixed, so that the bytes are the same on every machine
_POINT = 25.4 / 72


@dataclass(frozen=True)
class OfdStyle:
    """How a producer of OFD writes.

    ``single``: one text object per character (WPS), else one per line with DeltaX. ``repeats``: DeltaX in short form.
    ``filled``: rulings are thin filled boxes, else strokes. ``points``: objects are in points, scaled by a CTM.
    ``template``: page numbers and running head are on a template page. ``turned``: counter-clockwise quarter turns.
    ``prefix`` and ``space``: of the element names. ``rooted``: paths begin with "/".
    """

    single: bool = False
    repeats: bool = True
    filled: bool = False
    points: bool = False
    template: bool = False
    turned: int = 0
    prefix: str = "ofd:"
    space: str = _SPACE
    rooted: bool = False


def ofd(title: str, blocks: Iterable[Block], *, style: OfdStyle | None = None) -> bytes:
    """Return an OFD document: title, paragraphs and ruled tables on as many pages as needed."""
    paper = _Paper(style or OfdStyle())
    paper.paragraph(title, centred=True)
    paper.add(blocks)
    return _pack(title, paper.pages, paper.style)


def pictured(title: str, pages: Sequence[bytes]) -> bytes:
    """Return an OFD whose pages are images, as from a scanner; ``pages``: the bytes of PNG files."""
    style = OfdStyle()
    drawn = [
        f'<ofd:ImageObject ID="{900 + i}" Boundary="0 0 {_WIDTH} {_HEIGHT}" CTM="{_WIDTH} 0 0 {_HEIGHT} 0 0"'
        f' ResourceID="{500 + i}"/>'
        for i in range(len(pages))
    ]
    media = {f"image_{500 + i}.png": data for i, data in enumerate(pages)}
    return _pack(title, [[image] for image in drawn], style, media)


class _Paper(Pages):
    """Writes pages as lists of XML objects."""

    def __init__(self, style: OfdStyle) -> None:
        super().__init__(_MILLIMETRES)
        self.style = style
        self.pages: list[list[str]] = []
        self._number = 100
        self._edges: set[tuple[float, float, float, float]] = set()
        self.next_page()

    def advance(self, character: str, size: float) -> float:
        """Return the width of a character: its size for Chinese ones, half of it for others."""
        return size if character >= "\u2e80" or character in "“”‘’—…·" else size / 2

    def base_line(self, lines: int, y0: float, y1: float) -> float:
        """Return the base line of the first of ``lines`` lines, which are centred in a cell."""
        size, leading = self.measures.cell_size, self.measures.cell_leading
        y = (y0 + y1) / 2 - (lines * leading - size) / 2 + 0.88 * size
        return max(y - (leading - size) / 2, y0 + 0.88 * size)

    def box(self, x0: float, y0: float, x1: float, y1: float, *, open_above: bool, open_below: bool) -> None:
        """Remember the edges of a cell; adjacent cells share theirs."""
        del open_above, open_below
        self._edges |= {(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)}

    def end_part(self) -> None:
        """Draw the edges of all cells of this part."""
        for edge in sorted(self._edges):
            self._add_ruling(*edge)
        self._edges.clear()

    def write(self, text: str, x: float, y: float, size: float) -> None:
        """Write text whose base line begins at ``x``, ``y``."""
        if not self.style.single:
            self._add_text(text, x, y, size)
            return
        for character in text:
            if not character.isspace():
                self._add_text(character, x, y, size)
            x += self.advance(character, size)

    def _add_text(self, text: str, x: float, y: float, size: float) -> None:
        if not text.strip():
            return
        steps = [self.advance(character, size) for character in text]
        unit = _POINT if self.style.points else 1.0
        moves = _delta_list([step / unit for step in steps[:-1]], short=self.style.repeats)
        across = f' DeltaX="{moves}"' if moves else ""
        size_in, base = size / unit, 0.88 * size / unit
        code = f'<TextCode X="0" Y="{base:.4f}"{across}>{escape(text)}</TextCode>'
        self._add_object("TextObject", (x, y - 0.88 * size, sum(steps), size), f'Font="3" Size="{size_in:.4f}"', code)

    def _add_ruling(self, x0: float, y0: float, x1: float, y1: float) -> None:
        width, height = max(x1 - x0, _LINE), max(y1 - y0, _LINE)
        unit = _POINT if self.style.points else 1.0
        w, h = width / unit, height / unit
        if self.style.filled:
            data, says = f"M 0 0 L {w:.3f} 0 L {w:.3f} {h:.3f} L 0 {h:.3f} C", 'Stroke="false" Fill="true"'
        else:
            data, says = ("M 0 0 L {:.3f} 0" if x1 > x0 else "M 0 0 L 0 {:.3f}").format(max(w, h)), 'LineWidth="0.2"'
        self._add_object("PathObject", (x0, y0, width, height), says, f"<AbbreviatedData>{data}</AbbreviatedData>")

    def _add_object(self, kind: str, bounds: tuple[float, float, float, float], attributes: str, content: str) -> None:
        self._number += 1
        x, y, width, height = bounds
        turn = self.style.turned % 4
        unit = _POINT if self.style.points else 1.0
        a, b, c, d = [(1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0)][turn]
        moved = [(x, y), (y, _WIDTH - x), (_WIDTH - x, _HEIGHT - y), (_HEIGHT - y, x)][turn]
        scaled = " ".join(f"{unit * value:.4f}" for value in (a, b, c, d))
        matrix = "" if unit == 1.0 and not turn else f' CTM="{scaled} 0 0"'
        box = f"{moved[0]:.4f} {moved[1]:.4f} {width:.4f} {height:.4f}"
        self.pages[-1].append(f'<{kind} ID="{self._number}" Boundary="{box}"{matrix} {attributes}>{content}</{kind}>')

    def next_page(self) -> None:
        """Begin a page, with its number at the bottom."""
        self.pages.append([])
        self.y = self.measures.margin
        if not self.style.template:
            self.write(f"— {len(self.pages)} —", _WIDTH / 2 - 5, _HEIGHT - 10, 3.2)


def _delta_list(steps: list[float], *, short: bool) -> str:
    if short and len(steps) > 2 and len(set(steps)) == 1:
        return f"g {len(steps)} {steps[0]:.4f}"
    return " ".join(f"{step:.4f}" for step in steps)


def _pack(title: str, pages: Sequence[Sequence[str]], style: OfdStyle, media: dict[str, bytes] | None = None) -> bytes:
    """Return the zip; element names get the style's prefix."""
    width, height = (_WIDTH, _HEIGHT) if style.turned % 2 == 0 else (_HEIGHT, _WIDTH)
    head = "/Doc_0/" if style.rooted else ""
    template_use = '<Template TemplateID="2" ZOrder="Background"/>' if style.template else ""
    template_page = f'<TemplatePage ID="2" BaseLoc="{head}Tpls/Tpl_0/Content.xml"/>' if style.template else ""
    entries = "".join(f'<Page ID="{10 + i}" BaseLoc="{head}Pages/Page_{i}/Content.xml"/>' for i in range(len(pages)))
    files = {
        "OFD.xml": f'<OFD Version="1.1" DocType="OFD"><DocBody><DocInfo><DocID>{"0" * 32}</DocID>'
        f"<Title>{escape(title)}</Title></DocInfo><DocRoot>{head or 'Doc_0/'}Document.xml</DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": f"<Document><CommonData><MaxUnitID>9999</MaxUnitID><PageArea><PhysicalBox>0 0 {width}"
        f" {height}</PhysicalBox></PageArea><PublicRes>{head}PublicRes.xml</PublicRes><DocumentRes>{head}"
        f"DocumentRes.xml</DocumentRes>{template_page}</CommonData><Pages>{entries}</Pages></Document>",
        "Doc_0/PublicRes.xml": '<Res BaseLoc="Res"><Fonts><Font ID="3" FontName="宋体"/></Fonts></Res>',
        "Doc_0/DocumentRes.xml": '<Res BaseLoc="Res"><MultiMedias>'
        + "".join(
            f'<MultiMedia ID="{name[6:9]}" Type="Image"><MediaFile>{name}</MediaFile></MultiMedia>'
            for name in media or {}
        )
        + "</MultiMedias></Res>",
    }
    for i, objects in enumerate(pages):
        body = f'{template_use}<Content><Layer ID="{50 + i}" Type="Body">{"".join(objects)}</Layer></Content>'
        files[f"Doc_0/Pages/Page_{i}/Content.xml"] = f"<Page>{body}</Page>"
    if style.template:
        files["Doc_0/Tpls/Tpl_0/Content.xml"] = (
            '<Page><Content><Layer ID="4"><TextObject ID="5" Boundary="20 8 60 4" Font="3" Size="3">'
            '<TextCode X="0" Y="3" DeltaX="g 5 3">内部办公文件</TextCode></TextObject></Layer></Content></Page>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MADE), _with_prefix(text, style).encode(), zipfile.ZIP_DEFLATED)
        for name, data in (media or {}).items():
            archive.writestr(zipfile.ZipInfo(f"Doc_0/Res/{name}", _MADE), data)
    return out.getvalue()


def _with_prefix(text: str, style: OfdStyle) -> str:
    """Add the style's prefix to every element name, and the name space to the root."""
    plain = text.replace("<ofd:", "<").replace("</ofd:", "</")
    xml = plain.replace("</", "\0").replace("<", f"<{style.prefix}").replace("\0", f"</{style.prefix}")
    if style.space:
        declared = f"xmlns:{style.prefix[:-1]}" if style.prefix else "xmlns"
        end = next(i for i, character in enumerate(xml) if character in " >")
        xml = f"{xml[:end]} {declared}={quoteattr(style.space)}{xml[end:]}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'
