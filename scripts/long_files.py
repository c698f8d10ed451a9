"""Write tests/long_files.txt from the times of a whole run: ``python -m scripts.long_files JUNIT.xml``."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from lxml import etree

LIST = Path(__file__).parents[1] / "tests" / "long_files.txt"
SHARE = 600  # a file is long that takes more than so small a part of the time of all
_HEAD = """\
# Test files that take long, the longest first: `make test` begins with them, `make quick` leaves them out.
# Written by `make long-files`.
"""


def main(report: str) -> None:
    """Take the times that pytest's ``--junitxml`` tells and list the files that take most of them."""
    seconds: dict[str, float] = defaultdict(float)
    for case in etree.parse(report).iter("testcase"):
        name = case.get("classname", "").removeprefix("tests.").replace(".", "/")
        seconds[f"{name}.py"] += float(case.get("time", 0))
    least = sum(seconds.values()) / SHARE
    names = [name for name in sorted(seconds, key=seconds.__getitem__, reverse=True) if seconds[name] > least]
    LIST.write_text(_HEAD + "".join(f"{name}\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
