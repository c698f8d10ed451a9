"""Portals made up for tests of finding: each a shape of menu and list, and the addresses of all its reports."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from loopback_web import Answer, Asked, Web, page

from crawler.lists.page import Answer as ListAnswer
from crawler.lists.page import Request

KEYWORD = quote("政府信息公开工作年度报告")
YEARS = (2021, 2022, 2023, 2024)
BODIES = ("财政局", "教育局", "司法局", "民政局", "农业农村局", "交通运输局", "水利局")
TOWNS = ("城关镇", "大河镇", "石桥乡")
CHAPTERS = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况 五、存在的主要问题及改进情况 六、其他需要报告的事项"


@dataclass
class Site:
    """``host``; ``entry``: where an operator begins; ``truth``: addresses of all reports; ``family`` expected, if told."""

    host: str
    place: str
    entry: str = "/"
    routes: dict[tuple[str, str], Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    truth: set[str] = field(default_factory=set)
    family: str = ""
    traps: tuple[str, ...] = ()  # beginnings of paths that nobody should go far into

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.entry}"

    def put(self, path: str, body: str, title: str = "", host: str = "", metas: str = "") -> None:
        name = f"{self.place}人民政府"
        self.routes[host or self.host, path] = page(
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="SiteName" content="{name}门户网站">{metas}'
            f"<title>{title or name}</title></head><body>{body}<div class='foot'>主办：{name}办公室</div></body></html>"
        )

    def report(self, path: str, who: str, year: int, host: str = "", crumbs: str = "") -> tuple[str, str]:
        """Make a report; returns (path, title)."""
        title = f"{who}{year}年政府信息公开工作年度报告"
        self.put(
            path, f"{crumbs}<h1>{title}</h1><div id='zoom'><p>{CHAPTERS}</p><p>全年收到申请3件。</p></div>", title, host
        )
        self.truth.add(f"http://{host or self.host}{path}")
        return path, title

    def fetch(self, request: Request) -> ListAnswer:
        """Answer the list engine without a server."""
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        route = self.routes.get((parts.netloc, path)) or page("<h1>404 Not Found</h1>", 404)
        answer = (
            route(Asked(parts.netloc, path, {}, 0, form=dict(parse_qsl((request.body or b"").decode()))))
            if callable(route)
            else route
        )
        kind = answer.headers.get("Content-Type", "")
        return ListAnswer(request, request.url, answer.status, answer.body, kind)

    def on(self, web: Web) -> None:
        web.routes |= self.routes

    @property
    def hosts(self) -> set[str]:
        return {host for host, _ in self.routes}


def rows(items: list[tuple[str, str]], date: bool = True) -> str:
    return (
        "<ul class='news'>"
        + "".join(
            f'<li><a href="{path}" title="{title}">{title}</a>{f"<span>2025-01-1{at % 9}</span>" if date else ""}</li>'
            for at, (path, title) in enumerate(items)
        )
        + "</ul>"
    )


def links(items: list[tuple[str, str]] | str, css: str = "nav") -> str:
    """``items``: addresses with labels, as a text ``/gk/ 公开|/nb/ 年报``."""
    pairs = [tuple(one.split(" ", 1)) for one in items.split("|")] if isinstance(items, str) else items
    return f"<ul class='{css}'>" + "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in pairs) + "</ul>"


FURNITURE = links("/xw/ 新闻中心|/hd/ 互动交流|/fw/ 办事服务|/zjb/ 走进本县|/tj/ 统计年报|/wzbb/ 政府网站工作年度报表")


def dated() -> Site:
    s = Site("www.anping.gov.cn", "安平县", family="dated_list")
    s.put("/", FURNITURE + links("/zfxxgk/ 政府信息公开"))
    s.put(
        "/zfxxgk/",
        links(
            "/zfxxgk/zn/ 政府信息公开指南|/zfxxgk/zd/ 政府信息公开制度|/zfxxgk/fd/ 法定主动公开内容|/zfxxgk/nb/ 政府信息公开年报|/zfxxgk/ys/ 依申请公开"
        ),
        "政府信息公开",
    )
    s.put("/zfxxgk/fd/", links("/zfxxgk/jg/ 机构职能"), "法定主动公开内容")
    made = [
        s.report(f"/{y + 1}/01-{10 + n}/{y * 100 + n}.html", f"安平县{b}", y)
        for y in YEARS
        for n, b in enumerate(BODIES)
    ]
    for at in range(0, len(made), 10):
        n = at // 10
        more = f'<a href="index_{n + 1}.html">下一页</a>' if at + 10 < len(made) else ""
        s.put(
            "/zfxxgk/nb/" if n == 0 else f"/zfxxgk/nb/index_{n}.html",
            f"<div class='zfxxgk_zdgkc'>{rows(made[at : at + 10])}</div><div>共{len(made)}条 {more}</div>",
            "政府信息公开年报",
        )
    return s


def jcms_addressed() -> Site:
    s = Site("www.nanwen.gov.cn", "南汶县", family="hanweb_jcms")
    codes = {f"南汶县{b}": f"1137083000433{n:04d}XH"[:18] for n, b in enumerate((*BODIES[:3], f"{TOWNS[0]}人民政府"))}
    options = "".join(f"<option value='{code}'>{name}</option>" for name, code in codes.items())
    s.put("/", FURNITURE + links("/col/col1/index.html 政府信息公开"))
    s.put(
        "/col/col1/index.html",
        f"<h2>政府信息公开工作年度报告</h2><select id='area'>{options}</select><select id='year'><option>2024</option></select>"
        "<script>function go(){window.open('/module/xxgk/xxgkAnnualReport.jsp?area='+$('#area').val()+'&fbtime='+$('#year').val());}</script>",
        "政府信息公开",
    )
    for name, code in codes.items():
        for y in YEARS:
            s.report(f"/module/xxgk/xxgkAnnualReport.jsp?area={code}&fbtime={y}", name, y)
    empty = page(
        "<html><head><title>政府信息公开年报</title></head><body><div class='nb_title'></div><div id='zoom'></div></body></html>"
    )
    s.routes[s.host, "*"] = lambda asked: (
        empty if asked.path.startswith("/module/xxgk/") else page("<h1>404 Not Found</h1>", 404)
    )
    return s


def script_menu() -> Site:
    s = Site("www.baishan.gov.cn", "白山县")
    menu = [
        {"name": "要闻", "url": "/xw/"},
        {
            "name": "政府信息公开",
            "url": "/opengov/",
            "children": [
                {"name": "公开指南", "href": "/opengov/zn.html"},
                {"name": "政府信息公开年度报告", "href": "/opengov/ndbg/"},
            ],
        },
    ]
    s.put("/", f"<div id='menu'></div><script>var MENU = {json.dumps(menu)};\nrender(MENU);</script>")
    s.put("/opengov/", "<div id='menu'></div>", "政府信息公开")
    s.put("/opengov/ndbg/", "".join(f"<a href='/opengov/ndbg/{y}/'>{y}年</a> " for y in YEARS), "政府信息公开年度报告")
    for y in YEARS:
        made = [s.report(f"/opengov/ndbg/{y}/art{n}.html", f"白山县{b}", y) for n, b in enumerate(BODIES)]
        s.put(f"/opengov/ndbg/{y}/", rows(made), f"{y}年")
    return s


def maps_and_choices() -> Site:
    s = Site("www.tuban.gov.cn", "图板县")
    s.put(
        "/",
        "<img src='/top.jpg' usemap='#m'><map name='m'><area shape='rect' coords='0,0,1,1' href='/gov/open.html' alt='政府信息公开'></map>",
    )
    s.put(
        "/gov/open.html",
        "<table><tr><td onclick=\"window.location.href='/gov/report.html?y=2024'\">&nbsp;政&nbsp;府&nbsp;信&nbsp;息&nbsp;公&nbsp;开&nbsp;年&nbsp;报&nbsp;</td></tr></table>",
        "政府信息公开",
    )
    choices = "".join(f"<option value='/gov/report.html?y={y}'>{y}年</option>" for y in YEARS)
    for y in YEARS:
        made = [s.report(f"/gov/view{y}{n:02d}.html", f"图板县{b}", y) for n, b in enumerate(BODIES)]
        s.put(
            f"/gov/report.html?y={y}",
            f"<select onchange='location.href=this.value'>{choices}</select>" + rows(made),
            "政府信息公开年报",
        )
    return s


def trapped() -> Site:
    s = Site("www.mizong.gov.cn", "迷宗县", traps=("/rili", "/a/"))
    bait = links(
        "/a/政务公开/ 政务公开专栏|/rili?year=2025&month=1 政府信息公开|http://www.soulrig-mirror.com/xxgk/nb/ 政府信息公开年报|/gk/;jsessionid=ABC123?from=1 信息公开|/gk/?from=2 信息公开|/gk/?from=3 政务公开"
    )
    s.put("/", FURNITURE + bait)

    def deeper(asked: Asked) -> Answer:
        if asked.path.startswith("/rili"):
            n = len(s.seen)
            s.seen.append(asked.path)
            return page(
                f"<html><title>日历{n}</title><body>第{'一二三四五六七八九十'[n % 10] * (n + 1)}页<a href='/rili?year=2025&month={n + 2}'>政府信息公开</a><a href='/rili?year={2026 + n}'>{2026 + n}年</a></body></html>"
            )
        if asked.path.startswith("/a/"):
            return page(
                f"<html><title>政务</title><body>{'深' * asked.path.count('/')}<a href='{asked.path}a/'>政务公开</a></body></html>"
            )
        if asked.path == "/circle":
            return Answer(302, b"", {"Location": "/circle"})
        return page("<h1>404 Not Found</h1>", 404)

    s.seen: list[str] = []  # type: ignore[misc]
    s.routes[s.host, "*"] = deeper
    gk = links("/circle 法定主动公开内容|/gk/nianbao.html 政府信息公开工作年度报告|/ 首页")
    for path in ("/gk/", "/gk/?from=1", "/gk/?from=2", "/gk/?from=3"):
        s.put(path, gk, "信息公开")
    made = [s.report(f"/gk/n{y}{n}.html", f"迷宗县{b}", y) for y in YEARS for n, b in enumerate(BODIES[:4])]
    s.put("/gk/nianbao.html", rows(made) + gk, "政府信息公开工作年度报告")
    return s


def search_alone() -> Site:
    """Reports that no column holds: the portal's search shows them, in pages of four."""
    s = Site("www.jiansuo.gov.cn", "检索县")
    form = "<form action='/search'><input type='text' name='q' placeholder='请输入搜索内容'><input type='submit' value='搜索'></form>"
    s.put("/", FURNITURE + form)
    made = [s.report(f"/news/{y}/{n}.html", f"检索县{b}", y) for y in YEARS for n, b in enumerate(BODIES)]
    q = f"/search?q={KEYWORD}"
    last = -(-len(made) // 4)
    for n in range(1, last + 1):
        turn = f"<a href='{q}&p={n + 1}'>下一页</a>" if n < last else ""
        s.put(q if n == 1 else f"{q}&p={n}", form + rows(made[4 * n - 4 : 4 * n]) + turn, "搜索结果")
    return s


def by_scripts() -> Site:
    """Lists that a script makes of data in a file of its own; the pages differ in nothing but their addresses."""
    s = Site("www.jiaoben.gov.cn", "脚本县")
    s.put(
        "/",
        FURNITURE + links("/gk/list.html?c=xz 乡镇政府信息公开年报|/gk/list.html?c=bm 部门政府信息公开年报"),
    )
    script = (
        "fetch('/gk/'+new URLSearchParams(location.search).get('c')+'.json').then(r=>r.json()).then(rows=>{"
        "document.getElementById('list').innerHTML=rows.map(r=>`<li><a href='${r[0]}'>${r[1]}</a><span>2025-01-11</span></li>`).join('')})"
    )
    s.routes[s.host, "/gk/list.js"] = Answer(200, script.encode(), {"Content-Type": "text/javascript"})
    for key, bodies in (("bm", BODIES[:2]), ("xz", TOWNS[:2])):
        made = [s.report(f"/gk/{key}/{y}{n}.html", f"脚本县{b}", y) for y in YEARS for n, b in enumerate(bodies)]
        body = json.dumps(made, ensure_ascii=False).encode()
        s.routes[s.host, f"/gk/{key}.json"] = Answer(200, body, {"Content-Type": "application/json"})
        s.put(
            f"/gk/list.html?c={key}", "<h1>政府信息公开年报</h1><ul id='list'></ul><script src='/gk/list.js'></script>"
        )
    return s


def host_per_department() -> Site:
    s = Site("www.zx.gov.cn", "中行市")
    s.put("/", FURNITURE + links("/xxgk/ 政府信息公开"))
    who = [(f"b{n}.zx.gov.cn", f"市{b}") for n, b in enumerate(BODIES[:4])]
    s.put("/xxgk/", links("/xxgk/nb/ 市政府信息公开年报|/xxgk/bm.html 市直部门信息公开"), "政府信息公开")
    s.put(
        "/xxgk/nb/",
        rows([s.report(f"/xxgk/nb/{y + 1}-01.html", "中行市人民政府", y) for y in YEARS]),
        "市政府信息公开年报",
    )
    s.put("/xxgk/bm.html", links([(f"http://{host}/", name) for host, name in who]), "市直部门信息公开")
    for host, name in who:
        full = name.replace("市", "中行市", 1)
        s.put("/", links("/zfxxgk/zfxxgknb/ 政府信息公开年报"), full, host)
        s.put(
            "/zfxxgk/zfxxgknb/",
            rows([s.report(f"/{y + 1}/01-20/{y}01.html", full, y, host) for y in YEARS]),
            "政府信息公开年报",
            host,
        )
    return s


def menu_in_a_file() -> Site:
    s = Site("www.waiguan.gov.cn", "外关县")
    s.put("/", "<div id='nav'></div><script src='/js/menu.js'></script>")
    s.routes[s.host, "/js/menu.js"] = Answer(
        200,
        "var d = new dTree('d');\nd.add(1,0,'政务公开','');\nd.add(2,1,'政府信息公开年报','/zw/list.jsp?id=77');\n".encode(),
        {"Content-Type": "application/javascript"},
    )
    made = [s.report(f"/zw/info.jsp?id={y}{n}", f"外关县{b}", y) for y in YEARS for n, b in enumerate(BODIES)]
    for n in range(2):
        more = "<a href='/zw/list.jsp?id=77&page=2'>下一页</a>" if n == 0 else ""
        s.put(
            "/zw/list.jsp?id=77" + ("&page=2" if n else ""),
            rows(made[n * 14 : n * 14 + 14]) + f"<div>共2页 {more}</div>",
            "政府信息公开年报",
        )
    return s


def vsb() -> Site:
    s = Site("www.boda.gov.cn", "博大县")
    s.put(
        "/",
        FURNITURE + links("zfxxgk/zfxxgknb.htm 政府信息公开年报"),
        metas="<meta name='GENERATOR' content='VSB'>",
    )
    made = [s.report(f"/info/1039/{y}{n:02d}.htm", f"博大县{b}", y) for y in YEARS for n, b in enumerate(BODIES[:5])]
    for n in range(2):
        items = made[n * 10 : n * 10 + 10]
        lis = "".join(
            f"<li id='line_u5_{i}'><a href='{'../' * (n + 1)}{p[1:]}'>{t}</a><span>2025-01-0{i % 9 + 1}</span></li>"
            for i, (p, t) in enumerate(items)
        )
        pager = "<span class='p_next p_fun'><a href='zfxxgknb/1.htm'>下页</a></span>" if n == 0 else ""
        s.put(
            "/zfxxgk/zfxxgknb.htm" if n == 0 else "/zfxxgk/zfxxgknb/1.htm",
            f"<ul>{lis}</ul><div class='pb_sys_common'><span class='p_t'>共20条</span>{pager}</div>",
            "政府信息公开年报",
        )
    return s


def old_and_gbk() -> Site:
    s = Site("www.jiushi.gov.cn", "旧式县")
    s.routes[s.host, "/"] = page(
        "<html><head><meta http-equiv='refresh' content='0;url=/default.asp'></head><body>正在进入旧式县人民政府网站，请稍候，请稍候</body></html>"
    )
    made = [s.report(f"/show.asp?id={y * 10 + n}", f"旧式县{b}", y) for y in YEARS for n, b in enumerate(BODIES)]
    cells = "".join(
        f"<tr><td>{n}</td><td><a href='{p}' title='{t}'>{t[:14]}...</a></td><td>2025/1/{n % 28 + 1}</td></tr>"
        for n, (p, t) in enumerate(made, 1)
    )
    s.put(
        "/default.asp",
        "<table><tr><td><a href='/class.asp?id=3'><font color=red>政府信息<br>公开</font></a></td><td><a href='/class.asp?id=9'>招商引资</a></td></tr></table>",
    )
    s.put(
        "/class.asp?id=3",
        "<table><tr><td><a href='/class.asp?id=31'>公开指南</a></td></tr><tr><td><a href='/class.asp?id=32'>公开<b>年报</b></a></td></tr><tr><td><a href='/class.asp?id=33'>年度报告</a></td></tr></table>",
        "政府信息公开",
    )
    s.put("/class.asp?id=33", f"<table>{cells}</table><p>共{len(made)}条记录</p>", "年度报告")
    for key, answer in list(s.routes.items()):
        assert isinstance(answer, Answer)
        s.routes[key] = Answer(
            200, answer.body.decode().replace("utf-8", "gb2312").encode("gb18030"), {"Content-Type": "text/html"}
        )
    return s


def years_by_form() -> Site:
    s = Site("www.biaodan.gov.cn", "表单县")
    s.put("/", links("/open 信息公开"))
    s.put(
        "/open",
        links("/open/annual 政府信息公开年报|/open/annual?type=bm 部门政府信息公开年报"),
        "信息公开",
    )
    for kind, who in (("", ["人民政府"]), ("bm", list(BODIES))):
        field = f"<input type='hidden' name='type' value='{kind}'>" if kind else ""
        for y in YEARS:
            options = "".join(f"<option value={one}>{one}</option>" for one in YEARS)
            form = f"<form action='/open/annual' method='get'>{field}<select name='year'>{options}</select></form>"
            made = [s.report(f"/open/annual/{y}{kind}/{n + 10000}", f"表单县{w}", y) for n, w in enumerate(who)]
            query = f"?type={kind}&year={y}" if kind else f"?year={y}"
            s.put(f"/open/annual{query}", form + rows(made), "政府信息公开年报")
            if y == YEARS[-1]:
                s.put(
                    "/open/annual" + (f"?type={kind}" if kind else ""),
                    form + rows(made) + "<p>默认显示最近一年</p>",
                    "政府信息公开年报",
                )
    return s


def one_template() -> Site:
    """Every body's pages are the same words and relative addresses; what is told apart is where they stand."""
    s = Site("www.tongban.gov.cn", "同版县")
    s.put("/", FURNITURE + links("/gk/ 公开"))
    s.put("/gk/", links("/gk/bm.html 县直部门"), "公开")
    who = [f"同版县{b}" for b in BODIES]
    s.put("/gk/bm.html", links([(f"/gk/d{n}/", w) for n, w in enumerate(who)]), "县直部门")
    for n, w in enumerate(who):
        s.put(f"/gk/d{n}/", links("zn.html 公开指南|list.asp?id=3 公开年报"), "信息公开")
        s.put(f"/gk/d{n}/list.asp?id=3", links([(f"list.asp?id={y}", f"{y}年") for y in YEARS]), "公开年报")
        for y in YEARS:
            path, title = s.report(f"/gk/d{n}/show{y}{n}.asp", w, y)
            s.put(f"/gk/d{n}/list.asp?id={y}", rows([(path, title.removeprefix(w))]), "公开年报")
    return s


def panels_of_files() -> Site:
    """One page: a panel for each year, opened by its head, with files whose names have blanks."""
    s = Site("www.mianban.gov.cn", "面板县")
    s.put("/", FURNITURE + links("/nb.html 政府信息公开工作年度报告"))
    panels = ""
    for y in YEARS:
        for b in BODIES[:4]:
            s.report(f"/upload/{y + 1}01/{y}%20{quote(b)}.doc", f"{s.place}{b}", y)
        rows = "".join(f"<p><a href='upload\\{y + 1}01\\{y} {b}.doc'>{s.place}{b}</a></p>" for b in BODIES[:4])
        panels += (
            f"<div class='h' onclick='t(this)'><h4>{y}年政府信息公开年度报告</h4></div><div class='b'>{rows}</div>"
        )
    s.put("/nb.html", f"<h2>政府信息公开工作年度报告</h2>{panels}", "政府信息公开工作年度报告")
    s.truth = {unquote(url).replace(" ", "%20") for url in s.truth}
    return s


def tree_in_a_frame() -> Site:
    """A tree made by calls in one frame leads to the list in another, whose form turns its pages, one too many."""
    s = Site("www.zhukuang.gov.cn", "竹框县")
    s.put("/", FURNITURE + links("/gk/index.jsp 政府信息公开目录"))
    frames = (
        "<frameset cols='200,*'><frame name='tree' src='tree.jsp'><frame name='main' src='list.do?cat=1'></frameset>"
    )
    s.routes[s.host, "/gk/index.jsp"] = page(
        f"<html><head><title>{s.place}政府信息公开目录</title></head>{frames}</html>"
    )
    calls = "d.add(0,-1,'目录','','','');d.add(2,0,'法定主动公开','','','main');d.add(12,2,'政府信息公开年报','list.do?cat=12','','main');"
    s.put("/gk/tree.jsp", f"<script>d=new dTree('d');{calls}document.write(d);</script>", "目录")
    s.put("/gk/list.do?cat=1", links([("/gk/show.do?id=1", f"{s.place}人民政府机构职能")]), "机构职能")
    made = [
        s.report(f"/gk/show.do?id=8a8{y}{n:02d}ff", f"{s.place}{b}", y) for y in YEARS for n, b in enumerate(BODIES[:4])
    ]
    pages = -(-len(made) // 12)

    def listing(asked: Asked) -> Answer:
        here = int(asked.form.get("pageNo", "1"))
        turn = f"共{len(made)}条 第{here}/{pages}页 <a href='javascript:goPage({here + 1})'>下一页</a>"
        form = f"<form name='f' method='post' action='list.do?cat=12'><input type='hidden' name='pageNo' value='{here}'>{rows(made[(here - 1) * 12 : here * 12])}{turn}</form>"
        script = "<script>function goPage(n){document.f.pageNo.value=n;document.f.submit();}</script>"
        return page(
            f"<html><head><title>政府信息公开年报</title></head><body>{form}{script}<p>主办：{s.place}人民政府办公室</p></body></html>"
        )

    s.routes[s.host, "/gk/list.do?cat=12"] = listing
    return s


#: Their lists are found and read by links alone.
WALKED = (maps_and_choices, trapped, menu_in_a_file, old_and_gbk, years_by_form, one_template, panels_of_files)
#: Of which a probe, a written portal or a crawl has more to do.
ADDED = (jcms_addressed, host_per_department, tree_in_a_frame)
