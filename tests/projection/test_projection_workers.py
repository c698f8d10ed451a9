"""Reading in child processes: whatever a document does, the others are read in order, and it gets nowhere itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.projection.confinement import calls_confined, files_confined
from archive.projection.workers import Failure, Pool, ReaderNotStartedError, WorkerLimits
from storage.records import Reading
from tests.patience import LIMIT

pytestmark = pytest.mark.usefixtures("fresh_readers")
TARGET = "hostile_readers:read"


def answers(pool: Pool, *texts: str) -> list[tuple[Reading | Failure, float]]:
    """The answers to these documents and what each cost, in their order."""
    found = {name: (answer, cost) for name, answer, cost in pool.read((text, text.encode()) for text in texts)}
    assert found.keys() == set(texts)
    return [found[text] for text in texts]


def outcomes(pool: Pool, *texts: str) -> list[str]:
    found = answers(pool, *texts)
    return [answer.reason if isinstance(answer, Failure) else answer.title for answer, _ in found]


def test_each_fault_costs_its_own_document() -> None:
    pool = Pool(workers=2, limits=WorkerLimits(memory=600 << 20, cpu=1), target=TARGET, plain="")
    texts = ("a", "crash", "b", "spin", "burst", "panic", "exit", "d")
    found = answers(pool, *texts)
    reasons = [answer.reason if isinstance(answer, Failure) else answer.title for answer, _ in found]
    assert reasons == ["a", "crash", "b", "cpu", "memory", "exception", "crash", "d"]
    assert found[3][1] == 1  # at most: the process ended with it


def test_a_document_on_which_the_reader_hangs_is_given_up() -> None:
    assert outcomes(Pool(workers=2, limits=WorkerLimits(wall=LIMIT), target=TARGET, plain=""), "a", "hang", "b") == [
        "a",
        "wall",
        "b",
    ]


def test_a_reader_that_does_not_start_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.projection.workers.START_SECONDS", 1.0)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "still_reader.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    with pytest.raises(ReaderNotStartedError, match="no answer within 1 s"):
        outcomes(Pool(workers=1, target="still_reader:read", plain=""), "a" * (8 << 20))


def test_children_are_recycled_and_a_failure_in_a_used_one_is_tried_in_a_fresh_one() -> None:
    pool = Pool(workers=1, limits=WorkerLimits(recycle=2), target=TARGET, plain="")
    found = answers(pool, "a", "b", "c", "d", "worn")
    processes = [answer.text for answer, _ in found if isinstance(answer, Reading)]
    assert (len(processes), len(set(processes))) == (5, 3)
    assert outcomes(Pool(workers=1, target=TARGET, plain=""), "a", "worn", "b") == ["a", "worn", "b"]


def test_a_plainer_reader_is_asked_with_little_time() -> None:
    """Only after a failure, which is told; the kind of the document is told even where nothing is left of it."""
    limits = WorkerLimits(memory=600 << 20, cpu=50, again=7)
    pool = Pool(workers=1, limits=limits, target=TARGET, plain="hostile_readers:read_plainly")
    found = [answer for answer, _ in answers(pool, "a", "burst", "crash", "b")]
    assert [answer.text.isdecimal() for answer in found if isinstance(answer, Reading)] == [True, False, True]
    _, burst, crash, _ = found
    assert isinstance(burst, Reading)
    assert (burst.text, burst.kind) == ("burst soon", "pdf")
    assert [(one.code, one.found) for one in burst.findings] == [("reader_failed", "memory")]
    assert "plainer way" in burst.findings[0].en
    assert isinstance(crash, Failure)
    assert (crash.reason, crash.kind) == ("crash", "pdf")
    assert outcomes(Pool(workers=1, target=TARGET, plain="hostile_readers:fail"), "crash") == ["crash"]


def test_an_unfinished_reading_leaves_no_children() -> None:
    results = Pool(workers=2, target=TARGET, plain="").read((text, text.encode()) for text in ("a", "hang", "b"))
    _, first, _ = next(results)
    assert not isinstance(first, Failure)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int(first.text), 0)


# ------------------------------------------------------------------------------------------------ taken over


@pytest.mark.skipif(
    not (files_confined() and calls_confined()), reason="this kernel has no Landlock, or libseccomp is absent"
)
def test_a_reader_that_was_taken_over_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "nianbao.toml"
    secret.write_text("webhook_url = 'https://example.org/token'")
    monkeypatch.setenv("NIANBAO_WEBHOOK_URL", "https://example.org/token")
    (said,) = outcomes(Pool(workers=1, target="hostile_readers:reach_out", plain=""), str(secret))
    assert said == "refused " * 9 + "no secret"
    assert secret.is_file()


def test_an_answer_that_is_none_is_a_failure() -> None:
    """A reading comes as JSON: whatever a child sends, no code of its runs in the parent."""
    lies = ("cos\nsystem\n(S'true'\ntR.", '{"reading":{"document":[]}}', '{"failure":7}', "[" * 100_000)
    pool = Pool(workers=1, target="hostile_readers:lie", plain="")
    assert outcomes(pool, *lies) == ["crash"] * 4
