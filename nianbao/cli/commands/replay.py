"""``nianbao replay``: pywb over the archive's own WARC files, on this machine only, without a way to the live web.

pywb runs from an environment of its own (``make setup-replay``). What it is given is a temporary folder with its
settings, a link to the WARC files and an index made at the start; nothing is copied, but for files from an object
store, and nothing is left behind.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from archive.queries.withheld_content import Why, outgoing
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.options import portals_of
from nianbao.cli.output import say, tell
from nianbao.sentences import sentence
from storage.cdxj import NOT_MODIFIED, IndexEntry, entries
from storage.home import Home
from storage.records import Note

COLLECTION = "nianbao"
_HOST = "127.0.0.1"
_START_SECONDS, _STOP_SECONDS = 90, 10  # in which pywb must answer, and end
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")  # of our environment: no proxy, no settings
_PROJECT = Path(__file__).parent.parent.parent
_TOLD = {Why.WITHHELD: "replay.hidden", Why.NAMES: "replay.naming", None: "replay.unread"}


@archive_command()
def replay(
    home: Home,
    portal: common.PortalOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8090,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Show what was captured in a browser, as it was then: pywb on this machine, until Ctrl-C."""
    program, named = find_replay(home.config.replay), home.config.replay
    absent = sentence("replay.not_there", folder=named) if named else sentence("replay.not_installed")
    if program is None and not dry_run:
        common.fail(absent, common.UNFINISHED)
    signal.signal(signal.SIGHUP, signal.default_int_handler)  # a terminal that is closed ends us as Ctrl-C does
    with tempfile.TemporaryDirectory(prefix="nianbao-replay-") as folder:
        _prepare(home, portals_of(home, portal), Path(folder))
        if program is None or dry_run:
            say(f"pywb: {program}" if program else absent)
        else:
            _serve(program, Path(folder), _free_port(port))
    common.attention(program is None)


def find_replay(named: str) -> Path | None:
    """The ``wayback`` of the environment that is ``named``, else of the one that ``make setup-replay`` makes."""
    folders = [Path(named)] if named else [_PROJECT / ".venv-replay", Path.cwd() / ".venv-replay"]
    return next((path for folder in folders if (path := folder / "bin" / "wayback").is_file()), None)


def _prepare(home: Home, portals: list[str], folder: Path) -> None:
    """Put settings, index and a link to the WARC files into ``folder``, and tell what is shown and what is not."""
    left_out: Counter[Why | None] = Counter()
    shown = [entry for portal in portals for entry in _shown_entries(home, portal, left_out)]
    (folder / "index").mkdir()
    lines = sorted(entry.line() + b"\n" for entry in shown)
    (folder / "index" / "index.cdxj").write_bytes(b"".join(lines))
    if home.blobs.is_remote:
        for name in sorted({entry.place.file for entry in shown}):  # pywb reads files only; they go with the folder
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
    tell("replay.records", number=len(shown))
    for why, key in _TOLD.items():
        if left_out[why]:
            tell(key, number=left_out[why])


def _shown_entries(home: Home, portal: str, left_out: Counter[Why | None]) -> Iterator[IndexEntry]:
    """The records of a portal that may be shown; why others are ``left_out`` is counted, None: unread."""
    out = outgoing(home)
    for capture, entry in entries(home, portal):
        why = out.why(capture)
        if why is not None or isinstance(entry, Note):
            left_out[why] += 1
        elif entry.status != NOT_MODIFIED:
            yield entry


def _free_port(port: int) -> int:
    """``port``, if nobody listens there; for 0 one that is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            common.fail(sentence("replay.port", port=port, cause=error.strerror))
        return int(probe.getsockname()[1])


def _serve(program: Path, folder: Path, port: int) -> None:
    log = folder / "pywb.log"
    with _running(program, folder, port, log) as server:
        try:
            _wait_until_it_answers(server, port, log)
            tell("replay.at", address=f"http://{_HOST}:{port}/{COLLECTION}/")
            server.wait()
            common.fail(sentence("replay.ended", log=_last_lines(log)), common.UNFINISHED)
        except KeyboardInterrupt:
            tell("answer.ended")


@contextmanager
def _running(program: Path, folder: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run pywb while the block runs, in a session of its own: Ctrl-C reaches us, and we end it."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("wb") as out:
        server = subprocess.Popen(  # noqa: S603 - a program of the operator's choice
            [str(program), "-b", _HOST, "-p", str(port), "-d", str(folder)], stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, env=environment, cwd=folder, start_new_session=True,
        )  # fmt: skip
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            common.fail(sentence("replay.no_start", log=_last_lines(log)), common.UNFINISHED)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(0.2)
    common.fail(sentence("replay.no_answer", seconds=_START_SECONDS, log=_last_lines(log)), common.UNFINISHED)


def _last_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return " / ".join([line for line in lines if line][-3:]) or sentence("answer.none")
