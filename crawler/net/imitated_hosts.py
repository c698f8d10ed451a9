"""Where the hosts of an imitation archive are played: ``imitation.json`` in its folder.

``{"hosts": {"www.wenshang.gov.cn": "127.0.0.1:8000"}}``. Whatever writes that file plays the portals.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.errors import CrawlError

FILE = "imitation.json"


def imitated_hosts(settings: BaseSettings) -> dict[str, str] | None:
    """Return host → ``127.0.0.1:port`` for an imitation archive, None for a real one, whose folder is not even asked.

    Raises :class:`CrawlError` where an imitation archive has no usable file.
    """
    if not settings.getbool("NIANBAO_SIMULATED"):
        return None
    folder = Path(os.environ["NIANBAO_ARCHIVE"])
    try:
        hosts = json.loads((folder / FILE).read_text(encoding="utf-8"))["hosts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder} is an imitation archive without a usable {FILE}; start its imitation portals first."
        raise CrawlError(message, code="imitation.not_running", path=folder, file=FILE) from error
    return {str(name).lower(): str(place) for name, place in hosts.items()}
