"""Run by the kill test: writes captures until it is killed, and says which were acknowledged."""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage_making import URL, exchange, keep

from storage.captures import CaptureWriter
from storage.home import open_home
from storage.records import Run


def main(folder: str, number: str, group: str) -> None:
    home = open_home(Path(folder))
    chance = random.Random(int(number))
    run = Run(id=f"run-{number}", portal="wenshang", purpose="kill", started=datetime.now(UTC))
    with CaptureWriter(home, run, group=int(group)) as writer:
        waiting = []
        count = 0
        while True:
            count += 1
            body = chance.randbytes(chance.choice([10, 3000, 200_000])) if count % 3 else b"the same again" * 9
            url = f"{URL}?{count}" if count % 3 else URL
            waiting.append(keep(writer, exchange(body, url=url, at=datetime.now(UTC))).id)
            if not writer.pending:
                os.write(1, ("\n".join(waiting) + "\n").encode())  # one write: a line is whole or not there
                waiting.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
