"""The documentation builds as a site without a warning, and its pages load nothing from another host."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scripts import docs_site

#: attributes by which a browser loads something as it shows a page; links are followed by people alone
_LOADING = {"src", "srcset", "data", "poster"}
_OF_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?(https?:|//)")


class _Loads(HTMLParser):
    """The addresses that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and not {"alternate", "canonical", "next", "prev"} & set((named.get("rel") or "").split()):
            self.addresses.append(named.get("href") or "")
        self.addresses += [value for name, value in attrs if name in _LOADING and value]


def pages_of_the_menu(entry: Any) -> Iterator[str]:
    """The pages that a menu of a settings file leads to."""
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry.values() if isinstance(entry, dict) else entry:
            yield from pages_of_the_menu(below)


@pytest.mark.parametrize(("settings", "chinese"), [("zensical.toml", False), ("zensical.zh.toml", True)])
def test_every_page_stands_in_the_menu_of_its_language(settings: str, chinese: bool) -> None:
    menu = set(pages_of_the_menu(tomllib.loads((docs_site.ROOT / settings).read_text("utf-8"))["project"]["nav"]))
    folder = docs_site.ROOT / "docs"
    pages = {page.relative_to(folder).as_posix() for page in folder.rglob("*.md")}
    assert menu - {"glossary.md"} == {page for page in pages if page.endswith(".zh.md") == chinese} - {"glossary.md"}


@pytest.fixture(scope="module")
def site() -> Path:
    docs_site.build()
    return docs_site.SITE


def test_no_page_loads_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        loads = _Loads()
        loads.feed(page.read_text("utf-8"))
        assert loads.addresses
        assert [one for one in loads.addresses if re.match(r"https?:|//", one)] == [], page
    assert [style for style in site.rglob("*.css") if _OF_STYLE.search(style.read_text("utf-8"))] == []


def test_both_twins_lead_to_each_other_and_have_the_pages_of_their_language(site: Path) -> None:
    assert 'href="./zh/README.zh/" hreflang="zh"' in (site / "index.html").read_text("utf-8")
    assert 'href="../.." hreflang="en"' in (site / "zh/README.zh/index.html").read_text("utf-8")
    assert not [*site.glob("*.zh/index.html")]
    assert [one for one in site.glob("zh/*/index.html") if not one.parent.suffix] == [site / "zh/glossary/index.html"]
