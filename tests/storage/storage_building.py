"""Run by the swap test: builds projections aside until it is killed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from test_storage_projections import INDICATORS, portal_rows, reading

from storage.home import open_home
from storage.projections import ProjectionStore


def main(folder: str) -> None:
    store = ProjectionStore(open_home(Path(folder)), INDICATORS)
    with store.building() as aside:
        number = 0
        while True:
            number += 1
            aside.put_readings([reading(number)])
            aside.replace_portal(f"portal-{number}", portal_rows(f"portal-{number}"))
            os.write(1, b"one more\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
