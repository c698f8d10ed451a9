"""What portals, documents, askers and disks may do to us: loopback portals and small archives of other folders."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / room) for room in ("crawler", "projection")]

from loopback_web import archive, web  # noqa: E402

__all__ = ["archive", "web"]
