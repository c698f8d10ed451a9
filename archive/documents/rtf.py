"""RTF (often named .doc) → Pages: its words and tables; pictures and objects are passed over (RTF Specification 1.9.1).

The words of the file become the same stream of paragraphs and rows as those of a Word 97 file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from archive.documents.contrast import is_faint
from archive.documents.pages import UNREAD, Limits, Pages
from archive.documents.paragraph_tables import Builder
from archive.documents.rtf_syntax import (
    CELL,
    DEFINES,
    PARAGRAPH,
    PRINTS,
    PROPERTY,
    RAISING,
    ROW,
    SIGNS,
    SILENCES,
    STARRED,
    STRIKES,
    TOGGLES,
    UNICODE,
    WORDS,
    RowDefinition,
)
from archive.documents.runs import PrintedText, Raised, Run, Visibility, printed
from archive.documents.word97.model import Mark, Marked
from archive.findings import finding
from storage.records import Finding

MAX_TOKENS = 3_000_000
_PICTURES = ("pict", "nonshppict", "shppict")
_DEEPEST = 2_000  # groups within groups
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,12})? ?|((?:\\'[0-9A-Fa-f]{2})+)|\\([^A-Za-z])|([{}])|([^\\{}]+)|(\\)", re.DOTALL
)
_WORD, _NUMBER, _BYTES, _SIGN, _BRACE, _TEXT, _REST = range(1, 8)  # groups of _TOKEN
_BYTE = len(rb"\'00")
_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\x81-\xfe][\xa1-\xfe])+")
_CODE_PAGES = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 204: "cp1251", 238: "cp1250"}
_SIGNS = {"~": "\u00a0", "_": "-", "\t": "\t"}  # a line end after the backslash is \par
_COLOURS = 16_384  # bytes of their table
_COLOUR = re.compile(rb"\\red(\d{1,3})\s{0,9}\\green(\d{1,3})\s{0,9}\\blue(\d{1,3})(?!\d)")
_UNSEEN = b"\r\n\0"
_ENDS = frozenset((CELL, ROW, PARAGRAPH))
_NO_TOGGLES: frozenset[str] = frozenset()
_UNREAD_RUN = Run(UNREAD)


@dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces."""

    silent: bool = False
    charset: int | None = None
    after_unicode: int = 1  # \uc: characters that stand for one \u and are passed over
    off: frozenset[str] = _NO_TOGGLES
    fonts: bool = False
    raised: Raised = Raised.NOT
    struck: frozenset[str] = _NO_TOGGLES
    visible: Visibility = Visibility.SHOWN

    def copy(self) -> _Group:
        """The same for a group inside."""
        return _Group(
            self.silent, self.charset, self.after_unicode, self.off, self.fonts, self.raised, self.struck, self.visible
        )


@dataclass(slots=True)
class _Paragraph:
    in_table: bool = False
    depth: int = 0
    outline: int = 9


def read(data: bytes, limits: Limits) -> Pages:
    """Read an RTF file. ``unreadable``: ``empty`` where nothing prints, ``truncated`` where it breaks off before."""
    findings: list[Finding] = []
    reader = _Reader(data, limits, findings)
    blocks = Builder(limits, findings).build(reader.paragraphs())
    if reader.is_open and not findings:
        findings.append(finding("document_damaged", case="cut_short"))
    return Pages(
        kind="rtf",
        blocks=blocks,
        findings=tuple(findings),
        unreadable="" if blocks else "truncated" if reader.is_open else "empty",
    )


class _Reader:
    def __init__(self, data: bytes, limits: Limits, findings: list[Finding]) -> None:
        self._data = data
        self._limits = limits
        self._findings = findings
        self._group = _Group()
        self._groups: list[tuple[_Group, _Paragraph]] = []
        self._too_deep = 0
        self._cut = False
        self._drawn = 0  # pictures in the paragraph at hand
        self._default = "cp1252"
        self._fonts: dict[int, int] = {}
        self._font = 0
        self._paragraph = _Paragraph()
        self._rows: dict[int, RowDefinition] = {}
        self._runs: list[Run] = []
        self._bytes = bytearray()
        self._high = 0  # first half of a surrogate pair
        self._to_skip = 0  # characters that stand for the last \u
        self._starred = False
        self._left = limits.characters
        self._faint = _faint_colours(data)

    @property
    def is_open(self) -> bool:
        """Whether the group is still open that the whole file is."""
        return bool(self._groups)

    def paragraphs(self) -> Iterator[Marked]:
        """The paragraphs, ends of cells and ends of rows in order."""
        at, tokens = max(self._data.find(b"{\\rtf"), 0), MAX_TOKENS
        matches = _TOKEN.finditer(self._data, at)
        while tokens > 0 and self._left >= 0 and (match := next(matches, None)):
            at = match.end()
            tokens -= 1
            kind = match.lastindex or _REST
            ended = None
            if kind <= _NUMBER and (known := WORDS.get(match[1])):
                ended = self._word(*known, int(match[2]) if kind == _NUMBER else None)
            elif kind == _BYTES:
                at = min(at, match.start() + _BYTE * (tokens + 1))  # each byte is a token of its own
                tokens -= self._hexadecimal(self._data[match.start() : at]) - 1
            elif kind == _TEXT:
                self._plain(match[_TEXT])
            elif kind == _BRACE:
                self._brace(match[_BRACE] == b"{")
            elif kind == _SIGN:
                ended = self._sign(match[_SIGN])
            elif match[_WORD] == b"bin":
                at += max(0, int(match[_NUMBER] or 0))
                matches = _TOKEN.finditer(self._data, at)
            elif self._starred:  # a destination that only others know
                self._drawn += match[_WORD] == b"shppict" and self._prints()
                self._group.silent, self._starred = True, False
            if ended is not None:
                yield ended
        if at < len(self._data) or self._left < 0:
            self._findings.append(finding("limit_reached", bound="rtf_tokens", expected=MAX_TOKENS))
        text, struck = self._taken()
        if text.strip() or struck:
            yield Marked(text.strip(), Mark(), 0, struck)

    # ---- characters

    def _prints(self) -> bool:
        group = self._group
        return not (group.silent or group.off or group.fonts or self._too_deep)

    def _plain(self, text: bytes) -> None:
        text = text.translate(None, _UNSEEN)
        self._starred = self._starred and not text
        self._print(text)

    def _hexadecimal(self, escapes: bytes) -> int:
        """Bytes written in hexadecimal digits; how many they are."""
        held = bytes.fromhex(escapes.replace(b"\\'", b"").decode())
        self._print(held)
        return len(held)

    def _print(self, text: bytes) -> None:
        """Bytes of text, but for those that stand for the character of the last code."""
        if self._to_skip:
            skipped = min(self._to_skip, len(text))
            self._to_skip -= skipped
            text = text[skipped:]
        if not text:
            return
        if self._prints():
            self._bytes += text
        elif self._too_deep and not self._cut:
            self._cut = True
            self._findings.append(finding("limit_reached", bound="rtf_groups", expected=_DEEPEST))
        if self._too_deep and self._paragraph.in_table and self._runs[-1:] != [_UNREAD_RUN]:
            self._runs.append(_UNREAD_RUN)

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
                self._append(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
            self._high = 0
        elif code >= 32:
            self._append(chr(code))

    def _flush(self) -> None:
        """Bytes gathered so far → text, by the code page of their font."""
        if self._bytes:
            self._append(self._bytes.decode(self._page(), "replace"))
            self._left -= len(self._bytes)
            self._bytes.clear()

    def _append(self, text: str) -> None:
        group = self._group
        simple = not (group.visible or group.struck or group.raised)
        self._runs.append(Run(text) if simple else Run(text, group.visible, bool(group.struck), group.raised))

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
            self._append(text)

    def _taken(self) -> PrintedText:
        """What the paragraph at hand prints."""
        self._flush()
        self._to_skip = self._high = 0
        runs, self._runs = self._runs, []
        return printed(runs, in_cell=self._paragraph.in_table)

    # ---- groups and words

    def _brace(self, opens: bool) -> None:
        self._flush()
        self._to_skip = 0
        self._starred = False
        if opens:
            if len(self._groups) >= _DEEPEST:
                self._too_deep += 1
                return
            held = self._paragraph
            self._groups.append((self._group, held))
            self._group = self._group.copy()
            self._paragraph = _Paragraph(held.in_table, held.depth, held.outline)
        elif self._too_deep:
            self._too_deep -= 1
        elif self._groups:
            self._group, self._paragraph = self._groups.pop()

    def _sign(self, sign: bytes) -> Marked | None:
        if sign == b"*":
            self._starred = True
        elif sign in (b"\r", b"\n"):
            return self._ended(False, False)
        elif sign in (b"\\", b"{", b"}"):
            self._print(sign)
        else:
            self._put(_SIGNS.get(sign.decode("latin-1"), ""))
        return None

    def _word(self, word: str, does: int, number: int | None) -> Marked | None:
        """What a known word does; the paragraph, cell or row that it ends."""
        starred, self._starred = self._starred, False
        if self._too_deep:
            return None
        if does == SILENCES or (starred and word not in STARRED):
            self._flush()
            self._drawn += word in _PICTURES and self._prints()
            self._group.silent = True
        elif does == DEFINES:
            self._flush()
            self._row_word(word, number)
        elif does == PROPERTY:
            self._flush()
            self._set(word, number)
        elif does in _ENDS:
            return self._ended(does == CELL, does == ROW, nested=word[:4] == "nest")
        elif does == PRINTS:
            self._put(SIGNS[word])
        elif does == UNICODE and number is not None:
            self._unicode(number)
        else:
            self._flush()
        return None

    def _ended(self, cell: bool, row: bool, *, nested: bool = False) -> Marked | None:
        """A paragraph ends, or with it a cell or a row."""
        if self._group.silent:
            return None
        held = self._paragraph
        depth = max(held.depth, 1) if held.in_table or held.depth else 0
        if cell or row:
            depth = max(depth, 2) if nested else 1
        heading = held.outline + 1 if held.outline < 6 else 0
        plan = self._rows.get(2 if nested else 1) if row else None
        if plan is not None:
            text, struck = self._taken()
            return Marked(text, Mark(depth, cell, row, heading, plan.shape()), 0, struck)
        drawn, self._drawn = self._drawn, 0
        text, struck = self._taken()
        return Marked(text, _mark(depth, cell, row, heading), drawn, struck)

    def _set(self, word: str, number: int | None) -> None:
        """Properties of characters and paragraphs."""
        group = self._group
        if word == "intbl":
            self._paragraph.in_table = True
        elif word == "pard":
            self._paragraph = _Paragraph()
        elif word in TOGGLES:
            group.off = group.off - {word} if number == 0 else group.off | {word}
        elif word in STRIKES:
            group.struck = group.struck - {word} if number == 0 else group.struck | {word}
        elif word == "plain":
            group.off, group.charset, group.raised, group.struck = _NO_TOGGLES, None, Raised.NOT, _NO_TOGGLES
            group.visible = Visibility.SHOWN
        elif word == "cf":
            group.visible = Visibility.FAINT if (number or 0) in self._faint else Visibility.SHOWN
        elif word in RAISING:
            shifted = Raised.SHIFTED if word == "up" and number != 0 else Raised.NOT
            group.raised = Raised.NOTE if word in ("super", "sub") else shifted
        elif word == "uc":
            group.after_unicode = min(max(number or 0, 0), 32)
        elif word == "itap":
            self._paragraph.depth = min(max(number or 0, 0), self._limits.depth)
        elif word == "outlinelevel":
            self._paragraph.outline = number if number is not None and number >= 0 else 9
        else:
            self._set_font(word, number)

    def _set_font(self, word: str, number: int | None) -> None:
        """Fonts and the code pages of them and of the file."""
        if word == "f":
            self._font = number or 0
            self._group.charset = self._fonts.get(self._font)
        elif word == "fcharset":
            if self._group.fonts:
                self._fonts[self._font] = number or 0
        elif word == "fonttbl":
            self._group.fonts = True
        elif word == "ansicpg":
            self._default = {936: "gb18030", 950: "big5hkscs", 65001: "utf-8"}.get(number or 0, "cp1252")

    def _row_word(self, word: str, number: int | None) -> None:
        depth = 2 if self._paragraph.depth > 1 else 1
        if word == "trowd":
            self._rows[depth] = RowDefinition()
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
        else:
            row.stack = word


def _faint_colours(data: bytes) -> frozenset[int]:
    """The numbers of a file's colours that are hardly seen on paper."""
    begin = data.find(b"{\\colortbl")
    if begin < 0:
        return frozenset()
    colours = data[begin : min(data.find(b"}", begin) % len(data), begin + _COLOURS)].split(b";")
    found = ((at, _COLOUR.search(colour)) for at, colour in enumerate(colours))
    return frozenset(at for at, match in found if match and is_faint((int(match[1]), int(match[2]), int(match[3]))))


@lru_cache(1_024)
def _mark(depth: int, cell: bool, row: bool, heading: int) -> Mark:
    """The mark of a paragraph that is drawn by no row of its own."""
    return Mark(depth, cell, row, heading)
