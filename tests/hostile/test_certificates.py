"""Certificates of portals are checked: what is wrong with one is told with what came over it."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.patience import PATIENCE

NOW = datetime.now(UTC)
Made = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]

SPIDER = """
import json, sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from crawler.net.fetching import own_context

class Asks(Spider):
    name = "asks"
    told = {}
    async def start(self):
        for url in sys.argv[2:]:
            yield Request(url, meta={"proxy": sys.argv[1]} if url.endswith("tunnelled") else {})
    def parse(self, response):
        self.told[response.url] = own_context(response.request).certificate_fault

process = CrawlerProcess({
    "EXTENSIONS": {"crawler.net.failures.HostHealth": 0, "crawler.net.politeness.Pace": 0},
    "DOWNLOAD_HANDLERS": {"https": "crawler.net.download_handler.PacedHandler"}, "LOG_LEVEL": "ERROR",
    "NIANBAO_FIRST_BYTE_TIMEOUT": 20, "NIANBAO_PACE": 1, "NIANBAO_PACE_WINDOW": 20,
})
process.crawl(Asks)
process.start()
print(json.dumps(Asks.told))
"""


def certificate(name: str, by: Made | None = None, *, days: int = 30, authority: bool = False) -> Made:
    """A certificate of a name, signed ``by`` an authority or by itself, that holds for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(by[1] if by else key, hashes.SHA256())
    )
    return made, key


class PageHandler(BaseHTTPRequestHandler):
    """Answers every request with a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str | None]]:
    """What a crawl says of the certificates of five servers, each served on a port of its own."""
    folder = tmp_path_factory.mktemp("tls")
    trusted, unknown = (certificate(name, authority=True) for name in ("trusted", "unknown"))
    served = {
        "sound": certificate("localhost", trusted),
        "self_signed": certificate("localhost"),
        "expired": certificate("localhost", trusted, days=-1),
        "other_name": certificate("www.a.gov.cn", trusted),
        "unknown_issuer": certificate("localhost", unknown),
        "both": certificate("www.a.gov.cn", trusted, days=-1),
    }
    (folder / "roots.pem").write_bytes(trusted[0].public_bytes(serialization.Encoding.PEM))
    servers = {name: serve(folder / f"{name}.pem", made) for name, made in served.items()}
    urls = {name: f"https://localhost:{server.server_address[1]}/" for name, server in servers.items()}
    twice = urls["sound"] + "again", urls["expired"] + "tunnelled"
    asked = subprocess.run(
        [sys.executable, "-c", SPIDER, tunnel(), *urls.values(), *twice],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
        env={"SSL_CERT_FILE": str(folder / "roots.pem"), "PYTHONPATH": ":".join(filter(None, sys.path))},
    )  # fmt: skip
    found = json.loads(asked.stdout)
    assert len(found) == len(urls) + 2, asked.stderr
    yield {name: found[url] for name, url in [*urls.items(), *zip(("again", "tunnelled"), twice, strict=True)]}
    for server in servers.values():
        server.shutdown()


def serve(at: Path, made: Made) -> ThreadingHTTPServer:
    """Serve pages over TLS with a certificate."""
    key = made[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    at.write_bytes(key + made[0].public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(at)
    server = ThreadingHTTPServer(("127.0.0.1", 0), PageHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def tunnel() -> str:
    """The address of a proxy that opens one tunnel."""
    proxy = socket.create_server(("127.0.0.1", 0))

    def pipe(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):  # the other side went away
            while data := source.recv(65_536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def work() -> None:
        client, _ = proxy.accept()
        _, place, _ = client.recv(65_536).split(b" ", 2)
        host, _, port = place.decode().rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pipe, args=(client, server), daemon=True).start()
        pipe(server, client)

    threading.Thread(target=work, daemon=True).start()
    return f"http://127.0.0.1:{proxy.getsockname()[1]}"


def test_what_is_wrong_with_a_certificate_is_told_with_its_chain_also_through_a_proxy(
    told: dict[str, str | None],
) -> None:
    assert told["sound"] is told["again"] is None
    for name in ("self_signed", "expired", "other_name", "unknown_issuer"):
        fault, _, chain = (told[name] or "").partition(" sha256:")
        assert (fault, len(chain)) == (name, 64)
    assert told["tunnelled"] == told["expired"]
    assert (told["both"] or "").partition(" ")[0] == "expired,other_name"
