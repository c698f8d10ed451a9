"""Run `make demo`: four days on five imitation portals, with the same commands that work on real portals; then two days
and a schedule for operators to practise on (`make practice`).
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import tomllib
from datetime import datetime
from pathlib import Path

from nianbao.language import choose
from storage.home import Home, HomeError, init_home, open_home
from storage.observations import Observations

PORTALS = ("wenshang", "yiyuan", "jiyuan", "yaodu", "luoyang")
FIRST_DAY = "2026-01-25"  #: the crawl of this day fetches and reads nearly every report of the demo
AFTERWARDS = "2026-04-01T18:00:00+08:00"
# What operators will find: a schedule for the year, a paused portal, one that blocks us, one that is partial, one due.
PRACTICE = (
    ("2026-04-01T18:00:00+08:00", "schedule set --all every_days=14 --by demo --reason '年报季已过 season over'"),
    ("2026-04-01T18:00:00+08:00", "schedule set wenshang every_days=7 --by demo --reason '有缺报 reports missing'"),
    ("2026-04-01T18:00:00+08:00", "schedule pause jiyuan --until 2026-05-06 --by demo --reason '改版 site relaunch'"),
    ("2026-04-02T09:00:00+08:00", "crawl yaodu luoyang yiyuan"),
    ("2026-04-02T18:00:00+08:00", "crawl yaodu"),
)
PRACTICE_DAY = "2026-04-02T19:00:00+08:00"  #: the time at which operators practise
#: A paper that read a report before it was quietly replaced.
CITING = "rule cited_by {revised}/2025 title=示例：一篇引用年报的论文 used=2026-03-01 --by 演示 --reason 作者来信"
NEXT = ("missing 2025", "serve --open", "status 汶上县民政局 2025")


def main(argv: list[str]) -> int:
    """Play the demo in the folder ``argv[1]``, if it is empty or does not exist; an earlier demo is left alone."""
    folder = Path(argv[1] if len(argv) > 1 else "demo-archive")
    started = time.monotonic()
    try:
        from imitation.registry import register_agencies  # noqa: PLC0415 - the portals' writers are an extra
        from imitation.server import ImitationPortals  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return refuse(narration("lacking", package=error.name))
    try:
        if folder.exists() and any(folder.iterdir()):
            return _leave(folder)
        home = init_home(folder, simulated=True)
    except HomeError as error:
        return refuse(str(error))
    _say(narration("portals"))
    with ImitationPortals(home.path) as portals:
        register_agencies(home, portals.scenario)
        for day, meaning in _texts("day").items():
            _say(f"\n━━ {day}  {meaning}")
            portals.set_now(instant := f"{day}T09:00:00+08:00")
            _run(folder, instant, "crawl " + " ".join(PORTALS))
        revised = portals.scenario.silently_revised()
        _run(folder, AFTERWARDS, CITING.format(revised=revised))
        for command, question in _texts("question").items():
            _say(f"\n━━ {question}")
            _run(folder, AFTERWARDS, command.format(revised=revised))
        _say(f"\n━━ {narration('operators')}")
        for instant, command in PRACTICE:
            portals.set_now(instant)
            _run(folder, instant, command)
    _say("\n" + narration("done", seconds=f"{time.monotonic() - started:.0f}", folder=folder))
    _say_what_is_next(folder)
    return 0


def _leave(folder: Path) -> int:
    """Say what the archive in a folder is, and that it stays as it is; return the exit code."""
    with open_home(folder) as home:
        if not home.simulated:
            return refuse(narration("other", folder=folder))
        if not is_complete(home):
            return refuse(narration("unfinished", folder=folder))
    _say(narration("there", folder=folder))
    _say_what_is_next(folder)
    return 0


def is_complete(home: Home) -> bool:
    """Return whether the demo in an archive was played to its end."""
    newest = Observations(home).newest_instant()
    return newest is not None and newest >= datetime.fromisoformat(PRACTICE[-1][0])


def _say_what_is_next(folder: Path) -> None:
    path = shlex.quote(str(folder.absolute()))  # it holds after cd, too
    _say(f"{narration('next')}\n  . {os.path.relpath(sys.prefix)}/bin/activate\n  export NIANBAO_ARCHIVE={path}")
    for command in NEXT:
        _say(f"  nianbao {command}")


def narration(key: str, **values: object) -> str:
    """Return a sentence of ``demo.toml`` in the language of this run."""
    return _texts("text")[key].format(**values)


def _texts(section: str) -> dict[str, str]:
    """Return the entries of a section of ``demo.toml`` in the language of this run."""
    every = tomllib.loads(Path(__file__).with_name("demo.toml").read_text(encoding="utf-8"))
    return {key: texts[choose((), os.environ)] for key, texts in every[section].items()}


def refuse(sentence: str) -> int:
    """Print why nothing is done, and return the exit code."""
    sys.stderr.write(f"demo: {sentence}\n")
    return 2


def _run(folder: Path, instant: str, command: str) -> None:
    """Print a command as a user would type it, for a crawl with its usual time, and run it in a process of its own."""
    name, *words = shlex.split(command)
    _say(f"$ nianbao {command}")
    if name == "crawl":
        _say(narration("crawling", count=len(words), seconds=40 if instant.startswith(FIRST_DAY) else 10))
    settings = {"NIANBAO_ARCHIVE": str(folder), "NIANBAO_DELAY": "0.02", "NIANBAO_NOW": instant}
    environment = {"COLUMNS": "160", **os.environ, **settings}
    program = [sys.executable, "-m", "nianbao.cli", name, *words]
    run = subprocess.run(program, env=environment, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if run.returncode not in (0, 1):
        sys.stderr.write(run.stderr.decode())
        raise SystemExit(f"demo: {narration('failed', command=command, code=run.returncode, folder=folder)}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
