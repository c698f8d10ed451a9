"""``config``: every setting of an archive, what it means, what it is and where that comes from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import typer

from nianbao.cli import common
from nianbao.cli.command_functions import output_of
from nianbao.language import current
from nianbao.messages import say
from storage.config import FILE, Config

_SECRET = frozenset({"operator_token", "webhook_url"})
_MAY_HOLD_A_PASSWORD = frozenset({"database_url", "locks_url", "projection_url"})


def config_command(
    *, markdown: bool = False, archive: Path | None = None, as_json: bool = False, as_csv: bool = False
) -> None:
    """Every setting: what is in force, whether nianbao.toml, the environment or nobody set it, and what it means."""
    if markdown:
        typer.echo(reference(), nl=False)
        return
    with common.opened(archive) as home:
        stored = tomllib.loads((home.path / FILE).read_text(encoding="utf-8"))
        config = home.config
    rows: list[dict[str, object]] = [
        {
            "setting": name, "value": _public_value(name, getattr(config, name)), "from": _origin(name, stored),
            "meaning": _text(f"setting.{name}"),
        }
        for name in Config.model_fields
    ]  # fmt: skip
    people = [row | {"value": _as_toml(row["value"])} for row in rows]
    output_of({"as_json": as_json, "as_csv": as_csv}).table("settings", rows, people)


def reference() -> str:
    """The page ``docs/configuration.md``, or ``configuration.zh.md``, in the language of this run."""
    lines = [
        f"| `{name}` | {_in_code(_variable(name))} | {_in_code(field.default)} | {_text(f'setting.{name}')} |"
        for name, field in Config.model_fields.items()
    ]
    table = "\n".join([_text("page.columns"), "|---|---|---|---|", *lines])
    parts = [f"# {_text('page.title')}", _text("page.other"), _text("page.intro"), table, _text("page.besides")]
    return "\n\n".join(parts) + "\n"


def _text(key: str) -> str:
    return say("settings", current(), key)


def _variable(name: str) -> str:
    """The environment variable of a setting; "" where it has none."""
    return "" if name == "simulated" else f"NIANBAO_{name.upper()}"


def _in_code(value: object) -> str:
    return f"`{value}`" if value not in {"", None} else ""


def _origin(name: str, stored: Mapping[str, object]) -> str:
    if _variable(name) in os.environ:
        return "environment"
    return FILE if name in stored else "default"


def _as_toml(value: object) -> object:
    """A value as nianbao.toml writes it: ``true``, not Python's ``True``."""
    return str(value).lower() if isinstance(value, bool) else value


def _public_value(name: str, value: object) -> object:
    """A value as it may be shown: what may hold a password is only said to be set."""
    secret = name in _SECRET or (name in _MAY_HOLD_A_PASSWORD and "@" in str(value))
    return "(set)" if secret and value else value
