"""The control words of RTF that matter to text and tables, by what they do; its rows (RTF Specification 1.9.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.documents.word97.model import MAX_COLUMNS, RowShape

#: Groups that print nothing, or not in the text.
SILENT = frozenset((
    "colortbl", "stylesheet", "info", "pict", "objdata", "objclass", "objname", "header", "headerl", "headerr",
    "headerf", "footer", "footerl", "footerr", "footerf", "footnote", "annotation", "atnid", "atnauthor", "atndate",
    "fldinst", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "xmlnstbl", "themedata",
    "colorschememapping", "datastore", "latentstyles", "nonshppict", "mmathPr", "bkmkstart", "bkmkend", "ftnsep",
    "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "xe", "tc", "filetbl", "private", "pgdsctbl", "sp", "docvar",
    "userprops", "template", "panose", "falt", "do", "nonesttables",
))  # fmt: skip
STARRED = frozenset(("shpinst", "nesttableprops", "listtext", "pntext", "shptxt"))  # read though marked \*
SIGNS = {
    "tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emdash": "—",
    "endash": "–", "bullet": "•", "emspace": "\u3000", "enspace": " ", "qmspace": " ",
}  # fmt: skip
#: Words that raise what follows above the line, or lower it.
RAISING = frozenset(("super", "nosupersub", "sub", "up", "dn"))
TOGGLES = frozenset(("v", "deleted"))  # what follows does not print
STRIKES = frozenset(("strike", "striked"))
_PROPERTIES = frozenset((
    "plain", "f", "fcharset", "fonttbl", "ansicpg", "uc", "pard", "intbl", "itap", "outlinelevel", "cf",
))  # fmt: skip
_ROW_WORDS = frozenset(("trowd", "cellx", "trleft", "clmgf", "clmrg", "clvmgf", "clvmrg"))


#: What a word does: it begins a group that does not print, prints a character or a sign, ends a paragraph, a cell or a
#: row, sets a property, defines a row, begins a group that is read though marked as one that few know.
#: Plain numbers, for thousands are compared in each file.
SILENCES, UNICODE, PRINTS, PARAGRAPH, CELL, ROW, PROPERTY, DEFINES, CONTENT = range(9)

_KINDS = {
    CONTENT: STARRED,
    DEFINES: _ROW_WORDS,
    PROPERTY: _PROPERTIES | TOGGLES | STRIKES | RAISING,
    ROW: ("row", "nestrow"),
    CELL: ("cell", "nestcell"),
    PARAGRAPH: ("par", "sect", "page"),
    PRINTS: SIGNS,
    UNICODE: ("u",),
    SILENCES: SILENT,
}
#: Every word that is known → its name and what it does.
WORDS: Mapping[bytes, tuple[str, int]] = {
    word.encode(): (word, does) for does, words in _KINDS.items() for word in words
}


@dataclass(slots=True)
class RowDefinition:
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
