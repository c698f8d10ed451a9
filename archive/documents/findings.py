"""The findings of this room, worded once. Codes are explained in docs/findings.md."""

from __future__ import annotations

from storage.records import Finding, Severity


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


def limit_reached(what_zh: str, what_en: str, limit: int) -> Finding:
    """Something was cut at a bound: what lies beyond it was not read."""
    return Finding(
        code="limit_reached",
        severity=Severity.WARNING,
        zh=f"{what_zh}超过上限 {limit}，其后的内容没有读取。",
        en=f"More than {limit} {what_en}: what lies beyond was not read.",
        expected=str(limit),
    )


def damaged(zh: str, en: str) -> Finding:
    """The container is damaged, but something could be read."""
    return Finding(code="document_damaged", severity=Severity.WARNING, zh=zh, en=en)


# Above this share of broken characters a text is refused (standard.md (d), Encoding).
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
