"""Build the pages in ``docs/`` as a web site: in English at its root, in Chinese below ``zh/``.

``python -m scripts.docs_site``. Both versions contain all pages, so that every link works; a page whose name ends in
``.zh`` is Chinese in both, and is marked as such for browsers and screen readers.
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
#: start of the part that the author wrote; the menus around it are in the language of the site's version
_ARTICLE = re.compile(r"<article ")


def build() -> None:
    """Build both versions. Any warning, such as a broken link, is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    program = str(Path(sys.executable).with_name("zensical"))
    for configuration in CONFIGURATIONS:
        command = [program, "build", "--strict", "--clean", "--config-file", configuration]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    for page in SITE.rglob("index.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_with_language(text, language_of(page)), encoding="utf-8")


def language_of(page: Path) -> str:
    """Return the language code of a page of the site."""
    return "zh-CN" if page.parent.name.endswith(".zh") else "en"


def _with_language(text: str, language: str) -> str:
    return _ARTICLE.sub(f'<article lang="{language}" ', text, count=1)


if __name__ == "__main__":
    build()
