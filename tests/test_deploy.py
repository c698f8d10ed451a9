"""What is installed besides the program: service files that systemd takes, and a reference of settings that is true."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from nianbao.messages import messages
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
