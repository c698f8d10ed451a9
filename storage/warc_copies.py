"""Read WARC files that another web archive made, to copy their records: in little memory, and nothing is believed.

A file must have one gzip member per record, as the Internet Archive, Common Crawl and WACZ packages have it. A record
that is damaged or too long costs itself only, if the member that holds it can be skipped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from storage.errors import note_of
from storage.exchange import without_chunks
from storage.records import Note
from storage.warc_reader import BrokenRecordError, WarcRecord, end_of_member, read_record

SKIPPED_MAX_BYTES = 1 << 30  # unpacked bytes of a record that is skipped; longer ones end the reading of a file
_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})


def foreign_records(file: BinaryIO) -> Iterator[WarcRecord | Note]:
    """Yield the records of a file in order; for a damaged one, a note. Ends where nothing more can be read."""
    offset, size = 0, file.seek(0, 2)
    while offset < size:
        try:
            record = read_record(file, offset)
        except BrokenRecordError as broken:
            yield note_of(broken)
            try:
                offset = end_of_member(file, offset, SKIPPED_MAX_BYTES)
            except BrokenRecordError:
                return
        else:
            yield record
            offset = record.end


def digests_hold(record: WarcRecord, listed: str = "") -> bool:
    """Return whether a record has the digests that it states, and that of a list (``listed``, "" for none).

    Archives differ in whether the payload's digest is taken with the chunks of the transfer coding or without. Digests
    by algorithms that we do not have are not compared.
    """
    whole = record.message_head + record.payload
    payloads = (record.payload, without_chunks(record.payload, record.headers) or b"")
    declared_digest = record.fields.get("warc-payload-digest", "")
    return (
        _has_digest(record.fields.get("warc-block-digest", ""), whole)
        and _has_digest(declared_digest, *payloads)
        and _has_digest(listed, *payloads)
    )


def _has_digest(declared_digest: str, *contents: bytes) -> bool:
    """Return whether one of some contents has a digest as ``sha1:`` and base32 or hex, or bare as in CDX (SHA-1)."""
    algorithm, _, value = declared_digest.rpartition(":")
    algorithm = algorithm.lower().replace("-", "") or "sha1"
    if value in {"", "-"} or algorithm not in _ALGORITHMS:
        return True
    digests = [hashlib.new(algorithm, content, usedforsecurity=False).digest() for content in contents]
    return any(value.upper() == base64.b32encode(one).decode() or value.lower() == one.hex() for one in digests)
