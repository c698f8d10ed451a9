"""``config``: every setting of an archive, what it means, what it is and where that comes from."""

from __future__ import annotations

import os
import tomllib
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit
from nianbao.language import current
from nianbao.messages import say
from nianbao.sentences import word
from storage.config import FILE, Config
from storage.home import Home

_WHOLLY = frozenset({"operator_token", "webhook_url"})  # secrets
_WITHIN = frozenset({"database_url", "locks_url", "projection_url"})  # they may hold a password


def config_command(
    markdown: Annotated[bool, typer.Option("--markdown")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Every setting: what is in force, whether nianbao.toml, the environment or nobody set it, and what it means."""
    if markdown:
        typer.echo(reference(), nl=False)
        return
    with common.opened(archive) as home:
        rows = _rows(home)
    fmt = chosen(as_json, as_csv)
    if fmt is Format.TABLE:
        rows = [row | {"value": _as_written(row["value"]), "from": word("setting_from", row["from"])} for row in rows]
    emit(rows, columns("setting", "value", "from", "meaning", wrap={"value", "meaning"}), fmt)


def reference() -> str:
    """The page ``docs/configuration.md``, or ``configuration.zh.md``, in the language of this run."""
    lines = [
        f"| `{name}` | {_variable(name)} | {_default(field.default)} | {_meaning(name)} |"
        for name, field in Config.model_fields.items()
    ]
    table = "\n".join([_of_page("columns"), "|---|---|---|---|", *lines])
    return (
        "\n\n".join([f"# {_of_page('title')}", _of_page("other"), _of_page("intro"), table, _of_page("besides")]) + "\n"
    )


def _of_page(key: str) -> str:
    return say("settings", current(), f"page.{key}")


def _meaning(name: str) -> str:
    return say("settings", current(), f"setting.{name}")


def _variable(name: str) -> str:
    return "" if name == "simulated" else f"`NIANBAO_{name.upper()}`"


def _default(value: object) -> str:
    return f"`{value}`" if value not in {"", None} else ""


def _rows(home: Home) -> list[dict[str, object]]:
    stored = tomllib.loads((home.path / FILE).read_text(encoding="utf-8"))
    return [
        {
            "setting": name,
            "value": _shown(name, getattr(home.config, name)),
            "from": _origin(name, stored),
            "meaning": _meaning(name),
        }
        for name in Config.model_fields
    ]


def _origin(name: str, stored: dict[str, object]) -> str:
    if name != "simulated" and f"NIANBAO_{name.upper()}" in os.environ:
        return "environment"
    return FILE if name in stored else "default"


def _as_written(value: object) -> object:
    """A value as nianbao.toml writes it: ``true``, not Python's ``True``."""
    return str(value).lower() if isinstance(value, bool) else value


def _shown(name: str, value: object) -> object:
    """A value as it may be shown: what may hold a password is only said to be set."""
    secret = name in _WHOLLY or (name in _WITHIN and "@" in str(value))
    return "(set)" if secret and value else value
