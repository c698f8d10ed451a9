"""Reads the address of a portal as an operator types it, and derives the hosts that its probe may ask. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.net.guard import AllowedHosts, literal_address

_SUFFIXES = frozenset({"gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "cn", "com", "org", "net"})


def address_of(text: str) -> str:
    """Return a typed text as an address. Raises :class:`CrawlError` if it is none, or not on the public web."""
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        reason = AllowedHosts(scope_of(url)).refusal(url)
    except ValueError:
        host, reason = "", "odd_address"
    if not host or ("." not in host and literal_address(host) is None):
        message = f"{text!r} is no address of a portal; give one such as http://www.wenshang.gov.cn/"
        raise CrawlError(message, code="portal.no_address", text=text)
    if reason:
        code, why = {
            "private_address": ("portal.private_address", "it is not on the public web"),
            "scheme": ("portal.scheme", "only http and https are asked"),
        }.get(reason, ("portal.refused", reason))
        raise CrawlError(f"{text!r} will not be asked: {why}", code=code, text=text, reason=reason)
    return url if urlsplit(url).path else f"{url}/"


def scope_of(url: str) -> tuple[str, ...]:
    """Return the hosts that a probe of ``url`` may ask: its host, the same without ``www.``, and all sub-domains."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    tail = f":{port}" if port is not None and port not in {80, 443} else ""
    plain = host.removeprefix("www.")
    if literal_address(host) is not None or plain in _SUFFIXES or plain.count(".") < 1:
        return (host + tail,)
    return tuple(dict.fromkeys((host + tail, plain + tail, f".{plain}{tail}")))
