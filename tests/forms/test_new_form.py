"""A new form year needs nothing but a data file: a made-up one is laid into a folder, printed, and read back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.forms.loader import load_forms

MADE_UP = Path(__file__).with_name("made_up") / "2030.toml"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process that finds the made-up form in its folder made of documents printed on it."""
    folder = shutil.copytree(ROOT / "archive/forms", tmp_path_factory.mktemp("forms") / "forms")
    shutil.copy(MADE_UP, folder)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.forms.new_form", "2030", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


KINDS = ["html", "word_html", "crumbled_html", "docx", "pdf", "ofd", "xlsx", "xls", "tabs"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_read_back_on_the_new_form(outcome: dict[str, Any], kind: str) -> None:
    read = outcome["kinds"][kind]
    assert read["form"] == "2030"
    assert read["wrong"] == {}
    assert read["sections"] == ["overview", "proactive", "applications", "remedies", "problems", "other"]


@pytest.mark.parametrize("kind", KINDS[:-1])  # of flat text, rows of which no sum holds are not placed
def test_its_own_sums_and_bindings_are_checked(outcome: dict[str, Any], kind: str) -> None:
    findings = outcome["kinds"][kind]["findings"]
    broken = {said for code, said, *_ in findings if code == "identity_broken"}
    assert broken >= ({"J4"} if kind == "tabs" else {"J1", "J2", "J4"})  # without lines blanks are past knowing
    assert [rest for code, _, *rest in findings if code == "narrative_conflict"] == [["5", "7"]]


def test_the_forms_before_it_are_read_as_ever(outcome: dict[str, Any]) -> None:
    assert outcome["others"] == {plan.name: [plan.name, []] for plan in load_forms()}


def test_its_indicators_have_columns(outcome: dict[str, Any]) -> None:
    assert outcome["unknown"] == []
