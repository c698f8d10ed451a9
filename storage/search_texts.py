"""What a search compares: paragraphs of editions, in one spelling, and the pairs by which an index finds them (pure).

*Normalised* text is in NFKC and without case; signs that nobody sees are gone; a blank stays, as one space, between two
letters or digits (other than Chinese ones) and is dropped elsewhere. A phrase is found where its normalised text is a
part of a normalised paragraph, and never across two of them.

An index holds every pair of neighbouring characters of a paragraph, the last paired with a sign for the end. A phrase
of two characters is one pair, a longer one a chain of pairs, a single character whatever pairs begin with it. Nothing
depends on a dictionary or on what an engine takes for a letter: signs of ASCII, which an engine could take for syntax
or for a gap, stand in the index as their wide forms, which no normalised text has.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from storage.column_types import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParagraph:
    """A paragraph (a heading and the title are ones of their own), persons in it masked.

    ``document``: SHA-256 of the document that prints it; ``section``: number of the section in it, from 1, 0 for what
    has no place in the text (its title); ``heading`` as printed and ``key``, the form's section, of that section;
    ``paragraph``: number in the section, from 1, 0 for its heading.
    """

    text: str
    document: str
    section: int
    heading: str
    key: str
    paragraph: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """An edition's text. It counts as the report's last from ``since`` until ``until`` (None: to this day).

    ``kind``: of the agency. ``cut``: it is longer than what is searched. Without ``passages``: nothing could be read.
    """

    edition: str
    agency: str
    kind: str
    year: int
    since: datetime
    until: datetime | None
    passages: tuple[SearchParagraph, ...]
    cut: bool = False


def packed(passages: tuple[SearchParagraph, ...]) -> bytes:
    """Passages as compressed JSON in which documents and sections stand once."""
    sections: dict[tuple[str, int, str, str], int] = {}
    lines: list[list[int | str]] = []
    for one in passages:
        number = sections.setdefault((one.document, one.section, one.heading, one.key), len(sections))
        lines.append([number, one.paragraph, one.text])
    plain = {"sections": [list(section) for section in sections], "passages": lines}
    return zlib.compress(clean(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))).encode())


def unpacked(body: bytes) -> tuple[SearchParagraph, ...]:
    """The inverse of :func:`packed`."""
    plain: Mapping[str, list[list[str]]] = json.loads(zlib.decompress(body))
    sections = plain["sections"]
    paragraphs = []
    for number, paragraph, text in plain["passages"]:
        document, section, heading, key = sections[int(number)]
        paragraphs.append(
            SearchParagraph(
                text=text,
                document=document,
                section=int(section),
                heading=heading,
                key=key,
                paragraph=int(paragraph),
            )
        )
    return tuple(paragraphs)


def digest_of(text: SearchText, body: bytes) -> str:
    """SHA-256 (hex) of what the index holds of a text."""
    return hashlib.sha256(f"{text.cut}\n".encode() + zlib.decompress(body)).hexdigest()


LONGEST_PHRASE = 100  #: characters of a normalised phrase
_END = "\uff5f"  # NFKC writes it otherwise, as all wide forms
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()} | {0x20: 0x3000}


# Control and format signs, selectors of variants, the grapheme joiner, tags; blanks are not among them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001-\U000e01ef]+"
)
# What is wide in Chinese sentences is replaced first: NFKC then finds nothing more to do, in a fraction of the time.
_COMMON = tuple((chr(ord(narrow) + 0xFEE0), narrow) for narrow in ",():;!?%")
_HALVES = re.compile("[\ud800-\udfff]")
_CHINESE = "\u2e80-\u33ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_GAP = re.compile(rf"(?<![^\W{_CHINESE}]) | (?![^\W{_CHINESE}])")
_BLANK = re.compile(r"\s")
_WORD = re.compile(r"[^ ]+")


def drop_invisible_signs(text: str) -> str:
    """The text without signs that nobody sees; half a surrogate pair is U+FFFD."""
    return _HALVES.sub("\ufffd", _UNSEEN.sub("", text))


def normalised(text: str) -> str:
    """The text (of one paragraph) as it is compared; see the module."""
    return _without_blanks(_folded(drop_invisible_signs(text)))


def all_normalised(texts: Sequence[str]) -> list[str]:
    """Each text as :func:`normalised` gives it, in a third of the time: no sign is joined with one of another line."""
    folded = _folded(drop_invisible_signs("\n".join(texts))).split("\n")
    if len(folded) != len(texts):  # there are none, or one is several lines
        return [normalised(one) for one in texts]
    return [_without_blanks(line) for line in folded]


def _without_blanks(folded: str) -> str:
    line = " ".join(folded.split())
    return _GAP.sub("", line) if " " in line else line


def _folded(text: str) -> str:
    for wide, narrow in _COMMON:
        if wide in text:
            text = text.replace(wide, narrow)
    folded = unicodedata.normalize("NFKC", text).casefold()
    # a folded letter may be one that NFKC writes otherwise
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


@lru_cache(maxsize=8_192)
def _folded_letter(letter: str) -> str:
    return _folded(drop_invisible_signs(letter))


def with_places(text: str) -> tuple[str, Sequence[int]] | None:
    """The normalised text, and for each of its characters the place in ``text`` it comes from.

    None for the rare text of which single characters and all together are not spelt alike: marks of their own.
    """
    letters: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(text):
        folded = _folded_letter(letter)
        letters.append(folded)
        places += [at] * len(folded)
    line = _BLANK.sub(" ", "".join(letters))
    kept_places = list(_without_gaps(line)) if " " in line else range(len(line))
    normalised_text = "".join([line[at] for at in kept_places])
    return (normalised_text, [places[at] for at in kept_places]) if normalised_text == normalised(text) else None


def _without_gaps(line: str) -> Iterator[int]:
    """The places of what stays when blanks are dropped: of a run of them, if it stays, the first."""
    last = -1
    for match in _WORD.finditer(line):
        if last >= 0 and not _GAP.match(f"{line[last]} {line[match.start()]}", 1):
            yield last + 1
        yield from range(match.start(), match.end())
        last = match.end() - 1


def pairs(paragraph: str) -> list[str]:
    """The pairs of a normalised paragraph, in order; none of an empty one."""
    line = paragraph.translate(_WIDE) + _END
    return [line[at : at + 2] for at in range(len(line) - 1)]


def phrase_pairs(phrase: str) -> list[str]:
    """The chain of pairs of a normalised phrase; of a single character itself: any pair that begins so."""
    line = phrase.translate(_WIDE)
    return [line[at : at + 2] for at in range(len(line) - 1)] or [line]
