"""What a benchmark was asked for on its command line; ``--help`` says what it measures, and measures nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def asked_for(
    name: str, about: str | None, *numbers: tuple[str, str], given: Sequence[str] | None = None
) -> argparse.Namespace:
    """Return the options of a benchmark: ``short``, and a whole number (None if not given) for each of ``numbers``,
    written as its option and what it means. Ends the process, with 0 after ``--help``, with 2 on anything else.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="the short form, as in make bench")
    for option, meaning in numbers:
        parser.add_argument(option, type=int, metavar="N", help=meaning)
    return parser.parse_args(given)
