"""Checks the certificates of portals, and returns what is wrong with them, to be recorded with each capture.

Many portals serve an expired certificate, one for another name, or an incomplete chain. Their pages are public and are
stored all the same, but it is uncertain who answered: each capture says what was wrong, and a look over such a
connection proves no absence unless a person rules so. We trust the system's root certificates and Mozilla's (certifi).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import certifi
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, X509, dump_certificate
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import AcceptableCiphers, Certificate, CertificateOptions
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


@implementer(IOpenSSLClientConnectionCreator)
@dataclass(slots=True)
class _CheckedConnection:
    """A TLS connection to a host, and the faults found in its certificate chain."""

    host: str
    context: SSL.Context
    checked: dict[tuple[str, bytes], _CheckedConnection]
    connection: SSL.Connection | None = None
    faults: set[str] = field(default_factory=set)

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802
        """Return the TLS connection for a protocol; Twisted calls this."""
        del protocol
        self.connection = SSL.Connection(self.context)
        if not _is_address(self.host):
            self.connection.set_tlsext_host_name(self.host.encode("ascii"))
        self.connection.set_verify(SSL.VERIFY_PEER, self._note)
        return self.connection

    def _note(self, _: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
        if not ok:
            self.faults.add(_FAULTS.get(error, f"error_{error}"))
        if depth == 0:
            self.checked[self.host, certificate.digest("sha256")] = self
        return True

    def faults_text(self) -> str | None:
        """Return the faults and the SHA-256 of the chain as served; None if there is no fault."""
        assert self.connection is not None
        faults = self.faults | ({OTHER_NAME} if not self._is_named() else set())
        if not faults:
            return None
        chain = self.connection.get_peer_cert_chain() or []
        digest = hashlib.sha256(b"".join(dump_certificate(FILETYPE_ASN1, one) for one in chain)).hexdigest()
        return f"{','.join(sorted(faults))} sha256:{digest}"

    def _is_named(self) -> bool:
        """Whether the certificate is for the name of this host."""
        assert self.connection is not None
        try:
            (verify_ip_address if _is_address(self.host) else verify_hostname)(self.connection, self.host)
        except (VerificationError, CertificateError, ValueError):
            return False
        return True


@implementer(IPolicyForHTTPS)
class CheckedCertificates:
    """Makes TLS connections: checks each certificate, but refuses no connection because of it. ``ciphers``: those that
    are offered, in OpenSSL's notation.
    """

    def __init__(self, ciphers: str) -> None:
        accepted = AcceptableCiphers.fromOpenSSLCipherString(ciphers)  # type: ignore[no-untyped-call]
        self._context = CertificateOptions(fixBrokenPeers=True, acceptableCiphers=accepted).getContext()
        self._context.set_default_verify_paths()
        self._context.load_verify_locations(certifi.where())
        self._checked: dict[tuple[str, bytes], _CheckedConnection] = {}  # by host and digest of its own certificate

    def creatorForNetloc(self, hostname: bytes, port: int) -> _CheckedConnection:  # noqa: ARG002, N802
        """Return the maker of a TLS connection to a host; Twisted calls this."""
        return _CheckedConnection(hostname.decode("ascii"), self._context, self._checked)

    def fault(self, host: str, certificate: Certificate | None) -> str | None:
        """Return the faults of the certificate that a host used, and the digest of its chain:
        ``expired,other_name sha256:<hex>``; None if it has no fault, or the connection was not encrypted.
        """
        if certificate is None:
            return None
        checked = self._checked.get((host, certificate.original.digest("sha256")))
        return checked.faults_text() if checked is not None else None


def _is_address(host: str) -> bool:
    return isIPAddress(host) or isIPv6Address(host)
