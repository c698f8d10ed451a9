"""WARC files say of themselves how was asked, and how what was not fetched came to be."""

from __future__ import annotations

import json
from pathlib import Path

from storage.warc_reader import whole_records


def test_a_crawl_says_how_it_asked(played: Path) -> None:
    for path in (played / "warc").rglob("*.warc.gz"):
        with path.open("rb") as file:
            first = next(iter(whole_records(file))).info
        assert first["software"].startswith("nianbao/")
        assert "Scrapy/" in first["software"]
        assert first["http-header-user-agent"].startswith("nianbao/")
        assert (first["robots"], first["simulated"], first["isPartOf"]) == ("obey", "true", path.parent.name)
        assert "Transfer-Encoding is undone" in first["description"]
        configuration = json.loads(first["configuration"])
        assert configuration["seconds_between_requests"] == [0.01, 0.015]
        assert (configuration["robots_obeyed"], configuration["cookies"]) == (True, False)
        assert configuration["protocol"] == "HTTP/1.1"
