"""Every real document (tests/real_documents.py) against its truth: each differing cell is named.

Known failures lie in corpus_expected.toml.
"""

from __future__ import annotations

import json
import os
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.forms.loader import known_form
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render
from tests.real_documents import CORPUS

EXPECTED = tomllib.loads(Path(__file__).with_name("corpus_expected.toml").read_text(encoding="utf-8"))
RECORDED = Path(__file__).with_name("corpus_findings.json")
TRUTHS = sorted(CORPUS.glob("*.truth.json"))

pytestmark = pytest.mark.shared
EVERY = pytest.mark.parametrize("path", TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))


@cache
def reading_of(name: str) -> Reading:
    return read((CORPUS / name).read_bytes())


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
