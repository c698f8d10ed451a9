"""Pack files into one: zip archives as Windows and other systems make them, web pages saved whole (MHTML)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from email.message import EmailMessage

_MADE = (2020, 1, 1, 0, 0, 0)  # fixed, so that the bytes are the same on every machine


def zipped(files: Iterable[tuple[str, bytes]], *, names: str = "") -> bytes:
    """Return a zip of named files. ``names``: "" for names marked as UTF-8, else the charset of unmarked names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            entry = _Unmarked(name.encode(names).decode("cp437"), _MADE) if names else zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


class _Unmarked(zipfile.ZipInfo):
    """An entry whose name is stored as raw bytes, as by tools that do not know UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile calls it
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def mhtml(page: bytes) -> bytes:
    """Return a web page as an MHTML file."""
    message = EmailMessage()
    message["Subject"] = "saved page"
    message["MIME-Version"] = "1.0"
    message.make_related()
    start = EmailMessage()
    start.set_content(page, "text", "html", cte="quoted-printable")
    start.set_param("charset", "utf-8")
    start["Content-Location"] = "file:///C:/report.htm"
    message.attach(start)
    return message.as_bytes()
