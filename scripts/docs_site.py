"""Build the pages in ``docs/`` as a site: in English at its root, in Chinese below ``zh/``.

``python -m scripts.docs_site``. Both twins hold all pages, so that each link works; a page whose name ends in ``.zh``
is Chinese wherever it stands, and says so to browsers and to those who have it read out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "site"
CONFIGURATIONS = ("zensical.toml", "zensical.zh.toml")
#: the part of a page that its author wrote; menus around it are in the language of the twin
_ARTICLE = re.compile(r"<article ")


def build() -> None:
    """Build both twins. Any warning, such as of a link that leads nowhere, is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    program = str(Path(sys.executable).with_name("zensical"))
    for configuration in CONFIGURATIONS:
        command = [program, "build", "--strict", "--clean", "--config-file", configuration]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    for page in SITE.rglob("index.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_spoken(text, language_of(page)), encoding="utf-8")


def language_of(page: Path) -> str:
    """The language in which a page of the site is written."""
    return "zh-CN" if page.parent.name.endswith(".zh") else "en"


def _spoken(text: str, language: str) -> str:
    return _ARTICLE.sub(f'<article lang="{language}" ', text, count=1)


if __name__ == "__main__":
    build()
