"""A release is the same again byte for byte, is never overwritten, tells its gaps, and shows any damage."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from small_archive import SmallSite, report_page, title

from archive.assessment.data_files import data_file
from archive.exports.formats.columns import FileFormat
from archive.exports.release import making
from archive.exports.release.checking import check_release
from archive.exports.release.making import SUMS, make_release, names_in
from archive.exports.tables import TableQuestion
from archive.queries.where import Where
from storage.home import Home
from storage.records import CaptureOutcome, LookOutcome
from tests.played import nianbao

SFJ = "汶上县司法局"
ASKED = TableQuestion(table="gaps", where=Where(as_of=datetime.fromisoformat("2026-03-01T00:00:00+08:00")))
GIVEN = {"publisher": "某研究所", "licence": "CC-BY-4.0"}


def play(home: Home) -> None:
    site = SmallSite(home, first_year=2025)
    site.departments(sfj=SFJ, czj="汶上县财政局")
    column = site.column()
    link = [("nb/1.html", title(SFJ), "2026-01-19")]
    site.look("2026-01-20 09:00", column, link)
    site.fetch("2026-01-20 09:01", "nb/1.html", report_page(SFJ, 2025))
    site.look("2026-02-09 09:00", column, link, outcome=LookOutcome.UNREACHABLE)
    other = SmallSite(home, name="qufu", place="曲阜市", division="370881", first_year=2025)
    other.agency("sfj", "曲阜市司法局")
    other.look("2026-02-09 09:00", other.column(), [], outcome=LookOutcome.BLOCKED)


@pytest.fixture(scope="module")
def release(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in all formats."""
    target = tmp_path_factory.mktemp("made") / "r"
    first = make_release(home, "2026-03", target, ASKED, list(FileFormat), **GIVEN)
    assert len(first.files) == len(FileFormat) * len(making.TABLES)
    return target


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (*names_in(folder), SUMS)}


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda r: (r / "data/cells.csv").write_bytes(b"x"), "data/cells.csv is not what it was"),
        (lambda r: (r / "README.md").unlink(), "README.md is listed and not there"),
        (lambda r: (r / "data/more.csv").touch(), "data/more.csv is there and not listed"),
        (lambda r: (r / "data/link").symlink_to("/etc/hostname"), "data/link is no plain file"),
        (lambda r: (r / SUMS).unlink(), "no release, or not a whole one"),
        (lambda r: (r / SUMS).write_text(f"{'0' * 64}  ../../x\n"), "has a line that is none"),
    ],
)
def test_any_damage_is_found(damage: Callable[[Path], object], told: str, release: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(release, tmp_path / "r")
    assert check_release(folder).problems == ()
    damage(folder)
    assert any(told in problem for problem in check_release(folder).problems)


def test_the_command_makes_a_part_says_how_to_make_it_again_refuses_and_checks(home: Home, tmp_path: Path) -> None:
    words = ("--portal", "wenshang", "--years", "2025", "--as-of", "2026-03-01", "--publisher", "a publisher")
    first, second = tmp_path / "first", tmp_path / "second"
    make = ("release", "make", "2026-03", *words, "--output", str(first))
    refused = nianbao(*make, "--doi", "doi.org/10.5281", archive=home.path)
    assert (refused.code, "'doi.org/10.5281'" in refused.err, first.exists()) == (2, True, False)
    ran = nianbao(*make, archive=home.path)
    assert (ran.code, "SHA256SUMS  sha256" in ran.out) == (0, True), ran.err
    again = nianbao(*make, archive=home.path)
    assert (again.code, again.out, "never overwritten" in again.err) == (2, "", True)
    assert "portal wenshang; years 2025" in (first / "CITATION.cff").read_text("utf-8")
    readme = (first / "README.zh.md").read_text("utf-8")
    assert "范围：门户 wenshang；年度 2025。" in readme
    for code in data_file("reasons.toml")["reason"]:
        assert re.search(rf"^\| `{code}` \| [^`|]+ \|$", readme, re.MULTILINE), code
    [command] = [line for line in readme.splitlines() if line.startswith("  `nianbao release make")]
    assert nianbao(*shlex.split(command.strip(" `"))[1:], "--output", str(second), archive=home.path).code == 0
    assert content(first) == content(second)
    (first / "data/duties.csv").write_bytes(b"x")
    found = nianbao("release", "verify", str(first))
    assert (found.code, "data/duties.csv is not what it was" in found.out) == (1, True)
    assert nianbao("release", "verify", str(tmp_path / "nothing")).code == 2


def test_the_same_archive_as_of_the_same_instant_gives_the_same_bytes(
    home: Home, release: Path, tmp_path: Path
) -> None:
    page = report_page(SFJ, 2025)
    SmallSite(home, first_year=2025).fetch("2026-03-20 09:01", "nb/1.html", page, outcome=CaptureOutcome.PAGE)
    make_release(home, "2026-03", tmp_path / "b", ASKED, list(FileFormat), **GIVEN)
    before, after = content(release), content(tmp_path / "b")
    # what was captured since is told as not judged, and changes nothing else
    told = {name for name in before if name.startswith("data/gaps.")}
    told |= {"README.md", "README.zh.md", "datapackage.json", SUMS}
    assert {name for name in before if before[name] != after[name]} <= told
