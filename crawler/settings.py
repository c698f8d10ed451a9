"""Scrapy's settings. Delay and contact are those of the archive named by ``NIANBAO_ARCHIVE``.

``scrapy list`` works without an archive; ``scrapy crawl wenshang`` needs one.
"""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

from storage.config import POLITE_DELAY, Config, load_config
from storage.errors import HomeError
from storage.records import LARGEST_BODY


def _config() -> Config | None:
    folder = os.environ.get("NIANBAO_ARCHIVE", "")
    try:
        return load_config(Path(folder)) if folder else None
    except HomeError:
        return None  # `scrapy crawl` will report the error; `scrapy list` needs no archive


def _user_agent(contact: str) -> str:
    """Return the User-Agent of all requests: in ASCII, without brackets in the contact."""
    try:
        version = metadata.version("nianbao")
    except metadata.PackageNotFoundError:
        version = "0"
    who = contact or "no contact configured"
    plain = who.encode("ascii", "replace").decode("ascii").replace("(", "").replace(")", "")
    return f"nianbao/{version} (archive of annual open-government reports; {plain})"


_HERE = _config()
_SIMULATED = _HERE is not None and _HERE.simulated
_HANDLER = "crawler.net.download_handler.PacedHandler"

BOT_NAME = "nianbao"
NIANBAO_SIMULATED = _SIMULATED
SPIDER_MODULES = ["spiders"]
COMMANDS_MODULE = "crawler.crawl"
SPIDER_LOADER_CLASS = "crawler.portals.PortalLoader"
USER_AGENT = _user_agent(_HERE.contact if _HERE else "")

# One request at a time per host or cluster. Each gap is the archive's delay, or up to half as much again.
DOWNLOAD_DELAY_JITTER = 0.2
DOWNLOAD_DELAY = max(_HERE.delay if _HERE else POLITE_DELAY, 0.001) / (1 - DOWNLOAD_DELAY_JITTER)
CONCURRENT_REQUESTS = 2  # one that is sent, and one that waits in the slot while the last answer is processed
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # reports in the order of their lists
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"
REQUEST_FINGERPRINTER_CLASS = "crawler.net.fetching.RoleFingerprinter"
CONCURRENT_REQUESTS_PER_DOMAIN = 1
ROBOTSTXT_OBEY = True
RETRY_TIMES = 2
RETRY_HTTP_CODES = [429, 500, 502, 503, 504, 522, 524]
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.ResponseDataLossError",
    "scrapy.core.downloader.handlers.http11.TunnelError",
    "twisted.internet.error.ConnectError",
    "twisted.internet.error.ConnectionClosed",
]
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 10
NIANBAO_PAGE_BUDGET = 2000  # requests per portal and run

NIANBAO_FIRST_BYTE_TIMEOUT = 60
NIANBAO_PACE = 1000  # least bytes a second after the first byte, in each window of NIANBAO_PACE_WINDOW seconds
NIANBAO_PACE_WINDOW = 30
DOWNLOAD_TIMEOUT = 900  # for the whole answer
DOWNLOAD_MAXSIZE = LARGEST_BODY
DOWNLOAD_WARNSIZE = 16 << 20
NIANBAO_LISTING_MAXSIZE = 4 << 20  # bytes of a page or answer that is read as a list or menu; a larger one fails
DOWNLOAD_HANDLERS = {"http": _HANDLER, "https": _HANDLER, "file": None, "ftp": None, "s3": None, "data": None}
TWISTED_DNS_RESOLVER = "crawler.net.resolver.GuardedResolver"
DNSCACHE_ENABLED = False  # every connection resolves its name again, and the addresses are checked
HTTPPROXY_ENABLED = not _SIMULATED
NIANBAO_PROXY_RESOLVES = _HERE is not None and _HERE.proxy_resolves
COMPRESSION_ENABLED = False  # the capture layer stores what came over the wire and unpacks it, once
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.net.guard.GuardMiddleware": 50,
    "crawler.net.politeness.PoliteRobots": 100,
    "crawler.net.politeness.PaceMiddleware": 120,
    "crawler.net.guard.PlainMetaRefresh": 580,
    "crawler.net.guard.PlainRedirect": 600,
    "crawler.net.resolver.ProxiedNames": 760,  # after Scrapy's HttpProxyMiddleware at 750
    "crawler.net.capture.CaptureMiddleware": 880,
}
SPIDER_MIDDLEWARES = {
    "crawler.extensions.StartItems": 0,
    # we use none of their settings (DEPTH_LIMIT …), each costs a tenth of a millisecond per response, and our own
    # verdict judges each status
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 100}
SPIDER_CONTRACTS = {"crawler.contracts.FirstListing": 10, "crawler.contracts.ReadsReports": 20}
# Extensions that are switched off are not imported, so that the process of a crawl starts faster.
EXTENSIONS = {
    "crawler.net.failures.HostHealth": 0,
    "crawler.net.politeness.Pace": 0,
    "crawler.extensions.ArchiveExtension": 10,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
}
CONCURRENT_ITEMS = 1  # Scrapy starts so many tasks for each response
COOKIES_ENABLED = False
FEED_EXPORT_ENCODING = "utf-8"
LOG_VERSIONS: list[str] = []  # the versions are in the WARC files
