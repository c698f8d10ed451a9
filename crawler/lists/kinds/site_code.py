"""Which site a page says it belongs to: its 网站标识码 and SiteName (国办发〔2017〕47号) (pure)."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from crawler.lists.list_page import Page

_CODE = re.compile(r"(?:网站)?标识码\s?[:：]?\s?(?:bm)?(\d{10})(?!\d)")
_DIGITS, _DIVISION = 10, 6


def metas(page: Page) -> dict[str, str]:
    """Return the meta tags of a page by their names in lower case, bounded."""
    tree = page.tree
    found: dict[str, str] = {}
    for node in islice(tree.iter("meta"), 80) if tree is not None else ():
        name = (node.get("name") or "").strip().lower()[:60]
        if name:
            found.setdefault(name, " ".join((node.get("content") or "").split())[:300])
    return found


def site_code(page: Page) -> str:
    """Return the ten digits of the 网站标识码 that a page has among its metadata or prints at its end; "" if none."""
    printed = metas(page).get("siteidcode", "") or next(iter(_CODE.findall(page.visible_text[-3_000:])), "")
    code = re.sub(r"\D", "", printed)
    return code if len(code) == _DIGITS else ""


class Site(NamedTuple):
    """What a page says of the site it belongs to: ``code``, ten digits, and ``name``; "" for what it does not say."""

    code: str
    name: str

    def is_another_than(self, own: Site) -> bool:
        """Whether this is the site of another division: by its code and by its name, for codes alone are left as they
        were when divisions change.
        """
        coded = self.code and own.code and self.code[:_DIVISION] != own.code[:_DIVISION]
        return bool(coded and self.name and own.name and self.name != own.name)


def site_of(page: Page) -> Site:
    """Return the site that a page says it belongs to."""
    return Site(site_code(page), metas(page).get("sitename", ""))
