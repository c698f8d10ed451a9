"""Where a fetch may go."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.net.guard import AllowedHosts, is_public, literal_address
from crawler.net.resolver import GuardedResolver, ProxiedNames, resolved_to_private
from tests.case_tables import read_cases

HOME = AllowedHosts(("www.ly.gov.cn", ".ly.gov.cn", "a.gov.cn:8080"))


def test_private_addresses_in_every_wrapping_are_not_public() -> None:
    inside, public = read_cases(__file__, "addresses_of_machines")
    assert [address for address in inside if is_public(address)] == []
    assert [address for address in public if not is_public(address)] == []


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_wrapping(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    wrapped = [
        f"::ffff:{ip}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
    ]
    assert {is_public(address) for address in wrapped} == {is_public(str(ip))}
    assert literal_address(str(number)) == str(ip)
    assert literal_address(hex(number)) == str(ip)


@pytest.mark.parametrize("url", read_cases(__file__, "private"))
def test_literal_private_addresses_are_refused_in_any_spelling(url: str) -> None:
    assert HOME.refusal(url) == "private_address"
    assert AllowedHosts((*HOME.hosts, "localhost", "127.0.0.1", "2130706433")).refusal(url) == "private_address"


@pytest.mark.parametrize(
    ("url", "reason"), [*read_cases(__file__, "addresses"), ("http://www.ly.gov.cn/\ud800", "odd_address")]
)
def test_only_the_portals_hosts_schemes_and_ports(url: str, reason: str | None) -> None:
    assert HOME.refusal(url) == (reason or None)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_url_makes_the_guard_raise_or_pass_a_stranger(text: str) -> None:
    assert HOME.refusal(f"http://{text}.example/") is not None
    HOME.refusal(text)


class Names:
    """A resolver that answers what it is told, each time something else (DNS rebinding)."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *args: object) -> Any:  # noqa: N802
        receiver.resolutionBegan(None)
        for address in self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


def resolved(resolver: GuardedResolver, name: str, port: int = 80) -> list[str]:
    """The addresses that Twisted is told of a name."""
    receiver = Mock()
    resolver.resolveHostName(receiver, name, port)
    receiver.resolutionComplete.assert_called_once_with()
    return [call.args[0].host for call in receiver.addressResolved.call_args_list]


def test_a_name_with_one_private_address_resolves_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedResolver, "refused", {})
    names = Names(
        ["122.137.242.24"], ["127.0.0.1"], ["122.137.242.24", "10.0.0.1"], ["2400:3200::1", "64:ff9b::a9fe:a9fe"]
    )
    resolver = GuardedResolver(None, names)  # type: ignore[arg-type]
    assert [resolved(resolver, "www.ly.gov.cn") for _ in range(4)] == [["122.137.242.24"], [], [], []]
    assert GuardedResolver.refused == {"www.ly.gov.cn": "64:ff9b::a9fe:a9fe"}


def test_the_proxys_own_name_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.intern:3128")
    monkeypatch.setenv("no_proxy", "www.ly.gov.cn")
    resolver = GuardedResolver(None, Names(*[["10.0.0.9"]] * 3))  # type: ignore[arg-type]
    names = (("proxy.intern", 3128), ("proxy.intern", 80), ("www.ly.gov.cn", 80))
    assert [resolved(resolver, *name) for name in names] == [["10.0.0.9"], [], []]


@pytest.mark.parametrize(("addresses", "is_private"), [(["122.137.242.24", "10.0.0.1"], True), ([], False)])
def test_a_proxy_is_not_asked_for_a_name_that_leads_inwards(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], is_private: bool
) -> None:
    monkeypatch.setattr(GuardedResolver, "refused", {})
    asked = Request("http://www.ly.gov.cn/", meta={"proxy": "http://proxy.intern:3128"})
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("122.137.242.24", 0))])
    asyncio.run(ProxiedNames().process_request(asked))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (one, 0)) for one in addresses])
    with pytest.raises(CannotResolveHostError) as found:
        asyncio.run(ProxiedNames().process_request(asked))
    assert resolved_to_private(found.value, "www.ly.gov.cn") is is_private
