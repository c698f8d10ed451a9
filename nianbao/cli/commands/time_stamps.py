"""Asking a time-stamping authority (RFC 3161 §3.4, over HTTP) for a stamp on a seal."""

from __future__ import annotations

import urllib.error
import urllib.request
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from nianbao.sentences import sentence
from storage.atomic_files import write_whole
from storage.sealing import stamps
from storage.sealing.manifest import KeptManifest
from storage.sealing.stamps import SUFFIX, Stamp, StampError

_SECONDS = 30


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """A POST is never sent on."""


def path_of(kept: KeptManifest) -> Path:
    """Where the time-stamp of a seal lies."""
    return kept.path.with_name(kept.path.name + SUFFIX)


def is_authority(url: str) -> bool:
    """Whether ``url`` could be the address of an authority: http or https, and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def stamp(kept: KeptManifest, url: str, roots: Path | None) -> Stamp:
    """Ask ``url`` for a time-stamp on a seal and keep the answer beside it. Raises StampError; then nothing is kept."""
    manifest = kept.path.read_bytes()
    trusted = stamps.certificates(roots.read_bytes()) if roots is not None else []
    question, nonce = stamps.request(manifest)
    answer = _asked(url, question)
    made = stamps.read(answer, manifest, nonce=nonce, roots=trusted)
    write_whole(path_of(kept), answer)
    return made


def stamp_of(kept: KeptManifest, roots: Path | None) -> Stamp | None:
    """The time-stamp of a seal, None where it has none. Raises StampError for one that proves nothing."""
    path = path_of(kept)
    if not path.exists():
        return None
    trusted = stamps.certificates(roots.read_bytes()) if roots is not None else []
    with path.open("rb") as handle:
        answer = handle.read(stamps.LONGEST + 1)
    return stamps.read(answer, kept.path.read_bytes(), roots=trusted)


def _asked(url: str, question: bytes) -> bytes:
    if not is_authority(url):
        raise StampError(sentence("stamp.no_authority", url=url))
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    asked = urllib.request.Request(url, data=question, headers=headers, method="POST")  # noqa: S310 - http only
    try:
        with urllib.request.build_opener(_NoRedirects).open(asked, timeout=_SECONDS) as answer:
            data: bytes = answer.read(stamps.LONGEST + 1)
    except urllib.error.HTTPError as error:
        raise StampError(sentence("stamp.answered", url=url, status=error.code, reason=error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise StampError(sentence("stamp.not_asked", url=url, cause=error)) from error
    return data
