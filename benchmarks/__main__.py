"""Print the names of all benchmarks, one per line, for `make bench`."""

from pathlib import Path

_STEMS = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
#: The modules that measure; helpers have names of two words.
NAMES = [stem for stem in _STEMS if "_" not in stem and stem != "harness"]

if __name__ == "__main__":
    print("\n".join(NAMES))
