"""The findings of this room, worded once. Codes are explained in docs/findings.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.documents.unreadable_reasons import why
from storage.records import Finding, Severity

TORN = "streams"  #: ``found`` of what is said of a file whose every figure may lack digits
_STRUCK_SHOWN = 60  # characters of what is crossed out
_LISTED = 20  # pages, images or parts that are named


def _short_list(things: Sequence[object]) -> tuple[str, str]:
    """The first of several numbers or names, as a list in Chinese and in English."""
    shown = [str(thing) for thing in things[:_LISTED]]
    return "、".join(shown), ", ".join(shown)


def _past_a_bound(zh: str, en: str, found: str | None = None, expected: str | None = None) -> Finding:
    return Finding(code="limit_reached", severity=Severity.WARNING, zh=zh, en=en, found=found, expected=expected)


def charset_broken(count: int, ratio: float, charset: str) -> Finding:
    """``count`` characters could not be decoded, or came as U+FFFD; ``ratio`` of all characters that are not ASCII."""
    severity = Severity.ERROR if ratio > BROKEN_RATIO else Severity.WARNING
    return Finding(
        code="charset_broken",
        severity=severity,
        zh=f"按 {charset} 解码，有 {count} 个字符损坏（占非 ASCII 字符的 {ratio:.1%}）。",
        en=f"Decoded as {charset}, {count} characters are broken ({ratio:.1%} of those outside ASCII).",
        found=str(count),
    )


def charset_mixed() -> Finding:
    """Pieces of the text stand in another charset than the rest, or were once taken for Latin-1: read as they are."""
    return Finding(
        code="charset_mixed",
        severity=Severity.INFO,
        zh="部分文字的编码与全文不同（或曾被误作 Latin-1 保存），已按其原来的编码还原。",
        en="Parts of the text are in another charset than the rest, or were once taken for Latin-1: turned back.",
    )


def limit_reached(what_zh: str, what_en: str, limit: int) -> Finding:
    """Something was cut at a bound: what lies beyond it was not read."""
    return _past_a_bound(
        f"{what_zh}超过上限 {limit}，其后的内容没有读取。",
        f"More than {limit} {what_en}: what lies beyond was not read.",
        expected=str(limit),
    )


def far_apart(name: str, places: Sequence[str], count: int) -> Finding:
    """``count`` entries of a sheet stand too far from all others to be read with them; ``places``: the first."""
    zh, en = _short_list(places)
    more = "…" if count > len(places) else ""
    return _past_a_bound(
        f"工作表“{name}”有 {count} 个单元格远离其余内容，没有读取：{zh}{more}。",
        f"In the sheet {name}, cells too far from all else to be read with it: {count} ({en}{more}). "
        "The rest was read.",
        zh + more,
    )


def members_left(count: int, limit: int) -> Finding:
    """A container holds ``count`` files or more: of them ``limit`` were read."""
    return _past_a_bound(
        f"压缩包内有 {count} 个文件，只读取了其中 {limit} 个（先取文件名像报告的）；报告可能在其余文件中，"
        "请解压后逐个读取。",
        f"The container holds {count} files, of which {limit} were read, first those named like a report: one may be "
        "among the others. Unpack it and read them one by one.",
        found=str(count),
        expected=str(limit),
    )


def hidden_text(found: str) -> Finding:
    """(Part of) the report stands only where the page does not show it; ``found``: the elements, as CSS paths."""
    return Finding(
        code="hidden_text",
        severity=Severity.WARNING,
        zh="报告（或其一部分）只见于网页不显示的元素中，按该处文字读取。",
        en="(Part of) the report stands only in elements that the page does not show; it was read from there.",
        found=found,
    )


def standard_tree() -> Finding:
    """The tables were read from the tree that a browser would build, not from the one that libxml2 builds."""
    return Finding(
        code="standard_tree",
        severity=Severity.INFO,
        zh="网页标记有误，表格按 HTML 标准的解析结果（lexbor）读取：libxml2 的结果缺少其中的表格。",
        en="The page's markup is broken: its tables were read from the tree that the HTML standard defines (lexbor), "
        "as libxml2's lacks some of them.",
    )


def damaged(zh: str, en: str) -> Finding:
    """The container is damaged, but something could be read."""
    return Finding(code="document_damaged", severity=Severity.WARNING, zh=zh, en=en)


def struck_out(text: str, pages: Sequence[int] = ()) -> Finding:
    """Characters ``text`` (on ``pages``, from 1, where there are any) are crossed out and were not read."""
    shown = text if len(text) <= _STRUCK_SHOWN else text[:_STRUCK_SHOWN] + "…"
    where, where_en = _short_list(pages)
    zh = f"第 {where} 页有" if pages else "有"
    en = f"On page {where_en} {len(text)}" if pages else f"{len(text)}"
    return Finding(
        code="struck_out",
        severity=Severity.INFO,
        zh=f"{zh} {len(text)} 个字符被横线划去，没有读取：{shown}",
        en=f"{en} characters are crossed out and were not read: {shown}",
        found=shown,
    )


def cut_short() -> Finding:
    """The end of a document is missing: what was left of it was read."""
    return damaged("文件不完整，只读出其中尚存的部分。", "The document is cut short: only what is left of it was read.")


def pictures_torn(pictures: Sequence[int]) -> Finding:
    """Pictures, by number from 1, whose file ends before they do, or is damaged within."""
    more = "…" if len(pictures) > _LISTED else ""
    zh, en = _short_list(pictures)
    return damaged(
        f"第 {zh}{more} 张图片不完整，只识别出其中尚存的部分。",
        f"Picture{'s' * (len(pictures) > 1)} {en}{more} cut short or damaged: only what is left was recognised.",
    )


def pages_lost(pages: Sequence[int]) -> Finding:
    """Pages, by number from 1, that cannot be read: all of them told at once."""
    more = "…" if len(pages) > _LISTED else ""
    zh, en = _short_list(pages)
    return damaged(f"第 {zh}{more} 页无法读取。", f"Page{'s' * (len(pages) > 1)} {en}{more} cannot be read.")


def parts_doubled(names: Sequence[str]) -> list[Finding]:
    """Parts that a package holds several times, each time with other bytes: which of them is shown nobody knows."""
    if not names:
        return []
    zh, en = _short_list([name[:60] for name in names[:5]])
    return [
        damaged(
            f"文件内有同名而内容不同的部件（{zh}），只读取其中一个，看到的可能是另一个。",
            f"The file holds parts of one name with different contents ({en}): one of each was read, and another may "
            "be what is seen.",
        )
    ]


def parts_too_large(names: Sequence[str]) -> Finding:
    """Parts of a package that were not read for their size, or the number of elements in them."""
    zh, en = _short_list(list(dict.fromkeys(name[:60] for name in names[:5])))
    return _past_a_bound(
        f"部件 {zh} 超过一个部件的读取上限（解压后的字节数、压缩比或标签数），没有读取。",
        f"Parts that pass the bounds of one (bytes unpacked, how hard it is packed, or tags) were not read: {en}.",
        zh,
    )


def page_cut(number: int, characters: int, objects: int, levels: int) -> Finding:
    """Page ``number`` (from 1) holds more than is read of one: what is drawn behind it was not read."""
    return _past_a_bound(
        f"第 {number} 页超过一页的读取上限（{characters} 个字符、{objects} 个对象或线条、嵌套 {levels} 层），"
        "其后的内容没有读取。",
        f"Page {number} passes a bound of one page ({characters} characters, {objects} objects or lines, {levels} "
        "levels of them within each other): what lies beyond was not read.",
        str(number),
    )


def drawn_without_end(places: int) -> Finding:
    """A PDF draws something without end in so many ``places``: it was left out, and the pages are read without it."""
    return _past_a_bound(
        f"文件中有 {places} 处图案或图形重复绘制没有止境（自我引用、层层引用，或间距近于零），没有绘制，其余内容照读。",
        f"In {places} places the file draws without end (a form that names itself, or others that name others, a "
        "pattern of next to no step): these were left out, and the rest was read.",
        str(places),
    )


def drawings_dense(pages: Sequence[int]) -> Finding:
    """Pages (from 1) that were taken for pictures and draw more lines than any print has."""
    zh, en = _short_list(pages)
    return _past_a_bound(
        f"第 {zh} 页图形的线段过多，没有逐一读取，只按图像识别；其中的文字可能没有读出。",
        f"Pages {en} draw too many lines to be read one by one, and were only recognised as pictures: words on them "
        "may be missing.",
        zh,
    )


def drawings_costly(pages: Sequence[int]) -> Finding:
    """Pages (from 1) on which too much is drawn to make pictures of them: of these the text alone was read."""
    zh, en = _short_list(pages)
    return _past_a_bound(
        f"第 {zh} 页绘有过多线条或图像，没有绘成图像识别，只读取了其中的文字。",
        f"Pages {en} draw too many lines or images to be recognised as pictures: only their text was read.",
        zh,
    )


def streams_torn(count: int) -> Finding:
    """Pieces of a PDF (contents of pages, fonts) do not unpack to their end: what they print may be missing."""
    said = damaged(
        f"文件中有 {count} 个数据流（页面内容或字体）已损坏：文字和数字可能缺失或缺位，空白的格未必是空白。",
        f"Damaged streams (contents of pages, fonts): {count}. Text may be missing: a figure may lack digits, and a "
        "blank cell need not be blank.",
    )
    return replace(said, found=TORN)


def text_unplaced(number: int) -> Finding:
    """On page ``number`` (from 1) text stands where no number tells: it is not read, and its cells look blank."""
    said = damaged(
        f"第 {number} 页有文字的位置或字号不是数，没有读取：文字和数字可能缺失，空白的格未必是空白。",
        f"Page {number} has text whose place or size is no number: it was not read. Text may be missing, and a blank "
        "cell need not be blank.",
    )
    return replace(said, found=TORN)


def words_only() -> Finding:
    """Of a document that is damaged, or too much for its reader, nothing but words could be had."""
    return damaged(
        "文件无法按其格式读取，只取得其中的文字，没有表格和数字。",
        "The document cannot be read by its format: only words in it were taken, no tables and no figures.",
    )


def overlaid(pages: Sequence[int], text: str) -> Finding:
    """Words ``text`` on ``pages`` (from 1) in another ink, laid over the text: watermarks and seals, left out."""
    shown = text if len(text) <= 60 else text[:60] + "…"
    where, where_en = _short_list(pages)
    return Finding(
        code="overlaid",
        severity=Severity.INFO,
        zh=f"第 {where} 页有盖在正文上的水印或印章文字，没有读取：{shown}",
        en=f"On page {where_en} words of watermarks or seals over the text were not read: {shown}",
        found=shown,
    )


def text_untrue(digits: str) -> Finding:
    """The file tells other digits than its pages show; ``digits``: which for which."""
    return Finding(
        code="text_untrue",
        severity=Severity.WARNING,
        zh=f"文件所记的数字与页面所示不同（{digits}），不采用其文字，按页面图像识别。",
        en=f"The file tells other digits than its pages show ({digits}): its pages were recognised instead.",
        found=digits,
    )


def seen_otherwise(pages: Sequence[int], text: str) -> Finding:
    """Characters ``text`` on ``pages`` (from 1) that may not be seen as the file tells them."""
    where, where_en = _short_list(pages)
    shown = text if len(text) <= 60 else text[:60] + "…"
    return Finding(
        code="seen_otherwise",
        severity=Severity.WARNING,
        zh=f"第 {where} 页有 {len(text)} 个字符看到的可能与文件所记不同（遮盖、重叠、裁切、颜色过浅等）：{shown}",
        en=f"On page {where_en} {len(text)} characters may be seen otherwise than the file tells them (covered, "
        f"overdrawn, cut off, in a faint colour …): {shown}",
        found=shown,
    )


def part_unreadable(name: str, reason: str) -> Finding:
    """A file in a container could not be had: ``encrypted``, ``too_large``, ``damaged``."""
    zh, en = why(reason)
    return Finding(
        code="part_unreadable",
        severity=Severity.WARNING,
        zh=f"压缩包内的“{name}”无法读取（{zh}）。",
        en=f"“{name}” in the container cannot be read ({reason}: {en}).",
        found=reason,
    )


def container_unsupported(kind: str) -> Finding:
    """A container that no library at hand opens; what to do about it."""
    return Finding(
        code="container_unsupported",
        severity=Severity.WARNING,
        zh=f"{kind} 压缩包没有打开，其中的内容一概没有读取：请解压后逐个读取其中的文件，或改存为 zip。",
        en=f"This {kind} container was not opened, and nothing in it was read: unpack it and read its files, or pack "
        "them again as a zip.",
        found=kind,
    )


# Above this share of broken characters a text is refused (docs/reading.md).
BROKEN_RATIO = 0.01


def reader_failed(kind: str, error: BaseException) -> Finding:
    """Our reader or a library gave up over these bytes."""
    name = type(error).__name__
    return Finding(
        code="reader_failed",
        severity=Severity.ERROR,
        zh=f"读取 {kind} 时程序出错（{name}）。",
        en=f"Reading this {kind} failed inside the program ({name}: {str(error)[:200]}).",
        found=name,
    )


def picture_unreadable(numbers: Sequence[int], reason: str, pages: Sequence[object] = ()) -> Finding:
    """Images of a document, by number from 1 (on ``pages``), that could not be read; ``reason``: a code, or words."""
    zh, en = _short_list(numbers)
    why_zh, why_en = why(reason)
    if pages:
        on_zh, on_en = _short_list(pages)
        zh, en = f"{zh or '?'} 幅（第 {on_zh} 页）", f"{en or '?'} (page {on_en})"
    else:
        zh, en = f"{zh or '?'} 幅", en or "?"
    return Finding(
        code="picture_unreadable",
        severity=Severity.WARNING,
        zh=f"第 {zh}图像无法读取（{why_zh}），其中的内容没有读出。",
        en=f"Image {en} cannot be read ({why_en}): what it shows was not read.",
        found=reason,
    )


def pictures_left(first: int, last: int, limit: int) -> Finding:
    """Images of a document, by number from 1, that were not recognised because those before them took all there was."""
    return _past_a_bound(
        f"识别量达到上限 {limit}，第 {first} 至 {last} 幅图像没有识别，其中的内容没有读出。",
        f"Recognition reached its bound of {limit}: images {first} to {last} were not recognised, and what they show "
        "was not read.",
        found=f"{first}-{last}",
        expected=str(limit),
    )


def ocr_missing(reason: str) -> Finding:
    """The recognition models cannot be used here."""
    return Finding(
        code="needs_ocr",
        severity=Severity.ERROR,
        zh=f"图像没有识别：识别模型不可用（{reason}）。",
        en=f"The images were not recognised: the recognition models cannot be used ({reason}).",
        found=reason,
    )
