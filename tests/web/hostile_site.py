"""A portal whose titles, texts and file names are written by somebody who wants to harm whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from small_archive import SmallSite, new_archive, report_page

from archive.projection.update import update
from storage.home import Home
from storage.records import CaptureRole

RECEIVED = "applications.received.total"
SVG = " <svg onload=x><script>alert(2)</script></svg>"
TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "\u202e年报",  # right to left
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """The archive, the pages in which what it says may stand, and what of it is shown in frames or saved."""

    home: Home
    paths: tuple[str, ...]
    framed: tuple[str, ...]
    saved: tuple[str, ...]


@contextmanager
def hostile_site(folder: Path) -> Iterator[Hostile]:
    """An archive of such a portal; each agency's page has an attachment with a hostile name."""
    with new_archive(folder) as home:
        site = SmallSite(home, first_year=2025)
        column = site.column()
        agencies = [site.agency(f"sfj{number}", f"汶上县司法局{text}") for number, text in enumerate(TEXTS)]
        links = [
            (f"nb/{number}.html", f"汶上县司法局2025年政府信息公开工作年度报告{text}")
            for number, text in enumerate(TEXTS)
        ]
        links.append(("nb/9.html", "汶上县财政局2025年政府信息公开工作年度报告"))
        body = "".join(f'<a href="{path}">{text}</a>{SVG}' for path, text in links).encode()
        look = site.look("2026-01-26 09:00", column, links, body=b"<html><body>" + body)
        files = []
        for (address, _), text in zip(links[:-1], TEXTS, strict=True):
            page = report_page(f"汶上县司法局{text}", 2025, text=text + SVG)
            main = site.fetch("2026-01-26 09:01", address, page)
            name = f"nb/{quote(text, safe='')}.txt"
            content = f"{text}{SVG}".encode()
            beside = {"role": CaptureRole.ATTACHMENT, "via": main.id, "mime": "text/plain"}
            files.append(site.fetch("2026-01-26 09:02", name, content, link_text=f"附件{text}.txt", **beside))
        plain = site.agency("czj", "汶上县财政局")
        site.fetch("2026-01-26 09:02", "nb/9.html", report_page("汶上县财政局", 2025, text=TEXTS[0] + TEXTS[1]))
        update(home)
        paths = [
            *("", "portal/wenshang", "ask/search?query=公开", "ask/missing?year=2025", f"capture/{look.captures[0]}"),
            *("ask/non_reports", "ask/news?since=2026-01-01", "ask/check", "ask/portals", "ask/runs", "ask/revisions"),
            *("news.atom", "data", "ask/series?kind=department", f"ask/rank?indicator={RECEIVED}"),
            "embed/series?kind=department",
            *(f"rollup?place=汶上县{TEXTS[0]}", f"portal/{quote(TEXTS[0])}", *(f"capture/{one.id}" for one in files)),
        ]
        for agency, text in zip(agencies, TEXTS, strict=True):
            owed = f"{agency.id}/2025"
            paths += [f"duty/{owed}", f"report/{owed}", f"cell/{owed}/{RECEIVED}", f"cell/{owed}/{quote(text)}"]
            paths += [f"agency/{agency.id}", f"agency/{quote(text)}"]
            paths += [f"duty/{quote(text)}/2025", f"ask/missing?year=2025&place={quote(text)}"]
            paths += [f"ask/series?indicator={RECEIVED}&agencies={quote(text)}", f"ask/search?query={quote(text)}"]
        framed = (f"/captured/{look.captures[0]}", f"/source/{plain.id}/2025/{RECEIVED}/page")
        saved = tuple(f"/captured/{one.id}/file" for one in files)
        yield Hostile(home=home, paths=tuple(paths), framed=framed, saved=saved)
