"""RFC 3161 time-stamps of a manifest's bytes: make requests, and check what an answer proves (pure)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.errors import StorageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

SUFFIX = ".tsr"
LONGEST = 1 << 20  # most bytes of an answer
_SHA256 = "2.16.840.1.101.3.4.2.1"


class StampError(StorageError):
    """A time-stamp proves nothing, or could not be requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamp:
    """What a time-stamp states: these bytes existed at ``at``. ``authority``: the signer, named by its certificate or
    by the stamp. ``proven``: the signature was verified up to a certificate that we were given.
    """

    at: datetime
    authority: str
    proven: bool


def request(manifest: bytes) -> tuple[bytes, int]:
    """Return a TimeStampReq (RFC 3161 §2.4.1) for the SHA-256 of ``manifest``, and its nonce."""
    require_library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra

    stamp_request = TimestampRequestBuilder(data=manifest, hash_algorithm=HashAlgorithm.SHA256).build()
    return stamp_request.as_bytes(), stamp_request.nonce or 0


def read(answer: bytes, manifest: bytes, *, nonce: int | None = None, roots: Sequence[Certificate] = ()) -> TimeStamp:
    """Return what the TimeStampResp ``answer`` (§2.4.2) states about ``manifest``.

    Raises StampError if it is not one, is a refusal, is about other bytes or another request, or, if ``roots`` are
    given, was not signed with a time-stamping certificate under one of them that was valid at that time.
    """
    require_library()
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    if len(answer) > LONGEST:
        raise StampError(code="stamp.too_long", bytes=len(answer))
    try:
        response = decode_timestamp_response(answer)
        if response.status != 0:
            status_text = "; ".join(response.status_string or []) or f"status {response.status}"
            raise StampError(code="stamp.refused", text=status_text[:200])
        stamp = response.tst_info
        imprint = stamp.message_imprint
        if imprint.hash_algorithm.dotted_string != _SHA256:
            raise StampError(code="stamp.other_digest")
        if not hmac.compare_digest(imprint.message, hashlib.sha256(manifest).digest()):
            raise StampError(code="stamp.other_bytes")
        if nonce is not None and stamp.nonce != nonce:
            raise StampError(code="stamp.other_question")
        authority = _authority(response)
        if roots:
            _verify_signature(response, manifest, roots)
        return TimeStamp(at=stamp.gen_time, authority=authority, proven=bool(roots))
    except (ValueError, TypeError, AttributeError) as error:
        raise StampError(code="stamp.none", cause=error) from error


def certificates(pem: bytes) -> list[Certificate]:
    """Return the certificates of a PEM file. Raises StampError if there are none."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - only with the extra

    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise StampError(code="stamp.no_certificate", cause=error) from error


def require_library() -> None:
    """Raise StampError if the library for time-stamps is not installed."""
    try:
        import rfc3161_client  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise StampError(code="stamp.lacking") from None


def _verify_signature(response: TimeStampResponse, manifest: bytes, roots: Sequence[Certificate]) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415 - an extra

    try:
        VerifierBuilder(roots=list(roots)).build().verify(response, hashlib.sha256(manifest).digest())
    except VerificationError as error:
        raise StampError(code="stamp.not_signed", cause=error) from error


def _authority(response: TimeStampResponse) -> str:
    """Return the subject of the signer's certificate if the stamp contains it, else its issuer."""
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - only with the extra

    signers = list(response.signed_data.signer_infos)
    if len(signers) != 1:
        raise StampError(code="stamp.signers", number=len(signers))
    for der in response.signed_data.certificates:
        certificate = load_der_x509_certificate(der)
        if certificate.serial_number == signers[0].serial_number and certificate.issuer == signers[0].issuer:
            return certificate.subject.rfc4514_string()
    return f"issued by {signers[0].issuer.rfc4514_string()}"
