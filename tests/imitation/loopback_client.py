"""A client that asks the imitation portals for real addresses, as a crawler would."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from imitation.records import ImReport
from imitation.server import ImitationPortals
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class Client:
    """Asks for real addresses; every connection goes to the loopback server."""

    def __init__(self, portals: ImitationPortals) -> None:
        self.portals = portals

    def __call__(self, url: str, **headers: str) -> Got:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(self.portals.address, timeout=PATIENCE)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", target or "/", headers={"Host": parts.netloc, "User-Agent": "test", **named})
            answer = connection.getresponse()
            return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def report(portals: ImitationPortals, key: str) -> ImReport:
    return next(r for r in portals.scenario.reports() if r.key == key)


def url(portals: ImitationPortals, key: str) -> str:
    found = report(portals, key)
    return portals.site(found.portal).url(found)
