"""Certificates of portals: each is checked, and what is wrong with one is told with all that came over it.

Many portals serve an expired certificate, that of another name, or leave out a link of the chain. Their pages are
public and are kept all the same, but nobody knows who answered: each capture says what was wrong, and a look made over
such a connection proves no absence unless a person rules so. Trusted are the system's roots and Mozilla's (certifi).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import certifi
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, X509, dump_certificate
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import AcceptableCiphers, Certificate, optionsForClientTLS
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

OTHER_NAME = "other_name"
_FAULTS = {  # error numbers of OpenSSL's verify(1)
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "unknown_issuer",
    21: "unknown_issuer",
    23: "revoked",
}


@dataclass(slots=True)
class _Check:
    """What the checking of one connection's certificate found."""

    connection: SSL.Connection
    faults: set[str] = field(default_factory=set)

    def told(self) -> str | None:
        """The faults and the SHA-256 of the chain as served; None where there is no fault."""
        if not self.faults:
            return None
        chain = self.connection.get_peer_cert_chain() or []
        digest = hashlib.sha256(b"".join(dump_certificate(FILETYPE_ASN1, one) for one in chain)).hexdigest()
        return f"{','.join(sorted(self.faults))} sha256:{digest}"


@implementer(IOpenSSLTrustRoot)
class _Roots:
    """The roots of the system and of Mozilla."""

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802 - Twisted's interface
        context.set_default_verify_paths()
        context.load_verify_locations(certifi.where())


@implementer(IPolicyForHTTPS)
class CheckedCertificates:
    """How https is spoken: each certificate is checked, and no connection is refused for it. ``ciphers``: those that
    are offered, as OpenSSL writes them.
    """

    def __init__(self, ciphers: str) -> None:
        self._ciphers = AcceptableCiphers.fromOpenSSLCipherString(ciphers)  # type: ignore[no-untyped-call]
        self._creators: dict[tuple[bytes, int], _Creator] = {}
        self._checks: dict[tuple[str, bytes], _Check] = {}  # by host and digest of its own certificate

    def creatorForNetloc(self, hostname: bytes, port: int) -> _Creator:  # noqa: N802 - Twisted's interface
        """Give what makes connections to a host; one for each, as reading the roots takes a while."""
        made = self._creators.get((hostname, port))
        if made is None:
            host = hostname.decode("ascii")
            options = {"fixBrokenPeers": True, "acceptableCiphers": self._ciphers}
            roots: Any = _Roots()
            inner = optionsForClientTLS(host, trustRoot=roots, extraCertificateOptions=options)
            made = self._creators[hostname, port] = _Creator(inner, host, self._note)
        return made

    def _note(self, host: str, leaf: X509, check: _Check) -> None:
        self._checks[host, leaf.digest("sha256")] = check

    def fault(self, host: str, certificate: Certificate | None) -> str | None:
        """Return what is wrong with the certificate that a host answered with, and the digest of its chain:
        ``expired,other_name sha256:<hex>``; None where it holds, and where nothing is encrypted.
        """
        if certificate is None:
            return None
        check = self._checks.get((host, certificate.original.digest("sha256")))
        return check.told() if check is not None else None


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Makes connections to ``host`` whose certificates are checked against the roots and the name."""

    def __init__(self, inner: Any, host: str, note: Callable[[str, X509, _Check], None]) -> None:
        self._inner, self._host, self._note = inner, host, note

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802
        """Give a connection; Twisted's interface."""
        connection: SSL.Connection = self._inner.clientConnectionForTLS(protocol)
        check = _Check(connection)

        def verified(_: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
            if not ok:
                check.faults.add(_FAULTS.get(error, f"error_{error}"))
            if depth == 0:
                if not _names(certificate, self._host):
                    check.faults.add(OTHER_NAME)
                self._note(self._host, certificate, check)
            return True

        connection.set_verify(SSL.VERIFY_PEER, verified)
        return connection


def _names(certificate: X509, host: str) -> bool:
    """Whether a certificate is one of this host."""
    wanted = IPAddress_ID(host) if isIPAddress(host) or isIPv6Address(host) else DNS_ID(host)
    try:
        verify_service_identity(extract_patterns(certificate), [wanted], [])
    except (VerificationError, CertificateError, ValueError):
        return False
    return True
