"""A disk that takes nothing more: the crawl stops with a sentence and exit code 3, no row is without its record."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imitation.registry import register_agencies
from storage.home import open_home
from tests.crash import holds
from tests.crash.killing import Ended, command
from tests.crash.small import COLUMNS, Web, scenario

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts are Linux's")
DISK = 40 << 20


class Operator:
    """An archive, its portals, and somebody who types commands."""

    def __init__(self, web: Web, archive: Path) -> None:
        self.web, self.archive, self.day = web, archive, web.day.isoformat()
        assert self.types("init", "--imitation").code == 0
        with open_home(archive) as home:
            register_agencies(home, scenario())
        web.serve(archive)

    def types(self, *words: str, largest: int | None = None) -> Ended:
        return command(*words, archive=self.archive, day=None if words[0] == "init" else self.day, largest=largest)

    def holds_after(self, ended: Ended) -> holds.Held:
        """What must hold at once; what is there."""
        with open_home(self.archive) as home:
            assert list(holds.at_once(home, ended.seen)) == []
            return holds.held(home)

    def goes_on(self, before: holds.Held) -> None:
        """With room again, all is fetched, and nothing of before is lost or there twice."""
        again = self.types("crawl", COLUMNS, "--no-read")
        assert again.code == 0, again.err
        with open_home(self.archive) as home:
            assert list(holds.afterwards(home, before, ())) == []
            assert sum(map(holds.is_report, holds.held(home).captures.values())) >= 12


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web(tmp_path / "web") as made:
        yield made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a disk can be mounted by root only; a bound on the size of files stands for it")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Take all room but ``left`` bytes."""
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - left))
    return filler


def told_once(ended: Ended, *names: str) -> None:
    assert ended.code == 3, ended.out + ended.err
    last = ended.err.strip().splitlines()[-1]
    assert last.startswith("nianbao: cannot write to "), ended.err
    assert "is kept. First " in last
    assert any(name in last for name in names), last
    assert "Traceback" not in ended.err


def test_a_file_that_takes_nothing_more_stops_the_crawl(web: Web, tmp_path: Path) -> None:
    operator = Operator(web, tmp_path / "archive")
    ended = operator.types("crawl", COLUMNS, "--no-read", largest=100_000)
    told_once(ended, "archive.sqlite", ".warc.gz")
    operator.goes_on(operator.holds_after(ended))


@pytest.mark.nightly
def test_a_full_disk_stops_what_writes_and_not_what_asks(web: Web, disk: Path) -> None:
    operator = Operator(web, disk / "archive")
    filler = fill(disk, 120_000)
    ended = operator.types("crawl", COLUMNS, "--no-read")
    told_once(ended, "archive.sqlite", "warc")
    before = operator.holds_after(ended)
    filler.unlink()
    filler = fill(disk, 0)
    looked = operator.types("doctor")
    assert (looked.code, looked.err) == (1, "")
    assert "make room on the disk of" in looked.out
    assert "\nruns" in looked.out  # and all else is looked at as well
    filler.unlink()
    operator.goes_on(before)

    assert operator.types("reread", "--workers", "1").code == 0
    answer = operator.types("missing", "2025")
    fill(disk, 60_000)
    told_once(operator.types("rebuild", "--workers", "1"), "projections-")
    assert operator.types("missing", "2025").out == answer.out
    assert list(holds.litter(operator.archive)) == []
    filler.unlink()

    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for words in (("crawl", COLUMNS, "--no-read"), ("rebuild",)):
        told_once(operator.types(*words), "archive")
    assert operator.types("missing", "2025").out == answer.out
