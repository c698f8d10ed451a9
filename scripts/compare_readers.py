"""Read every document with a known truth by the reader in place and by the begun one, and list each difference.

Compared are the cells, and whose report it is, for which year, on which form, under which title, and whether it is one.

usage: python -m scripts.compare_readers FOLDER…   A folder holds NAME.ext and NAME.truth.json beside each other.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive.parser.reader import read as read_in_place
from archive.rebuilt.identity import matching, names
from archive.rebuilt.identity.evidence import identify
from archive.rebuilt.parser.reader import read as read_begun
from storage.records import Reading

READERS: dict[str, Callable[[bytes], Reading]] = {"in place": read_in_place, "begun": read_begun}
SCORES = ("right", "doubted", "unread", "wrong, doubted", "wrong")
FACTS = ("is_report", "agency", "year", "form", "title")

Truth = Mapping[str, Any]


def main() -> None:
    """Print a line for each document that one of the readers does not read whole, and the sums of both."""
    sums = {reader: Counter[str]() for reader in READERS}
    for path, truth in _documents(sys.argv[1:]):
        data = path.read_bytes()
        cells = {name: _decimal(cell) for name, cell in truth["cells"].items()}
        counts: dict[str, Counter[str]] = {}
        differences: list[str] = []
        for reader, read in READERS.items():
            reading = read(data)
            counts[reader] = _score(reading, cells)
            for fact, (found, expected) in _facts(reading, truth).items():
                counts[reader][fact] += found == expected
                counts[reader][f"{fact} known"] += 1
                if found != expected:
                    differences.append(f"{reader} {fact} {found} instead of {expected}")
            sums[reader].update(counts[reader])
        if any(count["right"] < len(cells) or count["wrong"] for count in counts.values()):
            sys.stdout.write(f"{path.name}: {len(cells)} cells; {_words(counts)}\n")
        if differences:
            sys.stdout.write(f"{path.name}: {'; '.join(differences)}\n")
    sys.stdout.write(f"all: {_words(sums)}\n")
    for reader, count in sums.items():
        facts = (f"{fact} {count[fact]} of {count[f'{fact} known']}" for fact in FACTS)
        sys.stdout.write(f"{reader}: {', '.join(facts)}\n")


def _documents(folders: list[str]) -> Iterator[tuple[Path, Truth]]:
    for folder in folders:
        for truth_path in sorted(Path(folder).glob("*.truth.json")):
            truth = json.loads(truth_path.read_text(encoding="utf-8"))
            name = truth_path.name.removesuffix(".truth.json")
            for path in sorted(Path(folder).glob(f"{name}.*")):
                if path != truth_path:
                    yield path, {**truth, "cells": truth.get("cells") or {}}


def _decimal(cell: object) -> Decimal | None:
    value = cell["value"] if isinstance(cell, dict) else cell
    return None if value is None else Decimal(str(value))


def _facts(reading: Reading, truth: Truth) -> dict[str, tuple[object, object]]:
    """Return what was found and what is true, where the truth names it."""
    place = truth.get("place")
    found = identify(reading.identity, place=place)
    is_report = truth.get("is_report", str(truth.get("kind", "report")) != "not_a_report")
    facts: dict[str, tuple[object, object]] = {"is_report": (reading.is_report, is_report)}
    if not is_report:
        return facts
    if truth.get("agency"):
        facts["agency"] = _agency_key(found.agency, place), _agency_key(truth["agency"], place)
    if truth.get("year"):
        facts["year"] = found.year, truth["year"]
    if "form" in truth:
        facts["form"] = reading.form, truth["form"]
    if truth.get("title"):
        facts["title"] = "".join(reading.title.split()), "".join(truth["title"].split())
    return facts


def _agency_key(name: str | None, place: str | None) -> str:
    return matching.key(names.complete(name, place)) if name else ""


def _score(reading: Reading, truth: Mapping[str, Decimal | None]) -> Counter[str]:
    doubted = {name for finding in reading.findings for name in finding.cells}
    doubted |= {name for name, cell in reading.cells.items() if cell.flags}
    score = Counter[str](cells=len(truth))
    for name, expected in truth.items():
        if name not in reading.cells:
            score["unread"] += 1
        elif reading.cells[name].value == expected:
            score["right"] += 1
            score["doubted"] += name in doubted
        else:
            score["wrong, doubted" if name in doubted else "wrong"] += 1
    score["wrong"] += sum(name not in truth for name in reading.cells if truth)
    return score


def _words(counts: dict[str, Counter[str]]) -> str:
    return "; ".join(f"{reader} " + ", ".join(f"{count[n]} {n}" for n in SCORES) for reader, count in counts.items())


if __name__ == "__main__":
    main()
