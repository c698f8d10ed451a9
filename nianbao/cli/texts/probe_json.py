"""What a probe found, and what was written of it, for programs: codes and values, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nianbao.sentences import note_sentence, notes_sentence
from storage.records import Note

if TYPE_CHECKING:
    from crawler.onboarding.adding import Added
    from crawler.onboarding.probe_results import Probe


def probe_json(found: Probe) -> dict[str, Any]:
    """A probe as ``--json`` prints it."""
    row = asdict(found)
    row["listings"] = [
        _with_sentences(plain) | {"read": one.read, "sure": one.is_sure, "certainty": _note_json(one.certainty)}
        for one, plain in zip(found.listings, row["listings"], strict=True)
    ]
    verdict = {"verdict": [_note_json(note) for note in found.verdict], "sentence": notes_sentence(found.verdict)}
    return _with_sentences(row) | {"understood": found.understood, "sure": found.is_sure} | verdict


def added_json(added: Added) -> dict[str, Any]:
    """What was written, as ``--json`` prints it."""
    return _with_sentences(asdict(added)) | {"spider": str(added.spider), "agencies": str(added.agencies)}


def _with_sentences(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose notes have their sentences: in it, and in lists of them."""
    return {name: _shown(value) for name, value in row.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_shown(one) for one in value]
    if isinstance(value, dict) and value.keys() == {"code", "values"}:
        return _note_json(Note.of(value))
    return value


def _note_json(note: Note) -> dict[str, Any]:
    return note.plain | {"sentence": note_sentence(note)}
