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
from tests.played import nianbao

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
