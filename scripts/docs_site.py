"""Build the pages in ``docs/`` as a web site: in English at its root, in Chinese below ``zh/``.

``python -m scripts.docs_site``. A page whose name ends in ``.zh`` is Chinese; the glossary is in both languages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "site"
CHINESE = SITE / "zh"
_LINK = re.compile(r'href="([^"#:]*)')


def build() -> None:
    """Build both versions. Any warning, such as a broken link, is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    for version, other, settings in ((SITE, CHINESE, "zensical.toml"), (CHINESE, SITE, "zensical.zh.toml")):
        command = f"{sys.executable} -m zensical build --strict --clean --config-file {settings}"
        subprocess.run(command.split(), cwd=ROOT, check=True)  # noqa: S603
        _keep_one_language(version, other)
    start = (CHINESE / "README.zh/index.html").read_text("utf-8")
    (CHINESE / "index.html").write_text(start.replace("<head>", '<head><base href="README.zh/">'), "utf-8")


def _keep_one_language(version: Path, other: Path) -> None:
    """Remove the pages of the other language from a version; links to them lead to the other version."""
    folders = {one.parent for one in version.rglob("index.html")}
    foreign = {one for one in folders if one.name.endswith(".zh") != (version == CHINESE) and one.name != "glossary"}

    def lead_on(link: re.Match[str]) -> str:
        to = Path(os.path.normpath(folder / link[1]))
        return f'href="{os.path.relpath(other / to.relative_to(version), folder)}/' if to in foreign else link[0]

    for folder in folders - foreign:
        page = folder / "index.html"
        page.write_text(_LINK.sub(lead_on, page.read_text("utf-8")), "utf-8")
    for folder in foreign:
        (folder / "index.html").unlink()
    index = json.loads((version / "search.json").read_text("utf-8"))
    index["items"] = [one for one in index["items"] if version / one["location"].partition("#")[0] not in foreign]
    (version / "search.json").write_text(json.dumps(index), "utf-8")


if __name__ == "__main__":
    build()
