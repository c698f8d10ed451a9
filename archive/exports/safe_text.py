"""Characters that nobody sees and that steer: no text of a portal moves a cursor, colours a line or turns it round.

On a terminal and in tables they are replaced, in JSON escaped, so that the text stays what it was.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
import unicodedata

_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and format characters, halves of characters, ends of lines
#: What is none of them: printed ASCII, the common Chinese signs and characters, their wide forms.
_PLAIN = "\n\x20-\x7e\u3000-\u312f\u3400-\u9fff\uff01-\uffe6"
_ODD = re.compile(f"[^{_PLAIN}]")


def safe_text(text: str) -> str:
    """``text`` without control and direction-changing characters: no portal steers a terminal."""
    if text.isprintable():  # then nothing in it steers
        return text
    return _ODD.sub(lambda found: "\N{REPLACEMENT CHARACTER}" if _steers(found[0]) else found[0], text)


def escaped(text: str) -> str:
    """JSON with such characters escaped; half a character, which many programs cannot read, is replaced."""
    if text.isprintable():  # then nothing in it steers
        return text
    return _ODD.sub(lambda found: _escaped(found[0]) if _steers(found[0]) else found[0], text)


def _steers(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in _STEERING


def _escaped(character: str) -> str:
    """A character as JSON escapes it: by one unit of UTF-16, or two."""
    if unicodedata.category(character) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return _units(character)


def _units(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def show_all_characters() -> None:
    """Let standard output and error show what their charset lacks as JSON escapes it: JSON stays what it was."""
    codecs.register_error("nianbao.escaped", _escaped_for)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="nianbao.escaped")


def _escaped_for(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_units, error.object[error.start : error.end])), error.end
