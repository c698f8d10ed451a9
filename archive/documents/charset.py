"""Decode bytes into text. The bytes decide, never the declared charset alone: pages declare UTF-8 over GBK bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from archive.findings import finding
from storage.records import Finding, Severity

MAX_BROKEN = 0.01  #: share of the characters beyond ASCII; a text in which more are broken is refused
#: in UTF-8 with more of these, only some bytes are damaged: as GB 18030 all words would be wrong
SOUND_PER_BROKEN = 4
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text without NULs and byte-order mark. ``refused``: too much is broken to trust the rest."""

    text: str
    findings: tuple[Finding, ...] = ()
    refused: bool = False


def decode(data: bytes) -> Decoded:
    """Decode by byte-order mark, else strict UTF-8, else whichever of UTF-8 and GB 18030 fits best."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if data.startswith(_MARKS):
        return _judge(data.decode("utf-16", "replace"), "utf-16")
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken or _count_beyond_ascii(text) > (SOUND_PER_BROKEN + 1) * broken:
        return _judge(text, "utf-8")
    return _judge(data.decode("gb18030", "replace"), "gb18030")


def _judge(text: str, charset: str) -> Decoded:
    """Return decoded text with a finding if some of it is broken, refused if too much is."""
    text = text.replace("\0", "").removeprefix("\ufeff")
    broken = text.count("\ufffd")
    if not broken:
        return Decoded(text)
    ratio = broken / max(1, _count_beyond_ascii(text))
    refused = ratio > MAX_BROKEN
    severity = Severity.ERROR if refused else Severity.WARNING
    note = finding("charset_broken", severity=severity, found=broken, charset=charset, ratio=ratio)
    return Decoded(text, (note,), refused)


def _count_beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def decode_name(raw: bytes) -> str:
    """Decode a file name, which has no declared charset: as UTF-8 where only that fits, else as GB 18030."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    # Chinese takes three bytes in UTF-8; text that decodes to two-byte characters only is really GBK (通知, 联通)
    return text if text and (text.isascii() or max(text) > "\u07ff") else raw.decode("gb18030", "replace")


def unescaped(path: str) -> str:
    """Return the path of a URL without percent escapes; each step is decoded as UTF-8, else as GB 18030."""
    if "%" not in path:
        return path
    return "/".join(decode_name(unquote_to_bytes(step.encode("utf-8", "replace"))) for step in path.split("/"))
