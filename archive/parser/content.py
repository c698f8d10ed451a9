"""What makes two documents the same content: main text and cells, without furniture. The rule has a version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from archive.forms.spelling import widths
from storage.records import Cell

NORMALISER = "2"  #: raise it when the rule changes; digests of different versions are not compared

_LONGEST = 160  #: characters; a longer line is no furniture
_FURNITURE = re.compile(
    r"^(?:当前位置|您(?:现在)?(?:的|所在)?位置|首页|来源|信息来源|作者|编辑|责任编辑|发布(?:时间|日期|机构|者)|公开(?:时间|日期)|时间|日期|更新(?:时间|日期)|成文日期|"
    r"页面生成(?:时间)?|归档时间|采集时间|今天是|现在是|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:数|次数|量|率)?|访问(?:量|次数)?|字号|字体|打印|关闭|分享|收藏|"
    r"保存|下载|附件下载|扫一扫|上一篇|下一篇|返回|版权所有|主办|承办|技术支持|备案号|网站标识码|联系我们|网站地图|索引号|无障碍|关怀版)(?:[:：\[【(（\s\d次]|$)"
)
_FOOT = re.compile(r"ICP备|公网安备|您是第\d+位")
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
    return _is_furniture(widths(line))


def _is_furniture(line: str) -> bool:
    plain = line.strip()
    if not plain or len(plain) > _LONGEST:
        return False
    if _FURNITURE.match(plain) or _DATE_ONLY.match(plain):
        return True
    if ("备" in plain or "您是第" in plain) and _FOOT.search(plain):
        return True
    return ":" in plain and "。" not in plain and _PAGE_DATA.search(plain) is not None


def normal_text(lines: Iterable[str]) -> str:
    """The lines without furniture, widths, blanks and punctuation."""
    folded = widths("\n".join(lines)).split("\n")
    return _KEPT.sub("", "".join([line for line in folded if not _is_furniture(line)]))


def content_digest(lines: Iterable[str], cells: Mapping[str, Cell]) -> str:
    """SHA-256 (hex) over the normal text and the cells in order of their ids."""
    text = f"nianbao content {NORMALISER}\n{normal_text(lines)}"
    said = "".join([f"\n{name}={_printed(cells[name])}" for name in _in_order(tuple(cells))])
    return hashlib.sha256(text.encode() + said.encode()).hexdigest()


@lru_cache(maxsize=256)
def _in_order(names: tuple[str, ...]) -> list[str]:
    """The ids in order: most documents have those of a whole form."""
    return sorted(names)


def _printed(cell: Cell) -> str:
    """The figure of a cell in its shortest form, else its text without blanks, else what stands there (blank)."""
    if cell.value is None:
        return "".join(cell.raw.split()) or cell.state
    plain = str(cell.value)
    return plain if plain.isdigit() else f"{cell.value.normalize():f}"
