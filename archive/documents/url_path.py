"""Names of files in addresses: percent signs decoded."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from archive.documents.zipped import decoded


def unescaped(path: str) -> str:
    """A path of an address as it is meant; each step's escapes are UTF-8, else GB 18030: old portals write such."""
    if "%" not in path:
        return path
    return "/".join(decoded(unquote_to_bytes(step.encode("utf-8", "replace"))) for step in path.split("/"))
