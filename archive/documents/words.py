"""The words that stand in bytes, without form: for documents of which nothing else can be had.

No grammar is asked, so that no damage and no size keeps them back: markup is cut out tag by tag, of packages the XML
parts are looked through, of binary files the runs of UTF-16. Figures among them have lost their places: no cell is
ever taken from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from archive.documents.charset import decode
from archive.documents.container import salvage
from archive.documents.pages import Paragraph

#: Kinds of which words stand in the bytes, or in parts that a zip only packs.
WORDED = frozenset(("html", "text", "csv", "json", "mhtml", "wordml", "excelml", "ole", "doc", "wps", "xls"))
WORDED |= {"docx", "xlsx", "ofd", "odt", "ods"}
MOST = 400_000  #: characters
_BYTES = 8 << 20  # of a part, or of a file without parts, that are looked through: of the file both ends
_PARTS = 200
_LINES = 20_000
# parts of packages that hold what is shown: those of Word, Excel, OpenDocument and OFD
_SHOWN = re.compile(rb"word/document\d*\.xml$|xl/(?:sharedStrings|worksheets/[^/]+)\.xml$|content\.xml$", re.IGNORECASE)
_UNSEEN = re.compile(r"<(?:(script|style)\b(?:[^<>]{0,2000}>)?|!--)", re.IGNORECASE)
_END_OF = {
    "script": re.compile(r"</script[^<>]{0,99}>", re.IGNORECASE),
    "style": re.compile(r"</style[^<>]{0,99}>", re.IGNORECASE),
    "": re.compile("-->"),
}
_LINE = re.compile(
    r"</?(?:p|div|br|tr|h[1-6]|li|table|section|article|title)\b[^<>]{0,2000}>|"
    r"</(?:\w{1,20}:)?(?:p|tr|row|si|t|TextCode|TextObject|table-row)>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,4000}>")
# a run of UTF-16 (little endian): printed ASCII, CJK punctuation and ideographs, full-width forms
_RUN = re.compile(rb"(?:[\x20-\x7e\r\n\t\x07]\x00|[\x00-\xff](?:\x30|[\x4e-\x9f]|\xff)|[\x10-\x26]\x20){6,}")
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_BLANKS = re.compile(r"[ \t\xa0\u3000]{2,}")
_LEAST = 4  # ideographs of a run


def words_in(data: bytes) -> str:
    """The words of a file, a line for each block that is still known as one; "" where no words are found."""
    return "\n".join(_lines(data))[:MOST]


def paragraphs_in(data: bytes) -> tuple[Paragraph, ...]:
    """The same without the lines that hold no Chinese: figures that lost their places are no text."""
    lines = "\n".join(line for line in _lines(data) if has_words(line))[:MOST]
    return tuple(Paragraph(text=line) for line in lines.split("\n") if line)[:_LINES]


def _lines(data: bytes) -> Iterator[str]:
    """What of a file may be words, line by line, no blanks at its ends and none beside another."""
    if data.startswith(b"PK\x03\x04"):
        parts = salvage(data, _BYTES, _PARTS)
        found = "\n".join(marked_up(content) for name, content, _ in parts if _is_shown(name, content))
    elif b"\x00" in data[:4096].strip(b"\x00") and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = "\n".join(_runs(_ends(data)))
    else:
        found = marked_up(_ends(data))
    return filter(None, map(str.strip, _BLANKS.sub(" ", found).split("\n")))


def _is_shown(name: bytes, content: bytes) -> bool:
    """Whether a part of a package holds what is shown, and is not encrypted."""
    return _SHOWN.search(name) is not None and b"xml" in content[:2_000]


def has_words(text: str) -> bool:
    """Whether any Chinese stands in a text."""
    return _IDEOGRAPH.search(text) is not None


def _ends(data: bytes) -> bytes:
    """A file, or of one that is too long its beginning and its end: what fills it may stand before the report."""
    if len(data) <= _BYTES:
        return data
    half = _BYTES // 2
    tail = data[len(data) - half & ~3 :]  # no unit of UTF-16 is cut
    return data[:half] + tail


def marked_up(data: bytes) -> str:
    """Text without the tags in it."""
    text = decode(data).text
    if "<" not in text:
        return text
    return unescape(_TAG.sub("", _LINE.sub("\n", "".join(_shown(text)))))


def _shown(text: str) -> Iterator[str]:
    """The pieces of a page outside of scripts, styles and comments; one that does not end hides nothing."""
    at = 0
    while (begun := _UNSEEN.search(text, at)) is not None:
        yield text[at : begun.start()]
        ended = _END_OF[(begun[1] or "").lower()].search(text, begun.end())
        if ended is None:
            at = begun.end()
            break
        at = ended.end()
    yield text[at:]


def _runs(data: bytes) -> Iterator[str]:
    """Runs of UTF-16 in which Chinese stands, and no character that is rare in it: other bytes look so by chance."""
    for run in _RUN.finditer(data):
        text = run[0].decode("utf-16-le", "replace")
        if len(_IDEOGRAPH.findall(text)) >= _LEAST and _is_common(text):
            yield text.replace("\r", "\n").replace("\x07", "\n")


def _is_common(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
