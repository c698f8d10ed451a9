"""The wheel holds the program and its manual pages, and nothing of the imitation or the tests."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from scripts.lock import canonical, needed

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    builder = Path(sys.executable).with_name("hatchling")
    subprocess.run([builder, "build", "--target", "wheel", "--directory", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def named(wheel: zipfile.ZipFile, ending: str) -> str:
    (name,) = [name for name in wheel.namelist() if name.endswith(ending)]
    return wheel.read(name).decode("utf-8")


def test_it_holds_the_packages_of_the_product_and_no_imitation(wheel: zipfile.ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    packages = {folder for folder in folders if not folder.startswith("nianbao-")}
    assert packages == {"nianbao", "spiders", "crawler", "archive", "storage"}
    imported = [name for name in wheel.namelist() if name.endswith(".py") and b"import imitation" in wheel.read(name)]
    assert imported == []


def test_it_gives_the_command_and_its_manual_pages(wheel: zipfile.ZipFile) -> None:
    assert "nianbao = nianbao.cli.__main__:main" in named(wheel, "/entry_points.txt")
    for language, place in (("en", "share/man/man1"), ("zh_CN", "share/man/zh_CN/man1")):
        manual = (ROOT / "deploy" / "man" / language / "nianbao.1").read_text("utf-8")
        assert named(wheel, f".data/data/{place}/nianbao.1") == manual


def test_every_extra_brings_something_that_the_core_has_not() -> None:
    core = needed().keys()
    for extra, packages in PROJECT["optional-dependencies"].items():
        assert {canonical(package) for package in packages} - core, extra
