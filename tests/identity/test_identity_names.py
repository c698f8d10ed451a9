"""Names are completed from a place and found in the registry, or said to be nobody's."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from identity_making import agency

from archive.identity.central import is_head
from archive.identity.divisions import place, split
from archive.identity.evidence import identify
from archive.identity.names import (
    abbreviates,
    complete,
    county_of_branch,
    is_generic,
    key,
    kind_of,
    match_agency,
    normalise,
)
from storage.records import Agency, AgencyKind, IdentityEvidence


@pytest.mark.parametrize(
    ("printed", "where", "name"),
    [
        ("司法局", "汶上县", "汶上县司法局"),
        ("县司法局", "汶上县", "汶上县司法局"),
        ("区司法局", "尧都区", "尧都区司法局"),
        ("市司法局", "洛阳市", "洛阳市司法局"),
        ("县政府办", "陕西省榆林市府谷县", "府谷县人民政府办公室"),
        ("汶上司法局", "汶上县", "汶上县司法局"),
        ("汶上县", "山东省济宁市汶上县", "汶上县人民政府"),
        ("平潭综合实验区", "平潭综合实验区", "平潭综合实验区管委会"),
        ("浦东新区", "上海市浦东新区", "浦东新区人民政府"),
        ("兴安盟", None, "兴安盟行政公署"),
        ("大兴安岭地区", None, "大兴安岭地区行政公署"),
        ("大兴安岭地区政府", None, "大兴安岭地区人民政府"),
        ("郭仓镇", "汶上县", "汶上县郭仓镇人民政府"),
        ("郭仓镇人民政府", "山东省济宁市汶上县郭仓镇", "汶上县郭仓镇人民政府"),
        ("中南路街道", "武昌区", "武昌区中南路街道办事处"),
        ("硚口区人民政府汉正街道办事处", "硚口区", "硚口区汉正街道办事处"),
        ("硚口区人民政府汉正街道办", "硚口区", "硚口区汉正街道办事处"),
        ("市场监督管理局", "汶上县", "汶上县市场监督管理局"),
        ("市市场监管局", "邹城市", "邹城市市场监督管理局"),
        ("市民政局", "邹城市", "邹城市民政局"),
        ("乡村振兴局", "汶上县", "汶上县乡村振兴局"),
        ("城区司法局", "山西省晋城市城区", "城区司法局"),
        ("西安市临潼区(行政审批局)", "西安市临潼区", "西安市临潼区行政审批局"),
        ("济宁市生态环境局汶上县分局", "汶上县", "济宁市生态环境局汶上县分局"),
        ("湖南衡山萱洲国家湿地公园管理处", "湖南省衡阳市衡山县", "湖南衡山萱洲国家湿地公园管理处"),
        ("上海市科委", "上海市", "上海市科学技术委员会"),
        ("自治区水利厅", "宁夏回族自治区", "宁夏回族自治区水利厅"),
        ("州教育局", "楚雄彝族自治州", "楚雄彝族自治州教育局"),
        ("县经济开发区", "沂源县", "沂源县经济开发区管委会"),
        ("沂源经济开发区", "沂源县", "沂源经济开发区管委会"),
        ("沂源经济开发区政府", "沂源县", "沂源经济开发区人民政府"),
        ("梁平区(区政府办公室)", "梁平区", "梁平区人民政府办公室"),
        ("公安局", "公安县", "公安县公安局"),
        ("乡村振兴局", "辽宁省丹东市振兴区", "振兴区乡村振兴局"),
        ("县级部门", "汶上县", ""),
        ("县梅城镇人民政府", "潜山县", "潜山县梅城镇人民政府"),
        ("县城关镇", "安徽省安庆市潜山县", "潜山县城关镇人民政府"),
        ("县底镇人民政府", "尧都区", "尧都区县底镇人民政府"),
        ("市坪苗族布依族乡", "兴仁市", "兴仁市市坪苗族布依族乡人民政府"),
    ],
)
def test_completing(printed: str, where: str | None, name: str) -> None:
    assert complete(printed, where).text == name


def test_a_name_without_its_place_is_not_complete() -> None:
    assert not complete("司法局").complete
    assert not complete("市司法局", "汶上县").complete  # the county cannot say which city
    assert complete("汶上县司法局").complete


def test_another_place_is_seen() -> None:
    assert complete("鄂尔多斯市", "恩格贝生态示范区").foreign
    assert not complete("临夏州公安局", "临夏回族自治州").foreign
    assert not complete("济宁市生态环境局汶上县分局", "汶上县").foreign
    misread = complete("沐阳县人民政府", "沭阳县")
    assert (misread.text, misread.misread, misread.foreign) == ("沭阳县人民政府", "沐阳县", False)
    assert complete("城东区司法局", "城西区").foreign  # neighbours, not look-alikes
    assert complete("西宁市城东区司法局", "青海省西宁市城西区").foreign  # of the same city, yet another district


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("汶上县人民政府", AgencyKind.GOVERNMENT),
        ("汶上县人民政府办公室", AgencyKind.OFFICE),
        ("上海市人民政府办公厅", AgencyKind.OFFICE),
        ("汶上县司法局", AgencyKind.DEPARTMENT),
        ("汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP),
        ("汶上县中都街道办事处", AgencyKind.SUBDISTRICT),
        ("平潭综合实验区管委会", AgencyKind.GOVERNMENT),
        ("汶上县公共资源交易中心", AgencyKind.OTHER),
    ],
)
def test_kinds(name: str, kind: AgencyKind) -> None:
    assert kind_of(complete(name)) is kind


@pytest.mark.parametrize(
    ("printed", "local"),
    [
        ("汶上县司法局", "sfj"),
        ("山东省济宁市汶上县司法局", "sfj"),
        ("司法局", "sfj"),
        ("县发改局", "fgj"),
        ("汶上县发展改革局", "fgj"),
        ("县教体局", "jtj"),
        ("汶上县教育体育局", "jtj"),
        ("县文旅局", "wlj"),
        ("自规局", "zrj"),
        ("县政府", "gov"),
        ("汶上县", "gov"),
        ("县府办", "office"),
        ("汶上县政府办公室", "office"),
        ("汶上县郭仓镇", "guocang"),
        ("郭仓镇政府", "guocang"),
        ("郭仓镇人民政府办公室", "guocang"),
        ("中都街道", "zhongdu"),
        ("汶上县中都街道办", "zhongdu"),
        ("济宁市生态环境局汶上县分局", "sthj"),
        ("嘉祥县司法局", None),
        ("济宁市司法局", None),
        ("水利局", None),
        ("鄂尔多斯市", None),
        ("", None),
    ],
)
def test_matching(printed: str, local: str | None, agencies: tuple[Agency, ...]) -> None:
    found = match_agency(printed, agencies, place="汶上县").agency
    assert (found.id if found else None) == (f"wenshang/{local}" if local else None)


def test_the_registry_tells_its_own_place(agencies: tuple[Agency, ...]) -> None:
    assert match_agency("嘉祥县司法局", agencies).agency is None
    found = match_agency("县司法局", agencies).agency
    assert found
    assert found.id == "wenshang/sfj"


def test_a_short_form_of_two_bodies_is_nobody() -> None:
    two = (agency("a", "汶上县文化和旅游局"), agency("b", "汶上县文化旅游体育局"))
    match = match_agency("县文旅局", two, place="汶上县")
    assert match.agency is None
    assert match.ambiguous == ("wenshang/a", "wenshang/b")


def test_the_body_valid_in_the_year_wins() -> None:
    old = agency("old", "汶上县大数据局", valid_to=date(2023, 12, 31))
    new = agency("new", "汶上县大数据局", valid_from=date(2024, 1, 1))
    for year, local in ((2022, "old"), (2024, "new")):
        found = match_agency("县大数据局", (old, new), place="汶上县", year=year).agency
        assert found
        assert found.id == f"wenshang/{local}"
    assert match_agency("县大数据局", (old, new), place="汶上县").agency is None


def test_order_of_the_registry_never_matters(agencies: tuple[Agency, ...]) -> None:
    shuffled = list(agencies)
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        for name in ("县文旅局", "司法局", "汶上县", "郭仓镇", "街道"):
            assert match_agency(name, shuffled, place="汶上县") == match_agency(name, agencies, place="汶上县")


def test_higher_divisions_are_dropped_when_comparing() -> None:
    full, short = complete("山东省济宁市汶上县司法局", "汶上县"), complete("汶上县司法局", "汶上县")
    assert key(full) == key(short)


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("山东省济宁市汶上县郭仓镇", ("山东省", "济宁市", "汶上县", "郭仓镇")),
        ("新疆克孜勒苏州乌恰县", ("新疆", "克孜勒苏州", "乌恰县")),
        ("江西省景德镇市", ("江西省", "景德镇市")),
        ("河南省新乡市新乡县", ("河南省", "新乡市", "新乡县")),
        ("青海省海东市民和县", ("青海省", "海东市", "民和县")),
        ("陕西省西咸新区太平镇", ("陕西省", "西咸新区", "太平镇")),
        ("福建省三明市沙县区", ("福建省", "三明市", "沙县区")),
    ],
)
def test_places(text: str, chain: tuple[str, ...]) -> None:
    assert place(text).chain == chain


def test_a_division_of_the_corps_stands_before_its_city_and_is_no_part_of_its_name() -> None:
    assert split("新疆生产建设兵团第七师胡杨河市人民政府") == (("新疆生产建设兵团", "第七师", "胡杨河市"), "人民政府")
    assert complete("第八师石河子市教育局").county == "石河子市"
    assert split("第七师市场监督管理局") == ((), "第七师市场监督管理局")


def test_words_are_not_cut_into_divisions() -> None:
    for name in ("市场监督管理局", "住房和城乡建设局", "城市管理局", "乡村振兴局", "社区服务中心", "文明城市创建中心"):
        assert split(name) == ((), name)


@pytest.mark.parametrize("town", ["红旗镇", "肖旗乡", "红旗街道", "老县镇", "青县镇"])
def test_a_township_whose_name_holds_that_of_a_level_is_one(town: str) -> None:
    office = "办事处" if town.endswith("街道") else "人民政府"
    name = complete(f"{town}{office}", "宝丰县")
    assert (name.text, name.chain, name.foreign) == (f"宝丰县{town}{office}", ("宝丰县", town), False)
    assert kind_of(name) in {AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT}
    assert split("正镶白旗乡镇企业局") == (("正镶白旗",), "乡镇企业局")


def test_every_county_names_its_bodies(shared_csv: Callable[[str], list[dict[str, str]]]) -> None:
    """All 3,200 divisions: a body's name alone, with 县 or 市 before it, or written in full is the same body."""
    wrong = []
    for row in shared_csv("county_portals.csv"):
        own = row["name"]
        if own.endswith("兵团"):
            continue
        chain = "".join(dict.fromkeys((row["province"], row["prefecture"], own)))
        for local in ("司法局", "市场监督管理局", "住房和城乡建设局", "人民政府办公室", "城市管理局", "乡村振兴局"):
            printed = [own + local, local] + ([own[-1] + local] if own[-1] in "省市县区旗州盟" else [])
            wrong += [(p, where) for p in printed for where in (own, chain) if complete(p, where).text != own + local]
        if complete("新城镇", own).text != f"{own}新城镇人民政府" or complete(own, chain).foreign:
            wrong.append(("新城镇", own))
    assert wrong == []


@pytest.mark.parametrize(
    ("printed", "place"),
    [
        ("国家税务总局汶上县税务局", "汶上县"),
        ("国家税务总局济宁市税务局", "济宁市"),
        ("国家统计局安徽调查总队", "安徽省"),
        ("国家金融监督管理总局济宁监管分局", "济宁市"),
        ("中国人民银行忠县支行", "忠县"),
        ("财政部山东监管局", "山东省"),
        ("湛江海关", "湛江市"),
        ("秦皇岛海事局", "秦皇岛市"),
        ("汶上县税务局", ""),
    ],
)
def test_branches_of_national_bodies_print_their_place(printed: str, place: str) -> None:
    assert county_of_branch(printed) == place
    name = complete(printed)
    assert (name.text, name.complete) == (printed, True)
    said = identify(IdentityEvidence(titles=(f"{printed}2023年政府信息公开工作年度报告",)))
    assert (said.agency, said.place) == (printed, place or "汶上县")


@pytest.mark.parametrize("printed", ["国家税务总局", "教育部", "海关总署", "拱北海关", "水利部淮河水利委员会"])
def test_bodies_of_the_centre_are_whole_without_a_place(printed: str) -> None:
    said = identify(IdentityEvidence(titles=(f"{printed}2023年政府信息公开工作年度报告",)))
    assert (said.agency, said.place) == (printed, None)
    published = identify(IdentityEvidence(titles=("2023年政府信息公开工作年度报告",), meta={"来源": printed}))
    assert published.agency is None or not is_head(printed)


@pytest.mark.parametrize("printed", ["山海关", "财政部门", "公安部队", "商务部", "苏州地方海事局"])
def test_what_sounds_like_a_central_body_at_a_place_is_none(printed: str) -> None:
    assert not complete(printed, "济宁经济技术开发区").complete or complete(printed, "济宁经济技术开发区").county


def test_the_district_of_a_customs_house_is_no_district_of_a_county() -> None:
    said = identify(IdentityEvidence(titles=("湛江海关关区2023年政府信息公开工作年度报告",)))
    assert (said.agency, said.place, said.findings) == ("湛江海关", "湛江市", ())
    assert complete("秦皇岛市山海关区司法局").county == "山海关区"


def test_a_government_is_not_taken_for_the_township_whose_report_it_publishes() -> None:
    published = {"来源": "汶上县人民政府办公室"}
    bare = IdentityEvidence(titles=("2023年政府信息公开工作年度报告",), meta=published)
    assert identify(bare).agency == "汶上县人民政府办公室"
    assert identify(replace(bare, running=("我镇",))).agency is None


def test_a_central_body_in_running_text_is_its_own_only_where_it_speaks_so() -> None:
    named = IdentityEvidence(titles=("政府信息公开工作年度报告",), running=("国家国际发展合作署",))
    assert identify(named).agency is None
    assert identify(replace(named, running=(*named.running, "我署"))).agency == "国家国际发展合作署"


@pytest.mark.parametrize(
    ("short", "full", "may"),
    [
        ("教体局", "教育和体育局", True),
        ("人社局", "人力资源和社会保障局", True),
        ("体育局", "教育和体育局", False),  # begins otherwise: a bureau of its own
        ("生态环境", "生态环境局", False),  # ends otherwise: no body
        ("发改委", "发展和改革局", False),
        ("教局", "教育局", False),  # too short to tell
        ("水务局", "水利局", False),
    ],
)
def test_a_short_form_keeps_the_order_and_both_ends(short: str, full: str, may: bool) -> None:
    assert abbreviates(short, full) is abbreviates(full, short) is may


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("汶上县各部门", True),
        ("汶上县县直部门", True),
        ("霍山县乡镇", True),
        ("县直各单位", True),
        ("平阳县乡镇、街道", True),
        ("红旗街道", False),
        ("登州街道", False),
        ("城区街道", False),
        ("汶上县机关事务服务中心", False),
        ("汶上县本级", False),
    ],
)
def test_a_name_of_many_is_nobodys_with_its_place_before_it_too(name: str, generic: bool) -> None:
    assert is_generic(name) is generic


@pytest.mark.parametrize("label", ["县本级", "政府本级", "本级政府", "县政府本级", "县级政府", "县人民政府", "县政府"])
def test_short_labels_of_the_own_government_are_completed_by_the_place(label: str) -> None:
    assert complete(label, "临泉县").text == "临泉县人民政府"
    assert complete(f"司法局{label}", "临泉县").text != "临泉县人民政府"


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("武漢市退役軍人事務局", "武汉市退役军人事务局"),
        ("臨潁縣應急管理局", "临颍县应急管理局"),
        ("乾县统计局", "乾县统计局"),
        ("鄲城縣衞生健康委員會", "郸城县卫生健康委员会"),
    ],
)
def test_a_name_in_traditional_characters_is_folded_wholly(printed: str, name: str) -> None:
    assert complete(printed).text == name


@pytest.mark.parametrize(
    "printed", ["example.com{}", "www.example.gov.cn{}", "{}(www.example.com)", "https://example.cn/{}"]
)
def test_a_domain_is_no_part_of_a_name(printed: str) -> None:
    assert complete(printed.format("汶上县次邱镇人民政府")).text == "汶上县次邱镇人民政府"


def test_a_letter_or_a_file_in_a_name_is_no_domain() -> None:
    assert normalise("汶上县司法局.docx") == "汶上县司法局.docx"
    assert normalise("汶上县A.B中心") == "汶上县A.B中心"
