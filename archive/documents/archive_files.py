"""Read files that contain files: zip archives, and web pages saved as one file (MHTML)."""

from __future__ import annotations

import email
import re
import unicodedata
import zipfile
from dataclasses import replace
from email.errors import MessageError
from itertools import islice

from archive.documents.charset import decode_name
from archive.documents.html import open_html
from archive.documents.model import Document, Image, Limits, Member, UnreadableError
from archive.documents.packages import open_zip, read_member
from archive.findings import finding
from storage.records import Finding

NAME_MAX_CHARS = 200
MAX_LISTED = 100_000
MAX_MIME_LINES = 1_500_000
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_REPORT = re.compile("信息公开|年度?报|年报")


def open_archive(data: bytes, limits: Limits) -> Document:
    """Return the files of a zip, without empty ones and litter of systems; if they are too many, first those named like
    a report. One that cannot be unpacked becomes a finding. Raises UnreadableError.
    """
    archive = open_zip(data, MAX_LISTED)
    entries = [(stored_name(info), info) for info in archive.infolist() if info.file_size]
    selection = [(name, info) for name, info in entries if name and not _LITTER.search(name)]
    findings: list[Finding] = []
    if len(selection) > limits.members:
        findings.append(finding("limit_reached", case="members", found=len(selection), expected=limits.members))
        selection = sorted(selection, key=lambda one: not _REPORT.search(one[0]))[: limits.members]
    members: list[Member] = []
    reasons: list[str] = []
    bytes_left = limits.bytes
    for name, info in selection:
        try:
            members.append(Member(name, read_member(archive, info, bytes_left)))
        except UnreadableError as error:
            reasons.append(error.reason)
            findings.append(finding("part_unreadable", case="packed", found=error.reason, name=name, why=error.reason))
        else:
            bytes_left -= len(members[-1].data)
    unreadable = "" if members else reasons[0] if reasons else "empty"
    return Document("zip", members=tuple(members), findings=tuple(findings), unreadable=unreadable)


def stored_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name, decoded and safe to display: slashes for backslashes, without ``.`` and ``..`` steps and
    control characters, at most its last 200 characters.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        name = decode_name(info.orig_filename.encode("cp437", "replace"))
    plain = "".join(sign for sign in name.replace("\\", "/") if unicodedata.category(sign)[0] != "C")
    text = "" if plain.endswith("/") else "/".join(step for step in plain.split("/") if step not in ("", ".", ".."))
    return text if len(text) <= NAME_MAX_CHARS else "…" + text[-NAME_MAX_CHARS:]


def open_mhtml(data: bytes, limits: Limits) -> Document:
    """Read the web page of an MHTML file; the file's images follow it. Raises UnreadableError."""
    if data.count(b"\n") > MAX_MIME_LINES:
        raise UnreadableError("too_large")
    try:
        message = email.message_from_bytes(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
        leaves = [part for part in islice(message.walk(), limits.members) if not part.is_multipart()]
        contents = [(part.get_content_type(), part.get_payload(decode=True)) for part in leaves]
    except (MessageError, LookupError, ValueError, RecursionError) as error:
        raise UnreadableError("damaged") from error
    page = next((content for kind, content in contents if kind == "text/html" and content), None)
    if not isinstance(page, bytes):
        raise UnreadableError("damaged")
    opened = open_html(page, limits)
    pictures = [content for kind, content in contents if kind.startswith("image/") and isinstance(content, bytes)]
    images = [Image(len(opened.blocks), content) for content in pictures[: limits.images - len(opened.images)]]
    return replace(opened, images=(*opened.images, *images))
