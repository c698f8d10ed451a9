"""Checks where a fetch and its redirects may go: by http or https, to a host and port of the portal, a public address.

The rules are pure. :class:`GuardMiddleware` applies them before every attempt (redirects, retries and robots.txt too),
and ``resolver.py`` makes the connection go to the address that was checked.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.crawl_run import CrawlPart, run_of
from crawler.errors import CrawlError
from crawler.net.failures import Refused

IMITATION = "imitation.json"  # file with the local address for each host of an imitation archive
log = logging.getLogger(__name__)
DEFAULT_PORTS = {"http": 80, "https": 443}
_NETLOC = re.compile(r"(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.IGNORECASE)
_CONTROL_OR_BLANK = re.compile("[\x00-\x20\ud800-\udfff]")  # control characters, blanks, surrogates
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")
_NOT_PUBLIC = (  # networks that the ipaddress module does not exclude
    ipaddress.ip_network("fec0::/10"),  # site-local (RFC 3879)
    ipaddress.ip_network("3fff::/20"),  # documentation (RFC 9637)
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's service for its virtual machines
)


def is_public(address: str) -> bool:
    """Whether an IP address is public; an IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is judged itself."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64_LOCAL or ip.teredo is not None or "%" in address:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and (ip in _NAT64 or ip in _IPV4_COMPATIBLE):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(ip.version == one.version and ip in one for one in _NOT_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def literal_address(host: str) -> str | None:
    """Return the IP address that ``host`` is in any form resolvers accept (``2130706433``, ``[::1]``), else None."""
    bare = host.strip("[]")
    try:
        return str(ipaddress.ip_address(bare.split("%", 1)[0]))
    except ValueError:
        pass
    if re.fullmatch(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}", bare, re.IGNORECASE):
        try:
            return socket.inet_ntoa(socket.inet_aton(bare))
        except OSError:
            return "0.0.0.0"  # noqa: S104 - digits that are no address: treated as a private one
    return None


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts to which one portal's fetches may go. ``hosts``: ``a.gov.cn``, ``a.gov.cn:8080``, ``.a.gov.cn`` (with
    sub-domains); None: any host.

    ``imitated``: the hosts that an imitation archive imitates; None on the real web.
    """

    hosts: tuple[str, ...] | None
    imitated: frozenset[str] | None = None

    def refusal(self, url: str) -> str | None:
        """Return the code of why ``url`` may not be fetched (odd, private, foreign address …); None if it may."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return "odd_address"
        if parts.scheme not in DEFAULT_PORTS:
            return "scheme"
        if not _NETLOC.fullmatch(parts.netloc) or "\\" in url or _CONTROL_OR_BLANK.search(url):
            return "odd_address"
        address = literal_address(host)
        if address is not None and not is_public(address):
            return "private_address"
        if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
            return "private_address"
        if not self._owns(host, port or DEFAULT_PORTS[parts.scheme], parts.scheme):
            return "foreign_host"
        if self.imitated is not None and host not in self.imitated:
            return "not_imitated"
        return None

    def _owns(self, host: str, port: int, scheme: str) -> bool:
        """Whether a host is one of ``hosts`` or below one with a leading dot, at its port or the default port."""
        if self.hosts is None:
            return True
        for entry in self.hosts:
            name, colon, number = entry.lower().partition(":")
            if str(port) != (number if colon else str(DEFAULT_PORTS[scheme])):
                continue
            if host == name.lstrip(".") or (name.startswith(".") and host.endswith(name)):
                return True
        return False


def not_public(addresses: Iterable[str]) -> list[str]:
    """Return the addresses that are not public; a name is refused if it has even one."""
    return [address for address in addresses if not is_public(address)]


def resolve(host: str) -> list[str]:
    """Return the addresses of a name; an empty list if it has none."""
    try:
        return [str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def leads_inside(host: str) -> bool:
    """Whether a name resolves to any address that is not public; False for a name without addresses."""
    return bool(not_public(resolve(host)))


def imitated_hosts(settings: BaseSettings) -> dict[str, str] | None:
    """Return ``127.0.0.1:port`` by host for an imitation archive; None for a real one, without looking for the file.

    Raises :class:`CrawlError` if an imitation archive has no usable file.
    """
    if not settings.getbool("NIANBAO_SIMULATED"):
        return None
    folder = Path(os.environ["NIANBAO_ARCHIVE"])
    try:
        hosts = json.loads((folder / IMITATION).read_text(encoding="utf-8"))["hosts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CrawlError(code="imitation.not_running", path=folder, file=IMITATION) from error
    return {str(name).lower(): str(address) for name, address in hosts.items()}


def allowed_hosts_of(crawler: Crawler) -> AllowedHosts:
    """Return the hosts to which a crawl's fetches may go: those of its portal; any public host if the spider has none
    (``scrapy fetch`` of an address of no portal). In an imitation archive only those of them that it imitates.
    """
    hosts = getattr(crawler.spider or crawler.spidercls, "hosts", None)
    imitated = imitated_hosts(crawler.settings)
    own = tuple(hosts) if hosts is not None else None
    return AllowedHosts(own, frozenset(imitated) if imitated is not None else None)


class GuardMiddleware(CrawlPart):
    """Refuses requests, before all other middlewares. Raises :class:`Refused`, which the capture layer records."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.allowed_hosts = allowed_hosts_of(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request to an allowed host pass; log any other and raise :class:`Refused`."""
        reason = self.allowed_hosts.refusal(request.url)
        if reason is not None:
            is_stored = run_of(self.crawler) is not None  # scrapy fetch and shell store nothing, so they warn
            log.log(logging.INFO if is_stored else logging.WARNING, "refused (%s): %r", reason, request.url)
            raise Refused(reason, request.url)


# ------------------------------------------------------------------------------------------------ redirects

_HEAD_BYTES = 16_384  # bytes of a page searched for "refresh": most pages have none, and need not be decoded


class PlainRedirect(RedirectMiddleware):
    """Follows the header ``Location``; if that is no address, returns the response itself."""

    def process_response(self, request: Request, response: Response, _: Any = None) -> Request | Response:
        """Return the request for the redirect's target, or the response if there is no redirect."""
        try:
            return _without_dupe_filter(super().process_response(request, response))
        except ValueError:
            return response


class PlainMetaRefresh(MetaRefreshMiddleware):
    """Follows ``<meta http-equiv="refresh">``; if that has no address or the page's own, returns the page."""

    def process_response(self, request: Request, response: Response, _: Any = None) -> Request | Response:
        """Return the request for a meta refresh in the page's first bytes; the page if it has none, or to itself."""
        head = response.body[:_HEAD_BYTES]
        if b"refresh" not in head.lower() and b"\x00" not in head:  # UTF-16 hides the word
            return response
        try:
            result = super().process_response(request, response)
        except ValueError:
            return response
        is_reload = isinstance(result, Request) and result.url == request.url
        return response if is_reload else _without_dupe_filter(result)


def _without_dupe_filter(again: Request | Response) -> Request | Response:
    """Make the dupe filter let a redirect pass, even if its target was asked for before."""
    return again.replace(dont_filter=True) if isinstance(again, Request) else again
