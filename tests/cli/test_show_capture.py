"""One record shown, verified and saved without any other program; what a portal sent steers nothing."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from storage_making import exchange, flipped, keep, run

from nianbao.messages import messages
from storage.captures import CaptureWriter
from storage.home import init_home
from storage.records import Capture, CaptureRole
from tests.played import nianbao

AT = datetime(2026, 2, 1, 1, 0, 7, tzinfo=UTC)
PAGE = "<p>年度报告</p>".encode()
EVIL = "\x1b[2J\x9b31m\u202e"


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, list[Capture]]:
    """A page with a hostile head and name, the same again, and a failure."""
    home = init_home(tmp_path / "a")
    made, url = [], "http://www.example.gov.cn/nb/..%2F..%2Fetc%2Fpasswd%1B%5B2J年.html"
    headers = [("Content-Type", "text/html"), ("X-Evil", EVIL.encode().decode("latin-1"))]
    with CaptureWriter(home, run()) as writer:
        for day in (0, 1):
            sent = exchange(PAGE, url=url, headers=headers, at=AT + timedelta(days=day))
            made.append(keep(writer, replace(sent, reason_phrase=f"OK{EVIL}"), link_text=f"年报 13812345678{EVIL}"))
        made.append(keep(writer, None, requested="http://www.example.gov.cn/gone", reason="dns"))
    return home.path, made


def test_a_capture_is_found_by_id_document_and_address(kept: tuple[Path, list[Capture]]) -> None:
    archive, (first, again, failed) = kept
    for name, wanted in (
        (first.id, first),
        (again.id, again),
        (first.document, first),
        (first.url, again),
        (f"<urn:uuid:{uuid.UUID(again.id)}>", again),
        (f"SHA-256:{(first.document or '').upper()}", first),
        (failed.url, failed),
    ):
        (row,) = json.loads(nianbao("show-capture", name or "", "--json", archive=archive).out)
        assert row["id"] == wanted.id
        assert row["warc"] == (
            wanted.warc and {"file": wanted.warc.file, "offset": wanted.warc.offset, "length": wanted.warc.length}
        )
    assert row["outcome"] == "unreachable"
    unknown = nianbao("show-capture", "ab" * 16, archive=archive)
    assert (unknown.code, "There is no capture for" in unknown.err) == (2, True)


def test_digests_are_computed_anew(kept: tuple[Path, list[Capture]]) -> None:
    archive, (first, again, _) = kept
    shown = nianbao("show-capture", again.id, "--verify", archive=archive, code=0)
    assert "fetched: 2026-02-02T09:00:07+08:00" in shown.out
    assert f"agrees: repeated document sha256:{hashlib.sha256(PAGE).hexdigest()}" in shown.out
    assert "WRONG" not in shown.out
    assert first.warc is not None
    flipped(archive / "warc" / first.warc.file, first.warc.offset + first.warc.length - 8)  # its checksum
    for name in (first.id, again.id):
        wrong = nianbao("show-capture", name, "--verify", archive=archive, code=1)
        assert "WRONG: there is no gzip data at this place" in wrong.out
    (row,) = json.loads(nianbao("show-capture", first.id, "--verify", "--json", archive=archive).out)
    assert [note["code"] for one in row["verified"] for note in one["notes"]] == ["no_gzip_member"]
    nianbao("show-capture", first.id, "--save", str(archive.parent / "lost"), archive=archive, code=3)
    assert not (archive.parent / "lost").exists()


def test_what_a_portal_sent_does_not_steer_a_terminal(kept: tuple[Path, list[Capture]]) -> None:
    archive, (first, _, _) = kept
    shown = nianbao("show-capture", first.id, "--headers", "--verify", archive=archive)
    assert "X-Evil: " in shown.out
    assert not set(shown.out) & set("\x1b\x9b\u202e")
    assert "138****5678" in shown.out
    assert "13812345678" not in shown.out


def test_a_document_is_saved_under_a_plain_name_and_never_over_another(
    kept: tuple[Path, list[Capture]], tmp_path: Path
) -> None:
    archive, (first, again, failed) = kept
    folder = tmp_path / "out"
    folder.mkdir()
    nianbao("show-capture", again.id, "--save", str(folder), archive=archive, code=0)
    (path,) = folder.iterdir()
    assert path.read_bytes() == PAGE
    assert path.name == f"{(first.document or '')[:16]}-passwd__2J年.html"
    assert nianbao("show-capture", again.id, "--save", str(path), archive=archive).code == 2
    assert nianbao("show-capture", again.id, "--save", "-", archive=archive).out.encode() == PAGE
    nianbao("show-capture", failed.id, "--save", str(tmp_path / "none"), archive=archive, code=3)
    assert not (tmp_path / "none").exists()


def test_every_role_of_a_capture_is_shown_in_words_of_both_languages(tmp_path: Path) -> None:
    home = init_home(tmp_path / "a")
    with CaptureWriter(home, run()) as writer:
        made = [keep(writer, None, role=role, reason="dns") for role in CaptureRole]
    for lang, title in (("en", "fetched as: "), ("zh", "抓取时当作：")):
        lines = []
        for one in made:
            shown = nianbao("show-capture", one.id, archive=home.path, NIANBAO_LANG=lang).out.splitlines()
            lines += [line.removeprefix(title) for line in shown if line.startswith(title)]
        assert lines == [messages("cli")[f"capture_role.{role}"][lang] for role in CaptureRole]
        assert len({*lines}) == len(CaptureRole)
