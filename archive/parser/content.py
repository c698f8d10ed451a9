"""What makes two documents the same content: main text and cells, without furniture. The rule has a version."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from storage.records import Cell

NORMALISER = "2"  #: raise it when the rule changes; digests of different versions are not compared

_FURNITURE = re.compile(
    r"^(?:当前位置|您(?:现在)?(?:的|所在)?位置|首页|来源|信息来源|作者|编辑|责任编辑|发布(?:时间|日期|机构|者)|公开(?:时间|日期)|时间|日期|更新(?:时间|日期)|成文日期|"
    r"页面生成(?:时间)?|归档时间|采集时间|今天是|现在是|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:数|次数|量|率)?|访问(?:量|次数)?|字号|字体|打印|关闭|分享|收藏|"
    r"保存|下载|附件下载|扫一扫|上一篇|下一篇|返回|版权所有|主办|承办|技术支持|备案号|网站标识码|联系我们|网站地图|索引号|无障碍|关怀版)(?:[:：\[【(（\s\d次]|$)|"
    r"ICP备|公网安备|您是第\d+位"
)
# The line of a page's own data, whatever stands before it on the line: "某县人民政府 www… 时间：2026-02-01 来源：…".
_PAGE_DATA = re.compile(
    r"(?:时间|日期)\s{0,3}:\s{0,3}(?:19|20)\d\d\D|来源\s{0,3}:|(?:浏览|阅读|点击|访问)(?:次数|量|数)\s{0,3}:|字[号体]\s{0,3}:"
)
_DATE_ONLY = re.compile(
    r"^[\[(（【]?\s*(?:20\d\d|19\d\d)\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\s*(?:星期.)?\s*[\])）】]?$"
)
_KEPT = re.compile(r"[^\u3400-\u9fff\U00020000-\U0003ffff0-9a-zA-Z]+")


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to the report: counters, dates of the day, tools, tracks."""
    plain = unicodedata.normalize("NFKC", line.strip()[:161])
    if len(plain) > 160:
        return False
    return bool(_FURNITURE.search(plain) or _DATE_ONLY.match(plain) or ("。" not in plain and _PAGE_DATA.search(plain)))


def normal_text(lines: Iterable[str]) -> str:
    """The lines without furniture, widths, blanks and punctuation."""
    kept = (unicodedata.normalize("NFKC", line) for line in lines if not is_furniture(line))
    return "".join(_KEPT.sub("", line) for line in kept)


def content_digest(lines: Iterable[str], cells: Mapping[str, Cell]) -> str:
    """SHA-256 (hex) over the normal text and the cells in order of their ids."""
    digest = hashlib.sha256(f"nianbao content {NORMALISER}\n".encode())
    digest.update(normal_text(lines).encode())
    for name in sorted(cells):
        cell = cells[name]
        said = (
            f"{cell.value.normalize():f}" if cell.value is not None else "".join(cell.raw.split()) or cell.state.value
        )
        digest.update(f"\n{name}={said}".encode())
    return digest.hexdigest()
