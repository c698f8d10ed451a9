"""Take the screenshots in docs/pictures from the demo's archive: ``python -m scripts.screenshots demo-archive``."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from crawler.lists.browser import find_program
from imitation.demo import PRACTICE_DAY

OUT = Path("docs/pictures")
WIDTH, HEIGHT, QUALITY = 1280, 860, 80
#: name → page, and the element to scroll to; each is taken in both languages
PAGES: Mapping[str, tuple[str, str]] = {
    "overview": ("/{lang}/", "header"),
    "agency": ("/{lang}/agency/luoyang/czj", ".crumbs"),
    "absence": ("/{lang}/duty/jiyuan/gaj/2025", ".crumbs"),
    "figures": ("/{lang}/ask/series", "figure"),
    "portals": ("/operate/{lang}/portals", "header"),
    "looks": ("/{lang}/duty/jiyuan/gaj/2025", "dl.facts"),
    "empty-answer": ("/{lang}/duty/wenshang/mzj/2025", ".beside"),
    "cell": ("/{lang}/cell/yiyuan/sfj/2025/applications.received.total", ".crumbs"),
}


def main(folder: str) -> None:
    """Serve the archive as of the day of the operators' practice, and take every screenshot as WebP."""
    program = find_program()
    if program is None:
        raise SystemExit("screenshots: no Chromium is installed (Debian: apt-get install chromium)")
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--archive", folder, "--port", "0", "--operators"]
    token = secrets.token_urlsafe(24)
    environment = {**os.environ, "NIANBAO_NOW": PRACTICE_DAY, "NIANBAO_OPERATOR_TOKEN": token}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603
        assert served.stdout is not None
        address = served.stdout.readline().split("/ ")[0].strip()
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto(f"{address}/operate/en/login")
            page.fill("[name=name]", "张三")
            page.fill("[name=token]", token)
            page.click("fieldset button")
            for (name, (path, begin)), (lang, end) in product(PAGES.items(), (("en", ""), ("zh", ".zh"))):
                take(page, address + path.format(lang=lang), begin, OUT / f"{name}{end}.webp")
        served.terminate()


def take(page: Page, address: str, begin: str, out: Path) -> None:
    """Save one screenshot, with the element ``begin`` at its top."""
    page.goto(address, wait_until="load")
    page.locator(begin).first.evaluate("element => element.scrollIntoView({behavior: 'instant'})")
    page.wait_for_timeout(3_000)  # a busy machine renders late
    pixels = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    written = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()
    out.write_bytes(written)
    sys.stdout.write(f"{out}: {len(written) // 1000} kB\n")


if __name__ == "__main__":
    main(sys.argv[1])
