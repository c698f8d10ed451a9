"""How this program asks, in the words of a WARC file's first record: so that a stranger can judge what was kept."""

from __future__ import annotations

import json
from platform import python_version

from scrapy.settings import BaseSettings

from storage.mending import version

_PACKAGES = ("nianbao", "Scrapy", "Twisted")
_HEADS = (
    "Bodies are as sent, their Content-Encoding kept. Heads are written from what the HTTP client gave: as HTTP/1.1, "
    "with the registered phrase of the status and header names in canonical case; Transfer-Encoding is undone and "
    "Content-Length is that of the body; Cookie and Authorization are not sent or not kept."
)


def how_asked(settings: BaseSettings) -> dict[str, str]:
    """Fields of a warcinfo record: versions, user agent, and as JSON the settings that decide what is asked."""
    delay, jitter = settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("DOWNLOAD_DELAY_JITTER")
    configuration = {
        "protocol": "HTTP/1.1",
        "seconds_between_requests": [round(delay * (1 - jitter), 3), round(delay * (1 + jitter), 3)],
        "requests_at_once_per_host": settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"),
        "robots_obeyed": settings.getbool("ROBOTSTXT_OBEY"),
        "retries": settings.getint("RETRY_TIMES"),
        "redirects": settings.getint("REDIRECT_MAX_TIMES"),
        "most_bytes": settings.getint("DOWNLOAD_MAXSIZE"),
        "timeout_seconds": settings.getint("DOWNLOAD_TIMEOUT"),
        "pages": settings.getint("NIANBAO_PAGE_BUDGET"),
        "cookies": settings.getbool("COOKIES_ENABLED"),
        "headers": dict(settings.getdict("DEFAULT_REQUEST_HEADERS")),
    }
    return {
        "software": " ".join([*(f"{name}/{version(name)}" for name in _PACKAGES), f"Python/{python_version()}"]),
        "http-header-user-agent": str(settings["USER_AGENT"]),
        "description": _HEADS,
        "configuration": json.dumps(configuration, ensure_ascii=True, sort_keys=True),
    }
