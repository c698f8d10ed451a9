"""The classes of the families by the names of their signatures: found by walking ``crawler.cms``."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from crawler import cms
from crawler.signatures import signatures
from crawler.spider import PortalSpider


@cache
def family_classes() -> dict[str, type[PortalSpider]]:
    """Every family's base class whose name has a signature, by that name."""
    found: dict[str, type[PortalSpider]] = {}
    for info in pkgutil.iter_modules(cms.__path__, f"{cms.__name__}."):
        module = importlib.import_module(info.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, PortalSpider) and kind.__module__ == module.__name__ and kind.family in signatures():
                found.setdefault(kind.family, kind)
    return found
