"""Fixtures of a crawl over loopback: see tests/crawler/loopback_web.py."""

from tests.crawler.loopback_web import archive, web

__all__ = ["archive", "web"]
