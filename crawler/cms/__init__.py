"""The content systems (CMS): each is a spider class, and a portal is a subclass with attributes.

Each class is made from an entry in ``signatures.toml`` (:mod:`crawler.signatures` reads it): ``hanweb_jcms`` becomes
``HanwebJcms``. They contain no code to read lists, which is the work of the list engine.
"""

from __future__ import annotations

import sys
from typing import Any

from crawler.listing_specs import addressed, column, searched
from crawler.signatures import signatures
from crawler.spider import PortalSpider

__all__ = ["FAMILY_CLASSES", "addressed", "column", "searched"]


def _class_of(family: str) -> type[PortalSpider]:
    name = "".join(word.capitalize() for word in family.split("_"))
    return type(name, (PortalSpider,), {"family": family, "__module__": __name__, "__doc__": f"Portals of {family}."})


#: The class of each content system by its name in ``signatures.toml``.
FAMILY_CLASSES = {family: _class_of(family) for family in signatures()}
globals().update({kind.__name__: kind for kind in FAMILY_CLASSES.values()})
# portal files of earlier versions import from modules with these names
sys.modules |= dict.fromkeys((f"{__name__}.{name}" for name in ("classes", *FAMILY_CLASSES)), sys.modules[__name__])


def __getattr__(name: str) -> Any:  # for type checkers; at run time all classes are in globals()
    raise AttributeError(name)
