"""Text that is crossed out, carried within the text around it until it is known in which cell that stands.

Of documents that are read as a stream of paragraphs (Word 97, RTF) the place of a text is known last. Until then each
crossed-out character is one of a private plane, which nobody prints.
"""

from __future__ import annotations

import re

_PLANE, _LAST = 0xF0000, 0xFFFF
_CROSSED = re.compile(f"[{chr(_PLANE)}-{chr(_PLANE + _LAST)}]+")


def crossed(text: str) -> str:
    """The text as one that is crossed out, as many characters long."""
    return "".join(chr(_PLANE + ord(c)) if " " < c <= chr(_LAST) else c if c.isspace() else "\0" for c in text)


def parted(text: str) -> tuple[str, str]:
    """What of a text prints, and what of it is crossed out."""
    gone = "".join(_CROSSED.findall(text))
    if not gone:
        return text, ""
    left = "\n".join(kept for line in text.split("\n") if (kept := _CROSSED.sub("", line).strip()))
    return left, "".join(chr(ord(c) - _PLANE) for c in gone)
