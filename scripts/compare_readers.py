"""Read every document with a known truth by the reader in place and by the begun one, and list each difference.

usage: python -m scripts.compare_readers FOLDER…   A folder holds NAME.ext and NAME.truth.json beside each other.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from archive.parser.reader import read
from archive.rebuilt.documents.kinds import open_document
from archive.rebuilt.documents.model import Limits
from archive.rebuilt.documents.scan import fill
from archive.rebuilt.parser.pipeline import place_document
from archive.rebuilt.parser.values import read_value

Values = dict[str, tuple[Decimal | None, bool]]  # indicator id → value, whether it is doubted


def main() -> None:
    """Print a line for each document that one of the readers does not read whole, and the sums of both."""
    sums = {"in place": Counter[str](), "begun": Counter[str]()}
    for path, truth in _documents(sys.argv[1:]):
        data = path.read_bytes()
        counts = {"in place": _score(_read_in_place(data), truth), "begun": _score(_read_begun(data), truth)}
        for reader, count in counts.items():
            sums[reader].update(count)
        if any(count["right"] < len(truth) or count["wrong"] for count in counts.values()):
            sys.stdout.write(f"{path.name}: {len(truth)} cells; {_words(counts)}\n")
    sys.stdout.write(f"all: {_words(sums)}\n")


def _documents(folders: list[str]) -> Iterator[tuple[Path, dict[str, Decimal | None]]]:
    for folder in folders:
        for truth_path in sorted(Path(folder).glob("*.truth.json")):
            truth = json.loads(truth_path.read_text(encoding="utf-8"))
            cells = truth.get("cells") or {}
            name = truth_path.name.removesuffix(".truth.json")
            for path in sorted(Path(folder).glob(f"{name}.*")):
                if path != truth_path:
                    yield path, {id_: _decimal(cell) for id_, cell in cells.items() if not id_.startswith("pre2019")}


def _decimal(cell: object) -> Decimal | None:
    value = cell["value"] if isinstance(cell, dict) else cell
    return None if value is None else Decimal(str(value))


def _read_in_place(data: bytes) -> Values:
    reading = read(data)
    doubted = {name for finding in reading.findings for name in finding.cells}
    return {name: (cell.value, bool(cell.flags) or name in doubted) for name, cell in reading.cells.items()}


def _read_begun(data: bytes) -> Values:
    assignment = place_document(fill(open_document(data), Limits()))
    values: Values = {}
    for name, placed in assignment.placed.items():
        place = assignment.index.form.places[name]
        value = read_value(placed.cell.text, place.kind, place.unit)
        doubts = (*placed.doubts, *placed.cell.doubts, *value.flags)
        values[name] = (value.value, bool(doubts) or not placed.cell.visible)
    return values


def _score(values: Values, truth: dict[str, Decimal | None]) -> Counter[str]:
    score = Counter[str](cells=len(truth))
    for name, expected in truth.items():
        if name not in values:
            score["unread"] += 1
        elif values[name][0] == expected:
            score["right"] += 1
            score["doubted"] += values[name][1]
        else:
            score["wrong, doubted" if values[name][1] else "wrong"] += 1
    return score


def _words(counts: dict[str, Counter[str]]) -> str:
    names = ("right", "doubted", "unread", "wrong, doubted", "wrong")
    return "; ".join(f"{reader} " + ", ".join(f"{count[n]} {n}" for n in names) for reader, count in counts.items())


if __name__ == "__main__":
    main()
