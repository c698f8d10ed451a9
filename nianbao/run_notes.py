"""What a crawl's note says on a page: in Chinese from what was counted, and the rest of the note as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nianbao.messages import messages, say
from nianbao.parameters import Lang

_LOOK = "look_"
#: the parts of a note that its counts say too
_COUNTED = re.compile(r"\d+ of \d+ looks ok|\d+ reports visited|\d+ [a-z_]+")


def run_note(note: str, counts: Mapping[str, int], lang: Lang) -> tuple[str, str]:
    """What was counted, in the reader's language, and what else the note says, in English; "" where there is none."""
    parts = note.split("; ")
    if lang is Lang.EN or not re.fullmatch(r"\d+ of \d+ looks ok", parts[0]):
        return "", note
    looks = {name.removeprefix(_LOOK): number for name, number in counts.items() if name.startswith(_LOOK)}
    total, good = sum(looks.values()), looks.get("ok", 0)
    key = "none" if not total else "all" if good == total else "some"
    named = "、".join(f"{_outcome(name, lang)} {number} 次" for name, number in sorted(looks.items()))
    summary = say("web", lang.value, f"note.{key}", looks=total, named=named)
    visits = say("web", lang.value, "note.visits", visits=counts.get("visits", 0))
    return summary + visits, "; ".join(one for one in parts if not _COUNTED.fullmatch(one))


def _outcome(name: str, lang: Lang) -> str:
    key = f"outcome.{name}"
    return say("web", lang.value, key) if key in messages("web") else name
