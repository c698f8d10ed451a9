"""The command ``replay``: show captured pages with pywb, on this machine only and without access to the live web.

pywb has a virtual environment of its own (``make setup-replay``). It gets a temporary folder with its settings, a link
to the WARC files (copies only if they are in an object store) and an index that is made at the start; the folder is
deleted at the end.
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
from collections.abc import Iterator
from pathlib import Path

from archive.queries.withheld_content import WithholdingReason, outgoing
from nianbao.cli import common
from nianbao.cli.command_functions import archive_command
from nianbao.cli.common import portals_of
from nianbao.cli.output import say, tell
from nianbao.sentences import sentence
from storage.cdxj import NOT_MODIFIED, IndexEntry, entries
from storage.home import Home
from storage.records import Note

COLLECTION = "nianbao"
_HOST = "127.0.0.1"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")  # environment of pywb: no proxy, no settings
_PROJECT = Path(__file__).parent.parent.parent
_TOLD = {WithholdingReason.WITHHELD: "replay.hidden", WithholdingReason.NAMES: "replay.naming", None: "replay.unread"}


@archive_command()
def replay(home: Home, *, portal: str | None = None, port: int = 8090, dry_run: bool = False) -> None:
    """Show what was captured in a browser, as it was then: pywb on this machine, until Ctrl-C."""
    program, setting = find_replay(home.config.replay), home.config.replay
    absent = sentence("replay.not_there", folder=setting) if setting else sentence("replay.not_installed")
    if program is None and not dry_run:
        common.fail(absent, common.UNFINISHED)
    signal.signal(signal.SIGHUP, signal.default_int_handler)  # closing the terminal acts like Ctrl-C
    with tempfile.TemporaryDirectory(prefix="nianbao-replay-") as folder:
        _prepare(home, portals_of(home, portal), Path(folder))
        if program is None or dry_run:
            say(f"pywb: {program}" if program else absent)
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
    if home.simulated:
        tell("answer.simulated")
    tell("replay.records", number=len(records))
    for why, key in _TOLD.items():
        if left_out[why]:
            tell(key, number=left_out[why])


def _shown_entries(home: Home, portal: str, left_out: Counter[WithholdingReason | None]) -> Iterator[IndexEntry]:
    """Yield index entries of a portal's records; count in ``left_out`` why others are not shown (None: unreadable)."""
    out = outgoing(home)
    for capture, entry in entries(home, portal):
        why = out.why(capture)
        if why is not None or isinstance(entry, Note):
            left_out[why] += 1
        elif entry.status != NOT_MODIFIED:
            yield entry


def _serve(program: Path, folder: Path, port: int) -> None:
    """Run pywb until Ctrl-C, which both processes receive; its output goes to our standard error."""
    if not port:
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    tell("replay.at", address=f"http://{_HOST}:{port}/{COLLECTION}/")
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
            tell("answer.ended")
        else:
            common.fail(sentence("replay.ended"), common.UNFINISHED)
