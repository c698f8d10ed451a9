"""A Scrapy spider that stores nothing, for comparison with our crawl: ``python -m benchmarks.bare_spider FILE``.

FILE contains JSON: ``{"address": "127.0.0.1:PORT", "requests": [[host, path], …]}``; standard output gets
``{"pages": …, "seconds": …}``, measured from the first request to the last response.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class BareSpider(Spider):
    name = "bare"
    custom_settings = {  # noqa: RUF012 — as Scrapy declares it
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0.0,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }

    def __init__(self, address: str, requests: list[list[str]], **rest: Any) -> None:
        super().__init__(**rest)
        self.address, self.asked = address, requests
        self.pages, self.begun, self.ended = 0, 0.0, 0.0

    async def start(self) -> AsyncIterator[Request]:
        self.begun = time.perf_counter()
        for host, path in self.asked:
            yield Request(f"http://{self.address}{path}", headers={"Host": host}, dont_filter=True)

    def parse(self, response: Response) -> None:
        self.pages += len(response.body) > 0
        self.ended = time.perf_counter()


def main(path: str) -> None:
    settings = json.loads(Path(path).read_text(encoding="utf-8"))
    process = CrawlerProcess()
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, **settings)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, BareSpider)
    print(json.dumps({"pages": spider.pages, "seconds": spider.ended - spider.begun}))


if __name__ == "__main__":
    main(sys.argv[1])
