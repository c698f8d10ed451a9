"""Real pages and documents of the shared folder: what must be found, what must be gone, which shape the tables have."""

# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree, html

from archive.documents.kinds import read_pages, sniff
from archive.documents.markup.vocabulary import vocabulary
from archive.documents.pages import Pages
from archive.forms.loader import form
from archive.forms.printer import tables as form_tables
from archive.parser.reader import read
from imitation.documents import word
from imitation.markup import fragment
from imitation.wording import Block, Heading
from tests.documents.helpers import lines, tables, texts

# page → (how its text begins after the title, a value of its metadata, the last steps of its breadcrumb)
PAGES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "ccontent/detail_neac.html": ("9月2日下午，民族画报社召开编委扩大会", {"pagebuilt": "2023-11-10 15:33:34"}, ()),
    "easysite/detail_bjshy_county.html": ("近日，由区委宣传部", {"来源": "顺义区退役军人事务局", "更新时间": "2024-08-14 10:46"}, ()),
    "hanweb_jcms/detail_fgw_zj.html": ("1-10月，全县固定资产投资", {"发布日期": "2016-11-22", "信息来源": "省发改委"}, ("投资运行",)),
    "hanweb_jcms/detail_jyt_zj.html": ("10月17日，浙江省教育系统", {"索引号": "002482082/2024-00332", "发布机构": "省教育厅"}, ("图文报道",)),
    "hanweb_jcms/detail_jinan.html": ("全市城市更新和乡村振兴现场推进会于6月15日", {"信息来源": "济南日报"}, ("重点关注",)),
    "hanweb_jpaas/detail_fzggw_zj.html": ("各设区市、县（市、区）人民政府", {"文件编号": "浙发改能源〔2026〕116号", "组配分类": "行政规范性文件"}, ()),
    "hanweb_jpaas/detail_miit.html": ("为确保国庆60周年网络与信息安全", {"来源": "北京通信管理局"}, ()),
    "hebei_uuid/detail_sjz.html": ("在战国中山王墓挖掘50周年", {"来源": "石家庄新闻网"}, ()),
    "henan_dated/detail_henan.html": ("日前，河南省文化和旅游厅公布了", {"来源": "许昌市人民政府"}, ("市县",)),
    "hunan_rednet/detail_xiangtan.html": ("9月29日，由南光集团承办", {"来源": "湘潭日报·新湘潭客户端"}, ("部门动态",)),
    "lonsun/detail_hfss_county.html": ("最近，中国（合肥）工业设计城", {"索引号": "K16185922-201704-00036", "发布机构": "蜀山区审计局"}, ("专项工作",)),
    "nfcms/detail_by_county.html": ("9月27日，区长潘志军主持召开", {"来源": "白云时事"}, ("政务要闻",)),
    "nfcms/detail_foshan.html": ("6月23日，顺德容桂首届", {"来源": "珠江商报"}, ("顺德区",)),
    "trs_wcm/detail_swj_wuhan.html": ("一排排红砖瓦房掩映", {"发布日期": "2023-06-11 16:20:01"}, ("工作动态",)),
    "trs_wcm/detail_shanxi.html": ("图为山西品牌丝路行", {"来源": "山西日报"}, ("要闻",)),
    "trs_wcm/detail_whlyw_cq.html": ("7月7日下午，重庆国际文旅之窗", {"日期": "2021-07-13"}, ("工作动态",)),
    "ucap/detail_suibin_county.html": ("7月4日，县人大常委会召开", {"发布日期": "2024-07-05 13:57"}, ("绥滨新闻",)),
    "ucap/detail_bjft_county.html": ("为进一步推动社区内民族团结", {"来源": "六里桥街道"}, ("街镇动态",)),
    "xian/detail_xa.html": ("9月9日，由区委网信委", {"来源": "鄠邑区政府办"}, ("区县热点", "正文")),
}  # fmt: skip
GONE = (
    "浏览次数",
    "访问量：",
    "打印本页",
    "扫一扫在手机",
    "分享到",
    "上一篇",
    "下一篇",
    "ICP备",
    "网站标识码",
    "页面生成时间",
)


@pytest.mark.parametrize("name", PAGES)
def test_the_text_of_a_real_page(shared: Path, name: str) -> None:
    begins, meta, trail = PAGES[name]
    pages = read_pages((shared / "domain" / "html" / name).read_bytes())
    head = lines(pages)[:4]
    assert pages.kind == "html"
    assert any(line.startswith(begins) for line in head), head
    assert {key: pages.meta.get(key) for key in meta} == meta
    assert pages.breadcrumb[-len(trail) :] == trail if trail else True
    assert not [line for line in lines(pages) for gone in GONE if gone in line]


def test_no_page_of_any_family_is_beyond_the_reader(shared: Path) -> None:
    found = sorted((shared / "domain" / "html").glob("*/*.html"))
    assert len(found) > 40
    for path in found:
        pages = read_pages(path.read_bytes())
        assert (path.name, pages.kind, pages.unreadable) == (path.name, "html", "")


def test_attachments_of_real_pages(shared: Path) -> None:
    html = shared / "domain" / "html"
    jpaas = read_pages((html / "hanweb_jpaas" / "detail_fzggw_zj.html").read_bytes())
    assert [(p.kind, p.text[:6]) for p in jpaas.parts] == [("attachment", "浙江省固定资")]
    gkmlpt = read_pages((html / "gkmlpt" / "detail_attachment_yangjiang_part.html").read_bytes())
    assert [p.url.rsplit("/", 1)[-1] for p in gkmlpt.parts] == ["963149.pdf"]


SHAPES = {
    "pingtan_2020.html": ("html", [(18, 4, 53), (26, 10, 199), (4, 15, 34)]),
    "shanghai_office_2019.html": ("html", [(18, 4, 53), (26, 10, 198), (4, 15, 34)]),
    "shuyang_fgj_2023.html": ("html", [(14, 4, 30), (28, 10, 215), (4, 15, 34)]),
    "template_2021.docx": ("docx", [(14, 4, 30), (28, 10, 215), (4, 15, 34)]),
    "suqian_city_2024_filled.docx": ("docx", [(14, 4, 30), (28, 10, 215), (4, 15, 34)]),
    "huaian_2024_city.pdf": ("pdf", [(14, 4, 30), (28, 10, 215), (4, 15, 34)]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_tables_of_a_real_report(shared: Path, name: str) -> None:
    kind, shapes = SHAPES[name]
    data = (shared / "corpus" / name).read_bytes()
    pages = read_pages(data)
    assert (sniff(data), pages.kind, pages.unreadable) == (kind, kind, "")
    assert [(t.rows, t.cols, len(t.cells)) for t in tables(pages)] == shapes
    assert all(t.ruled for t in tables(pages))


def test_a_table_over_pages_is_one_table(shared: Path) -> None:
    """淮安 2024: table 2 and table 3 both run over a page end, one through the merged label （四）无|法提供."""
    pages = read_pages((shared / "corpus" / "huaian_2024_city.pdf").read_bytes())
    first, second, third = (texts(t) for t in tables(pages))
    assert first[13] == ["行政事业性收费", "96171.6"]
    assert ["".join(t.split()) for t in second[15]] == [
        "（四）无法提供",
        "1.本机关不掌握相关政府信息",
        "746",
        "12",
        "0",
        "0",
        "10",
        "1",
        "769",
    ]
    assert second[27] == ["四、结转下年度继续办理", "103", "0", "0", "0", "0", "0", "103"]
    assert third[3] == ["72", "64", "178", "37", "351", "13", "4", "8", "1", "26", "12", "1", "1", "6", "20"]
    assert pages.page_count == 6
    assert not [line for line in lines(pages) if line.strip("- ").isdigit()]


def test_locators_lead_back_to_the_page(shared: Path) -> None:
    data = (shared / "corpus" / "shuyang_fgj_2023.html").read_bytes()
    tree = etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    cells = [cell for table in tables(read_pages(data)) for cell in table.cells]
    for cell in cells[::7]:
        chosen = tree.cssselect(str(cell.locator["css"]))
        assert len(chosen) == 1
        assert "".join("".join(chosen[0].itertext()).split()) == "".join(cell.text.split())
    pdf = read_pages((shared / "corpus" / "huaian_2024_city.pdf").read_bytes())
    for table in tables(pdf):
        for cell in table.cells:
            left, bottom, right, top = cell.locator["box"]  # type: ignore[misc]
            assert 0 <= left < right <= 595
            assert 0 <= bottom < top <= 842
            assert 1 <= cell.locator["page"] <= 6  # type: ignore[operator]


def test_the_comparison_of_two_years_opens_too(shared: Path) -> None:
    pages: Pages = read_pages((shared / "corpus" / "suqian_compare_2023_2024.pdf").read_bytes())
    assert pages.page_count == 18
    assert any("文字重复率" in line for line in lines(pages))


# ------------------------------------------------------------------------- one report in the furniture of real pages

TITLE = "宛平县财政局2025年政府信息公开工作年度报告"
NAMES = form("2021").ids
#: What other pages put into their main text, counted, dated, signed or linked anew at every visit.
ABOVE = (
    "信息来源：县财政局 | 发布日期：2026-01-20 | 阅读次数：{n}",
    "2026年2月{n}日 星期日 多云 3℃~12℃",
    "【字体：大 中 小】 分享到：微信 微博",
)
BELOW = (
    "附件：2025年度报告（{n}）.docx",
    "初审：张三 复审：李四",
    "上一篇：第{n}号通知",
    "打印本页 | 关闭窗口 | 纠错",
    "您是第{n}位访客",
    "sid=8d3fa7e0b9{n}",
)


def blocks(
    *, told: str = "全年主动公开政府信息36条，比上年增长5.5%。", signed: str = "2026年1月20日", cell: str = "3"
) -> list[Block]:
    """A report, with a sentence, a signature and a figure that a test changes."""
    first, second, third = form_tables(form("2021"), dict.fromkeys(NAMES, "0") | {NAMES[0]: cell})
    return [
        Heading("一、总体情况"), told, Heading("二、主动公开政府信息情况"), first,
        Heading("三、收到和处理政府信息公开申请情况"), second, Heading("四、政府信息公开行政复议、行政诉讼情况"), third,
        Heading("五、存在的主要问题及改进情况"), "公开的内容还不够丰富。", Heading("六、其他需要报告的事项"), "无", "宛平县财政局", signed,
    ]  # fmt: skip


def in_the_place_of(page: Path, body: str) -> str | None:
    """A real page with ``body`` for its main text and our title for its own; None where it says neither's place."""
    source = page.read_text(encoding="utf-8").split("\n", 1)[1]
    document = html.document_fromstring(source)
    named = [
        meta.get("content", "") for meta in document.iter("meta") if (meta.get("name") or "").lower() == "articletitle"
    ]
    known = vocabulary().strong
    held = [
        e
        for e in document.iter()
        if isinstance(e.tag, str) and known & {*f"{e.get('id', '')} {e.get('class', '')}".lower().split()}
    ]
    held = [element for element in held if len(element.text_content().strip()) > 20]
    if not held or not named or not named[0]:
        return None
    place = max(held, key=lambda element: len(element.text_content()))
    place.text = None
    place[:] = list(html.fragment_fromstring(body, create_parent="div"))
    return str(html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")).replace(named[0], TITLE)


def test_no_furniture_of_any_real_page_makes_other_content(shared: Path) -> None:
    """A system that is exchanged for another, or counts its visitors, leaves a report what it was: also as a file."""
    content = read(word.docx(TITLE, blocks())).content_digest
    pages, wrong = 0, []
    for path in sorted((shared / "domain" / "html").glob("*/detail_*.html")):
        for number in (3, 14):
            around = ["".join(f"<p>{line.format(n=number)}</p>" for line in some) for some in (ABOVE, BELOW)]
            made = in_the_place_of(path, around[0] + fragment(blocks(), word=number == 14) + around[1])
            if made is not None:
                pages += 1
                reading = read(made.encode("gb18030" if number == 14 and "charset" not in made[:3000] else "utf-8"))
                if reading.content_digest != content:
                    wrong.append(f"{path.parent.name}/{path.name}: {reading.text[:300]} … {reading.text[-300:]}")
    assert not wrong, "\n".join(wrong)
    assert pages > 60


@pytest.mark.parametrize(
    "changed",
    [
        blocks(told="全年主动公开政府信息37条，比上年增长5.5%。"),
        blocks(told="全年主动公开政府信息36条，比上年增长55%。"),
        blocks(told="全年主动公开政府信息36条，比上年增长-5.5%。"),
        blocks(told="全年主动公开政府信息36条，比上年增长5.5‰。"),
        blocks(signed="2026年1月19日"),
        blocks(cell="4"),
        blocks(cell=""),
        blocks()[:-2],
        [block for number, block in enumerate(blocks()) if number != 5],
        [*blocks()[:2], "受理咨询36件", *blocks()[2:]],
    ],
    ids=[
        "digit",
        "point",
        "sign",
        "per mille",
        "signed earlier",
        "cell",
        "blank",
        "unsigned",
        "table gone",
        "line more",
    ],
)
def test_the_smallest_change_of_a_report_is_other_content_in_a_real_page(shared: Path, changed: list[Block]) -> None:
    path = shared / "domain" / "html" / "trs_wcm" / "detail_honghu_county.html"
    before, after = (in_the_place_of(path, fragment(some)) for some in (blocks(), changed))
    assert before is not None
    assert after is not None
    assert read(before.encode()).content_digest != read(after.encode()).content_digest
