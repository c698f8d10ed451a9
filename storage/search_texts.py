"""What a search compares: paragraphs of editions in normalised spelling, and pairs of characters as index keys. Pure.

*Normalised* text is in NFKC without case distinctions; invisible characters are removed; a blank stays, as one space,
between two letters or digits (other than Chinese) and is removed elsewhere; 人民政府 is split into two words, so that
民政 is no part of it. A phrase is found if its normalised text is part of a normalised paragraph, never across two.

The index contains every pair of adjacent characters of a paragraph; the last one is paired with an end sign. A phrase
of two characters is one pair, a longer one a chain of pairs, a single character every pair that begins with it. This
needs no dictionary and does not depend on what an engine considers a letter: ASCII punctuation, which an engine could
take for syntax or a separator, is indexed in its wide form, which normalised text never has.
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

TITLE = "title"  #: the section key of a title, which stands in no section


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParagraph:
    """A paragraph with persons masked; headings and the title are paragraphs of their own.

    ``document``: SHA-256 of the document that contains it; ``section``: its number there, from 1, or 0 for the title;
    ``heading`` (as printed) and ``key`` (the form's section) of that section; ``paragraph``: number within the section,
    from 1, or 0 for the heading.
    """

    text: str
    document: str
    section: int
    heading: str
    key: str
    paragraph: int

    @property
    def is_form_heading(self) -> bool:
        """Whether it is a heading that the national form prescribes, so that nearly every report has it."""
        return not self.paragraph and self.key not in ("", TITLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """An edition's text. It is the report's last edition from ``since`` until ``until`` (None: to now). ``kind``: of
    the agency. ``cut``: the text was too long and is only searched in part. Without ``passages`` nothing could be read.
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
    """Return passages as compressed JSON, in which documents and sections are stored once."""
    sections: dict[tuple[str, int, str, str], int] = {}
    lines: list[list[int | str]] = []
    for passage in passages:
        number = sections.setdefault((passage.document, passage.section, passage.heading, passage.key), len(sections))
        lines.append([number, passage.paragraph, passage.text])
    plain = {"sections": [list(section) for section in sections], "passages": lines}
    return zlib.compress(clean(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))).encode())


def unpacked(body: bytes) -> tuple[SearchParagraph, ...]:
    """Return the passages that :func:`packed` compressed."""
    plain: Mapping[str, list[list[str]]] = json.loads(zlib.decompress(body))
    sections = plain["sections"]
    paragraphs = []
    for number, paragraph, text in plain["passages"]:
        document, section, heading, key = sections[int(number)]
        paragraphs.append(
            SearchParagraph(
                text=text, document=document, section=int(section), heading=heading, key=key, paragraph=int(paragraph)
            )
        )
    return tuple(paragraphs)


def digest_of(text: SearchText, body: bytes) -> str:
    """Return the SHA-256 (hex) of what the index stores of a text."""
    return hashlib.sha256(f"{text.cut}\n".encode() + zlib.decompress(body)).hexdigest()


LONGEST_PHRASE = 100  #: characters of a normalised phrase
_END_SIGN = "\uff5f"  # the end sign: NFKC replaces it, as all wide forms, so it is never part of a text
_TO_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()} | {0x20: 0x3000}


# Control and format characters, variation selectors, the grapheme joiner, tags; blanks are not among them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001-\U000e01ef]+"
)
# Common wide signs of Chinese text are replaced first: then NFKC has nothing to do and is many times faster.
_WIDE_TO_NARROW = tuple((chr(ord(narrow) + 0xFEE0), narrow) for narrow in ",():;!?%")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CHINESE = "\u2e80-\u33ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_GAP = re.compile(rf"(?<![^\W{_CHINESE}]) | (?![^\W{_CHINESE}])")
_BLANK = re.compile(r"\s")
_WORD = re.compile(r"[^ ]+")
_WORD_END = "\u200b"  # invisible, so that no other normalised text has it
_GOVERNMENT, _SPLIT_GOVERNMENT = "人民政府", f"人民{_WORD_END}政府"  # in nearly every report: 民政 is not meant


def drop_invisible_signs(text: str) -> str:
    """Return the text without invisible characters; half a surrogate pair becomes U+FFFD."""
    return _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))


def normalised(text: str) -> str:
    """Return one paragraph's text as it is compared; see the module's docstring."""
    return _with_usual_gaps(_fold(drop_invisible_signs(text)))


def all_normalised(texts: Sequence[str]) -> list[str]:
    """Return each text :func:`normalised`, in a third of the time; no character combines across a line break."""
    folded = _fold(drop_invisible_signs("\n".join(texts))).split("\n")
    if len(folded) != len(texts):  # no texts, or one of several lines
        return [normalised(text) for text in texts]
    return [_with_usual_gaps(line) for line in folded]


def is_across_words(phrase: str) -> bool:
    """Return whether a phrase (民政) stands in 人民政府 as printed, where it is not found."""
    return phrase in _GOVERNMENT and normalised(phrase) not in _SPLIT_GOVERNMENT


def _with_usual_gaps(folded: str) -> str:
    line = " ".join(folded.split())
    return (_GAP.sub("", line) if " " in line else line).replace(_GOVERNMENT, _SPLIT_GOVERNMENT)


def _fold(text: str) -> str:
    """Return the text as it is searched: full-width characters as their usual forms, letters in lower case."""
    for wide, narrow in _WIDE_TO_NARROW:
        if wide in text:
            text = text.replace(wide, narrow)
    folded = unicodedata.normalize("NFKC", text).casefold()
    # case folding may produce a letter that NFKC replaces
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


@lru_cache(maxsize=8_192)
def _folded_letter(letter: str) -> str:
    return _fold(drop_invisible_signs(letter))


def with_places(text: str) -> tuple[str, Sequence[int]] | None:
    """Return the normalised text, and for each of its characters the index in ``text`` that it comes from.

    None for the rare text whose characters normalise differently alone and together (combining marks).
    """
    letters: list[str] = []
    places: list[int] = []
    for index, letter in enumerate(text):
        folded = _folded_letter(letter)
        letters.append(folded)
        places += [index] * len(folded)
    line = _BLANK.sub(" ", "".join(letters))
    kept_places = list(_without_gaps(line)) if " " in line else range(len(line))
    normalised_text = "".join([line[index] for index in kept_places]).replace(_GOVERNMENT, _SPLIT_GOVERNMENT)
    places = [places[index] for index in kept_places]
    for at in (at for at, sign in enumerate(normalised_text) if sign == _WORD_END):  # it splits 人民政府, and is ours
        places.insert(at, places[at])
    return (normalised_text, places) if normalised_text == normalised(text) else None


def _without_gaps(line: str) -> Iterator[int]:
    """Yield the indexes of characters that stay: all but blanks, of which one stays between two words not Chinese."""
    last_kept = -1
    for match in _WORD.finditer(line):
        if last_kept >= 0 and not _GAP.match(f"{line[last_kept]} {line[match.start()]}", 1):
            yield last_kept + 1
        yield from range(match.start(), match.end())
        last_kept = match.end() - 1


def pairs(paragraph: str) -> list[str]:
    """Return the pairs of a normalised paragraph in order; none for an empty one."""
    line = paragraph.translate(_TO_WIDE) + _END_SIGN
    return [line[start : start + 2] for start in range(len(line) - 1)]


def phrase_pairs(phrase: str) -> list[str]:
    """Return the pairs of a normalised phrase; for one character itself, the beginning of a pair."""
    line = phrase.translate(_TO_WIDE)
    return [line[start : start + 2] for start in range(len(line) - 1)] or [line]
