"""A damaged or locked database is told with the way back, by whatever asks; many commands at once leave it whole."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from loopback_web import Sandbox
from small_archive import new_archive, play_one_report
from sqlalchemy import text

from storage.database import PRAGMAS, Database
from storage.errors import StorageError, UnansweredError
from storage.home import open_home
from tests.played import Ran, nianbao

SFJ = "汶上县司法局"
TOTAL = "applications.received.total"
QUESTIONS = (
    *(("coverage",), ("missing", "2025"), ("late", "2025"), ("status", SFJ, "2025"), ("show", SFJ, "2025")),
    *(("diff", SFJ, "2025"), ("cite", SFJ, "2025"), ("revisions",), ("news", "--since", "2026-01-01"), ("check",)),
    *(("search", "公开"), ("series", TOTAL), ("rollup", "汶上县", "2025"), ("export", "cells"), ("review",)),
    *(("runs",), ("agencies", "list"), ("portal", "list"), ("health",)),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "archive"
    with new_archive(path) as home:
        play_one_report(home, SFJ, {TOTAL: 12})
    return path


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Iterator[Path]:
    return shutil.copytree(whole, tmp_path / "archive", symlinks=True)


def overwrite(path: Path, *, first: int) -> None:
    """Write over every page of a SQLite file from ``first`` on."""
    held = path.read_bytes()
    size = int.from_bytes(held[16:18], "big")
    path.write_bytes(held[: first * size] + b"\xff" * (len(held) - first * size))


def ask_all(folder: Path) -> list[str]:
    """Ask every question; return what those said that could not be answered, each in one sentence."""
    told = []
    for words in QUESTIONS:
        ran = nianbao(*words, archive=folder)
        assert "Traceback" not in ran.err, words
        if ran.code == 3:
            assert "nianbao restore COPY NEW-FOLDER" in ran.err, (words, ran.err)
            assert ran.err.count("nianbao: ") == 1
            told.append(ran.err)
    return told


@pytest.mark.parametrize("name", ["projections.sqlite", "archive.sqlite"])
def test_damage_is_told_by_every_question(folder: Path, name: str) -> None:
    overwrite((folder / name).resolve(), first=1)
    told = ask_all(folder)
    assert len(told) > len(QUESTIONS) // 2
    assert all("is damaged (" in one and "nianbao rebuild" in one for one in told)
    if name == "projections.sqlite":
        nianbao("rebuild", archive=folder, code=1)  # it tells that what stood before could not be compared
        nianbao("show", SFJ, "2025", archive=folder, code=0)


def test_a_database_that_another_holds_is_told(folder: Path) -> None:
    pragmas = tuple("busy_timeout=0" if one.startswith("busy") else one for one in PRAGMAS)
    with closing(sqlite3.connect(folder / "archive.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with (
            closing(Database(f"sqlite:///{folder / 'archive.sqlite'}", pragmas=pragmas, read_only=True)) as database,
            pytest.raises(UnansweredError, match="See that no other program holds it"),
            database.read() as connection,
        ):
            connection.execute(text("SELECT count(*) FROM captures"))


def test_a_server_that_is_gone_is_told() -> None:
    with (
        closing(Database("postgresql+psycopg://nobody@127.0.0.1:9/none")) as database,
        pytest.raises(StorageError, match="its disk or server is sound"),
        database.read(),
    ):
        pass


def broken_name(path: Path) -> None:
    """Flip bits of a table's name in the schema, so that it is no text any more."""
    held = path.read_bytes()
    at = held.index(b"CREATE TABLE ") + len(b"CREATE TABLE ")
    path.write_bytes(held[:at] + b"\xf3\xff" + held[at + 2 :])


def test_a_name_in_the_schema_that_is_no_text_is_damage(folder: Path) -> None:
    broken_name(folder / "archive.sqlite")
    for words in (("missing", "2025"), ("doctor",), ("verify",), ("backup", str(folder.parent / "copy"))):
        ran = nianbao(*words, archive=folder)
        assert ran.code != 0
        assert "Traceback" not in ran.err
        assert "damaged" in ran.out + ran.err


def test_damaged_projections_are_left_out_of_a_copy_with_a_word(folder: Path) -> None:
    broken_name((folder / "projections.sqlite").resolve())
    ran = nianbao("backup", str(folder.parent / "copy"), archive=folder)
    assert "Traceback" not in ran.err
    assert "nianbao rebuild" in ran.err
    with open_home(folder.parent / "copy", read_only=True) as copy, copy.truth.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM captures")).scalar_one() > 0


# ------------------------------------------------------------------------------------------------ many commands at once

COMMANDS = (
    ("reread", "--all"),
    ("reread", "--all"),
    ("crawl", "--all"),
    ("archive", "seal"),
    ("archive", "seal"),
    ("backup", "COPY"),
    ("export", "duties", "--format", "jsonl"),
    ("doctor",),
)


def test_each_command_ends_with_an_answer_or_a_sentence(archive: Sandbox, tmp_path: Path) -> None:
    archive.portal()
    archive.crawl()

    def run(words: tuple[str, ...]) -> Ran:
        return nianbao(*(str(tmp_path / "copy") if word == "COPY" else word for word in words), archive=archive.path)

    with ThreadPoolExecutor(len(COMMANDS)) as operators:
        ran = dict(zip(enumerate(COMMANDS), operators.map(run, COMMANDS), strict=True))
    for (_, words), one in ran.items():
        assert "Traceback" not in one.out + one.err, words
        assert one.code in {0, 1, 3}, (words, one.err)
        assert one.code != 3 or one.err.startswith("nianbao: "), (words, one.err)
    again = nianbao("reread", "--all", archive=archive.path)
    assert again.code in {0, 1}, again.err
    assert nianbao("archive", "verify", archive=archive.path).code == 0
