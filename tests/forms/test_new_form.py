"""A new form year needs nothing but a data file: a made-up one is laid into a folder, printed, and read back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.forms.loader import FOLDERS, FormError, form, load_forms, read_forms
from archive.parser.reader import READER_VERSION

MADE_UP = Path(__file__).with_name("made_up") / "2030.toml"
ROOT = Path(__file__).resolve().parents[2]


def alike() -> str:
    """The form of 2021 with one label put otherwise, for years from 2027 on; the label of before is a variant."""
    label = 'label = "3.要求提供公开出版物"'
    source = (ROOT / "archive/forms/2021.toml").read_text("utf-8")
    assert source.count(label) == 1
    source = source.replace(label, 'label = "3.要求提供出版物和公报"\nvariants = ["要求提供公开出版物"]')
    return source.replace('name = "2021"', 'name = "2027"').replace("first_year = 2021", "first_year = 2027")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process that finds the made-up form in its folder made of documents printed on it."""
    folder = tmp_path_factory.mktemp("forms")
    shutil.copy(MADE_UP, folder)
    (folder / "2027.toml").write_text(alike(), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.forms.new_form", "2030"],
        cwd=ROOT,
        env={**os.environ, FOLDERS: str(folder)},
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
    assert set(outcome["others"]) == {"2027", *(plan.name for plan in load_forms())}
    for told in outcome["others"].values():
        assert told == {key: [True, []] for key in ("whole", "proactive", "applications", "remedies")}


def test_the_form_is_told_by_its_labels_and_never_by_the_year(outcome: dict[str, Any]) -> None:
    assert {(printed, form) for printed, _, form in outcome["years"]} == {
        (one, one) for one in ("2021", "2027", "2030")
    }


def test_its_indicators_have_columns(outcome: dict[str, Any]) -> None:
    assert outcome["unknown"] == []


def test_it_is_part_of_the_readers_version(outcome: dict[str, Any]) -> None:
    assert outcome["reader"].startswith(READER_VERSION + "+")


def test_without_the_folder_the_form_is_unknown() -> None:
    assert "2030" not in {plan.name for plan in load_forms()}
    with pytest.raises(KeyError):
        form("2030")


def test_a_later_folder_replaces_a_form_of_the_same_name(tmp_path: Path) -> None:
    source = MADE_UP.read_text("utf-8")
    (tmp_path / "2021.toml").write_text(
        source.replace('name = "2030"', 'name = "2021"').replace("2030", "2021"), "utf-8"
    )
    plans = read_forms((MADE_UP.parent, tmp_path))
    assert [plan.name for plan in plans] == ["2021", "2030"]
    assert plans[0].places.keys() == plans[1].places.keys()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="no folder"):
        read_forms((tmp_path / "nowhere",))
    (tmp_path / "new.toml").write_text(MADE_UP.read_text("utf-8"), "utf-8")
    with pytest.raises(FormError, match=r"<year>\.toml"):  # by its name it is no form, and would go unread
        read_forms((tmp_path,))


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ('key = "remedies"\nsection', 'key = "disputes"\nsection'),
        ('layout = "strip"', 'layout = "spiral"'),
        ('received = [["demands.new.all"]]', 'received = [["demands.new.nobody"]]'),
        ('kind = "amount"', 'kind = "money"'),
        ('kind = "amount"', 'kind = "amount'),
    ],
)
def test_what_does_not_hold_together_is_refused_with_the_file_named(tmp_path: Path, change: str, by: str) -> None:
    source = MADE_UP.read_text("utf-8")
    assert change in source
    (tmp_path / "2030.toml").write_text(source.replace(change, by, 1), "utf-8")
    with pytest.raises(FormError, match=r"2030\.toml"):
        read_forms((tmp_path,))
