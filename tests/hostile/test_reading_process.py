"""A document that takes over the process which reads it gets nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.projection.confinement import calls_confined, files_confined
from archive.projection.workers import Failure, Pool

pytestmark = pytest.mark.usefixtures("fresh_readers")

SAYING = """
from storage.records import IdentityEvidence, Reading


def said(text):
    return Reading(document="", reader="t", normaliser="t", kind="text", is_report=False, reason="empty", title=text,
                   form=None, identity=IdentityEvidence(), content_digest="")
"""


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which the reading process loads readers."""
    (tmp_path / "saying.py").write_text(SAYING)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def outcomes(pool: Pool, *texts: str) -> list[str]:
    found = [answer for _, answer, _ in pool.read((text, text.encode()) for text in texts)]
    return [answer.reason if isinstance(answer, Failure) else answer.title for answer in found]


TRIES = """
import os, socket, subprocess
from pathlib import Path

from saying import said


def read(data):
    def tried(do):
        try:
            do()
        except OSError:
            return "refused"
        return "done"

    secret, place = Path(data.decode()), Path(data.decode()).with_name("written")
    found = [tried(secret.read_bytes), tried(lambda: place.write_bytes(b"")), tried(secret.unlink)]
    found += [tried(Path(f"/proc/{os.getppid()}/environ").read_bytes)]
    found += [tried(lambda: os.kill(os.getppid(), 0))]
    kinds = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    found += [tried(lambda kind=kind: socket.socket(kind)) for kind in kinds]
    found += [tried(lambda: subprocess.run(["/bin/true"]))]
    return said(" ".join([*found, os.environ.get("NIANBAO_WEBHOOK_URL", "no secret")]))
"""


@pytest.mark.skipif(
    not (files_confined() and calls_confined()), reason="this kernel has no Landlock, or libseccomp is absent"
)
def test_a_reader_that_was_taken_over_reaches_nothing(
    readers: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (readers / "trying_reader.py").write_text(TRIES)
    secret = tmp_path_factory.mktemp("archive") / "nianbao.toml"
    secret.write_text("webhook_url = 'https://example.org/token'")
    monkeypatch.setenv("NIANBAO_WEBHOOK_URL", "https://example.org/token")
    (said,) = outcomes(Pool(workers=1, target="trying_reader:read", plain=""), str(secret))
    assert said == "refused " * 9 + "no secret"
    assert secret.is_file()


LIES = """
import __main__
from saying import said

lie, plain = b"", __main__._encoded_answer


def read(data):
    global lie
    lie = data
    return said("a")


__main__._encoded_answer = lambda answer: plain(answer) if answer.reading is None else lie
"""


def test_an_answer_that_is_none_is_a_failure(readers: Path) -> None:
    """A reading comes as JSON: whatever a child sends, no code of its runs in the parent."""
    (readers / "lying_reader.py").write_text(LIES)
    lies = ("cos\nsystem\n(S'true'\ntR.", '{"reading":{"document":[]}}', '{"failure":7}', "[" * 100_000)
    pool = Pool(workers=1, target="lying_reader:read", plain="")
    assert outcomes(pool, *lies) == ["crash"] * 4
