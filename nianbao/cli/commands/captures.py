"""The commands ``show-capture`` (one capture and its record), ``warc`` (check and index WARC files) and ``replay``.

``replay`` shows captured pages with pywb, on this machine only and without access to the live web. pywb has a virtual
environment of its own (``make setup-replay``). It gets a temporary folder with its settings, a link to the WARC files
(copies only if they are in an object store) and an index that is made at the start; the folder is deleted at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.plain_values import fields_of
from archive.exports.writing import file_name
from archive.queries.one_capture import DigestCheck, KeptCapture, find_capture
from archive.queries.one_capture import verify as verify_digests
from archive.queries.withheld_content import Outgoing, WithholdingReason, outgoing
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import portal_of, portals_of
from nianbao.cli.output import Printer, print_sentence, print_text
from nianbao.cli.screens import show
from nianbao.sentences import note_sentence, notes_sentence, sentence
from storage.atomic_files import write_whole
from storage.captures import CaptureStore
from storage.cdxj import NOT_MODIFIED, IndexEntry, entries, write_index
from storage.home import Home
from storage.records import Capture, Note
from storage.warc_check import Mismatch
from storage.warc_check import check as compare
from storage.warc_fields import CAPTURE_FIELD
from storage.warc_reader import RecordHead

_FIELDS = (
    "id", "portal", "role", "url", "requested", "fetched_at", "outcome", "status", "reason", "mime", "size", "document",
    "payload_digest", "revisit_of", "via", "etag", "last_modified", "server_date", "location", "link_text", "tls",
    "run",
)  # fmt: skip
_ADDRESSES = ("url", "requested", "location")


@archive_command("json")
def show_capture_command(
    home: Home,
    printer: Printer,
    name: Annotated[str, typer.Argument(metavar="ID|DIGEST|URL")],
    *,
    save: Path | None = None,
    headers: bool = False,
    verified: bool = False,
) -> None:
    """Print one capture: its row, the place of its WARC record, its heads; verify its digests; save its bytes."""
    source = find_capture(home, name)
    why = outgoing(home).reason_not_given_out(source.capture)
    fields = _public_fields(source.capture, outgoing(home))
    checks = verify_digests(home, source) if verified else []
    heads = [source.record, source.request] if headers and why is None else None  # heads repeat withheld addresses
    if save is not None and why is not None:
        common.fail(sentence(f"capture.refused_{why.value}"), common.ATTENTION)
    saved = None if save is None else _save(home, source, save)
    row = _row(source, checks, heads, why, saved, fields)
    if saved != "-" and not printer.print_for_program(row):
        why_hidden = "" if why is None else why.value
        show("capture", kept=source, fields=fields, row=row, hidden=why_hidden, checks=checks)
    common.attention(source.damage or any(check.wrong for check in checks))


def _public_fields(capture: Capture, out: Outgoing) -> dict[str, object]:
    """Return the fields of a capture without addresses and texts that a ruling withholds."""
    fields = fields_of(capture, *_FIELDS)
    addresses = {name: out.address(str(fields[name])) for name in _ADDRESSES if fields[name]}
    text = out.title(capture.requested, capture.link_text) if capture.link_text else ""
    return fields | addresses | {"link_text": text}


def _row(
    source: KeptCapture, checks: list[DigestCheck], heads: list[RecordHead | None] | None,
    why: WithholdingReason | None, saved: str | None, fields: Mapping[str, object],
) -> dict[str, object]:  # fmt: skip
    """Return a capture as a row for programs. ``heads``: of its record and its request, None: not asked for; ``why``:
    why it is not given out; ``saved``: where its bytes were written; ``fields``: of the capture itself.
    """
    holder, place = source.holder, source.capture.warc
    row: dict[str, object] = {
        **fields,
        "warc": asdict(place) if place else None,
        "bytes": asdict(holder.warc) if holder is not None and holder.warc else None,  # of the original, for a repeat
        "withheld": why is WithholdingReason.WITHHELD, "names_withheld": why is WithholdingReason.MENTIONS,
        "others": source.others,
        "damage": note_sentence(source.damage) if source.damage is not None else "", "saved": saved,
        "verified": [
            {"what": one.what, "value": one.value, "wrong": notes_sentence(one.wrong)}
            | {"notes": [note.as_json for note in one.wrong]}
            for one in checks
        ],
    }  # fmt: skip
    return row | (dict(zip(("record", "request"), map(_head_row, heads), strict=True)) if heads is not None else {})


def _head_row(head: RecordHead | None) -> dict[str, Any] | None:
    """Return the head of a WARC record, without its copy of the capture's row, which may name what is withheld."""
    if head is None:
        return None
    fields = {name: value for name, value in head.fields.items() if name != CAPTURE_FIELD.lower()}
    return {"fields": fields, "first_line": head.first_line, "headers": [list(one) for one in head.headers]}


def _save(home: Home, source: KeptCapture, target: Path) -> str:
    """Write the document, checked against its digest, to a new file or (``-``) to standard output; return the path."""
    body = CaptureStore(home).body(source.capture)
    if target == Path("-"):
        if sys.stdout.isatty():
            common.fail(sentence("capture.terminal"))
        sys.stdout.buffer.write(body)
        return "-"
    is_folder = target.is_dir() or not (target.suffix or target.exists())  # a new folder is made
    path = target / file_name(source.capture) if is_folder else target
    if path.exists():
        common.fail(sentence("capture.exists", path=path))
    with common.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, body)
    return str(path)


# ---------------------------------------------------------------------------------------------- WARC files


@archive_command("json", "csv", whole=True)
def check(home: Home, printer: Printer, *, portal: str | None = None) -> None:
    """Compare all digests, lengths and offsets in WARC files with the database and vice versa; change nothing."""
    mismatches: list[Mismatch] = []
    progress = common.progress_line(sentence("progress.checking"))
    summary = compare(home, mismatches.append, portal=portal_of(home, portal), progress=progress)
    rows = [
        {"code": one.code, "fault": one.is_fault, "place": one.file + ("" if one.offset is None else f":{one.offset}")}
        | fields_of(one, "file", "offset", "capture")
        | {"said": note_sentence(one.note), "note": one.note.as_json, "todo": note_sentence(one.todo)}
        for one in mismatches
    ]
    if rows or not printer.is_for_people:
        printer.table("warc", rows)
    if printer.is_for_people:
        verdict = sentence("warc.faults" if summary.faults else "warc.agree", number=summary.faults)
        counts = fields_of(summary, "files", "live", "records", "rows", "revisits")
        print_sentence("warc.compared", bytes=f"{summary.bytes:,}", verdict=verdict, **counts)
    common.attention(summary.faults)


@archive_command()
def index(home: Home, *, portal: str | None = None) -> None:
    """Write the CDXJ index of the WARC files again, one file per portal, for pywb and the like; nothing withheld."""
    out = outgoing(home)
    indexes = [write_index(home, name, leave_out=out.hides) for name in portals_of(home, portal)]
    for one in indexes:
        key = "warc.index_left" if one.left_out else "warc.index"
        print_sentence(key, path=one.path, records=one.lines, left=one.left_out)
        for problem in one.problems:
            common.write_error(note_sentence(problem))
    common.attention(any(one.problems for one in indexes))


# ---------------------------------------------------------------------------------------------- replay


COLLECTION = "nianbao"
_HOST = "127.0.0.1"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")  # environment of pywb: no proxy, no settings
_PROJECT = Path(__file__).parent.parent.parent
_WHY = {WithholdingReason.WITHHELD: "replay.hidden", WithholdingReason.MENTIONS: "replay.naming", None: "replay.unread"}


@archive_command()
def replay(home: Home, *, portal: str | None = None, port: int = 8090, dry_run: bool = False) -> None:
    """Show captures in a browser as they were then, with pywb on this machine, until Ctrl-C."""
    program, setting = find_replay(home.config.replay), home.config.replay
    absent = sentence("replay.not_there" if setting else "replay.not_installed", folder=setting)
    if program is None and not dry_run:
        common.fail(absent, common.UNFINISHED)
    signal.signal(signal.SIGHUP, signal.default_int_handler)  # closing the terminal acts like Ctrl-C
    with tempfile.TemporaryDirectory(prefix="nianbao-replay-") as folder:
        _prepare(home, portals_of(home, portal), Path(folder))
        if program is None or dry_run:
            print_text(f"pywb: {program}" if program else absent)
        else:
            _serve(program, Path(folder), port)
    common.attention(program is None)


def find_replay(setting: str) -> Path | None:
    """Return pywb's program ``wayback``: from the environment in ``setting``, else from ``make setup-replay``'s."""
    folders = [Path(setting)] if setting else [_PROJECT / ".venv-replay", Path.cwd() / ".venv-replay"]
    return next((path for folder in folders if (path := folder / "bin" / "wayback").is_file()), None)


def _prepare(home: Home, portals: list[str], folder: Path) -> None:
    """Put settings, index and WARC files (or a link) into ``folder``; print how many records are shown or left out."""
    left_out: Counter[WithholdingReason | None] = Counter()
    records = [entry for portal in portals for entry in _shown_entries(home, portal, left_out)]
    (folder / "index").mkdir()
    lines = sorted(entry.line() + b"\n" for entry in records)
    (folder / "index" / "index.cdxj").write_bytes(b"".join(lines))
    if home.blobs.is_remote:
        for name in sorted({entry.place.file for entry in records}):  # pywb reads only local files
            target = folder / "warc" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with home.blobs.open(name) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
    else:
        (folder / "warc").symlink_to(home.warc_dir, target_is_directory=True)
    settings = {
        "collections": {COLLECTION: {"index_paths": "index/index.cdxj", "archive_paths": "warc/"}},
        "enable_auto_colls": False,
        "default_access": "allow",
    }
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    print_sentence("replay.records", number=len(records))
    for why, key in _WHY.items():
        if left_out[why]:
            print_sentence(key, number=left_out[why])


def _shown_entries(home: Home, portal: str, left_out: Counter[WithholdingReason | None]) -> Iterator[IndexEntry]:
    """Yield index entries of a portal's records; count in ``left_out`` why others are not shown (None: unreadable)."""
    out = outgoing(home)
    for capture, entry in entries(home, portal):
        why = out.reason_not_given_out(capture)
        if why is not None or isinstance(entry, Note):
            left_out[why] += 1
        elif entry.status != NOT_MODIFIED:  # a 304 has no page to show
            yield entry


def _serve(program: Path, folder: Path, port: int) -> None:
    """Run pywb until Ctrl-C, which both processes receive; its output goes to our standard error."""
    if not port:  # any that is free
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    print_sentence("replay.at", address=f"http://{_HOST}:{port}/{COLLECTION}/")
    sys.stdout.flush()
    with subprocess.Popen(  # noqa: S603 - a program of the operator's choice
        [str(program), "-b", _HOST, "-p", str(port), "-d", str(folder)], stdin=subprocess.DEVNULL, stdout=sys.stderr,
        env=environment, cwd=folder,
    ) as server:  # fmt: skip
        try:
            server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
            print_sentence("answer.ended")
        else:
            common.fail(sentence("replay.ended"), common.UNFINISHED)
