"""``seal`` and ``verify``: what the archive held on a day, and whether it still holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.commands.time_stamps import is_authority, stamp, stamp_of
from nianbao.cli.output import Column, chosen, emit
from storage.capture_store import is_hex
from storage.clocks import our_clock
from storage.home import Home
from storage.sealing import making, manifest, verifying
from storage.sealing.manifest import Kept
from storage.sealing.stamps import StampError
from storage.sealing.verifying import Verified

_NO_SEAL = (
    "there is no seal here, so nothing could be verified. If one was ever made, it is gone: bring seals/ back from a "
    "copy. Else make the first with: nianbao seal"
)
RootsOption = Annotated[
    Path | None,
    typer.Option("--roots", show_default=False),
]


def seal(
    timestamp: Annotated[
        str | None,
        typer.Option("--timestamp", show_default=False),
    ] = None,
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
            common.fail(
                f"{url!r} is no address of a time-stamping authority: give http://… or https://…; nothing was sealed"
            )
        if (off := our_clock(home)) is not None:
            common.fail(
                f"the portals asked last say that our clock is off by about {off:.0f} seconds: a seal would bear a"
                " wrong time, and nothing was sealed. Set it (timedatectl set-ntp true); it is believed again when a"
                " crawl has found a portal that agrees with it (nianbao crawl, nianbao up)",
                common.UNFINISHED,
            )
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
                failed = str(error)
    if as_json:
        emit([row], tuple(Column(key, key) for key in row), chosen(True, False))
    else:
        _tell(row, made)
    if failed:
        typer.echo(f"nianbao: {failed} The seal is kept; seal again to have it stamped.", err=True)
    common.attention(failed)


def _row(kept: Kept | None) -> dict[str, object]:
    if kept is None:
        return {"seal": None, "sha256": None, "files": 0, "rows": 0}
    return {
        "seal": kept.path.name,
        "sha256": kept.sha256,
        "files": len(kept.seal.files),
        "rows": sum(kept.seal.rows.values()),
    }


def _tell(row: dict[str, object], made: Kept | None) -> None:
    if row["seal"] is None:
        typer.echo("nothing to seal: the archive is empty")
    elif made is None:
        typer.echo(f"nothing new since {row['seal']}  sha256 {row['sha256']}")
    else:
        typer.echo(f"sealed {row['files']} WARC files and {row['rows']} rows: {row['seal']}  sha256 {row['sha256']}")
    if row["timestamp"] is not None:
        typer.echo(f"time-stamped {row['timestamp']} by {row['authority']}")


def verify(
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect"),
    ] = None,
    roots: RootsOption = None,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Compare every seal with the files and rows it speaks for; what was changed or lost since is named."""
    for digest in expect or []:
        if not is_hex(digest.strip().lower(), 64):
            common.fail(f"--expect {digest!r} is no SHA-256: give all 64 hex digits, as nianbao seal printed them")
    with common.opened_whole(archive) as home:
        roots = _roots(home, roots)
        found = verifying.verify(home, progress=_megabytes(common.progress_line("MB hashed")))
        rows: list[dict[str, object]] = [
            {"code": one.code, "where": one.where, "sentence": one.sentence} for one in found.problems
        ]
        if not found.chain and not rows:
            rows.append({"code": "no_seal", "where": manifest.FOLDER, "sentence": _NO_SEAL})
        rows += _unexpected(found, expect or [])
        stamped = _stamps(found, roots, rows)
    columns = tuple(Column(key, key, wrap=key == "sentence") for key in ("code", "where", "sentence"))
    if rows or as_json or as_csv:
        emit(rows, columns, chosen(as_json, as_csv))
    if not (as_json or as_csv):
        _summary(found, stamped, len(rows))
    common.attention(rows)


def _unexpected(found: Verified, expect: list[str]) -> list[dict[str, object]]:
    known = {kept.sha256 for kept in found.chain}
    return [
        {
            "code": "not_in_chain",
            "where": digest,
            "sentence": f"no seal here has the SHA-256 {digest}: the one that had was changed, or is gone.",
        }
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
            rows.append({"code": "stamp_wrong", "where": kept.path.name, "sentence": f"{kept.path.name}: {error}"})
            continue
        if got is not None:
            how = "signature checked" if got.proven else "signature not checked: give --roots"
            said.append(f"{kept.path.name} time-stamped {got.at.isoformat()} by {got.authority} ({how})")
    return said


def _summary(found: Verified, stamped: list[str], wrong: int) -> None:
    if not found.chain:
        return
    for sentence in stamped[-3:]:
        typer.echo(sentence)
    last = found.chain[-1]
    state = f"{wrong} things are not as they were sealed" if wrong else "everything is as it was sealed"
    typer.echo(
        f"{len(found.chain)} seals, {found.files} WARC files and {found.rows} rows compared: {state}\n"
        f"last seal {last.path.name}  sha256 {last.sha256}\n"
        f"not sealed yet: {found.unsealed_rows} rows, {found.unsealed_files} WARC files (or what was added to them)"
    )


def _roots(home: Home, roots: Path | None) -> Path | None:
    """The certificates trusted: the flag, else the setting (relative to the archive)."""
    chosen_roots = roots or (home.path / home.config.timestamp_roots if home.config.timestamp_roots else None)
    if chosen_roots is not None and not chosen_roots.is_file():
        common.fail(f"there is no file {chosen_roots}; give the authority's root certificates as PEM")
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
