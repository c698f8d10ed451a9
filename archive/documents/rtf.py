"""RTF (often named .doc) → Pages: its words and tables; pictures and objects are passed over (RTF Specification 1.9.1).

The words of the file become the same stream of paragraphs and rows as those of a Word 97 file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from archive.documents.findings import limit_reached
from archive.documents.marked import Builder
from archive.documents.pages import Limits, Pages
from archive.documents.word97.model import MAX_COLUMNS, Mark, Marked, RowShape
from storage.records import Finding

MAX_TOKENS = 3_000_000
_DEEPEST = 2_000  # groups within groups
_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,12})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}]+)|(?P<rest>\\)",
    re.DOTALL,
)
#: Groups that print nothing, or not in the text.
_SILENT = frozenset((
    "colortbl", "stylesheet", "info", "pict", "objdata", "objclass", "objname", "header", "headerl", "headerr",
    "headerf", "footer", "footerl", "footerr", "footerf", "footnote", "annotation", "atnid", "atnauthor", "atndate",
    "fldinst", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "xmlnstbl", "themedata",
    "colorschememapping", "datastore", "latentstyles", "nonshppict", "mmathPr", "bkmkstart", "bkmkend", "ftnsep",
    "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "xe", "tc", "filetbl", "private", "pgdsctbl", "sp", "docvar",
    "userprops", "template", "panose", "falt", "do", "nonesttables",
))  # fmt: skip
_STARRED = frozenset(("shpinst", "nesttableprops", "listtext", "pntext", "shptxt"))  # read though marked \*
_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\x81-\xfe][\xa1-\xfe])+")
_CODE_PAGES = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 204: "cp1251", 238: "cp1250"}
_WORDS = {
    "tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emdash": "—",
    "endash": "–", "bullet": "•", "emspace": "\u3000", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SIGNS = {"~": "\u00a0", "_": "-", "\t": "\t"}  # a line end after the backslash is \par
_TOGGLES = frozenset(("v", "strike", "striked", "deleted"))
_PROPERTIES = frozenset((
    "plain", "f", "fcharset", "fonttbl", "ansicpg", "uc", "pard", "intbl", "itap", "outlinelevel", "trowd", "cellx",
    "trleft", "clmgf", "clmrg", "clvmgf", "clvmrg",
))  # fmt: skip
_ENDS = frozenset(("par", "sect", "page", "cell", "nestcell", "row", "nestrow"))
_KNOWN = frozenset(word.encode() for word in (*_SILENT, *_STARRED, *_WORDS, *_TOGGLES, *_PROPERTIES, *_ENDS, "u"))


@dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces."""

    silent: bool = False
    charset: int | None = None
    after_unicode: int = 1  # \uc: characters that stand for one \u and are passed over
    off: frozenset[str] = frozenset()  # of _TOGGLES
    fonts: bool = False


@dataclass(slots=True)
class _Paragraph:
    in_table: bool = False
    depth: int = 0
    outline: int = 9


@dataclass(slots=True)
class _Row:
    r"""A row definition (\trowd) being collected."""

    left: int = 0
    edges: list[int] = field(default_factory=list)
    across: list[bool] = field(default_factory=list)
    down: list[bool] = field(default_factory=list)
    merge: str = ""
    stack: str = ""

    def edge(self, at: int) -> None:
        r"""A cell ends there (\cellx)."""
        if len(self.edges) < MAX_COLUMNS:
            self.edges.append(at)
            self.across.append(self.merge == "clmrg")
            self.down.append(self.stack == "clvmrg")
        self.merge = self.stack = ""

    def shape(self) -> RowShape | None:
        """The row as drawn; None where its edges make no sense."""
        if not self.edges or sorted(self.edges) != self.edges:
            return None
        left = min(self.left, self.edges[0] - 1)
        return RowShape((left, *self.edges), list(self.across), list(self.down))


def read(data: bytes, limits: Limits) -> Pages:
    """Read an RTF file. ``unreadable``: ``empty`` where nothing prints."""
    findings: list[Finding] = []
    reader = _Reader(data, limits, findings)
    blocks = Builder(limits, findings).build(reader.paragraphs())
    return Pages(
        kind="rtf",
        blocks=blocks,
        findings=tuple(findings),
        unreadable="" if blocks else "empty",
    )


class _Reader:
    def __init__(self, data: bytes, limits: Limits, findings: list[Finding]) -> None:
        self._data = data
        self._limits = limits
        self._findings = findings
        self._group = _Group()
        self._groups: list[tuple[_Group, _Paragraph]] = []
        self._too_deep = 0
        self._default = "cp1252"
        self._fonts: dict[int, int] = {}
        self._font = 0
        self._paragraph = _Paragraph()
        self._rows: dict[int, _Row] = {}
        self._pieces: list[str] = []
        self._bytes = bytearray()
        self._high = 0  # first half of a surrogate pair
        self._to_skip = 0  # characters that stand for the last \u
        self._starred = False
        self._left = limits.characters

    def paragraphs(self) -> Iterator[Marked]:
        """The paragraphs, ends of cells and ends of rows in order."""
        at = self._data.find(b"{\\rtf")
        for _ in range(MAX_TOKENS):
            match = _TOKEN.match(self._data, max(at, 0))
            if match is None or self._left < 0:
                break
            at = match.end()
            kind = match.lastgroup
            if kind == "text":
                self._plain(match["text"])
            elif kind == "brace":
                self._brace(match["brace"] == b"{")
            elif kind == "hex":
                self._byte(int(match["hex"], 16))
            elif kind == "sign":
                yield from self._sign(match["sign"])
            elif match["word"] == b"bin":
                at += max(0, int(match["number"] or 0))
            elif match["word"] in _KNOWN:
                yield from self._word(match["word"].decode(), int(match["number"]) if match["number"] else None)
            elif self._starred:  # a destination that only others know
                self._group.silent, self._starred = True, False
        if at < len(self._data) or self._left < 0:
            self._findings.append(limit_reached("RTF 记号数", "tokens of the RTF", MAX_TOKENS))
        if text := self._taken().strip():
            yield text, Mark(), 0

    # ---- characters

    def _prints(self) -> bool:
        return not (self._group.silent or self._group.off or self._group.fonts or self._too_deep)

    def _plain(self, text: bytes) -> None:
        text = text.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
        self._starred = self._starred and not text
        if self._to_skip:
            skipped = min(self._to_skip, len(text))
            self._to_skip -= skipped
            text = text[skipped:]
        if text and self._prints():
            self._bytes += text

    def _byte(self, value: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._prints():
            self._bytes.append(value)

    def _unicode(self, value: int) -> None:
        self._flush()
        self._to_skip = self._group.after_unicode
        code = value & 0xFFFF
        if not self._prints():
            return
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            if self._high:
                self._pieces.append(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
            self._high = 0
        elif code >= 32:
            self._pieces.append(chr(code))

    def _flush(self) -> None:
        """Bytes gathered so far → text, by the code page of their font."""
        if self._bytes:
            self._pieces.append(bytes(self._bytes).decode(self._page(), "replace"))
            self._left -= len(self._bytes)
            self._bytes.clear()

    def _page(self) -> str:
        """The code page of the bytes gathered: of their font, of the file, or GBK where only that fits.

        Word selects East Asian fonts in ways of their own, in files that call themselves Western.
        """
        charset = self._group.charset
        page = _CODE_PAGES.get(charset, self._default) if charset else self._default
        chinese = page == "cp1252" and 134 in self._fonts.values() and _PAIRS.fullmatch(self._bytes)
        return "gb18030" if chinese else page

    def _put(self, text: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._prints():
            self._flush()
            self._pieces.append(text)

    def _taken(self) -> str:
        self._flush()
        self._to_skip = self._high = 0
        text = "".join(self._pieces)
        self._pieces.clear()
        return text

    # ---- groups and words

    def _brace(self, opens: bool) -> None:
        self._flush()
        self._to_skip = 0
        self._starred = False
        if opens:
            if len(self._groups) >= _DEEPEST:
                self._too_deep += 1
                return
            self._groups.append((self._group, self._paragraph))
            self._group, self._paragraph = replace(self._group), replace(self._paragraph)
        elif self._too_deep:
            self._too_deep -= 1
        elif self._groups:
            self._group, self._paragraph = self._groups.pop()

    def _sign(self, sign: bytes) -> Iterator[Marked]:
        if sign == b"*":
            self._starred = True
        elif sign in (b"\r", b"\n"):
            yield from self._ended(False, False)
        elif sign in (b"\\", b"{", b"}"):
            self._byte(sign[0])
        else:
            self._put(_SIGNS.get(sign.decode("latin-1"), ""))

    def _word(self, word: str, number: int | None) -> Iterator[Marked]:
        starred, self._starred = self._starred, False
        if self._too_deep:
            return
        if word in _SILENT or (starred and word not in _STARRED):
            self._flush()
            self._group.silent = True
        elif word == "u" and number is not None:
            self._unicode(number)
        elif word in _WORDS:
            self._put(_WORDS[word])
        elif word in ("par", "sect", "page"):
            yield from self._ended(False, False)
        elif word in ("cell", "nestcell"):
            yield from self._ended(True, False, nested=word == "nestcell")
        elif word in ("row", "nestrow"):
            yield from self._ended(False, True, nested=word == "nestrow")
        else:
            self._flush()
            self._set(word, number)

    def _ended(self, cell: bool, row: bool, *, nested: bool = False) -> Iterator[Marked]:
        """A paragraph ends, or with it a cell or a row."""
        if self._group.silent:
            return
        held = self._paragraph
        depth = max(held.depth, 1) if held.in_table or held.depth else 0
        if cell or row:
            depth = max(depth, 2) if nested else 1
        heading = held.outline + 1 if held.outline < 6 else 0
        shape = None
        if row:
            plan = self._rows.get(2 if nested else 1)
            shape = plan.shape() if plan is not None else None
        yield self._taken(), Mark(depth, cell, row, heading, shape), 0

    def _set(self, word: str, number: int | None) -> None:
        """Properties of characters, paragraphs and rows."""
        group = self._group
        if word in _TOGGLES:
            group.off = group.off - {word} if number == 0 else group.off | {word}
        elif word == "plain":
            group.off, group.charset = frozenset(), None
        elif word == "f":
            self._font = number or 0
            group.charset = self._fonts.get(self._font)
        elif word == "fcharset" and group.fonts:
            self._fonts[self._font] = number or 0
        elif word == "fonttbl":
            group.fonts = True
        elif word == "ansicpg":
            self._default = {936: "gb18030", 950: "big5hkscs", 65001: "utf-8"}.get(number or 0, "cp1252")
        elif word == "uc":
            group.after_unicode = min(max(number or 0, 0), 32)
        elif word == "pard":
            self._paragraph = _Paragraph()
        elif word == "intbl":
            self._paragraph.in_table = True
        elif word == "itap":
            self._paragraph.depth = min(max(number or 0, 0), self._limits.depth)
        elif word == "outlinelevel":
            self._paragraph.outline = number if number is not None and number >= 0 else 9
        else:
            self._row_word(word, number)

    def _row_word(self, word: str, number: int | None) -> None:
        depth = 2 if self._paragraph.depth > 1 else 1
        if word == "trowd":
            self._rows[depth] = _Row()
            return
        row = self._rows.get(depth)
        if row is None:
            return
        if word == "cellx":
            row.edge(number or 0)
        elif word == "trleft":
            row.left = number or 0
        elif word in ("clmgf", "clmrg"):
            row.merge = word
        elif word in ("clvmgf", "clvmrg"):
            row.stack = word
