"""A process that has no work left without the one that started it ends with it, also if that is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)


def end_with(parent: int) -> None:
    """See that this process is killed when its parent dies (Linux); end at once where it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(int(signal.SIGKILL))
