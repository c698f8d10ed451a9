"""What operators are told when something goes wrong, or was done without asking."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.played import copy_of, nianbao

NOBODY = 65534


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A real archive that whoever runs the command may read and not write."""
    folder = Path(tempfile.mkdtemp(prefix="nianbao-unwritable-"))
    try:
        assert nianbao("init", str(folder / "archive"), anew=True).code == 0
        folder.chmod(0o755)
        for path in (folder / "archive", *(folder / "archive").rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder / "archive"
    finally:
        (folder / "archive").chmod(0o755)
        shutil.rmtree(folder)


def test_a_crawl_of_an_archive_that_may_not_be_written_is_told_once_with_its_cause(unwritable: Path) -> None:
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [sys.executable, "-m", "nianbao.cli", "crawl", "wenshang", "yiyuan", "--archive", str(unwritable)],
        env={**os.environ, "NIANBAO_LANG": "en", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"},
        capture_output=True, text=True, timeout=PATIENCE, check=False, **user,  # type: ignore[call-overload]
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("nianbao: ")) == (3, 1), done.stderr
    assert f"cannot write to {unwritable}" in done.stderr
    assert "make it writable for this user" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_database_is_called_damaged_in_both_languages(played: Path, tmp_path: Path) -> None:
    archive = copy_of(played, tmp_path / "archive")
    (archive / "archive.sqlite").write_bytes(b"no database" * 1000)
    for lang, damaged in (("en", "is damaged"), ("zh", "已损坏")):
        ran = nianbao("runs", "list", archive=archive, NIANBAO_LANG=lang)
        assert (ran.code, damaged in ran.err, "nianbao restore" in ran.err) == (3, True, True), ran.err
        assert "may read" not in ran.err


def test_a_list_of_agencies_brought_in_by_a_script_says_that_it_was_written(tmp_path: Path) -> None:
    archive, listed = tmp_path / "archive", tmp_path / "list.csv"
    assert nianbao("init", str(archive)).code == 0
    listed.write_text("name,kind\n汶上县审计局,部门\n", encoding="utf-8")
    words = ("agencies", "import", str(listed), "--portal", "wenshang")
    shown = nianbao(*words, "--dry-run", archive=archive)
    assert "nothing was changed" in shown.out
    done = nianbao(*words, archive=archive)
    assert "Changes written for: wenshang (without asking" in done.out
    assert "已写入" not in nianbao(*words, archive=archive, NIANBAO_LANG="zh").out  # there was nothing left to write


def test_an_import_from_an_unknown_host_is_refused_in_a_sentence(played: Path, tmp_path: Path) -> None:
    archive, page = copy_of(played, tmp_path / "archive"), tmp_path / "page.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    words = ("import", str(page), "--url", "http://www.nowhere.gov.cn/a", "--by", "me")
    for lang, sentence in (("en", "no portal of this archive has this host"), ("zh", "存档中没有使用该主机的门户")):
        ran = nianbao(
            *words, "--fetched", "2026-02-03T10:00+08:00", archive=archive, now="2026-04-02T09:00:00+08:00",
            NIANBAO_LANG=lang,
        )  # fmt: skip
        assert (ran.code, sentence in ran.out, "no_portal_has_this_host" in ran.out) == (1, True, False), ran.out
