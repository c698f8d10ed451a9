"""Bytes → text. Never by the declared charset alone: portals declare UTF-8 over GBK bytes and the reverse."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from functools import cache

from archive.documents.mixed_charsets import mend_latin1, pieces_in_gbk
from archive.findings import finding
from storage.records import Finding, Severity

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,8}=\s{0,8}["']?\s{0,8}([a-z0-9_.:-]{2,40})""")  # of lower letters
# GB 18030 holds GBK and GB 2312 and maps every byte that pages in those charsets really use.
_WIDENED = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030"}
_ASCII = bytes(range(0x80))
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LOOKED_AT = 4096  # bytes from the beginning
_LEAST = 12  # characters beyond ASCII that can tell what they are written in
_KNOWN = 0.97  # of them are in GB 2312 where they are Chinese; of what is none and looks like it, a third
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NO_WORD = re.compile(r"[\xa0\u2000-\u200f\u2014\ufeff]")  # spaces and the dash, which stand in all texts
_SOUND = 4  # so many times as many sound characters as broken ones make a text damaged UTF-8 and nothing else

_BROKEN_RATIO = 0.01  # above this share of broken characters a text is refused (docs/reading.md)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without NULs and BOM. ``refused`` if more than 1 % of the characters outside ASCII are broken."""

    text: str
    charset: str
    findings: tuple[Finding, ...] = ()
    refused: bool = False


def decode(data: bytes) -> Decoded:
    """Decode by BOM (UTF-16, UTF-32), UTF-16 without BOM, strict UTF-8, then whichever of UTF-8, declared and GB 18030
    breaks least; then, or where that is damaged UTF-8, pieces in GB 18030 by themselves.
    """
    data = data.removeprefix(codecs.BOM_UTF8)  # no evidence: what is included above a page may bring it
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _judged(data[len(bom) :].decode(name, "replace"), name)
    wide = utf16_without_bom(data)
    if wide:
        return _judged(data.decode(wide, "replace"), wide)
    try:
        text = data.decode("utf-8")
        if (mended := mend_latin1(data, text)) is not None:
            return _recoded(_judged(mended, "utf-8"))
        return Decoded(text, "utf-8") if "\ufffd" not in text and "\x00" not in text else _judged(text, "utf-8")
    except UnicodeDecodeError:
        pass
    return _least_broken(data)


#: codecs that Python has and no browser: a page that names one says nothing of its charset
_PYTHONS_OWN = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"))


def declared_charset(data: bytes) -> str | None:
    """The charset a page names in its first 4 kB, as a Python codec name widened to GB 18030, or None."""
    for match in _DECLARED.finditer(data[:4096].lower()):
        name = match.group(1).decode("ascii")
        name = _WIDENED.get(name, name)
        try:
            info = codecs.lookup(name)
        except LookupError:
            continue
        # only text codecs: "charset=zlib" must not inflate anything
        if getattr(info, "_is_text_encoding", True) and info.name not in _PYTHONS_OWN:
            return info.name
    return None


def utf16_without_bom(data: bytes) -> str | None:
    """UTF-16 in the order of bytes that the text itself tells, or None: by the halves of its ASCII characters that are
    0, or where they are few among Chinese ones, by being Chinese so and nothing else. Only UTF-16 has bytes that are 0.
    """
    head = data[:_LOOKED_AT]
    if b"\x00" not in head:
        return None
    first = data[:512]
    if len(first) < 16:
        return None
    even, odd = first[0::2].count(0), first[1::2].count(0)
    quarter = len(first) // 8  # a quarter of the code units
    for name, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many > quarter and few * 8 < many and not _NO_TEXT.search(_decode_pairs(first, name)):
            return name
    return next((name for name in ("utf-16-le", "utf-16-be") if _is_chinese(head, name)), None)


def _decode_pairs(data: bytes, charset: str) -> str:
    """The text of the whole pairs of bytes."""
    return data[: len(data) // 2 * 2].decode(charset, "replace")


def _is_chinese(head: bytes, charset: str) -> bool:
    """Whether bytes are Chinese text in this charset, beyond doubt; pairs of letters look like rare characters."""
    text = _NO_WORD.sub("", _decode_pairs(head, charset))
    beyond = _beyond_ascii(text)
    if beyond < _LEAST or _NO_TEXT.search(text):
        return False
    return _beyond_ascii(text.encode("gb2312", "ignore").decode("gb2312")) >= _KNOWN * beyond


def _least_broken(data: bytes) -> Decoded:
    if not _is_far_from_utf8(data):
        utf8 = data.decode("utf-8", "replace")
        broken = utf8.count("\ufffd")
        sound = _beyond_ascii(utf8) - broken
        if sound > _SOUND * broken:  # damaged UTF-8: GB 18030 would turn it into other words without complaint
            return _unless_mixed(_judged(utf8, "utf-8"), data)
    named = declared_charset(data)
    names = dict.fromkeys(name for name in (named, "gb18030") if name and not name.startswith("utf-8"))
    tried = [(data.decode(name, "replace"), name) for name in names if name != "utf-8"]
    if len(tried) > 1 and _holds_no_chinese(tried[0][1]):  # nothing ever breaks in such: that is no evidence
        text, name = tried[1]
        if _broken(text) <= _BROKEN_RATIO * _beyond_ascii(text):
            return _judged(text, name)
    text, name = min(tried, key=lambda pair: _broken(pair[0])) if len(tried) > 1 else tried[0]
    judged = _judged(text, name, nul=name != "gb18030" or b"\x00" in data)
    return _unless_mixed(judged, data) if judged.refused else judged


@cache
def _holds_no_chinese(charset: str) -> bool:
    """Whether a charset has no Chinese characters: iso-8859-1, which old servers and editors declare for any page."""
    try:
        "政府".encode(charset)
    except UnicodeEncodeError:
        return True
    return False


def _is_far_from_utf8(data: bytes) -> bool:
    """Whether so much of the first part is broken as UTF-8 that the rest, were it sound, could not make up for it.

    The part ends before a "<", where no character is cut; a sound character takes two bytes at least.
    """
    end = data.find(b"<", len(data) // 4)
    if end < 0:
        return False
    part = data[:end].decode("utf-8", "replace")
    broken = part.count("\ufffd")
    sound = len(part) - broken - len(data[:end].translate(None, _BEYOND_ASCII))
    rest = len(data[end:].translate(None, _ASCII))
    return sound + rest // 2 <= _SOUND * broken


def _broken(text: str) -> int:
    return text.count("\ufffd") if "\ufffd" in text else 0


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _unless_mixed(judged: Decoded, data: bytes) -> Decoded:
    """The text, or if less of it is broken so, UTF-8 with pieces in GB 18030."""
    mixed = pieces_in_gbk(data)
    return judged if mixed is None or _broken(mixed) >= _broken(judged.text) else _recoded(_judged(mixed, "utf-8"))


def _recoded(decoded: Decoded) -> Decoded:
    return replace(decoded, findings=(*decoded.findings, finding("charset_mixed")))


def _judged(text: str, name: str, *, nul: bool = True) -> Decoded:
    """``nul``: whether a NUL may stand in the text; to look for one in bytes takes a tenth of the time."""
    text = (text.replace("\x00", "") if nul and "\x00" in text else text).removeprefix("\ufeff")
    count = _broken(text)
    if not count:
        return Decoded(text, name)
    ratio = count / max(1, _beyond_ascii(text))
    refused = ratio > _BROKEN_RATIO
    severity = Severity.ERROR if refused else Severity.WARNING
    broken = finding("charset_broken", severity=severity, found=count, charset=name, ratio=ratio)
    return Decoded(text, name, (broken,), refused=refused)
