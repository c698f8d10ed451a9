"""Seals: whatever is changed after it was sealed shows, and what came since is told apart."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from storage_making import URL, exchange, files, fill, flipped, keep, run, sqlite_home

from storage.captures import CaptureWriter
from storage.clock import Clock
from storage.errors import StorageError
from storage.home import Home, init_home, open_home
from storage.records import Note
from storage.sealing import contents, manifest
from storage.sealing.contents import SealedRow
from storage.sealing.making import seal
from storage.sealing.verifying import SealCheck, verify
from tests.case_tables import read_cases

__all__ = ["sqlite_home"]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A day's truth under a seal, to be copied and changed."""
    with init_home(tmp_path_factory.mktemp("sealed") / "a") as made:
        fill(made)
        seal(made)
    return made


def codes(found: SealCheck) -> set[str]:
    return {one.code for one in found.problems}


def test_what_is_sealed_is_found_again_and_only_what_is_new_is_sealed_next(either: Home) -> None:
    fill(either)
    first, before = seal(either)
    assert before is None
    assert first is not None
    assert dict(first.seal.rows) == {kind.name: 1 for kind in contents.KINDS}
    assert [one.name for one in first.seal.files] == [files(either)[0].relative_to(either.warc_dir).as_posix()]
    assert seal(either) == (None, first)
    fill(either, day=40)  # longer after than rows are looked for by their time alone
    second, before = seal(either)
    assert before == first
    assert second is not None
    assert (second.seal.number, second.seal.previous) == (2, first.sha256)
    assert dict(second.seal.rows) == {kind.name: 1 for kind in contents.KINDS}
    found = verify(either)
    assert found.problems == ()
    assert (len(found.chain), found.files, found.rows) == (2, 2, 2 * len(contents.KINDS))
    assert (found.unsealed_files, found.unsealed_rows) == (0, 0)
    fill(either, day=1)  # what comes late: an import of another archive's captures, a clock that was wrong
    found = verify(either)
    assert found.problems == ()
    assert (found.unsealed_files, found.unsealed_rows) == (1, len(contents.KINDS))
    late, _ = seal(either)
    assert late is not None
    assert dict(late.seal.rows) == {kind.name: 1 for kind in contents.KINDS}
    assert verify(either).unsealed_rows == 0


@pytest.mark.parametrize(("table", "statement", "code", "where"), read_cases(__file__, "changes"))
def test_a_row_changed_after_it_was_sealed_is_named(
    sealed: Home, tmp_path: Path, table: str, statement: str, code: str, where: str
) -> None:
    shutil.copytree(sealed.path, tmp_path / "a", symlinks=True)
    home = open_home(tmp_path / "a")
    with home.truth.engine.begin() as connection:  # as somebody can who has the database in their hands
        for name in (f"{table}_kept", f"{table}_fixed"):
            connection.execute(text(f"DROP TRIGGER {name}"))
        assert connection.execute(text(statement)).rowcount >= 1
    (problem,) = verify(home).problems
    assert problem.code == code
    assert problem.where.startswith(where)
    # sealing once more does not make it good
    fill(home, day=1)
    seal(home)
    assert problem in verify(home).problems


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (flipped, "file_changed"),
        (lambda path: os.truncate(path, path.stat().st_size - 1), "file_shorter"),
        (Path.unlink, "file_missing"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "file_longer"),
    ],
)
def test_a_warc_file_changed_after_it_was_sealed_is_named(home: Home, harm: Callable[[Path], None], code: str) -> None:
    fill(home)
    fill(home, day=1)
    seal(home)
    harm(files(home)[0])
    (problem,) = verify(home).problems
    assert problem.code == code
    assert problem.where == files(home)[0].relative_to(home.warc_dir).as_posix() or code == "file_missing"


def edited(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    plain = json.loads(path.read_bytes())
    change(plain)
    path.write_text(json.dumps(plain))


def three_seals(home: Home) -> list[Path]:
    for day in range(3):
        fill(home, day)
        seal(home)
    return manifest.paths(home.path / manifest.FOLDER)


def test_a_chain_that_was_tampered_with_is_told(home: Home) -> None:
    one, two, three = three_seals(home)
    whole = two.read_bytes()
    edited(two, lambda plain: plain["files"].clear())  # type: ignore[attr-defined]
    assert "chain_broken" in codes(verify(home))
    two.write_text("{}")
    assert codes(verify(home)) == {"seal_unreadable"} | codes(verify(home)) & {"row_missing"}
    two.unlink()
    assert [(one.code, one.where) for one in verify(home).problems] == [("seal_missing", two.name)]
    two.write_bytes(whole)
    assert codes(verify(home)) == set()
    rows = three.with_name(manifest.rows_name(three.name))
    rows.write_bytes(manifest.packed([SealedRow("looks", "look-9", "0" * 64)])[0])
    assert codes(verify(home)) >= {"rows_unreadable"}
    rows.unlink()
    assert codes(verify(home)) == {"rows_unreadable"}
    edited(one, lambda plain: plain.update(archive="2020-01-01T00:00:00+00:00"))
    assert {"other_archive", "chain_broken"} <= codes(verify(home))


def test_seals_that_were_made_and_are_gone_are_missed_even_the_last_and_all_of_them(home: Home) -> None:
    one, two, three = three_seals(home)
    aside = {path: path.read_bytes() for path in three.parent.glob(f"{three.name.removesuffix('.json')}*")}
    for path in aside:
        path.unlink()
    assert [(found.code, found.where) for found in verify(home).problems] == [("seal_missing", three.name)]
    fill(home, 3)
    with pytest.raises(StorageError, match="1 seals that were made here are gone"):
        seal(home)
    # where no copy is left the chain goes on, and says for ever that one is missing
    four, _ = seal(home, over_gaps=True)
    assert four is not None
    assert (four.seal.number, sum(four.seal.rows.values())) == (4, 2 * len(contents.KINDS))
    assert [(found.code, found.where) for found in verify(home).problems] == [("seal_missing", three.name)]
    assert verify(home).unsealed_rows == 0
    # and a copy that turns up mends it
    for path, data in aside.items():
        path.write_bytes(data)
    assert verify(home).problems == ()
    for path in manifest.paths(home.path / manifest.FOLDER):
        path.unlink()
    assert [found.where for found in verify(home).problems] == [one.name, two.name, three.name, four.path.name]
    assert codes(verify(home)) == {"seal_missing"}


def test_a_seal_never_bears_an_earlier_time_than_the_one_before_it(home: Home) -> None:
    fill(home)
    first, _ = seal(home)
    assert first is not None
    fill(home, day=1)
    yesterday = first.seal.made_at - timedelta(days=1)
    home.clock = Clock(timedelta(days=-2))
    with pytest.raises(StorageError, match=r"before the last seal .* nothing was sealed"):
        seal(home)
    forged = replace(first.seal, number=2, previous=first.sha256, made_at=yesterday, files=(), rows={})
    (first.path.parent / forged.name).write_bytes(manifest.encoded(forged))
    assert "seal_time" in codes(verify(home))


def test_a_seal_that_names_a_file_elsewhere_is_told_and_one_that_is_kept_elsewhere_is_found(
    home: Home, tmp_path: Path
) -> None:
    fill(home)
    first, _ = seal(home)
    assert first is not None
    for name in ("../nianbao.toml", "/etc/passwd", "a/../../x"):
        edited(first.path, lambda plain, name=name: plain["files"][0].update(name=name))  # type: ignore[misc]
        told = next(one for one in verify(home).problems if one.where == name)
        assert told.note == Note("sealed_file_outside", {"file": name})
    edited(first.path, lambda plain: plain["files"][0].update(name="a\0b"))  # type: ignore[index]
    assert "seal_unreadable" in codes(verify(home))
    first.path.write_bytes(manifest.encoded(first.seal))
    files(home)[0].parent.rename(tmp_path / "other-disk")
    (home.warc_dir / "wenshang").symlink_to(tmp_path / "other-disk")
    assert verify(home).problems == ()


def test_a_file_that_is_being_written_is_sealed_as_far_as_it_was_acknowledged(home: Home) -> None:
    with CaptureWriter(home, run()) as writer:
        keep(writer, exchange(b"one"))
        first, _ = seal(home)
        keep(writer, exchange(b"two", url=f"{URL}?2"))
        assert verify(home).unsealed_files == 1
        second, _ = seal(home)
    third, _ = seal(home)
    sealed = [kept.seal.files[0].size for kept in (first, second, third) if kept is not None]
    assert sealed == sorted(set(sealed))
    assert sealed[-1] == files(home)[0].stat().st_size
    assert verify(home).problems == ()
    flipped(files(home)[0])
    assert codes(verify(home)) == {"file_changed"}
