"""What a probe found, and what was written of it, for programs: codes and values, each with its sentence."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nianbao.sentences import note_sentence, notes_sentence
from storage.records import Note

if TYPE_CHECKING:
    from crawler.onboarding.adding import Added
    from crawler.onboarding.probe_results import Probe


def probe_json(found: Probe) -> dict[str, Any]:
    """A probe as ``--json`` prints it."""
    row: dict[str, Any] = _with_sentences(asdict(found))
    listings = [
        plain | {"read": one.read, "sure": one.is_sure, "certainty": _note_json(one.certainty)}
        for one, plain in zip(found.listings, row["listings"], strict=True)
    ]
    verdict = {"verdict": [_note_json(note) for note in found.verdict], "sentence": notes_sentence(found.verdict)}
    return row | {"listings": listings, "understood": found.understood, "sure": found.is_sure} | verdict


def added_json(added: Added) -> dict[str, Any]:
    """What was written, as ``--json`` prints it."""
    row: dict[str, Any] = _with_sentences(asdict(added))
    return row | {"spider": str(added.spider), "agencies": str(added.agencies)}


def _with_sentences(value: Any) -> Any:
    """Plain values whose notes have their sentences."""
    if isinstance(value, (list, tuple)):
        return [_with_sentences(one) for one in value]
    if isinstance(value, dict):
        if value.keys() == {"code", "values"}:
            return _note_json(Note.of(value))
        return {name: _with_sentences(one) for name, one in value.items()}
    return value


def _note_json(note: Note) -> dict[str, Any]:
    return note.plain | {"sentence": note_sentence(note)}
