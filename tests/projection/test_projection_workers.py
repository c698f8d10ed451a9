"""Reading in child processes: whatever a document does, the others are read, and in order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.projection.workers import Failure, Pool, ReaderNotStartedError, WorkerLimits
from storage.records import Reading
from tests.patience import LIMIT

pytestmark = pytest.mark.usefixtures("fresh_readers")

HOSTILE = """
import os, resource, signal, time

from storage.records import IdentityEvidence, Reading


def read(data):
    text = data.decode()
    if text == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if text == "exit":
        os._exit(3)
    if text == "hang":
        time.sleep(600)
    if text == "spin":
        while True:
            pass
    if text == "burst":
        return bytes(1 << 31)
    if text == "panic":
        raise BaseException("native panic")
    if text == "worn" and getattr(read, "served", 0):
        os.kill(os.getpid(), signal.SIGSEGV)
    read.served = getattr(read, "served", 0) + 1
    return Reading(document="", reader="t", normaliser="t", kind="text", is_report=False, reason="empty", title=text,
                   form=None, identity=IdentityEvidence(), content_digest="", text=f"{os.getpid()}")


def fails(data):
    raise ValueError("here too")


def bare(data):
    allowed = resource.getrlimit(resource.RLIMIT_CPU)[0] - resource.getrusage(resource.RUSAGE_SELF).ru_utime
    text = "" if data == b"crash" else data.decode() + (" soon" if allowed < 10 else " late")
    return Reading(document="", reader="t", normaliser="t", kind="pdf", is_report=False, reason="empty", title="",
                   form=None, identity=IdentityEvidence(), content_digest="", text=text)
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "hostile_reader.py").write_text(HOSTILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "hostile_reader:read"


def answers(pool: Pool, *texts: str) -> list[tuple[Reading | Failure, float]]:
    """The answers to these documents and what each cost, in their order."""
    found = {name: (answer, cost) for name, answer, cost in pool.read((text, text.encode()) for text in texts)}
    assert found.keys() == set(texts)
    return [found[text] for text in texts]


def outcomes(pool: Pool, *texts: str) -> list[str]:
    found = answers(pool, *texts)
    return [answer.reason if isinstance(answer, Failure) else answer.title for answer, _ in found]


def test_each_fault_costs_its_own_document(target: str) -> None:
    pool = Pool(workers=2, limits=WorkerLimits(memory=600 << 20, cpu=1), target=target, plain="")
    texts = ("a", "crash", "b", "spin", "burst", "panic", "exit", "d")
    found = answers(pool, *texts)
    reasons = [answer.reason if isinstance(answer, Failure) else answer.title for answer, _ in found]
    assert reasons == ["a", "crash", "b", "cpu", "memory", "exception", "crash", "d"]
    assert found[3][1] == 1  # at most: the process ended with it


def test_a_document_on_which_the_reader_hangs_is_given_up(target: str) -> None:
    assert outcomes(Pool(workers=2, limits=WorkerLimits(wall=LIMIT), target=target, plain=""), "a", "hang", "b") == [
        "a",
        "wall",
        "b",
    ]


def test_a_reader_that_does_not_start_is_given_up(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.projection.workers.START_SECONDS", 1.0)
    (tmp_path / "still_reader.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    with pytest.raises(ReaderNotStartedError, match="no answer within 1 s"):
        outcomes(Pool(workers=1, target="still_reader:read", plain=""), "a" * (8 << 20))


def test_children_are_recycled_and_a_failure_in_a_used_one_is_tried_in_a_fresh_one(target: str) -> None:
    pool = Pool(workers=1, limits=WorkerLimits(recycle=2), target=target, plain="")
    found = answers(pool, "a", "b", "c", "d", "worn")
    processes = [answer.text for answer, _ in found if isinstance(answer, Reading)]
    assert (len(processes), len(set(processes))) == (5, 3)
    assert outcomes(Pool(workers=1, target=target, plain=""), "a", "worn", "b") == ["a", "worn", "b"]


def test_a_plainer_reader_is_asked_with_little_time(target: str) -> None:
    """Only after a failure, which is told; the kind of the document is told even where nothing is left of it."""
    limits = WorkerLimits(memory=600 << 20, cpu=50, again=7)
    pool = Pool(workers=1, limits=limits, target=target, plain="hostile_reader:bare")
    found = [answer for answer, _ in answers(pool, "a", "burst", "crash", "b")]
    assert [answer.text.isdecimal() for answer in found if isinstance(answer, Reading)] == [True, False, True]
    _, burst, crash, _ = found
    assert isinstance(burst, Reading)
    assert (burst.text, burst.kind) == ("burst soon", "pdf")
    assert [(one.code, one.found) for one in burst.findings] == [("reader_failed", "memory")]
    assert "plainer way" in burst.findings[0].en
    assert isinstance(crash, Failure)
    assert (crash.reason, crash.kind) == ("crash", "pdf")
    assert outcomes(Pool(workers=1, target=target, plain="hostile_reader:fails"), "crash") == ["crash"]


def test_an_unfinished_reading_leaves_no_children(target: str) -> None:
    results = Pool(workers=2, target=target, plain="").read((text, text.encode()) for text in ("a", "hang", "b"))
    _, first, _ = next(results)
    assert not isinstance(first, Failure)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int(first.text), 0)
