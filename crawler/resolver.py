"""The connection goes to the address that was checked: our resolver, and the handler of imitation archives.

A name is resolved once per connection, every address it gives is checked, and the endpoint connects to exactly these
addresses, so a name that changes its address between check and connection (DNS rebinding) gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.guard import not_public
from crawler.politeness import PacedHandler


def proxy_hosts() -> frozenset[str]:
    """Names of the proxies set in the environment; they may be private, and names behind them are theirs to resolve."""
    found = (urlsplit(url if "//" in url else f"//{url}").hostname for url in getproxies().values())
    return frozenset(host for host in found if host)


@implementer(IResolutionReceiver)
class _Checking:
    """Collects the addresses of one name and hands them on only if every one is public."""

    def __init__(self, receiver: Any, name: str, resolver: GuardedResolver) -> None:
        self.receiver, self.name, self.resolver = receiver, name, resolver
        self.addresses: list[IAddress] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's interface
        """Pass on."""
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        """Keep until all are known."""
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Hand on all or none."""
        bad = not_public(str(getattr(address, "host", "")) for address in self.addresses)
        if bad:
            self.resolver.refused[self.name] = bad[0]
        else:
            for address in self.addresses:
                self.receiver.addressResolved(address)
        self.receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Twisted's resolver behind a check. ``refused``: name → the address for which it was refused, for the record."""

    refused: dict[str, str] = {}  # noqa: RUF012 - one resolver per process

    def __init__(self, reactor: Any, original: IHostnameResolver | None = None, *, simulated: bool = False) -> None:
        self.reactor = reactor
        self.original: Any = original or reactor.nameResolver
        # the handler of imitation archives turns every name into this one; the guard has let nothing else through
        self.exempt = frozenset({"127.0.0.1"}) if simulated else proxy_hosts()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: IReactorPluggableNameResolver) -> GuardedResolver:
        """Built by Scrapy at start."""
        return cls(reactor, simulated=crawler.settings.getbool("NIANBAO_SIMULATED"))

    def install_on_reactor(self) -> None:
        """Take the place of the reactor's own resolver."""
        self.reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve ``hostName``; a name with an address that is not public resolves to nothing."""
        if hostName not in self.exempt:
            receiver: Any = _Checking(resolutionReceiver, hostName, self)
        else:
            receiver = resolutionReceiver
        found: IHostResolution = self.original.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


class ImitationHandler(PacedHandler):
    """Sends a request for a real host name to the loopback server that imitates it; in simulated archives only.

    The map is ``imitation.json`` of the archive. https goes there as plain http: the imitation has no certificates.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.hosts: dict[str, str] = crawler.spider.session.imitation  # type: ignore[union-attr]

    async def download_request(self, request: Request) -> Response:
        """Fetch from loopback; the answer keeps the address asked for."""
        parts = urlsplit(request.url)
        place = self.hosts[(parts.hostname or "").rstrip(".")]
        host, _, port = place.rpartition(":")
        if host != "127.0.0.1" or not port.isdigit():
            raise ValueError(f"imitation.json maps {parts.hostname} to {place}, which is not on 127.0.0.1")
        mapped = request.replace(url=urlunsplit(("http", place, parts.path or "/", parts.query, "")))
        mapped.headers["Host"] = parts.netloc
        return (await super().download_request(mapped)).replace(url=request.url)
