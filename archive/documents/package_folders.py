r"""Office packages packed by others than their programs: all parts within one folder, or ``\`` in the parts' names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

from archive.documents.container import ContainerError, check_overlaps, member, names_in, open_zip
from archive.documents.zipped import wanted_name

_ENTRIES = frozenset({"[content_types].xml", "mimetype", "ofd.xml"})  # parts that stand at the top of a package
_USUAL = (b"[Content_Types].xml", b"_rels/", b"mimetype", b"docProps/", b"word/", b"xl/", b"content.xml")
_NAME_AT = 30  # where the first member's name stands
_END, _DIRECTORY_AT = 22, 16  # bytes of a zip's last record; where it says where the directory is


def plain_names(names: Iterable[str]) -> Mapping[str, str]:
    """Names of parts as their program writes them → their names in this zip; empty where that changes nothing.

    Empty too where other files lie beside the package's folder, or several packages: that is somebody's collection.
    """
    turned: dict[str, str] = {}
    for name in names:
        turned.setdefault(name.replace("\\", "/").lstrip("/"), name)
    entries = [name for name in turned if name.rpartition("/")[2].lower() in _ENTRIES]
    if len(entries) != 1:
        return {}
    folder = entries[0][: entries[0].rfind("/") + 1]
    if any(wanted_name(name) and not name.startswith(folder) for name in turned):
        return {}
    held = {name.removeprefix(folder): own for name, own in turned.items() if name.startswith(folder)}
    done = {name: own for name, own in held.items() if name and not name.endswith("/")}
    return {} if all(name == own for name, own in done.items()) else done


def unfolded(data: bytes, limit: int) -> bytes:
    """The same package as its program would have packed it, its parts at most ``limit`` bytes together.

    ``data`` itself where it is packed as usual, or is none. Raises ContainerError.
    """
    if _is_usual(data):
        return data
    try:
        names = plain_names(names_in(data))
    except ContainerError:
        return data  # torn: its own reader tells
    if not names:
        return data
    source, out = open_zip(data), io.BytesIO()
    check_overlaps(source)
    with zipfile.ZipFile(out, "w") as package:
        for name, own in names.items():
            content = member(source, own, limit)
            limit -= len(content)
            package.writestr(name, content)
    return out.getvalue()


def _is_usual(data: bytes) -> bool:
    r"""Whether the first part stands in no folder and no name has a ``\``; by a look, as all are asked."""
    at = int.from_bytes(data[-_END + _DIRECTORY_AT :][:4], "little")
    if not data.startswith(_USUAL, _NAME_AT) or not data.startswith(b"PK\x01\x02", at):
        return False
    spot = data.find(b"\\", at)
    while spot >= 0:
        if data[spot - 1 : spot].isalnum() and data[spot + 1 : spot + 2].isalnum():
            return False  # within a name; numbers beside names may hold a lone one
        spot = data.find(b"\\", spot + 1)
    return True
