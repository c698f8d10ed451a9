"""What is installed is what was meant: pins, digests, the builder, licences, the bill of materials, secrets."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from scripts import find_secrets, supply
from scripts.lock import APART, LOCK, ROOT, canonical, locked, needed, pins, requirements_by_extra

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENTRIES = locked()


def test_pins_are_names_and_versions_and_the_lock_names_the_same() -> None:
    assert [line for line in pins().values() if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert {name: line.split("==")[1] for name, line in pins().items()} == {n: e.version for n, e in ENTRIES.items()}


def test_every_package_has_digests_and_the_lock_names_no_place() -> None:
    assert [name for name, entry in ENTRIES.items() if not entry.digests] == []
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_the_lock_has_what_pyproject_asks_for() -> None:
    optional = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    asked += [line for extra, lines in optional.items() if extra not in APART for line in lines]
    for line in asked:
        requirement = Requirement(line)
        assert requirement.specifier.contains(ENTRIES[canonical(requirement.name)].version), line


def test_what_installs_takes_nothing_that_is_not_in_the_lock() -> None:
    script = (ROOT / "scripts/install.sh").read_text(encoding="utf-8")
    (checked,) = re.findall(r'^checked="(.+)"', script, re.MULTILINE)
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(checked.split())
    *fetching, last = re.findall(r"\bpip\"? install (.+)", script)
    assert len(fetching) == 3
    assert all(step.startswith("$checked ") for step in fetching)
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(last.split())
    (extras,) = re.findall(r"install\.sh \.venv -e (.+?) >", (ROOT / "scripts/setup.sh").read_text(encoding="utf-8"))
    assert set(extras.split()) <= requirements_by_extra().keys()


def test_every_licence_is_allowed_and_the_page_of_licences_is_as_it_is_now() -> None:
    found, faults = supply.licences()
    assert faults == []
    was, now = (
        set(re.findall(r"^\|.+", text, re.MULTILINE)) for text in (supply.PAGE.read_text("utf-8"), supply.page())
    )
    assert now <= was, "make licences"
    assert {row.split(" | ")[0].strip("| ") for row in was - now} <= ENTRIES.keys() - found.keys()  # of other systems


def test_the_bill_of_materials_is_valid_whole_and_the_same_again() -> None:
    bill = supply.bill()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    assert bill == supply.bill()
    required = {part["name"] for part in bill["components"] if part["scope"] == "required"}
    assert required == needed().keys() & supply.licences()[0].keys()
    assert "pytest" not in {part["name"] for part in bill["components"]}
    refs = {part["bom-ref"] for part in bill["components"]}
    assert {child for edge in bill["dependencies"] for child in edge["dependsOn"]} == refs


def test_a_secret_is_found_and_a_digest_is_none(tmp_path: Path) -> None:
    key = "-----BEGIN RSA " + "PRIVATE KEY-----"
    (tmp_path / "a.py").write_text(f'digest = "{"0f" * 32}"\nkey = """{key}\nMIIE"""\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text("webhook = 'https://me:hunter" + "2@hook.example.org/'\n", encoding="utf-8")
    assert find_secrets.places_of_secrets([str(tmp_path / "a.py"), str(tmp_path / "b.toml")]) == [
        f"{tmp_path}/a.py:2: Private Key",
        f"{tmp_path}/b.toml:1: Basic Auth Credentials",
    ]


def test_the_scripts_of_the_shell_can_be_read() -> None:
    for path in (ROOT / "scripts").glob("*.sh"):
        assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
