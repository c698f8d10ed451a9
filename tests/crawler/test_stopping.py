"""A process that runs on ends when it is asked to, however often and wherever it is then."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.patience import PATIENCE

WAITS = """
from crawler.operations.stopping import stop_on_signals
stop = stop_on_signals()
print("waits", flush=True)
while not stop.wait(0.001):  # nearly always at work with the event
    pass
"""


def test_ctrl_c_and_a_request_to_end_at_once_end_it() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        assert process.wait(timeout=PATIENCE) == 0
