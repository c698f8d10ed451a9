"""Run `make practice`: serve operators' pages of the demo's archive while its portals answer, after the demo's end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from imitation.demo import PRACTICE_DAY, is_complete, narration, refuse
from imitation.server import ImitationPortals
from storage.home import open_home


def main(argv: list[str]) -> int:
    """Serve the archive in the folder ``argv[1]`` with operators' pages, until Ctrl-C or SIGTERM."""
    folder = Path(argv[1])
    with open_home(folder) as home:
        if not is_complete(home):
            return refuse(narration("unfinished", folder=folder))
    environment = dict(os.environ, NIANBAO_NOW=PRACTICE_DAY, NIANBAO_DELAY="0.02")
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--archive", str(folder), "--operators", "--port", "0"]
    with ImitationPortals(folder) as portals:
        portals.set_now(PRACTICE_DAY)
        sys.stdout.write(narration("to_try") + "\n")
        sys.stdout.flush()
        with subprocess.Popen(command, env=environment) as serve:  # noqa: S603 - our own words and the folder
            signal.signal(signal.SIGTERM, lambda *_: serve.terminate())
            while serve.poll() is None:
                with suppress(KeyboardInterrupt):  # `serve` receives it too, and ends by itself
                    serve.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
