"""Resolves names for Twisted, and refuses a name if any of its addresses is not public.

A name is resolved once per connection, all its addresses are checked, and the connection goes to exactly these, so a
name that changes its address between check and connection (DNS rebinding) cannot lead inside.

A proxy resolves the name again. So we resolve and check the name before we ask the proxy, unless the setting
``proxy_resolves`` leaves that to the proxy.
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
    """Return host and port of each proxy in the environment; a proxy may have a private address."""
    hosts = set()
    for name, url in getproxies().items():
        if name == "no":  # the hosts that need no proxy
            continue
        with suppress(ValueError):  # `nianbao doctor` reports an invalid proxy
            parts = urlsplit(url if "//" in url else f"//{url}")
            if parts.hostname:
                hosts.add((parts.hostname, parts.port or DEFAULT_PORTS["https" if parts.scheme == "https" else "http"]))
    return frozenset(hosts)


@implementer(IResolutionReceiver)
class _Checking:
    """Collects the addresses of one name and passes them on only if all are public."""

    def __init__(self, receiver: Any, name: str, resolver: GuardedResolver) -> None:
        self.receiver, self.name, self.resolver = receiver, name, resolver
        self.addresses: list[IAddress] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's interface
        """Pass the beginning on."""
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        """Collect an address until all are known."""
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Pass all addresses on, or none if one is not public."""
        bad = not_public(str(getattr(address, "host", "")) for address in self.addresses)
        if bad:
            self.resolver.refused[self.name] = bad[0]
        else:
            for address in self.addresses:
                self.receiver.addressResolved(address)
        self.receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Twisted's resolver with a check of the addresses. ``refused``: by name, the address that is not public."""

    refused: dict[str, str] = {}  # noqa: RUF012 - one resolver per process

    def __init__(self, reactor: Any, original: IHostnameResolver | None = None, *, simulated: bool = False) -> None:
        """``original``: resolves (None: ``reactor`` does); ``simulated``: only this machine may be reached."""
        self.reactor = reactor
        self.original: Any = original or reactor.nameResolver
        self.simulated = simulated
        self.proxies = frozenset() if simulated else proxies()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: IReactorPluggableNameResolver) -> GuardedResolver:
        """Return the resolver; Scrapy calls this at its start."""
        return cls(reactor, simulated=crawler.settings.getbool("NIANBAO_SIMULATED"))

    def install_on_reactor(self) -> None:
        """Replace the reactor's resolver by this one."""
        self.reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve ``hostName`` for Twisted; a name with an address that is not public gets no addresses at all."""
        # in an imitation archive every connection goes to this machine, and no other name is resolved
        own = hostName == "127.0.0.1" if self.simulated else (hostName, portNumber) in self.proxies
        receiver: Any = resolutionReceiver if own else _Checking(resolutionReceiver, hostName, self)
        resolution: IHostResolution = self.original.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


class ProxiedNames:
    """Checks the name of a host before a proxy is asked for it. Runs after Scrapy's HttpProxyMiddleware."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProxiedNames:
        """Return the middleware; Scrapy calls this. Raises NotConfigured if the proxy resolves the names."""
        if crawler.settings.getbool("NIANBAO_PROXY_RESOLVES"):
            raise NotConfigured
        return cls()

    async def process_request(self, request: Request) -> None:
        """Refuse a request to a proxy if its host has no address or a private one. Raises CannotResolveHostError."""
        host = urlsplit(request.url).hostname or ""
        if not request.meta.get("proxy") or literal_address(host) is not None:
            return  # no proxy is used, or the host is an address, which the guard has checked
        addresses = await asyncio.to_thread(resolve, host)
        if bad := not_public(addresses):
            GuardedResolver.refused[host] = bad[0]
        if bad or not addresses:
            raise CannotResolveHostError(f"{host} has no address here, or one that is not public")


def resolved_to_private(error: Exception, host: str) -> bool:
    """Whether resolving a name failed because one of its addresses is not public."""
    return isinstance(error, CannotResolveHostError) and host in GuardedResolver.refused
