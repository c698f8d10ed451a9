"""Programs of others that show our packages, which `make setup-replay` brings; tests skip where they are absent."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

REPLAY = Path(__file__).parent.parent / ".venv-replay"  #: the environment of pywb and wacz
VIEWER = REPLAY / "replaywebpage"  #: the folder of ReplayWeb.page's files
needs_pywb = pytest.mark.skipif(not REPLAY.exists(), reason="pywb is not here: make setup-replay installs it")
needs_viewer = pytest.mark.skipif(
    not VIEWER.exists(), reason="ReplayWeb.page is not here: make setup-replay fetches it"
)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
