"""The share of branches walked, from `coverage json` on standard input; fails below the percentage given."""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Print one line; exit with 1 where the share is below the least allowed (first argument, in %)."""
    least = float(sys.argv[1])
    totals = json.load(sys.stdin)["totals"]
    walked, branches = totals["covered_branches"], totals["num_branches"]
    share = 100 * walked / branches
    sys.stdout.write(f"branches walked: {walked} of {branches}, {share:.1f} % (at least {least:g} %)\n")
    sys.exit(share < least)


if __name__ == "__main__":
    main()
