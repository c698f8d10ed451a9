"""Fixtures of the crawler's tests: see loopback_web.py."""

from loopback_web import archive, web

__all__ = ["archive", "web"]
