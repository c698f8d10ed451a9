"""Where the record of a capture lies, for people."""

from __future__ import annotations

from archive.queries.results import CaptureLine
from nianbao.sentences import phrase


def record_lines(capture: CaptureLine) -> list[str]:
    """The WARC record, where there is one, and what is wrong with the certificate, where anything is."""
    lines = []
    if capture.warc_file:
        place = {"file": capture.warc_file, "offset": capture.warc_offset, "length": capture.warc_length}
        lines.append(phrase("record.warc", id=capture.id, **place))
    if capture.tls:
        lines.append(phrase("record.tls", tls=capture.tls))
    return lines
