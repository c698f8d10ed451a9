"""WARC files in an object store: uploaded and compared before their rows are committed, and read back from there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from storage_making import exchange, fill, keep, mismatches, rows_of, run

from archive.parser.reading import READER_VERSION
from archive.queries.stored import open_projections
from storage.backup import backup
from storage.captures import CaptureStore, CaptureWriter
from storage.cdxj import entries
from storage.errors import DiskError, StorageError, UnansweredError
from storage.home import Home, init_home, open_home
from storage.mending import mend
from storage.records import Note
from storage.sealing.making import seal
from storage.sealing.verifying import verify
from storage.warc_check import check
from tests.played import nianbao


@dataclass
class BucketArchive:
    """An archive with its WARC files in a bucket, and a client of its own to look into that."""

    home: Home
    url: str
    client: Any

    def objects(self) -> dict[str, bytes]:
        self.client.invalidate_cache()
        found = self.client.find(self.url)
        return {path.partition("/")[2]: self.client.cat_file(path) for path in found}


@pytest.fixture
def kept(tmp_path: Path, bucket: tuple[str, str]) -> BucketArchive:
    url, endpoint = bucket
    init_home(tmp_path / "a").close()
    with (tmp_path / "a" / "nianbao.toml").open("a") as out:
        out.write(f'blobs = "{url}"\nblobs_endpoint = "{endpoint}"\n')
    import s3fs

    client = s3fs.S3FileSystem(client_kwargs={"endpoint_url": endpoint}, skip_instance_cache=True)
    return BucketArchive(open_home(tmp_path / "a"), url, client)


def test_what_is_acknowledged_lies_in_the_store_and_is_read_from_there(kept: BucketArchive) -> None:
    with CaptureWriter(kept.home, run()) as writer:
        first = keep(writer, exchange(b"first"))
        writer.flush()
        (name,) = kept.objects()
        assert (name, [*kept.home.warc_files()]) == (first.warc.file, [])  # type: ignore[union-attr]
        second = keep(writer, exchange(b"second", url="http://www.example.gov.cn/2.html"))
        assert rows_of(kept.home, "captures") == 1  # acknowledged at the end of its group
    assert rows_of(kept.home, "captures") == len(kept.objects()) == 2
    store = CaptureStore(kept.home)
    assert [store.body(one.id and store.get(one.id)) for one in (first, second)] == [b"first", b"second"]  # type: ignore[arg-type]


def test_a_row_is_not_committed_where_the_store_does_not_answer(
    kept: BucketArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_BLOBS_ENDPOINT", "http://127.0.0.1:9")
    home = open_home(kept.home.path)
    writer = CaptureWriter(home, run())
    writer.__enter__()
    keep(writer, exchange())
    with pytest.raises(DiskError, match="could not be kept in the object store"):
        writer.flush()
    with pytest.raises(DiskError):
        writer.__exit__()
    assert writer.pending == 1
    assert (rows_of(home, "captures"), kept.objects()) == (0, {})
    monkeypatch.undo()
    mended = mend(kept.home)  # when it answers again, what waited is uploaded and adopted
    assert len(mended.adopted) == rows_of(kept.home, "captures") == len(kept.objects()) == 1
    assert [*kept.home.warc_files()] == []


def test_a_store_that_is_not_there_has_lost_nothing(kept: BucketArchive) -> None:
    fill(kept.home)
    settings = kept.home.path / "nianbao.toml"
    right = settings.read_text()
    assert nianbao("reread", archive=kept.home.path).code == 0
    settings.write_text(right.replace(kept.url, "s3://nowhere-at-all"))
    with open_home(kept.home.path) as home:
        (capture,) = CaptureStore(home).for_portal("wenshang")
        with pytest.raises(UnansweredError, match="lets you in"):
            CaptureStore(home).body(capture)
    told = nianbao("reread", "--all", archive=kept.home.path)
    assert (told.code, "could not be used" in told.err, "Traceback" in told.err) == (3, True, False)
    doctor = nianbao("doctor", "--json", archive=kept.home.path)
    found = {row["what"]: row["state"] for row in json.loads(doctor.out)}
    assert (doctor.code, found["object store"], found["answers"]) == (1, "mend", "ok")
    with open_home(kept.home.path) as home:
        # what was read before stays read
        assert open_projections(home).read_by(READER_VERSION, [capture.document or ""])


def test_an_object_is_never_overwritten(kept: BucketArchive) -> None:
    with CaptureWriter(kept.home, run()) as writer:
        first = keep(writer, exchange())
    (name,) = kept.objects()
    other = kept.home.warc_dir / name
    other.parent.mkdir(exist_ok=True)
    for data in (b"other", bytes(len(kept.objects()[name]))):  # another length, and the same
        other.write_bytes(data)
        with pytest.raises(StorageError, match="nothing was overwritten"):
            kept.home.blobs.upload(name)
    other.unlink()
    assert CaptureStore(kept.home).body(first) == b"<html>report</html>"


def test_keeping_tools_work_from_the_store(kept: BucketArchive, tmp_path: Path) -> None:
    home = kept.home
    fill(home)
    fill(home, day=1)
    assert mismatches(home) == []
    checked = check(home, print)
    assert (checked.files, checked.live) == (2, 0)
    sealed, _ = seal(home)
    assert sealed is not None
    assert {one.name for one in sealed.seal.files} == kept.objects().keys()
    assert verify(home).problems == ()
    assert [entry for _, entry in entries(home, "wenshang") if isinstance(entry, Note)] == []

    copied = backup(home, tmp_path / "copy")
    assert (copied.warc_files, copied.lacking) == (2, ())
    assert backup(home, tmp_path / "copy").warc_new == 0
    with open_home(tmp_path / "copy") as copy:  # of its own: it needs no store
        assert copy.blobs.sizes(".gz") == {name: len(data) for name, data in kept.objects().items()}
        assert verify(copy).problems == ()

    lost, changed = sorted(kept.objects())
    kept.client.rm(f"{kept.url}/{lost}")
    kept.client.pipe_file(f"{kept.url}/{changed}", kept.objects()[changed][:-1] + b"?")
    assert {(one.code, one.where) for one in verify(home).problems} == {
        ("file_missing", lost),
        ("file_changed", changed),
    }
    found = {(one.code, one.file) for one in mismatches(home)}
    assert found >= {("file_missing", lost), ("record_damaged", changed)}
    assert backup(home, tmp_path / "copy").lacking == ()  # the copy holds both as they were
    assert backup(home, tmp_path / "other").lacking == (lost,)


def test_what_a_lost_machine_has_uploaded_is_adopted_once_its_run_is_over(kept: BucketArchive, tmp_path: Path) -> None:
    with CaptureWriter(kept.home, run()) as writer:
        keep(writer, exchange(b"uploaded"))
    (name,) = kept.objects()
    whole = kept.objects()[name]
    init_home(tmp_path / "b").close()
    with (tmp_path / "b" / "nianbao.toml").open("a") as out:  # another archive, as after a loss of all rows of it
        out.write(f'blobs = "{kept.url}"\nblobs_endpoint = "{kept.home.config.blobs_endpoint}"\n')
    with open_home(tmp_path / "b") as home:
        assert home.locks.try_take("run-run-1")  # its writer lives, and will commit
        assert not mend(home, thorough=True)
        assert mismatches(home) == []
        home.locks.release("run-run-1")
        assert [one.code for one in mismatches(home)] == ["file_unknown"]
        assert len(mend(home, thorough=True).adopted) == 1
        assert (mismatches(home), rows_of(home, "captures")) == ([], 1)
    assert kept.objects() == {name: whole}
