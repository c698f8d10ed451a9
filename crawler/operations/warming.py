"""What reading any page needs once per process (data files, patterns), made before crawls are forked."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import configure_mappers

from archive.identity.leads import lead_of
from crawler import portals
from crawler.cms.classes import family_classes
from crawler.lists.list_page import Page
from crawler.net.provenance import how_asked
from crawler.net.response_verdict import judge
from crawler.visits.report_parts import parts
from storage import capture_store, registry
from storage.records import Agency, AgencyKind, Link, Listing, ListingForm, Portal

_TITLES = (
    "甲县财政局2024年政府信息公开工作年度报告",
    "甲县乙镇人民政府2023年政府信息公开年报",
    "关于做好政府信息公开年度报告编制工作的通知",
    "2022年法治政府建设情况报告",
    "更多",
)


_COMPONENTS = ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES")


def load_components(settings: BaseSettings) -> None:
    """Import what the settings name of Scrapy's parts, which it would do once the crawl begins."""
    for kind in _COMPONENTS:
        for name in settings.get_component_priority_dict_with_base(kind):
            load_object(name)
    for name in settings["DOWNLOAD_HANDLERS"].values():
        if name is not None:
            load_object(name)


def warm() -> None:
    """Judge made-up titles and read made-up pages as every crawl does."""
    now = datetime.now(UTC)
    portal = Portal(name="a", place="甲县", division="990001", hosts=("a.gov.cn",), family="", recorded_at=now)
    listing = Listing(
        id="a:b",
        portal="a",
        url="http://a.gov.cn/",
        form=ListingForm.COLUMN,
        column="政府信息公开年报",
        recorded_at=now,
    )
    agency = Agency(id="c", portal="a", name="甲县财政局", kind=AgencyKind.DEPARTMENT, recorded_at=now)
    for number, title in enumerate(_TITLES):
        link = Link(url=f"http://a.gov.cn/b/t20250110_{number}.html", text=title, row=title, listed="2025-01-10")
        lead_of(link, listing, portal, (agency,))
    rows = "".join(f'<li><a href="/b/t2025011{n}_{n}.html">{t}</a> 2025-01-1{n}</li>' for n, t in enumerate(_TITLES))
    markup = f"<html><head><title>年报</title><script>a</script></head><body><h1>年报</h1><ul>{rows}</ul></body></html>"
    page = Page("http://a.gov.cn/b/", markup, len(markup))
    judge(200, markup.encode(), url=page.url, mime="text/html")
    parts(page)
    for kind in family_classes().values():
        kind(name="a").read_list(page)
    how_asked(BaseSettings())  # versions of what is installed
    configure_mappers()
    for statement in (*capture_store.STATEMENTS, *registry.statements()):
        statement.ready(sqlite.dialect())
    portals.classes(Path(os.devnull))  # the project's own; an operator's files run in the processes of crawls alone
