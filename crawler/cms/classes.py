"""The spider classes of the content systems, each made of its entry in ``signatures.toml``: ``hanweb_jcms`` there is
``HanwebJcms`` here. How lists are read is the list engine's work.
"""

from __future__ import annotations

from typing import Any

from crawler.listing_specs import addressed, column, searched
from crawler.signatures import signatures
from crawler.spider import PortalSpider

__all__ = ["addressed", "column", "family_classes", "searched"]


def _class_of(family: str) -> type[PortalSpider]:
    name = "".join(word.capitalize() for word in family.split("_"))
    return type(name, (PortalSpider,), {"family": family, "__module__": __name__, "__doc__": f"Portals of {family}."})


_CLASSES = {family: _class_of(family) for family in signatures()}
globals().update({kind.__name__: kind for kind in _CLASSES.values()})


def family_classes() -> dict[str, type[PortalSpider]]:
    """Return the class of each content system by the name of its marks."""
    return _CLASSES


def __getattr__(name: str) -> Any:  # for those who check types; at run time all classes are there
    raise AttributeError(name)
