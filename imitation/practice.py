"""Run `make practice`: serve operators' pages of the demo's archive while its portals answer, after the demo's end."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from imitation.demo import PRACTICE_DAY
from imitation.server import ImitationPortals


def main(argv: list[str]) -> int:
    """Serve the archive in the folder ``argv[1]`` with operators' pages, until Ctrl-C."""
    folder = Path(argv[1])
    environment = dict(os.environ, NIANBAO_NOW=PRACTICE_DAY, NIANBAO_DELAY="0.02")
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--archive", str(folder), "--operators", "--port", "0"]
    with ImitationPortals(folder) as portals:
        portals.set_now(PRACTICE_DAY)
        with subprocess.Popen(command, env=environment) as serve:  # noqa: S603 - our own words and the folder
            while serve.poll() is None:
                with suppress(KeyboardInterrupt):  # `serve` receives it too, and ends by itself
                    serve.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
