"""Turn blocks into .doc. Two reports are stored as real Word 97 files; others are HTML named .doc, as in many offices.

One of the two is also stored as WPS Writer saves it (.wps).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from archive.forms.printer import PrintedTable
from imitation.documents.html import page
from imitation.wording import Block, SectionHeading


@dataclass(frozen=True)
class Golden:
    """A stored .doc or .wps (``kind``): its bytes, title and form, and the text of each cell ("" if blank)."""

    name: str
    data: bytes
    title: str
    form: str
    cells: Mapping[str, str]
    kind: str = "doc"


def doc(title: str, blocks: Iterable[Block]) -> bytes:
    """Return the stored Word 97 file with exactly this content, else an HTML page."""
    content = tuple(blocks)
    golden = _by_content().get(fingerprint(title, content))
    return golden.data if golden is not None else page(title, content, variant="word", furniture=False)


def fingerprint(title: str, blocks: Iterable[Block]) -> str:
    """Return a digest of everything that a document of these blocks prints."""
    digest = hashlib.sha256(title.encode())
    for block in blocks:
        if isinstance(block, PrintedTable):
            texts = [f"{c.row},{c.col},{c.rowspan},{c.colspan},{c.text}" for c in block.cells]
        else:
            texts = [block.text if isinstance(block, SectionHeading) else block]
        digest.update("\x1f".join(texts).encode() + b"\x1e")
    return digest.hexdigest()


@cache
def goldens() -> tuple[Golden, ...]:
    """Return all stored files."""
    return tuple(golden for golden, _ in _load_stored())


@cache
def _by_content() -> Mapping[str, Golden]:
    return {content: golden for golden, content in _load_stored() if golden.kind == "doc"}


@cache
def _load_stored() -> tuple[tuple[Golden, str], ...]:
    folder = resources.files("imitation").joinpath("goldens")
    goldens: list[tuple[Golden, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            about = json.loads(entry.read_text("utf-8"))
            name = entry.name.removesuffix(".json")
            for kind in ("doc", "wps"):
                file = folder.joinpath(f"{name}.{kind}")
                if file.is_file():
                    golden = Golden(name, file.read_bytes(), about["title"], about["form"], about["cells"], kind)
                    goldens.append((golden, about["content"]))
    return tuple(goldens)
