"""The commands ``seal`` (record what the archive holds now) and ``verify`` (compare the archive with its seals)."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.exports.plain_values import cell_text
from crawler.operations.messages import RefusedRedirects
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.output import Printer, print_sentence
from nianbao.cli.screens import show
from nianbao.sentences import note_sentence, sentence, worded
from storage.atomic_files import write_whole
from storage.column_types import is_hex
from storage.home import Home
from storage.recent_outcomes import our_clock
from storage.sealing import making, manifest, stamps, verifying
from storage.sealing.manifest import KeptManifest
from storage.sealing.stamps import SUFFIX, StampError, TimeStamp
from storage.sealing.verifying import SealCheck

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@archive_command("json", whole=True)
def seal(
    home: Home, printer: Printer, *, timestamp: str | None = None, roots: Path | None = None, over_gaps: bool = False
) -> None:
    """Seal the captures, looks and rulings since the last seal, so that any later change can be detected. An error of
    the time-stamp authority ``timestamp`` does not undo it. ``roots``: a file of certificates that the stamp must be
    signed under; ``over_gaps``: seal again what missing seals covered.
    """
    url = timestamp or home.config.timestamp_url
    if url and not is_authority(url):
        common.fail(sentence("seal.no_authority", url=url))
    if (off := our_clock(home)) is not None:
        common.fail(sentence("seal.clock", seconds=f"{off:.0f}"), common.UNFINISHED)
    roots = _roots(home, roots)
    new_seal, last = making.seal(home, over_gaps=over_gaps)
    newest = new_seal or last
    row: dict[str, object] = {"seal": None, "sha256": None, "files": 0, "rows": 0}
    if newest is not None:
        row = {"seal": newest.path.name, "sha256": newest.sha256, "files": len(newest.seal.files)}
        row["rows"] = sum(newest.seal.rows.values())
    row |= {"new": new_seal is not None, "timestamp": None, "authority": None}
    failed = ""
    if url and newest is not None:
        try:
            got = stamp_of(newest, roots) or stamp(newest, url, roots)
            row |= {"timestamp": got.at, "authority": got.authority}
        except StampError as error:
            failed = worded(error)
    if not printer.print_for_program(row):
        key = "seal.empty" if newest is None else "seal.nothing_new" if new_seal is None else "seal.done"
        print_sentence(key, digest=row["sha256"], **row)
        if row["timestamp"] is not None:
            print_sentence("seal.stamped", at=cell_text(row["timestamp"]), authority=row["authority"])
    if failed:
        common.write_error(sentence("seal.not_stamped", why=failed))
    common.attention(failed)


@archive_command("json", "csv", whole=True)
def verify(home: Home, printer: Printer, *, expect: list[str] | None = None, roots: Path | None = None) -> None:
    """Compare every seal with files and rows that it covers; print what differs, and which of ``expect`` is no seal."""
    expected = [digest.strip().lower() for digest in expect or []]
    for digest in expected:
        if not is_hex(digest, 64):
            common.fail(sentence("verify.no_digest", digest=digest))
    roots = _roots(home, roots)
    result = verifying.verify(home, progress=common.progress_line(sentence("progress.hashing"), 1 << 20))
    rows = [_row(one.code, one.where, note_sentence(one.note)) for one in result.problems]
    if not result.chain and not rows:
        rows.append(_row("no_seal", manifest.FOLDER, sentence("verify.no_seal")))
    digests = {one.sha256 for one in result.chain}
    rows += [
        _row("not_in_chain", digest, sentence("verify.not_in_chain", digest=digest))
        for digest in expected
        if digest not in digests
    ]
    stamped = _stamps(result, roots, rows)
    if rows or not printer.is_for_people:
        printer.table("seals", rows)
    if printer.is_for_people and result.chain:
        show("verified", found=result, stamped=stamped, wrong=len(rows))
    common.attention(rows)


def _row(code: str, where: str, text: str) -> dict[str, object]:
    return {"code": code, "where": where, "sentence": text}


def _stamps(result: SealCheck, roots: Path | None, rows: list[dict[str, object]]) -> list[str]:
    """Return a sentence for each valid time-stamp of the seals; append a row to ``rows`` for each invalid one."""
    sentences = []
    for kept_seal in result.chain:
        name = kept_seal.path.name
        try:
            got = stamp_of(kept_seal, roots)
        except StampError as error:
            rows.append(_row("stamp_wrong", name, f"{name}: {worded(error)}"))
            continue
        if got is not None:
            key = "verify.stamp_checked" if got.proven else "verify.stamp_unchecked"
            sentences.append(sentence(key, seal=name, at=got.at.isoformat(), authority=got.authority))
    return sentences


def _roots(home: Home, roots: Path | None) -> Path | None:
    """Return the file of trusted certificates: the option, else the setting (relative to the archive), else None."""
    trusted = roots or (home.path / home.config.timestamp_roots if home.config.timestamp_roots else None)
    if trusted is not None and not trusted.is_file():
        common.fail(sentence("verify.no_roots", file=trusted))
    return trusted


# ---------------------------------------------------------------------------------------------- time-stamps


_SECONDS = 30  # timeout for the answer of an authority


def is_authority(url: str) -> bool:
    """True if ``url`` could be the address of a time-stamp authority: http or https, and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def stamp(kept_seal: KeptManifest, url: str, roots: Path | None) -> TimeStamp:
    """Request a time-stamp for a seal from ``url``, check it and store it beside the seal. Raises StampError."""
    sealed = kept_seal.path.read_bytes()
    question, nonce = stamps.request(sealed)
    answer = _ask(url, question)
    time_stamp = stamps.read(answer, sealed, nonce=nonce, roots=_trusted(roots))
    write_whole(_path_of_stamp(kept_seal), answer)
    return time_stamp


def stamp_of(kept_seal: KeptManifest, roots: Path | None) -> TimeStamp | None:
    """Return the stored time-stamp of a seal, None if it has none. Raises StampError if it is not valid."""
    path = _path_of_stamp(kept_seal)
    if not path.exists():
        return None
    with path.open("rb") as handle:
        answer = handle.read(stamps.LONGEST + 1)
    return stamps.read(answer, kept_seal.path.read_bytes(), roots=_trusted(roots))


def _path_of_stamp(kept_seal: KeptManifest) -> Path:
    return kept_seal.path.with_name(kept_seal.path.name + SUFFIX)


def _trusted(roots: Path | None) -> list[Certificate]:
    return [] if roots is None else stamps.certificates(roots.read_bytes())


def _ask(url: str, question: bytes) -> bytes:
    """Return a time-stamp authority's answer to a question. Raises StampError."""
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, data=question, headers=headers, method="POST")  # noqa: S310 - http only
    try:
        with urllib.request.build_opener(RefusedRedirects).open(request, timeout=_SECONDS) as answer:
            data: bytes = answer.read(stamps.LONGEST + 1)
    except urllib.error.HTTPError as error:
        raise StampError(sentence("stamp.answered", url=url, status=error.code, reason=error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise StampError(sentence("stamp.not_asked", url=url, cause=error)) from error
    return data
