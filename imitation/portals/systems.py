"""The content systems of the imitation as data (``systems.toml``), and the pagers of their lists."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from imitation.records import ImitatedList, Row


@dataclass(frozen=True, kw_only=True)
class System:
    """Addresses and markup of one content system; ``systems.toml`` explains the fields and the names in braces."""

    list_page: str = "static_list"
    document: str = "static_doc"
    address: str
    upload: str = "/upload/{file:.24}.{suffix}"
    name: str = ""
    first_id: int = 1_000_000
    seconds: int = 600
    item: str = '<li><a href="{href}" target="_blank" title="{title}">{title}</a><span>{date}</span></li>'
    every: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)
    file_link: str = '<p>附件：<a href="{href}" title="{name}">{name}</a></p>'
    further: str = "index_{number}.html"
    second_page: int = 2
    pager: str = "numbers"
    static: bool = False
    built_days: int = 0
    list_date: str = "%Y-%m-%d"
    document_date: str = "%Y-%m-%d %H:%M"
    meta_date: str = "%Y-%m-%d %H:%M"

    def page_name(self, number: int) -> str:
        """Return the address, relative to the column, of the page with this number (from 1)."""
        return self.further.format(number=number + self.second_page - 2) if number > 1 else "index.html"


@dataclass(frozen=True)
class ListPage:
    """One page of a column; ``number`` counts from 0."""

    column: ImitatedList
    number: int
    pages: int
    total: int
    rows: tuple[Row, ...]


@cache
def systems() -> Mapping[str, System]:
    """Return all systems of ``systems.toml`` by name."""
    raw = tomllib.loads(resources.files("imitation.portals").joinpath("systems.toml").read_text("utf-8"))
    return {name: System(**_with_inherited(raw, name)) for name in raw}


def _with_inherited(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    fields = dict(raw[name])
    base = fields.pop("like", None)
    return {**_with_inherited(raw, base), **fields} if base else fields


def _number_links(system: System, page: ListPage) -> str:
    here, page_name = page.number + 1, system.page_name
    turned = "".join(f'<a href="{page_name(n)}">{n}</a>' for n in range(1, page.pages + 1) if n != here)
    back = f'<a href="{page_name(here - 1)}">上一页</a>' if here > 1 else "<span>上一页</span>"
    following = f'<a href="{page_name(here + 1)}">下一页</a>' if here < page.pages else "<span>下一页</span>"
    return f'<div class="page">{back}{turned}{following}</div>'


def _next_link(system: System, page: ListPage) -> str:
    follow = page.number + 2
    return f'<a href="{system.page_name(follow)}">下一页</a>' if follow <= page.pages else ""


def _choice(system: System, page: ListPage) -> str:
    """Return a ``<select>`` that navigates by script."""
    pages = range(1, page.pages + 1)
    options = "".join(f'<option value="{system.page_name(n)}">第{n}页</option>' for n in pages)
    return f'<select onchange="location.href=this.value">{options}</select>'


def _unknown_script(_: System, page: ListPage) -> str:
    """Return an empty element that an unknown script fills."""
    return f'<div id="pg"></div><script>layui.laypage.render({{elem:"pg",count:{page.total},limit:9}});</script>'


def _form_button(_: System, page: ListPage) -> str:
    """Return a link that sends the page's form; it is disabled on the last page."""
    call = f"javascript:__doPostBack('ctl00$Pager','{page.number + 2}')"
    following = f'<a href="{call}">下一页</a>' if page.number + 1 < page.pages else '<a disabled="disabled">下一页</a>'
    return f"<a href=\"javascript:__doPostBack('ctl00$Pager','1')\">首页</a>{following}"


def _create_page_call(_: System, page: ListPage) -> str:
    """Return the script call that writes the pager; in it page numbers count from 1."""
    call = f"createPageHTML('page_div',{page.pages},{page.number + 1},'common_list','shtml',{page.total});"
    return f'<div id="page_div"></div><script>{call}</script>'


def _packed_links(_: System, page: ListPage) -> str:
    """Return links to all pages as base64 of quoted markup in a hidden element, which a script unpacks."""
    names = {n: f"common_list{f'_{n}' if n > 1 else ''}.shtml" for n in range(1, page.pages + 1)}
    here = page.number + 1
    links = "".join(f'<a href="{name}">{n}</a>' for n, name in names.items() if n != here)
    links += f'<a href="{names[here + 1]}">下一页</a>' if here < page.pages else ""
    return (
        f'<div id="pages" style="display:none">{base64.b64encode(quote(links).encode()).decode()}</div>'
        "<script>document.write(decodeURIComponent(window.atob(document.getElementById('pages').innerHTML)));</script>"
    )


PAGERS: Mapping[str, Callable[[System, ListPage], str]] = {
    "numbers": _number_links,
    "next_link": _next_link,
    "choice": _choice,
    "unknown_script": _unknown_script,
    "form_button": _form_button,
    "create_page_call": _create_page_call,
    "packed_links": _packed_links,
}
