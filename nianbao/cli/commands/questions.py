"""The commands that are made of questions: ``questions.missing`` is the function of ``nianbao missing``."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """The command of the question ``name``."""
    from nianbao.cli.derived import command

    try:
        return command(name)
    except KeyError:
        raise AttributeError(f"no question is called {name!r}") from None
