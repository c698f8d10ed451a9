"""Write tests/long_files.txt from the durations of a complete test run: ``python -m scripts.long_files JUNIT.xml``."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from lxml import etree

LIST = Path(__file__).parents[1] / "tests" / "long_files.txt"
SHARE = 600  # a test file is long if it takes more than 1/600 of the total time
_HEAD = """\
# Test files that take long, the longest first: `make test` begins with them, `make quick` leaves them out.
# Written by `make long-files`.
"""


def main(report: str) -> None:
    """Read the durations from pytest's ``--junitxml`` report, and list the files that take longest."""
    seconds: dict[str, float] = defaultdict(float)
    for case in etree.parse(report).iter("testcase"):
        name = case.get("classname", "").removeprefix("tests.").replace(".", "/")
        seconds[f"{name}.py"] += float(case.get("time", 0))
    least = sum(seconds.values()) / SHARE
    names = [name for name in sorted(seconds, key=seconds.__getitem__, reverse=True) if seconds[name] > least]
    LIST.write_text(_HEAD + "".join(f"{name}\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
