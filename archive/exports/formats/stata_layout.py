"""The bytes of a Stata file, format 118 (Stata 14 and newer; ``help dta``): header, descriptors, labels, strings. Pure.

Written here and not by a library because those take the whole table in memory (pyreadstat, pandas), or cannot write
extended missing values (pandas). The tests read what is written with both.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

RELEASE = 118
BYTE, LONG, DOUBLE, STRL = 65530, 65528, 65526, 32768
#: texts of more bytes than this lie apart, so that one long text does not widen every row
WIDEST = 244
_MISSING_LONG = 2_147_483_621  # "."; .a is one more, .b two …
_MISSING_BYTE = 101
_MISSING_DOUBLE = 0x7FE0_0000_0000_0000
_DOUBLE_STEP = 0x0000_0100_0000_0000
LEAST_LONG, MOST_LONG = -2_147_483_647, 2_147_483_620
_NAME, _FORMAT, _LABEL = 129, 57, 321  # bytes of a name, a format, a label, with their ends
_LETTERS_OF_LABEL = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable: its ``kind`` is a type above, or for texts the number of their bytes. ``labels``: a set of value
    labels; ``note``: a longer description.
    """

    name: str
    kind: int
    display: str
    label: str
    labels: str = ""
    note: str = ""

    @property
    def width(self) -> int:
        """Bytes of a value in a row."""
        return {BYTE: 1, LONG: 4, DOUBLE: 8, STRL: 8}.get(self.kind, self.kind)


def missing(letter: str) -> int:
    """How many steps ``.a`` … ``.z`` lie above ``.`` (which is 0)."""
    return ord(letter) - ord("a") + 1 if letter else 0


def packed(variable: Variable, value: object) -> bytes:
    """A value of a row: a number; text of the letters ``a`` … ``z`` where a number is missing so; None: missing.

    Texts of ``STRL`` variables lie apart, and are not packed here.
    """
    if variable.kind == DOUBLE:
        if isinstance(value, (int, float)):
            return struct.pack("<d", value)
        return struct.pack("<Q", _MISSING_DOUBLE + missing(str(value or "")) * _DOUBLE_STEP)
    if variable.kind in {BYTE, LONG}:
        form, least = ("<b", _MISSING_BYTE) if variable.kind == BYTE else ("<i", _MISSING_LONG)
        return struct.pack(form, value if isinstance(value, int) else least + missing(str(value or "")))
    return str(value or "").encode().ljust(variable.kind, b"\0")


def _fixed(text: str, size: int) -> bytes:
    """Text in a field of ``size`` bytes that ends with a zero byte, cut between letters."""
    return text.encode()[: size - 1].decode(errors="ignore").encode().ljust(size, b"\0")


def _tagged(name: str, content: bytes) -> bytes:
    return f"<{name}>".encode() + content + f"</{name}>".encode()


def beginning(variables: Sequence[Variable], rows: int, label: str, notes: Sequence[str]) -> tuple[bytes, list[int]]:
    """Everything before the rows, and where its parts begin. The map in it is empty: see :func:`with_map`."""
    short = label[:_LETTERS_OF_LABEL].encode()
    head = b"".join(
        (
            _tagged("release", str(RELEASE).encode()),
            _tagged("byteorder", b"LSF"),
            _tagged("K", struct.pack("<H", len(variables))),
            _tagged("N", struct.pack("<Q", rows)),
            _tagged("label", struct.pack("<H", len(short)) + short),
            _tagged("timestamp", b"\0"),
        )
    )
    parts = (
        ("map", bytes(8 * 14)),
        ("variable_types", b"".join(struct.pack("<H", one.kind) for one in variables)),
        ("varnames", b"".join(_fixed(one.name, _NAME) for one in variables)),
        ("sortlist", bytes(2 * (len(variables) + 1))),
        ("formats", b"".join(_fixed(one.display, _FORMAT) for one in variables)),
        ("value_label_names", b"".join(_fixed(one.labels, _NAME) for one in variables)),
        ("variable_labels", b"".join(_fixed(one.label[:_LETTERS_OF_LABEL], _LABEL) for one in variables)),
        ("characteristics", _characteristics(variables, notes)),
    )
    made, places = b"<stata_dta>" + _tagged("header", head), [0]
    for name, content in parts:
        places.append(len(made))
        made += _tagged(name, content)
    return made, places


def with_map(begun: bytes, places: Sequence[int]) -> bytes:
    """The beginning with the places of all parts filled in."""
    tag = b"<map>"
    at = begun.index(tag) + len(tag)
    filled = struct.pack("<14Q", *places)
    return begun[:at] + filled + begun[at + len(filled) :]


def _characteristics(variables: Sequence[Variable], notes: Sequence[str]) -> bytes:
    """Notes of the file and of variables, as Stata keeps them: ``note0`` counts them."""
    found = []
    for owner, texts in (("_dta", list(notes)), *((one.name, [one.note] if one.note else []) for one in variables)):
        for name, text in (("note0", str(len(texts))), *((f"note{n}", one) for n, one in enumerate(texts, 1))):
            if texts:
                content = _fixed(owner, _NAME) + _fixed(name, _NAME) + text.encode() + b"\0"
                found.append(_tagged("ch", struct.pack("<I", len(content)) + content))
    return b"".join(found)


def string_apart(variable: int, row: int, text: str) -> bytes:
    """A text that lies apart from its row; both are counted from 1."""
    content = text.encode() + b"\0"
    return b"GSO" + struct.pack("<IQBI", variable, row, 130, len(content)) + content


def pointer(variable: int, row: int) -> bytes:
    """Where the text of a row lies: with which variable and row it was written first; (0, 0) is the empty text."""
    return struct.pack("<H", variable) + struct.pack("<Q", row)[:6]


def value_labels(sets: Mapping[str, Iterable[tuple[int | str, str]]]) -> bytes:
    """The sets of value labels: numbers, or letters of extended missing values, with what they are called."""
    found = []
    for name, pairs in sets.items():
        values = [
            (_MISSING_LONG + missing(number) if isinstance(number, str) else number, text) for number, text in pairs
        ]
        values.sort()
        texts = [text.encode() + b"\0" for _, text in values]
        offsets, at = [], 0
        for text in texts:
            offsets.append(at)
            at += len(text)
        table = struct.pack("<ii", len(values), at)
        table += b"".join(struct.pack("<i", one) for one in offsets)
        table += b"".join(struct.pack("<i", value) for value, _ in values)
        table += b"".join(texts)
        found.append(_tagged("lbl", struct.pack("<I", len(table)) + _fixed(name, _NAME) + bytes(3) + table))
    return _tagged("value_labels", b"".join(found))


# ---------------------------------------------------------------------------------------------- names

LONGEST = 32
_KEPT, _MARKED = 26, 5  # characters of a name too long that stay, and hex digits of its digest
# [U] 11.3 of the Stata manual, with what a format would be taken for
_RESERVED = frozenset({
    "strL", "byte", "in", "_pred", "double", "float", "_coef", "_cons", "e", "with", "_all", "_b", "_r", "if", "str",
    "_rc", "using", "_skip", "_n", "_N", "_pi", "long", "_se", "int",
})  # fmt: skip
_STR = re.compile(r"str\d+")


@cache
def _shortened() -> Mapping[str, str]:
    text = files("archive.exports.formats").joinpath("stata_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def stata_name(name: str) -> str:
    """The name of a column in Stata files. It depends on ``name`` alone, and two names that differ differ in it."""
    words = [_shortened().get(word, word) for word in name.split(".")] if "." in name else [name]
    plain = re.sub(r"[^A-Za-z0-9_]", "_", "_".join(words))
    if plain[:1].isdigit() or plain in _RESERVED or _STR.fullmatch(plain):
        plain = f"v_{plain}"
    if len(plain) <= LONGEST:
        return plain
    return f"{plain[:_KEPT]}_{hashlib.sha256(name.encode()).hexdigest()[:_MARKED]}"
