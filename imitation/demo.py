"""Run `make demo`: four days on five imitation portals, with the same commands that work on real portals; then two days
and a schedule for operators to practise on (`make practice`).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from storage.home import HomeError, init_home, open_home

PORTALS = ("wenshang", "yiyuan", "jiyuan", "yaodu", "luoyang")
DAYS = (
    ("2026-01-25T09:00:00+08:00", "a week before departments must have published their reports for 2025"),
    ("2026-02-01T09:00:00+08:00", "the first look after the due date (31 January); one portal is down"),
    ("2026-02-09T09:00:00+08:00", "a week later: what is still not there is proven absent"),
    ("2026-04-01T09:00:00+08:00", "governments had until 31 March; a report has quietly changed"),
)
AFTERWARDS = "2026-04-01T18:00:00+08:00"
# What operators will find: a schedule for the year, a paused portal, a portal that blocks us, and one that is due.
PRACTICE = (
    ("2026-04-01T18:00:00+08:00", "schedule set --all every_days=14 --by 演示 --reason 年报季已过，改为两周一次"),
    ("2026-04-01T18:00:00+08:00", "schedule set wenshang every_days=7 --by 演示 --reason 该县有缺报，仍每周查看"),
    ("2026-04-01T18:00:00+08:00", "schedule pause jiyuan --until 2026-05-06 --by 演示 --reason 网站改版，待其完成"),
    ("2026-04-02T09:00:00+08:00", "crawl yaodu luoyang yiyuan"),
    ("2026-04-02T18:00:00+08:00", "crawl yaodu"),
)
PRACTICE_DAY = "2026-04-02T19:00:00+08:00"  #: the time at which operators practise
YEAR = "2025"
#: A paper that read a report before it was quietly replaced.
CITING = "rule cited_by {revised}/2025 title=示例：一篇引用年报的论文 used=2026-03-01 --by 演示 --reason 作者来信"
# What the demo asks at the end, as a user would type it.
QUESTIONS = (
    ("What is there? One line an agency, one column a year.", "coverage 汶上县 --years 2022-2025"),
    (f"Which reports for {YEAR} are missing, and how do we know?", f"missing {YEAR}"),
    ("Which are late?", f"late {YEAR}"),
    ("One of them: which looks prove that it is missing?", "status 汶上县民政局 2025"),
    ("One report that was quietly replaced: what changed?", "diff {revised} 2025"),
)
NEXT = ("serve --open", "export duties --format jsonl | head -n 3", "status 汶上县民政局 2025")


def main(argv: list[str]) -> int:
    """Play the demo in the folder ``argv[1]``; an earlier demo there is replaced, any other folder is refused."""
    folder = Path(argv[1] if len(argv) > 1 else "demo-archive")
    started = time.monotonic()
    try:
        from imitation.registry import register_agencies  # noqa: PLC0415 - the portals' writers are an extra
        from imitation.server import ImitationPortals  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.stderr.write(f"demo: the portals' documents need {error.name}: pip install 'nianbao[imitation]'\n")
        return 2
    try:
        _clear(folder)
        home = init_home(folder, simulated=True)
    except HomeError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 2
    _say("The portals are imitations on this machine. Their agencies exist; what happens on them in 2026 is invented.")
    with ImitationPortals(home.path) as portals:
        register_agencies(home, portals.scenario)
        for instant, meaning in DAYS:
            _say(f"\n━━ {instant[:10]}: {meaning}")
            portals.set_now(instant)
            _run(folder, instant, "crawl " + " ".join(PORTALS))
        revised = portals.scenario.silently_revised()
        _run(folder, AFTERWARDS, CITING.format(revised=revised))
        for question, command in QUESTIONS:
            _say(f"\n━━ {question}")
            _run(folder, AFTERWARDS, command.format(revised=revised))
        _say("\n━━ For operators: a plan for the year, a portal that rests, and one that refuses us")
        for instant, command in PRACTICE:
            portals.set_now(instant)
            _run(folder, instant, command)
    _say(f"\nDone in {time.monotonic() - started:.0f} s. The archive lies in {folder}/. What to type next:")
    _say(f"  . {os.path.relpath(sys.prefix)}/bin/activate\n  export NIANBAO_ARCHIVE={folder}")
    for command in NEXT:
        _say(f"  nianbao {command}")
    return 0


def _clear(folder: Path) -> None:
    """Delete an earlier demo. Raises HomeError for any other archive."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not open_home(folder).simulated:
        raise HomeError(f"{folder} holds an archive that is no imitation; name another folder for the demo.")
    shutil.rmtree(folder)


def _run(folder: Path, instant: str, command: str) -> None:
    """Print a command as a user would type it and run it in a process of its own; progress is not shown."""
    _say(f"$ nianbao {command}")
    settings = {"NIANBAO_ARCHIVE": str(folder), "NIANBAO_DELAY": "0.02", "NIANBAO_NOW": instant}
    environment = {"COLUMNS": "160", **os.environ, **settings}
    words = [sys.executable, "-m", "nianbao.cli", *shlex.split(command)]
    run = subprocess.run(words, env=environment, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if run.returncode not in (0, 1):
        sys.stderr.write(run.stderr.decode())
        raise SystemExit(f"demo: `nianbao {command}` ended with code {run.returncode}; what was kept lies in {folder}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
