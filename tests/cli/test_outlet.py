"""What is printed arrives whole, or the command says that it did not: a full disk cuts no answer in silence."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.played import nianbao

NOBODY = 65534
ROOM = 2048  # bytes that may be written to a file


def test_what_a_full_disk_takes_no_more_of_is_told(tmp_path: Path) -> None:
    page, out = tmp_path / "a.txt", tmp_path / "out"
    page.write_text("一二三四五六七八九十\n" * 3000, encoding="utf-8")  # longer than the buffers before standard output
    plain = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # nor may those be cut
    with out.open("wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "nianbao.cli", "read", str(page), "--jsonl"], env=plain, stdout=stdout,
            stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)),
        )  # fmt: skip
    assert (done.returncode, out.stat().st_size <= ROOM) == (3, True), done.stderr
    assert re.search("nianbao: cannot write to .*make room", done.stderr)


def test_a_reader_who_has_seen_enough_is_no_fault() -> None:
    command = f"{sys.executable} -m nianbao.cli --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode in {0, 1}, done.stderr) == (True, "")


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
