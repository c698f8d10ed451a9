"""Run `make practice`: serve operators' pages of the demo's archive while its portals answer, after the demo's end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from imitation.demo import PRACTICE_DAY
from imitation.server import ImitationPortals

TO_TRY = """To try: crawl 汶上县 or all that are due; see why 尧都区 is blocked; decide a doubt; back up (Archive)
可以试：抓取汶上县或全部到期门户；看尧都区为何被拒绝访问；裁定一处疑点（人工裁定）；备份（存档维护）
"""


def main(argv: list[str]) -> int:
    """Serve the archive in the folder ``argv[1]`` with operators' pages, until Ctrl-C or SIGTERM."""
    folder = Path(argv[1])
    environment = dict(os.environ, NIANBAO_NOW=PRACTICE_DAY, NIANBAO_DELAY="0.02")
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--archive", str(folder), "--operators", "--port", "0"]
    with ImitationPortals(folder) as portals:
        portals.set_now(PRACTICE_DAY)
        sys.stdout.write(TO_TRY)
        sys.stdout.flush()
        with subprocess.Popen(command, env=environment) as serve:  # noqa: S603 - our own words and the folder
            signal.signal(signal.SIGTERM, lambda *_: serve.terminate())
            while serve.poll() is None:
                with suppress(KeyboardInterrupt):  # `serve` receives it too, and ends by itself
                    serve.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
