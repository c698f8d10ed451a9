"""``config``: every setting of an archive, what it means, what it is and where that comes from."""

from __future__ import annotations

import os
import tomllib
from typing import Annotated

import typer

from nianbao.cli import common
from nianbao.cli.output import chosen, emit
from nianbao.cli.table_columns import columns
from storage.config import FILE, Config
from storage.home import Home

_WHOLLY = frozenset({"operator_token", "webhook_url"})  # secrets
_WITHIN = frozenset({"database_url", "locks_url", "projection_url"})  # they may hold a password
_HEAD = """# Configuration

Settings of an archive stand in `nianbao.toml` in its folder; an environment variable `NIANBAO_…` wins over the file, a
flag over both. `nianbao config` shows what is in force and where it comes from. This page is written by
`nianbao config --markdown`.

| setting | variable | default | meaning |
|---|---|---|---|
"""
_FOOT = """
Besides: `NIANBAO_ARCHIVE` names the archive, as `--archive` does. `http_proxy` and `https_proxy` are used where set,
but for the hosts that `no_proxy` names. A host's name is resolved and checked here first, in both ways; what a proxy
makes of the name is its own affair.
`NIANBAO_NOW` sets the clock of an imitation archive, and of no other.
"""


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
    emit(rows, columns("setting", "value", "from", "meaning", wrap={"value", "meaning"}), chosen(as_json, as_csv))


def reference() -> str:
    """The page ``docs/configuration.md``."""
    lines = [
        f"| `{name}` | `NIANBAO_{name.upper()}` | {_default(field.default)} | {field.description} |"
        if name != "simulated"
        else f"| `{name}` | | {_default(field.default)} | {field.description} |"
        for name, field in Config.model_fields.items()
    ]
    return _HEAD + "\n".join(lines) + "\n" + _FOOT


def _default(value: object) -> str:
    return f"`{value}`" if value not in {"", None} else ""


def _rows(home: Home) -> list[dict[str, object]]:
    stored = tomllib.loads((home.path / FILE).read_text(encoding="utf-8"))
    return [
        {
            "setting": name,
            "value": _shown(name, getattr(home.config, name)),
            "from": _origin(name, stored),
            "meaning": field.description,
        }
        for name, field in Config.model_fields.items()
    ]


def _origin(name: str, stored: dict[str, object]) -> str:
    if name != "simulated" and f"NIANBAO_{name.upper()}" in os.environ:
        return "environment"
    return FILE if name in stored else "default"


def _shown(name: str, value: object) -> object:
    """A value as it may be shown: what may hold a password is only said to be set."""
    secret = name in _WHOLLY or (name in _WITHIN and "@" in str(value))
    return "(set)" if secret and value else value
