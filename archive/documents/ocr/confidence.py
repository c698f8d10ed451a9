"""From which confidence on recognised text is believed, and what a locator says of it. Pure, and light to import.

What is sure goes by the lowest of its characters. What is not is doubted (``low_confidence``), and may be repaired.
"""

from __future__ import annotations

from collections.abc import Mapping

SURE = 0.9  #: of 1; figures read so surely are hardly ever wrong (docs/reading.md)


def is_recognised(locator: Mapping[str, object]) -> bool:
    """Whether a text was recognised in an image."""
    return "confidence" in locator


def is_sure(confidence: object) -> bool:
    """Whether a confidence is known, and high enough to be believed."""
    return isinstance(confidence, float | int) and confidence >= SURE


def is_unsure(locator: Mapping[str, object]) -> bool:
    """Whether a text was recognised and is not believed: not surely enough, or twice with different results."""
    return bool(locator.get("also")) or ("confidence" in locator and not is_sure(locator["confidence"]))
