"""Many commands at once on one archive: each ends with its answer or a sentence, and the archive stays whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from loopback_web import Archive

from tests.played import Ran, nianbao

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


def test_each_command_ends_with_an_answer_or_a_sentence(archive: Archive, tmp_path: Path) -> None:
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
