""".zip → Pages with the files in it as members; gzip of one file likewise. Nothing is inflated beyond the limits."""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib

from archive.documents.container import ContainerError, check_overlaps, inflate, open_zip, salvage
from archive.documents.pages import Limits, Member, Pages
from archive.documents.unreadable_reasons import why
from archive.file_endings import ENDINGS, HTML
from archive.findings import finding
from storage.records import Finding

_NAME = 200  # characters of a name that are shown
_LISTED = 65_535  # members that a zip may have without an extension of the format; of more the first are read
# what the names of files say of them, where not all can be read
_REPORT = re.compile("报告|年报|信息公开")
_DOCUMENT = re.compile(rf"\.(?:{ENDINGS}|{HTML}|mht(?:ml)?)$", re.IGNORECASE)
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.[^/]*$|~\$[^/]*$|(?:Thumbs\.db|desktop\.ini)$)", re.IGNORECASE)
_TELLING = (b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0")  # files that tell where they end
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*", b"MM\0*")
_LINE_ENDS = (b"\n", b"</tr>", b"</TR>", b"</p>", b"</P>")
_GZIP = b"\x1f\x8b\x08"  # begins each piece of a gzip
_GZIPPED = 10_000  # of them in one; more are made to cost time
_CHUNK = 1 << 16
_UNICODE_PATH = 0x7075  # extra field of Info-ZIP: the name in UTF-8


def read(data: bytes, limits: Limits) -> Pages:
    """Files of a zip in its own order, without what systems leave behind (``__MACOSX``, ``Thumbs.db``, dot files).

    Members that cannot be had are told; ``unreadable`` (``encrypted``, ``too_large``, ``truncated``, ``damaged``) if
    that leaves none.
    """
    findings: list[Finding] = []
    try:
        archive = open_zip(data, _LISTED)
    except ContainerError as error:
        return _torn(data, limits, error.reason)
    try:
        check_overlaps(archive)
    except ContainerError as error:
        return Pages(kind="zip", blocks=(), unreadable=error.reason)
    found: list[Member] = []
    reasons: list[str] = []
    left = limits.bytes
    wanted = [
        (name, info) for info in archive.infolist() if wanted_name(name := stored_name(info)) and not _empty(info)
    ]
    if len(wanted) > limits.members:
        findings.append(finding("limit_reached", case="members", found=len(wanted), expected=limits.members))
        wanted = _likely(wanted, limits.members)
    for name, info in wanted:
        try:
            content = inflate(archive, info, left)
        except ContainerError as error:
            reasons.append(error.reason)
            findings.append(
                finding("part_unreadable", case="packed", found=error.reason, name=name, why=why(error.reason))
            )
            continue
        left -= len(content)
        found.append(Member(name=name, data=content))
    unreadable = "" if found else reasons[0] if reasons else "limit_reached" if findings else "empty"
    return Pages(kind="zip", blocks=(), members=tuple(found), findings=tuple(findings), unreadable=unreadable)


def _likely(wanted: list[tuple[str, zipfile.ZipInfo]], most: int) -> list[tuple[str, zipfile.ZipInfo]]:
    """Of more files than are read those that are most likely a report by their names, in the order of the zip."""
    ranked = sorted(range(len(wanted)), key=lambda at: (_rank(wanted[at][0]), at))
    return [wanted[at] for at in sorted(ranked[:most])]


def _rank(name: str) -> int:
    return 0 if _REPORT.search(name) else 1 if _DOCUMENT.search(name) else 2


def _empty(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/") or info.file_size == 0  # is_dir() fails on an empty name


def _torn(data: bytes, limits: Limits, reason: str) -> Pages:
    """What the local headers of a zip without directory still show."""
    members = tuple(
        Member(name=name, data=kept)
        for stored, content, whole in salvage(data, limits.bytes, limits.members)
        if wanted_name(name := shown(decoded(stored))) and (kept := content if whole else _begun(content))
    )
    if not members:
        return Pages(kind="zip", blocks=(), unreadable=reason)
    said = finding("document_damaged", case="container")
    if reason == "too_large":  # sound, for all that is known
        said = finding("limit_reached", case="members", found=_LISTED, expected=limits.members)
    return Pages(kind="zip", blocks=(), members=members, findings=(said,))


def _begun(content: bytes) -> bytes:
    """Of a file that is cut what its own reader knows to take for one, or its whole lines; nothing of an image."""
    if content.startswith(_TELLING):
        return content
    sample = content[:1_000]
    if b"\0" in sample or sample.startswith(_IMAGES):
        return b""
    return content[: max(content.rfind(mark) + len(mark) if mark in content else 0 for mark in _LINE_ENDS)]


def read_gzip(data: bytes, limits: Limits) -> Pages:
    """The one file of a gzip, which several members may make up one behind the other (RFC 1952, 2.2)."""
    pieces: list[bytes] = []
    left, at, whole, members = limits.bytes, 0, False, 0
    while data.startswith(_GZIP, at) and members < _GZIPPED:
        members, whole, engine, before = members + 1, False, zlib.decompressobj(31), len(pieces)
        try:
            while at < len(data) and left >= 0 and not engine.eof:
                piece = engine.decompress(data[at : at + _CHUNK], left + 1)
                at += min(_CHUNK, len(data) - at)
                left -= len(piece)
                pieces.append(piece)
        except zlib.error:
            del pieces[before:]  # its bytes are not what they were: figures in it may be wrong
            if not pieces:
                return Pages(kind="gz", blocks=(), unreadable="damaged")
            break
        at -= len(engine.unused_data)
        if left < 0 or (members == _GZIPPED and data.startswith(_GZIP, at)):
            return Pages(kind="gz", blocks=(), unreadable="too_large")
        whole = engine.eof
    content = b"".join(pieces)
    if not whole:
        begun = _begun(content)
        held = (Member(name=_gzip_name(data) or "gz", data=begun),) if begun else ()
        told = (finding("document_damaged", case="cut_short"),) if begun else ()
        return Pages(kind="gz", blocks=(), members=held, findings=told, unreadable="" if begun else "truncated")
    return Pages(kind="gz", blocks=(), members=(Member(name=_gzip_name(data) or "gz", data=content),))


def _gzip_name(data: bytes) -> str:
    """FNAME of the header (RFC 1952), if it stands where it does without other extras."""
    if len(data) > 10 and data[3] & 0x0C == 0x08:
        return shown(decoded(data[10:500].partition(b"\0")[0]))
    return ""


def wanted_name(name: str) -> bool:
    """Whether a member may be part of a report by its name."""
    return bool(name) and not name.endswith("/") and not _LITTER.search(name)


def stored_name(info: zipfile.ZipInfo) -> str:
    """The name of a member as its maker meant it: UTF-8 where said or seen, else GBK, else as the zip has it."""
    if info.flag_bits & 0x800:
        return shown(info.filename)
    if unicode := _unicode_path(info.extra):
        return shown(unicode)
    try:
        return shown(decoded(info.orig_filename.encode("cp437")))
    except UnicodeEncodeError:
        return shown(info.filename)


def _unicode_path(extra: bytes) -> str:
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        if tag == _UNICODE_PATH and size > 5:
            return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return ""


def decoded(raw: bytes) -> str:
    """Bytes of a name → text: strict UTF-8, strict GB 18030, else code page 437."""
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def shown(name: str) -> str:
    """A name for showing: slashes one way, no steps upwards, no control characters, not endless."""
    plain = "".join(c for c in name.replace("\\", "/") if unicodedata.category(c)[0] != "C")
    steps = [step for step in plain.split("/") if step not in ("", ".", "..")]
    folder = "/" if plain.endswith("/") else ""
    text = "/".join(steps)
    return (text if len(text) <= _NAME else "…" + text[-_NAME:]) + folder
