"""The connection goes to the address that was checked: our resolver.

A name is resolved once per connection, every address it gives is checked, and the endpoint connects to exactly these
addresses, so a name that changes its address between check and connection (DNS rebinding) gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.net.guard import not_public


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
        # in an imitation archive every connection goes to this one, and no name is resolved at all
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


def led_inwards(error: Exception, host: str) -> bool:
    """Whether a name was not resolved because an address it gave is not public."""
    return isinstance(error, CannotResolveHostError) and host in GuardedResolver.refused
