"""An archive after the four demo days, made once a session through the command line only and shared by all workers."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from imitation.demo import AFTERWARDS, CITING
from imitation.registry import register_agencies
from imitation.server import ImitationPortals
from nianbao import language
from nianbao.cli.running import run
from nianbao.questions import QUESTIONS
from storage.home import open_home
from tests import forking
from tests.patience import PATIENCE

QUESTIONS_ASKED = frozenset(one.name for one in QUESTIONS if one.group and not one.table) | {"export"}
PORTALS = ("wenshang", "yiyuan", "jiyuan", "yaodu", "luoyang")


@dataclass(frozen=True)
class Ran:
    """A command that ran: its exit code and what it printed."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, object]]:
        """The JSON lines of ``out``."""
        return [json.loads(line) for line in self.out.splitlines() if line]


def nianbao(
    *words: str,
    archive: Path | None = None,
    now: str | None = None,
    stdin: str | None = None,
    anew: bool = False,
    code: int | None = None,
    **env: str,
) -> Ran:
    """Run one command as a user would: a question in this process, which it leaves as it was, any other in one of its
    own; ``anew``: with an interpreter of its own too; ``code``: with which it must end.
    """
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("NIANBAO_") and not k.lower().endswith("_proxy")
    }
    environment |= {"NIANBAO_DELAY": "0.01", "NIANBAO_LANG": "en", "NIANBAO_BROWSER": "none"} | env
    if archive is not None:
        environment["NIANBAO_ARCHIVE"] = str(archive)
    if now is not None:
        environment["NIANBAO_NOW"] = now
    if anew:
        command = [sys.executable, "-m", "nianbao.cli", *words]
        done = subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    elif words and words[0] in QUESTIONS_ASKED and threading.current_thread() is threading.main_thread():
        done = _ask_here(words, environment)
    else:
        done = forking.run("nianbao.cli.__main__", words, environment, stdin=stdin)
    assert code in {None, done.returncode}, done.stdout + done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def _ask_here(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    spoken, out, err = language.current(), io.StringIO(), io.StringIO()
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            run(words)
    finally:
        language.use(spoken)
    return subprocess.CompletedProcess(words, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def played_archive(shared: Path) -> Path:
    """The archive in ``shared``; the first worker to come makes it, the others wait."""
    shared.mkdir(parents=True, exist_ok=True)
    folder, done = shared / "archive", shared / "done"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _play(folder)
            shutil.copytree(folder, _untouched(folder))
            done.touch()
    return folder


def copy_of(archive: Path, to: Path) -> Path:
    """A copy that a test may change, of one that nobody opens: while others ask, SQLite's side files come and go."""
    shutil.copytree(_untouched(archive), to)
    return to


def _untouched(archive: Path) -> Path:
    return archive.with_name("untouched")


def _play(folder: Path) -> None:
    nianbao("init", str(folder), "--imitation", code=0)
    with open_home(folder) as home, ImitationPortals(folder) as portals:
        register_agencies(home, portals.scenario)
        for day in portals.scenario.days:
            portals.set_now(day)
            crawled = nianbao("crawl", *PORTALS, archive=folder, now=day.isoformat())
            assert crawled.code in (0, 1), crawled.err
            (folder.parent / f"crawl-{day:%m%d}.txt").write_text(
                f"{crawled.code}\n{crawled.out}\n{crawled.err}", encoding="utf-8"
            )
        citing = CITING.format(revised=portals.scenario.silently_revised())
        nianbao(*citing.split(), archive=folder, now=AFTERWARDS, code=0)
