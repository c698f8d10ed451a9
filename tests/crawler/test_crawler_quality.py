"""What a response is, from its bytes."""

from __future__ import annotations

import pytest

from crawler.net.response_verdict import Verdict, judge
from storage.records import CaptureOutcome as O

URL = "http://www.a.gov.cn/nb/t1.html"
LONG = "<p>" + "本报告按照条例的规定编制，数据统计期限为全年。" * 60 + "</p>"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, O.PAGE),
        (304, O.NOT_MODIFIED),
        (302, O.REDIRECT),
        (404, O.NOT_FOUND),
        (410, O.NOT_FOUND),
        (412, O.BLOCKED),
        (468, O.BLOCKED),
        (521, O.BLOCKED),
        (403, O.BLOCKED),
        (500, O.ERROR),
        (503, O.ERROR),
        (400, O.ERROR),
        (429, O.ERROR),
    ],
)
def test_status_decides_first(status: int, outcome: O) -> None:
    assert judge(status, LONG.encode(), url=URL).outcome is outcome


@pytest.mark.parametrize("words", ["您访问的页面不存在", "404 Not Found", "抱歉，信息不存在或已被删除", "页面未找到"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_short_page_that_says_not_found_is_a_soft_404(words: str, charset: str) -> None:
    body = f"<html><head><title>提示</title></head><body><h2>{words}</h2></body></html>".encode(charset)
    assert judge(200, body, url=URL) == Verdict(O.SOFT_404, "says_so")


def test_a_report_that_mentions_deleted_pages_is_a_page() -> None:
    assert judge(200, ("<body>" + LONG + "已删除 页面不存在</body>").encode(), url=URL).outcome is O.PAGE


@pytest.mark.parametrize("path", ["/", "/404.html", "/error/index.html", "/index.html"])
def test_a_deep_address_that_is_sent_home_is_a_soft_404(path: str) -> None:
    verdict = judge(200, LONG.encode(), url=f"http://www.a.gov.cn{path}", requested=URL)
    assert verdict == Verdict(O.SOFT_404, "sent_elsewhere")


@pytest.mark.parametrize(
    "body",
    [
        "<html><script>document.cookie='__jsl_clearance=x';location.href=location.pathname</script></html>",
        "<html><head><script>var $_ts=window['$_ts'];$_ts=1</script></head><body></body></html>",
        "<html><body>请完成安全验证</body></html>",
        "<html><body><h1>403 Forbidden</h1>您的访问请求可能对网站造成安全威胁</body></html>",
        "<script>document.cookie='a=b';window.location.reload()</script>",
    ],
)
def test_a_challenge_is_not_a_page_whatever_its_status(body: str) -> None:
    assert judge(200, body.encode(), url=URL) == Verdict(O.BLOCKED, "challenge")


# What stands in place of a page with status 200: title, text, what it is.
STAND_INS = (
    ("405", "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。", O.BLOCKED),  # 阿里云
    ("知道创宇云安全", "当前访问疑似黑客攻击，已被创宇盾拦截。事件ID：3fa9b", O.BLOCKED),
    ("网站防火墙", "您的请求带有不合法参数，已被网站管理员设置拦截！", O.BLOCKED),  # 安全狗
    ("云锁", "您的请求可能存在恶意行为，已被管理员设置拦截", O.BLOCKED),
    ("", "<script>function YunSuoAutoJump(){self.location='/x?security_verify_data='+1}</script>", O.BLOCKED),
    ("501", "很抱歉，您提交的请求可能对网站造成威胁，请求已被管理员设置的策略阻断 UUID: 1-2", O.BLOCKED),  # 腾讯 T-Sec
    ("Web应用防火墙", "您的请求疑似攻击行为！访问者信息：IP 1.2.3.4 事件ID 03-0000", O.BLOCKED),  # 华为云
    ("安全防护", "您所提交的请求含有不合法的参数，已被网站防护系统拒绝。", O.BLOCKED),
    ("滑动验证页面", "为了更好的访问体验，请进行验证。访问验证，请按住滑块，拖动到最右边", O.BLOCKED),
    ("请输入验证码", "为确认本次访问为正常用户行为，需要您协助验证。<input name='code'>", O.BLOCKED),
    ("Just a moment...", "Checking if the site connection is secure", O.BLOCKED),
    ("提示", "根据相关规定，您所在的地区暂不支持访问本网站。", O.BLOCKED),
    ("提示", "您的访问频率过高，请稍后再访问。", O.BLOCKED),
    ("统一身份认证平台", "用户名<input>密码<input type='password'>登录 忘记密码 注册账号 找回账号", O.BLOCKED),
    ("系统维护", "系统维护中。为给您提供更好的服务，我站正在进行系统升级，预计2月12日18时恢复。", O.ERROR),
    ("汶上县人民政府", "<img src='/wh.jpg'>网站正在升级改造，敬请期待", O.ERROR),
    ("公告", "因机房电力检修，本网站于2月10日至12日暂停对外服务，由此带来的不便，敬请谅解。", O.ERROR),
    ("Error", "数据库连接错误", O.ERROR),
    ("", "Warning: mysql_connect(): Too many connections in /www/conn.php on line 12", O.ERROR),
    ("HTTP Status 500 – Internal Server Error", "Type Exception Report java.lang.NullPointerException", O.ERROR),
    ("Runtime Error", "Server Error in '/' Application. Runtime Error. An application error occurred.", O.ERROR),
    ("IIS7", "<a href='http://go.microsoft.com/'><img src='welcome.png'></a>", O.ERROR),
    ("Welcome to nginx!", "If you see this page, the nginx web server is successfully installed.", O.ERROR),
    ("", "It works!", O.ERROR),
    ("Apache Tomcat/8.5.5", "If you're seeing this, you've successfully installed Tomcat. Congratulations!", O.ERROR),
    ("网站访问报错", "该网站未根据工信部相关法规进行备案或备案信息不完整，暂时无法访问。", O.ERROR),
    ("TestPage184", "Sorry, 该网站由于未备案被阻断 Non-compliance ICP Filing", O.BLOCKED),
    ("域名出售", "您正在访问的域名可以转让！如果您对该域名感兴趣，请联系我们", O.ERROR),
    ("提示信息", "操作失败！系统出现异常，请与管理员联系！ <a href='javascript:history.back()'>返回</a>", O.ERROR),
    ("502 Bad Gateway", "502 Bad Gateway nginx/1.18.0 The server returned an invalid answer", O.ERROR),
    ("", "upstream connect error or disconnect/reset before headers. reset reason: connection failure", O.ERROR),
    ("上网认证", "请先进行上网认证，输入手机号获取密码后登录", O.ERROR),
)  # fmt: skip


@pytest.mark.parametrize(("title", "text", "outcome"), STAND_INS)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_what_stands_in_place_of_all_pages_is_none(title: str, text: str, outcome: O, charset: str) -> None:
    body = f"<html><head><title>{title}</title></head><body><div>{text}</div></body></html>".encode(charset)
    assert judge(200, body, url=URL, requested=URL).outcome is outcome


@pytest.mark.parametrize("word", ["系统升级", "数据库连接", "网站未备案"])
def test_short_pages_of_reports_and_lists_may_say_what_refusals_say(word: str) -> None:
    report = f"<title>汶上县司法局2025年政府信息公开工作年度报告</title><p>{word}。<a href='a.docx'>附件</a></p>"
    entries = "".join(f"<li><a href='t{n}.html'>关于第{n}号政策的解读</a></li>" for n in range(12))
    for body in (report, f"<title>汶上县</title><p>{word}</p><ul>{entries}</ul>"):
        assert judge(200, body.encode(), url=URL, requested=URL) == Verdict(O.PAGE)


def test_a_report_that_speaks_of_firewalls_is_a_page() -> None:
    text = f"<body>{LONG}部署网站防火墙，开展安全验证。<script>document.cookie='a';location</script></body>"
    assert judge(200, text.encode(), url=URL).outcome is O.PAGE


@pytest.mark.parametrize("body", [b"", b"  \n ", b"<html><body></body></html>"])
def test_empty_is_empty(body: bytes) -> None:
    assert judge(200, body, url=URL).outcome is O.EMPTY


def test_two_short_links_are_a_page_and_one_is_none_unless_it_leads_to_the_reports() -> None:
    link = "<a href='zn.jsp'>政务公开</a>"
    way = "<body><p>指南</p><a class='on' href='nb.jsp'>政府信息公开年报</a></body>"
    assert judge(200, way.encode(), url=URL) == Verdict(O.PAGE)
    two = f"<html><body>{link}<a class=x href=zn.jsp>指南</a></body></html>"
    assert judge(200, two.encode(), url=URL) == Verdict(O.PAGE)
    for little in (link, f"{link}<a name='top'></a>", "<a href='1'></a><a href='2'></a>"):
        assert judge(200, f"<html><body>{little}</body></html>".encode(), url=URL) == Verdict(O.EMPTY, "no_text")


@pytest.mark.parametrize("body", [b"%PDF-1.4 404 not found", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_documents_are_not_read_as_pages(body: bytes) -> None:
    assert judge(200, body, url=URL) == Verdict(O.PAGE)
