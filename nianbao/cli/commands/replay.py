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
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from archive.queries.withheld_content import Why, hidden
from nianbao.cli import common
from nianbao.cli.options import portal_of
from nianbao.cli.output import say
from nianbao.sentences import sentence
from storage.cdxj import NOT_MODIFIED, entries
from storage.home import Home
from storage.records import Note
from storage.registry import Registry

COLLECTION = "nianbao"
_HOST = "127.0.0.1"
_STARTS = 90  # seconds in which pywb must answer
_STOPS = 10
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")  # of our environment: no proxy, no settings
_PROJECT = Path(__file__).parent.parent.parent


@dataclass(slots=True)
class _Prepared:
    """What pywb is to show."""

    records: int = 0
    hidden: int = 0
    naming: int = 0
    unread: int = 0
    files: set[str] = field(default_factory=set)


def replay(
    portal: common.PortalOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8090,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    archive: common.ArchiveOption = None,
) -> None:
    """Show what was captured in a browser, as it was then: pywb on this machine, until Ctrl-C."""
    with common.opened(archive) as home:
        program = find_replay(home.config.replay)
        if program is None and not dry_run:
            common.fail(_absent(home), common.UNFINISHED)
        with tempfile.TemporaryDirectory(prefix="nianbao-replay-") as folder, _terminated():
            prepared = _prepare(home, portal_of(home, portal), Path(folder))
            _tell(home, prepared)
            if dry_run:
                say(f"pywb: {program}" if program else _absent(home))
            else:
                assert program is not None
                _serve(program, Path(folder), _free_port(port))
        common.attention(program is None)


def find_replay(named: str) -> Path | None:
    """The ``wayback`` of the environment that is ``named``, else of the one that ``make setup-replay`` makes."""
    folders = [Path(named)] if named else [_PROJECT / ".venv-replay", Path.cwd() / ".venv-replay"]
    return next((path for folder in folders if (path := folder / "bin" / "wayback").is_file()), None)


def _absent(home: Home) -> str:
    if home.config.replay:
        return sentence("replay.not_there", folder=home.config.replay)
    return sentence("replay.not_installed")


def _prepare(home: Home, portal: str | None, folder: Path) -> _Prepared:
    """Settings, index and a link to the WARC files in ``folder``."""
    prepared = _Prepared()
    names = [portal] if portal else sorted(one.name for one in Registry(home).portals())
    (folder / "index").mkdir()
    with (folder / "index" / "index.cdxj").open("wb") as out:
        out.writelines(sorted(line + b"\n" for line in _lines(home, names, prepared)))
    if home.blobs.is_remote:
        _fetch(home, prepared.files, folder / "warc")
    else:
        (folder / "warc").symlink_to(home.warc_dir, target_is_directory=True)
    settings = {
        "collections": {COLLECTION: {"index_paths": "index/index.cdxj", "archive_paths": "warc/"}},
        "enable_auto_colls": False,
        "default_access": "allow",
    }
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    return prepared


def _lines(home: Home, portals: Sequence[str], prepared: _Prepared) -> Iterator[bytes]:
    for portal in portals:
        secret = hidden(home, portal)
        for capture, entry in entries(home, portal):
            why = secret.why(capture)
            if why is not None:
                prepared.hidden += why is Why.WITHHELD
                prepared.naming += why is Why.NAMES
            elif isinstance(entry, Note):
                prepared.unread += 1
            elif entry.status != NOT_MODIFIED:
                prepared.records += 1
                prepared.files.add(entry.place.file)
                yield entry.line()


def _fetch(home: Home, names: Iterable[str], folder: Path) -> None:
    """Copy WARC files from an object store, as pywb reads files only; they go with ``folder``."""
    for name in sorted(names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with home.blobs.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)


def _tell(home: Home, prepared: _Prepared) -> None:
    if home.simulated:
        say(sentence("answer.simulated"))
    say(sentence("replay.records", number=prepared.records))
    if prepared.hidden:
        say(sentence("replay.hidden", number=prepared.hidden))
    if prepared.naming:
        say(sentence("replay.naming", number=prepared.naming))
    if prepared.unread:
        say(sentence("replay.unread", number=prepared.unread))


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
    command = [str(program), "-b", _HOST, "-p", str(port), "-d", str(folder)]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("wb") as out:
        # in a session of its own: Ctrl-C reaches us, and we end it
        server = subprocess.Popen(  # noqa: S603 - a program of the operator's choice
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    try:
        _wait(server, port, log)
        say(sentence("replay.at", address=f"http://{_HOST}:{port}/{COLLECTION}/"))
        server.wait()
        common.fail(sentence("replay.ended", log=_last(log)), common.UNFINISHED)
    except KeyboardInterrupt:
        say(sentence("answer.ended"))
    finally:
        _end(server)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it answers."""
    until = time.monotonic() + _STARTS
    while time.monotonic() < until:
        if server.poll() is not None:
            common.fail(sentence("replay.no_start", log=_last(log)), common.UNFINISHED)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(0.2)
    common.fail(sentence("replay.no_answer", seconds=_STARTS, log=_last(log)), common.UNFINISHED)


def _last(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        said = deque((line.strip() for line in lines if line.strip()), maxlen=3)
    return " / ".join(said) or sentence("answer.none")


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(_STOPS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def _terminated() -> Iterator[None]:
    """A request to end (SIGTERM, or a terminal that is closed) ends us as Ctrl-C does: nothing is left behind."""

    def interrupt(_: int, __: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
