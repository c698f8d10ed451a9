"""``seal`` and ``verify``: what the archive held on a day, and whether it still holds it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import urlsplit

import typer

from archive.exports.plain_values import cell_text
from nianbao.cli import common, exit_codes
from nianbao.cli.output import chosen, columns, emit, say
from nianbao.sentences import note_sentence, sentence, worded
from storage.atomic_files import write_whole
from storage.capture_store import is_hex
from storage.home import Home
from storage.recent_outcomes import our_clock
from storage.sealing import making, manifest, stamps, verifying
from storage.sealing.manifest import KeptManifest
from storage.sealing.stamps import SUFFIX, Stamp, StampError
from storage.sealing.verifying import Verified

RootsOption = Annotated[Path | None, typer.Option("--roots", show_default=False)]


def seal(
    timestamp: Annotated[str | None, typer.Option("--timestamp", show_default=False)] = None,
    roots: RootsOption = None,
    over_gaps: Annotated[bool, typer.Option("--over-gaps")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Seal what was captured, looked at and ruled since the last seal: any later change of it shows (nianbao verify).

    Note the printed SHA-256 where you do not keep the archive, or have it time-stamped.
    """
    with common.opened_whole(archive) as home:
        url = timestamp or home.config.timestamp_url
        if url and not is_authority(url):
            common.fail(sentence("seal.no_authority", url=url))
        if (off := our_clock(home)) is not None:
            common.fail(sentence("seal.clock", seconds=f"{off:.0f}"), common.UNFINISHED)
        roots = _roots(home, roots)
        made, last = making.seal(home, over_gaps=over_gaps)
        newest = made or last
        row = _row(newest) | {"new": made is not None, "timestamp": None, "authority": None}
        failed = ""
        if url and newest is not None:
            try:
                got = stamp_of(newest, roots) or stamp(newest, url, roots)
                row |= {"timestamp": got.at, "authority": got.authority}
            except StampError as error:
                failed = worded(error)
    if as_json:
        emit([row], (), chosen(True, False))
    else:
        _tell(row, made)
    if failed:
        exit_codes.write(sentence("seal.not_stamped", why=failed))
    common.attention(failed)


def _row(kept: KeptManifest | None) -> dict[str, object]:
    if kept is None:
        return {"seal": None, "sha256": None, "files": 0, "rows": 0}
    return {
        "seal": kept.path.name,
        "sha256": kept.sha256,
        "files": len(kept.seal.files),
        "rows": sum(kept.seal.rows.values()),
    }


def _tell(row: dict[str, object], made: KeptManifest | None) -> None:
    if row["seal"] is None:
        say(sentence("seal.empty"))
    else:
        key = "seal.nothing_new" if made is None else "seal.done"
        say(sentence(key, seal=row["seal"], digest=row["sha256"], files=row["files"], rows=row["rows"]))
    if row["timestamp"] is not None:
        say(sentence("seal.stamped", at=cell_text(row["timestamp"]), authority=row["authority"]))


def verify(
    expect: Annotated[list[str] | None, typer.Option("--expect")] = None,
    roots: RootsOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Compare every seal with the files and rows it speaks for; what was changed or lost since is named."""
    for digest in expect or []:
        if not is_hex(digest.strip().lower(), 64):
            common.fail(sentence("verify.no_digest", digest=digest))
    with common.opened_whole(archive) as home:
        roots = _roots(home, roots)
        found = verifying.verify(home, progress=_megabytes(common.progress_line(sentence("progress.hashing"))))
        rows: list[dict[str, object]] = [
            {"code": one.code, "where": one.where, "sentence": note_sentence(one.note)} for one in found.problems
        ]
        if not found.chain and not rows:
            rows.append({"code": "no_seal", "where": manifest.FOLDER, "sentence": sentence("verify.no_seal")})
        rows += _unexpected(found, expect or [])
        stamped = _stamps(found, roots, rows)
    if rows or as_json or as_csv:
        emit(rows, columns("code", "where", "sentence", wrap={"where", "sentence"}), chosen(as_json, as_csv))
    if not (as_json or as_csv):
        _summary(found, stamped, len(rows))
    common.attention(rows)


def _unexpected(found: Verified, expect: list[str]) -> list[dict[str, object]]:
    known = {kept.sha256 for kept in found.chain}
    return [
        {"code": "not_in_chain", "where": digest, "sentence": sentence("verify.not_in_chain", digest=digest)}
        for digest in (text.strip().lower() for text in expect)
        if digest not in known
    ]


def _stamps(found: Verified, roots: Path | None, rows: list[dict[str, object]]) -> list[str]:
    """What each time-stamp says; those that prove nothing go to ``rows``."""
    said = []
    for kept in found.chain:
        try:
            got = stamp_of(kept, roots)
        except StampError as error:
            rows.append(
                {"code": "stamp_wrong", "where": kept.path.name, "sentence": f"{kept.path.name}: {worded(error)}"}
            )
            continue
        if got is not None:
            key = "verify.stamp_checked" if got.proven else "verify.stamp_unchecked"
            said.append(sentence(key, seal=kept.path.name, at=got.at.isoformat(), authority=got.authority))
    return said


def _summary(found: Verified, stamped: list[str], wrong: int) -> None:
    if not found.chain:
        return
    for one in stamped[-3:]:
        say(one)
    last = found.chain[-1]
    state = sentence("verify.wrong", number=wrong) if wrong else sentence("verify.as_sealed")
    say(sentence("verify.compared", seals=len(found.chain), files=found.files, rows=found.rows, state=state))
    say(sentence("verify.last", seal=last.path.name, digest=last.sha256))
    say(sentence("verify.not_sealed", rows=found.unsealed_rows, files=found.unsealed_files))


def _roots(home: Home, roots: Path | None) -> Path | None:
    """The certificates trusted: the flag, else the setting (relative to the archive)."""
    chosen_roots = roots or (home.path / home.config.timestamp_roots if home.config.timestamp_roots else None)
    if chosen_roots is not None and not chosen_roots.is_file():
        common.fail(sentence("verify.no_roots", file=chosen_roots))
    return chosen_roots


def _megabytes(show: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Progress in megabytes, told once for each."""
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done == total or (done >> 20 > told and done >> 20 < total >> 20):
            told = done >> 20
            show(told, total >> 20)

    return tell


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
