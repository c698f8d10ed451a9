"""What the commands say, from the catalogue ``cli.toml``, in the language of this run."""

from __future__ import annotations

from collections.abc import Collection

from nianbao.language import current
from nianbao.messages import messages, say


def sentence(key: str, /, **values: object) -> str:
    """One sentence; ``values`` stand in it where their names stand in the catalogue. Raises KeyError."""
    return say("cli", current(), key, **values)


def word(kind: str, token: object) -> str:
    """A token of our data as people say it: ``word("outcome", "ok")``; one without a word stands for itself."""
    entry = messages("cli").get(f"{kind}.{token}")
    return str(token if token is not None else "") if entry is None else entry[current()]


def listed(names: Collection[object]) -> str:
    """Names one after the other, as the language divides them."""
    return sentence("join.names").join(str(name) for name in names)
