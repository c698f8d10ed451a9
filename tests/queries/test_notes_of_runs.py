"""What the runs of crawls tell the public."""

from __future__ import annotations

from small_archive import at

from archive.queries.overview import runs
from storage.home import Home
from storage.observations import Observations
from storage.records import Note, Run


def play(home: Home) -> None:
    """One crawl, which a full disk stopped."""
    run = Run(id="r", portal="wenshang", purpose="crawl", started=at("2026-02-01 09:00"))
    Observations(home).start_run(run)
    values = {"path": "/srv/archive/warc/a.warc.gz", "url": "https://www.wenshang.gov.cn/nb/1.html"}
    notes = (Note("stopped", {"why": Note("error.disk_full", values).as_json}),)
    Observations(home).finish_run(run, finished=run.started, outcome="failed", notes=notes)


def test_notes_of_crawls_name_files_without_the_folders_of_the_machine(home: Home) -> None:
    [line] = runs(home)
    values = {"path": "a.warc.gz", "url": "https://www.wenshang.gov.cn/nb/1.html"}
    assert line.notes[0].values["why"] == {"code": "error.disk_full", "values": values}
