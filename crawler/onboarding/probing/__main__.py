"""The process of a probe: a scratch archive, the spider of the probe, Scrapy."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from crawler import portals
from crawler.errors import CrawlError
from crawler.onboarding.portal_writer import portal_text
from crawler.onboarding.probe import IMITATION, REQUEST
from crawler.onboarding.probing.probe_spider import probing
from crawler.onboarding.probing.site import NAME
from storage.errors import StorageError
from storage.home import init_home


def main() -> int:
    """Entry of the process. The scratch archive is that of ``NIANBAO_ARCHIVE``, made here."""
    logging.captureWarnings(capture=True)
    path = Path(os.environ["NIANBAO_ARCHIVE"])
    wanted = json.loads((path.parent / REQUEST).read_text(encoding="utf-8"))
    try:
        _prepare(path, wanted)
        return _crawl(path, wanted.get("slug", NAME))
    except (CrawlError, StorageError) as error:
        sys.stdout.write(f"{error}\n")
        return 3


def _prepare(path: Path, wanted: dict[str, Any]) -> None:
    init_home(path, simulated=bool(wanted["simulated"])).close()
    for name in (IMITATION, "locks"):
        if (path.parent / name).exists():
            (path / name).symlink_to((path.parent / name).resolve())
    if slug := wanted.get("slug"):
        for suffix in ("py", "csv"):
            (path / "portals" / f"{slug}.{suffix}").write_bytes((path.parent / f"{slug}.{suffix}").read_bytes())
        return
    text = portal_text(NAME, family="dated_list", place="", hosts=wanted["hosts"], cluster=wanted["cluster"])
    (path / "portals" / f"{NAME}.py").write_text(text, encoding="utf-8")
    (path / "portals" / f"{NAME}.csv").write_text(",".join(portals.COLUMNS) + "\n", encoding="utf-8")


def _crawl(path: Path, name: str) -> int:
    settings = get_project_settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(probing(portals.find(name, path)))
    failed: list[BaseException] = []

    def note(failure: Failure) -> None:
        failed.append(failure.value or CrawlError("the crawl stopped, and nothing says why", code="run.stopped_unsaid"))

    crawler.signals.connect(note, signals.spider_error, weak=False)
    process.crawl(crawler, purpose="probe").addErrback(note)
    process.start()
    if failed:
        sys.stdout.write(f"{type(failed[0]).__name__}: {failed[0]}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
