"""Persons are masked in every answer, by the rule by which they are masked in what is searched."""

from __future__ import annotations

from archive.parser.masking import mask

__all__ = ["mask"]
