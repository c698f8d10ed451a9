"""Make texts of portals harmless: invisible characters must not move a cursor, colour a line or reverse its direction.

On terminals and in tables these characters are replaced; in JSON they are escaped, so that the text is preserved.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
import unicodedata

_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and format characters, surrogates, line separators
#: Harmless ranges, which need no look-up: printable ASCII, Chinese punctuation and characters, full-width forms.
_PLAIN = "\n\x20-\x7e\u3000-\u312f\u3400-\u9fff\uff01-\uffe6"
_ODD = re.compile(f"[^{_PLAIN}]")


def safe_text(text: str) -> str:
    """Return ``text`` with control and direction-changing characters replaced: no portal can control a terminal."""
    if text.isprintable():  # printable texts have no such characters
        return text
    return _ODD.sub(lambda found: "\N{REPLACEMENT CHARACTER}" if _steers(found[0]) else found[0], text)


def escaped(text: str) -> str:
    """Return JSON text with such characters escaped; lone surrogates, which many programs cannot read, are replaced."""
    if text.isprintable():  # printable texts have no such characters
        return text
    return _ODD.sub(lambda found: _escaped(found[0]) if _steers(found[0]) else found[0], text)


def _steers(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in _STEERING


def _escaped(character: str) -> str:
    """Return a character as a JSON escape: one or two units of UTF-16."""
    if unicodedata.category(character) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return _units(character)


def _units(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def show_all_characters() -> None:
    """Let standard output and error write characters that their charset lacks as JSON escapes: JSON stays valid."""
    codecs.register_error("nianbao.escaped", _escaped_for)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="nianbao.escaped")


def _escaped_for(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_units, error.object[error.start : error.end])), error.end
