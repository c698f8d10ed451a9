"""Every real document (tests/real_documents.py) against its truth: cells, whose it is, findings; each is read once.

Known failures lie in corpus_expected.toml.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.forms.loader import known_form
from archive.identity import matching, names
from archive.identity.evidence import identify
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render
from tests.real_documents import CORPUS, SHARED

EXPECTED = tomllib.loads(Path(__file__).with_name("corpus_expected.toml").read_text(encoding="utf-8"))
RECORDED = Path(__file__).with_name("corpus_findings.json")
TRUTHS = sorted(CORPUS.glob("*.truth.json"))
FURTHER = sorted((SHARED / "real").glob("*.truth.json"))
#: not in the bytes: the year stands only in the address, the agency only in the host's name
YEAR_NOT_PRINTED = {"hangjinhouqi_jyj_2020_excerpt.txt", "lzq_jyj_2019_excerpt.txt"}
AGENCY_NOT_PRINTED = {"wuhan_sthjj_2020_trad_excerpt.txt"}

pytestmark = pytest.mark.shared
EVERY = pytest.mark.parametrize("path", TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))


@cache
def reading_of(name: str, folder: Path = CORPUS) -> Reading:
    return read((folder / name).read_bytes())


def truth_of(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return truth


@EVERY
def test_every_cell(path: Path) -> None:
    truth = truth_of(path)
    wanted = {name: None if value is None else Decimal(value) for name, value in truth["cells"].items()}
    reading = reading_of(truth["file"])
    known = EXPECTED.get(truth["file"], {})
    if known.get("absent") == "all":
        assert reading.cells == {}, "expected to be left out: now read? then take it out of corpus_expected.toml"
        return
    doubted = set(known.get("doubted", ()))
    differing = {
        name: (true, found)
        for name, (true, found) in render.differences(reading, wanted).items()
        if true != "absent" or str(found) != known.get("further")
    }
    assert {name: pair for name, pair in differing.items() if name not in doubted} == {}
    assert set(differing) <= doubted
    assert doubted <= render.told(reading), "what is not read right must at least be doubted"


@EVERY
def test_identities_broken_in_print_are_told_and_no_others(path: Path) -> None:
    truth = truth_of(path)
    known, reading = EXPECTED.get(truth["file"], {}), reading_of(truth["file"])
    if known.get("absent"):
        pytest.skip(known["reason"])
    told = " ".join(found.en for found in reading.findings if found.code == "identity_broken")
    form = known_form(reading.form)
    said = {
        f"{one.code} {one.places[0].rpartition('.')[0 if one.code in 'I2 I4' else 2]}"
        for one in (form.identities if form else ())
        if f"“{one.label}” ({one.en})" in told
    }
    wanted = {line.split(":")[0] for line in truth["identity_violations_as_printed"]}
    assert wanted <= said <= {*wanted, *known.get("broken", ())}


def test_findings_are_those_recorded() -> None:
    """A finding says that an agency erred, so a new one is read by a person before it is recorded (NIANBAO_BLESS=1)."""
    truths = map(truth_of, TRUTHS)
    found = {truth["file"]: sorted(one.code for one in reading_of(truth["file"]).findings) for truth in truths}
    if os.environ.get("NIANBAO_BLESS"):
        RECORDED.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(RECORDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*TRUTHS, *FURTHER], ids=lambda path: path.name.partition(".")[0])
def test_agency_year_and_form_of_real_documents(path: Path) -> None:
    truth = truth_of(path)
    reading = reading_of(truth["file"], path.parent)
    is_report = truth["kind"].startswith("report")
    assert (reading.is_report, not reading.reason) == (is_report, is_report)
    assert reading.form == (None if truth["form"] == "none" else truth["form"])
    found = identify(reading.identity, place=truth["place"])
    if is_report and truth["file"] not in YEAR_NOT_PRINTED:
        assert found.year == truth["year"]
    if is_report and truth["agency"] and truth["file"] not in AGENCY_NOT_PRINTED:
        keys = [matching.key(names.complete(name, truth["place"])) for name in (truth["agency"], found.agency)]
        assert keys[0] == keys[1]


def test_real_documents_are_read_nearly_whole_and_rarely_doubted() -> None:
    """No cell is wrong, and none lost without a finding."""
    count = Counter[str]()
    for path in (*TRUTHS, *FURTHER):
        truth = truth_of(path)
        cells = {name: cell["value"] if isinstance(cell, dict) else cell for name, cell in truth["cells"].items()}
        reading = reading_of(truth["file"], path.parent)
        doubted = render.told(reading)
        if reading.is_report and cells:
            assert {name: cell.value for name, cell in reading.cells.items()}.items() <= cells.items(), path.name
            assert cells.keys() - reading.cells.keys() <= doubted, path.name
            count["printed"] += len(cells)
            count["read"] += len(reading.cells)
            if truth.get("complete", True):
                count["of whole documents"] += len(reading.cells)
                count["doubted"] += len(doubted & reading.cells.keys())
    assert count["read"] >= 0.99 * count["printed"] > 0
    assert count["doubted"] <= 0.05 * count["of whole documents"]


def test_dates_are_found_under_the_labels_that_pages_print() -> None:
    printed = {}
    for truth in map(truth_of, FURTHER):
        if truth["kind"] == "report" and truth["published_printed"]:
            dates = {f"{item.at:%Y-%m-%d}" for item in reading_of(truth["file"], SHARED / "real").identity.dates}
            printed[truth["file"]] = truth["published_printed"][:10] in dates
    assert len(printed) > 10
    assert [name for name, found in printed.items() if not found] == []
