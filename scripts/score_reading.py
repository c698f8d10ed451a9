"""Read every document with a known truth, and print the score of each that is not read whole, and the sums.

Compared are the cells, and whose report it is, for which year, on which form, under which title, and whether it is one.

usage: python -m scripts.score_reading FOLDER…   A folder holds NAME.ext and NAME.truth.json beside each other.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive.identity import matching, names
from archive.identity.evidence import identify
from archive.parser.reader import read
from storage.records import Reading

SCORES = ("right", "doubted", "unread", "wrong, doubted", "wrong")
FACTS = ("is_report", "agency", "year", "form", "title")

Truth = Mapping[str, Any]


def main() -> None:
    """Print a line for each document that is not read whole, and the sums."""
    total = Counter[str]()
    for path, truth in _documents(sys.argv[1:]):
        reading = read(path.read_bytes())
        cells = {name: _decimal(cell) for name, cell in truth["cells"].items()}
        score = _score(reading, cells)
        facts = _facts(reading, truth)
        wrong = [f"{name} {found} instead of {true}" for name, (found, true) in facts.items() if found != true]
        if score["right"] < len(cells) or score["wrong"] or wrong:
            sys.stdout.write(f"{path.name}: {'; '.join((_words(score), *wrong))}\n")
        score.update(f"{name} known" for name in facts)
        score.update(name for name, (found, true) in facts.items() if found == true)
        total.update(score)
    facts_right = ", ".join(f"{fact} {total[fact]} of {total[f'{fact} known']}" for fact in FACTS)
    sys.stdout.write(f"all: {_words(total)}; {facts_right}\n")


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
    for name in reading.cells.keys() - truth.keys() if truth else ():
        score["wrong, doubted" if name in doubted else "wrong"] += 1
    return score


def _words(score: Counter[str]) -> str:
    return f"{score['cells']} cells: " + ", ".join(f"{score[name]} {name}" for name in SCORES)


if __name__ == "__main__":
    main()
