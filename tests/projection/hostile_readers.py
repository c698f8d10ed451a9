"""Readers as hostile documents make them: each does to its own process what the bytes of a document say."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from archive.parser.reader import read as read_really
from storage import mapping
from storage.records import IdentityEvidence, Reading


def said(title: str = "", text: str = "", kind: str = "text") -> Reading:
    return Reading(
        document="", reader="t", normaliser="t", kind=kind, is_report=False, reason="empty", title=title, form=None,
        identity=IdentityEvidence(), content_digest="", text=text,
    )  # fmt: skip


served: list[str] = []


def read(data: bytes) -> Reading | bytes:
    text = data.decode()
    if text == "crash" or (text == "worn" and served):
        os.kill(os.getpid(), signal.SIGSEGV)
    if text == "exit":
        os._exit(3)
    if text == "hang":
        time.sleep(600)
    while text == "spin":
        pass
    if text == "burst":
        return bytes(1 << 31)
    if text == "panic":
        raise BaseException("native panic")
    served.append(text)
    return said(text, text=f"{os.getpid()}")


def fail(_: bytes) -> Reading:
    raise ValueError("here too")


def read_plainly(data: bytes) -> Reading:
    allowed = resource.getrlimit(resource.RLIMIT_CPU)[0] - resource.getrusage(resource.RUSAGE_SELF).ru_utime
    text = "" if data == b"crash" else data.decode() + (" soon" if allowed < 10 else " late")
    return said(text=text, kind="pdf")


def break_on_one_agency(data: bytes) -> Reading:
    if "财政局".encode() in data:
        os.kill(os.getpid(), signal.SIGSEGV)
    return read_really(data)


def spend_on_one_agency(data: bytes) -> Reading:
    end = time.process_time() + 1.2
    while "财政局".encode() in data and time.process_time() < end:
        pass
    return read_really(data)


def tried(do: Callable[[], object]) -> str:
    try:
        do()
    except OSError:
        return "refused"
    return "done"


def reach_out(data: bytes) -> Reading:
    """Try all that a process which was taken over would; ``data``: where a secret lies."""
    secret, place = Path(data.decode()), Path(data.decode()).with_name("written")
    found = [tried(secret.read_bytes), tried(lambda: place.write_bytes(b"")), tried(secret.unlink)]
    found += [tried(Path(f"/proc/{os.getppid()}/environ").read_bytes)]
    found += [tried(lambda: os.kill(os.getppid(), 0))]
    kinds = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    found += [tried(lambda kind=kind: socket.socket(kind)) for kind in kinds]  # type: ignore[misc]
    found += [tried(lambda: subprocess.run(["/bin/true"]))]
    return said(" ".join([*found, os.environ.get("NIANBAO_WEBHOOK_URL", "no secret")]))


def lie(data: bytes) -> Reading:
    """Answer with the bytes of the document themselves."""
    mapping.to_json = lambda _: data.decode()  # the child's own copy, with which it writes its answers
    return said("a")
