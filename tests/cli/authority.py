"""A time-stamping authority on loopback: `openssl ts` behind HTTP, with certificates of its own."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.patience import PATIENCE

CONFIG = Path(__file__).with_name("authority.cnf")


class Authority:
    """``url`` to ask, ``root`` the certificate its stamps lead to; ``answer``: what it says instead, if set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root.pem"
        self.answer: tuple[int, bytes] | None = None
        self.url = ""

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=PATIENCE)

    def prepare(self) -> None:
        shutil.copy(CONFIG, self.folder / "tsa.cnf")
        (self.folder / "serial").write_text("01\n")
        for name, subject in (("root", "/CN=Root of a test"), ("tsa", "/CN=Time-stamping authority of a test")):
            self.openssl(
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", subject, "-config", "tsa.cnf",
            )  # fmt: skip
        with_root = ("-extfile", "tsa.cnf", "-extensions")
        self.openssl(
            "x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-out", "root.pem", "-days", "30", *with_root,
            "root",
        )  # fmt: skip
        self.openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-out", "tsa.pem", "-days", "30", *with_root, "stamping",
        )  # fmt: skip

    def stamped(self, question: bytes) -> bytes:
        (self.folder / "question.tsq").write_bytes(question)
        self.openssl(
            "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "question.tsq", "-signer", "tsa.pem",
            "-inkey", "tsa.key", "-out", "answer.tsr",
        )  # fmt: skip
        return (self.folder / "answer.tsr").read_bytes()

    def stamped_bytes(self, data: bytes) -> bytes:
        (self.folder / "data").write_bytes(data)
        self.openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "data.tsq")
        return self.stamped((self.folder / "data.tsq").read_bytes())


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """An authority that answers while the block runs."""
    folder.mkdir()
    made = Authority(folder)
    made.prepare()

    class StampHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            code, body = made.answer or (200, made.stamped(question))
            self.send_response(code)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), StampHandler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
        yield made
    finally:
        server.shutdown()
        server.server_close()


def available() -> bool:
    return shutil.which("openssl") is not None
