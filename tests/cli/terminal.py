"""Run a command at a terminal of 80 columns, and take what it shows."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

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
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "nianbao.cli", *words]
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as program:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        os.close(ours)
    text = shown.decode("utf-8").replace("\r\n", "\n").replace(str(archive), "ARCHIVE")
    for moving in _MOVING:
        text = moving.sub(lambda found: "#" * len(found[0]), text)
    lines = (line.rstrip() for line in text.rstrip("\n").split("\n"))
    return "\n".join(["$ nianbao " + " ".join(words), *lines, f"[{program.returncode}]", ""])


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 1 << 16)
    except OSError:  # the other end is closed
        return b""
