"""Prints the names of all benchmarks, one a line, for `make bench`."""

from pathlib import Path

if __name__ == "__main__":
    stems = sorted(p.stem for p in Path(__file__).parent.glob("*.py"))
    print("\n".join(stem for stem in stems if "_" not in stem and stem != "results"))  # helpers' names have two words
