"""Run a command at a terminal, and take what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from tests import forking

COLUMNS = 80
_MOVING = (  # what differs from run to run, replaced by as many characters
    re.compile(r"\b\d\d:\d\d(?::\d\d)?\b"),
    re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}\b"),
)


def screen(*words: str, archive: Path, now: str, lang: str) -> str:
    """What a person sees who types the command, its exit code below."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    environment |= {
        "NIANBAO_ARCHIVE": str(archive), "NIANBAO_NOW": now, "NIANBAO_LANG": lang, "COLUMNS": str(COLUMNS),
        "NO_COLOR": "1", "TERM": "dumb",
    }  # fmt: skip
    code, shown = at_terminal(words, environment, COLUMNS)
    text = shown.replace(str(archive), "ARCHIVE")
    for moving in _MOVING:
        text = moving.sub(lambda found: "#" * len(found[0]), text)
    lines = (line.rstrip() for line in text.rstrip("\n").split("\n"))
    return "\n".join(["$ nianbao " + " ".join(words), *lines, f"[{code}]", ""])


def at_terminal(words: Sequence[str], environment: Mapping[str, str], columns: int) -> tuple[int, str]:
    """The exit code of a command, and what it shows at a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    program = forking.start("nianbao.cli.__main__", words, environment, [Path(os.ttyname(theirs))] * 3, None)
    shown = b""
    while ours in wait([ours, program.sentinel]):
        shown += os.read(ours, 1 << 16)
    program.join()
    os.close(ours)
    os.close(theirs)
    return program.exitcode or 0, shown.decode("utf-8").replace("\r\n", "\n")
