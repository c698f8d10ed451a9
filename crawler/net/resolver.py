"""The connection goes to the address that was checked: our resolver.

A name is resolved once per connection, every address it gives is checked, and the endpoint connects to exactly these
addresses, so a name that changes its address between check and connection (DNS rebinding) gains nothing.

A proxy resolves the name once more. So the name is resolved and checked here before the proxy is asked for it, unless
the setting ``proxy_resolves`` leaves the names to the proxy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, NotConfigured
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.net.guard import DEFAULT_PORTS, literal_address, not_public, resolve


def proxies() -> frozenset[tuple[str, int]]:
    """Host and port of each proxy set in the environment; a proxy may stand at a private address."""
    found = set()
    for name, url in getproxies().items():
        if name == "no":  # the hosts that are asked without a proxy
            continue
        with suppress(ValueError):  # nonsense: `nianbao doctor` tells it
            parts = urlsplit(url if "//" in url else f"//{url}")
            if parts.hostname:
                found.add((parts.hostname, parts.port or DEFAULT_PORTS["https" if parts.scheme == "https" else "http"]))
    return frozenset(found)


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
        self.simulated = simulated
        self.proxies = frozenset() if simulated else proxies()

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
        # in an imitation archive every connection goes to this machine, and no name is resolved at all
        own = hostName == "127.0.0.1" if self.simulated else (hostName, portNumber) in self.proxies
        receiver: Any = resolutionReceiver if own else _Checking(resolutionReceiver, hostName, self)
        found: IHostResolution = self.original.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


class ProxiedNames:
    """Checks the name of a host before a proxy is asked for it. Stands behind Scrapy's HttpProxyMiddleware."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProxiedNames:
        """Built by Scrapy. Raises NotConfigured where the proxy is to resolve the names."""
        if crawler.settings.getbool("NIANBAO_PROXY_RESOLVES"):
            raise NotConfigured
        return cls()

    async def process_request(self, request: Request) -> None:
        """Let the request pass where its host has public addresses only. Raises CannotResolveHostError."""
        host = urlsplit(request.url).hostname or ""
        if not request.meta.get("proxy") or literal_address(host) is not None:
            return  # asked directly, or an address, which the guard has checked
        found = await asyncio.to_thread(resolve, host)
        if bad := not_public(found):
            GuardedResolver.refused[host] = bad[0]
        if bad or not found:
            raise CannotResolveHostError(f"{host} has no address here, or one that is not public")


def resolved_to_private(error: Exception, host: str) -> bool:
    """Whether a name was not resolved because an address it gave is not public."""
    return isinstance(error, CannotResolveHostError) and host in GuardedResolver.refused
