"""What is installed: a wheel of the product alone, service files that systemd takes, settings that are explained."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from nianbao.messages import messages
from scripts.lock import canonical, needed
from storage.config import Config
from tests.played import nianbao

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_service_files(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("nianbao")
    for path in (ROOT / "deploy").glob("*.*"):
        text = path.read_text(encoding="utf-8").replace("/opt/nianbao/bin/nianbao", str(program))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    for unit in (
        *("nianbao.service", "nianbao-worker.service", "nianbao-serve.service"),
        *("nianbao-seal.service", "nianbao-seal.timer"),
    ):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)], capture_output=True, text=True, check=False
        )
        ours = [line for line in done.stderr.splitlines() if "nianbao" in line and "man page" not in line]
        assert (done.returncode, ours) == (0, [])


def test_the_service_files_call_commands_that_there_are() -> None:
    for path in (ROOT / "deploy").glob("*.service"):
        for words in re.findall(r"^ExecStart=\S+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert nianbao(*words.split(), "--help").code == 0
    compose = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    commands = [json.loads(words) for words in re.findall(r"^ {4}command: (\[.*\])$", compose, re.MULTILINE)]
    ours = [words for words in commands if words[0] not in {"postgres", "server"}]
    assert {words[0] for words in ours} == {"init", "serve", "up"}
    for words in ours:
        assert nianbao(*words, "--help").code == 0


def test_the_image_copies_every_package_and_installs_extras_that_there_are() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert all(path.startswith("deploy/man/") for path in wheel["shared-data"])
    assert [name for name in [*wheel["packages"], "deploy/man"] if f"COPY {name} /src/{name}\n" not in text] == []
    (extras,) = re.findall(r"install\.sh /opt/nianbao (.+?) \\", text)
    assert set(extras.split()) <= set(project["project"]["optional-dependencies"])


def test_every_setting_has_its_meaning_and_a_secret_is_not_shown(played: Path) -> None:
    assert {f"setting.{name}" for name in Config.model_fields} <= messages("settings").keys()
    shown = nianbao("config", "--csv", archive=played, NIANBAO_WEBHOOK_URL="http://127.0.0.1/hook?key=secret")
    assert "webhook_url,(set),environment" in shown.out
    assert "key=secret" not in shown.out


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
