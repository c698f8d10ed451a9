"""Prints the names of all benchmarks, one a line, for `make bench`."""

from pathlib import Path

if __name__ == "__main__":
    helpers = {"__init__", "__main__", "results", "bare_spider"}
    print("\n".join(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in helpers)))
