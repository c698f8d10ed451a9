"""Settings of an archive: ``nianbao.toml`` in its folder, overridden by ``NIANBAO_*`` variables, then by flags."""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import HomeError, error_sentences
from storage.records import Note

FILE = "nianbao.toml"
POLITE_DELAY = 2.0
_PREFIX = "NIANBAO_"


class Config(BaseModel):
    """The settings of one archive, as in force. ``nianbao/messages/settings.toml`` explains each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = "sqlite:///archive.sqlite"
    projection_url: str | None = None
    locks_url: str | None = None
    blobs: str = Field(default="", pattern=r"^$|^(file|[a-z][a-z0-9+.-]*)://[^\s?#]+$")
    blobs_endpoint: str = Field(default="", pattern=r"^$|^https?://[^\s?#@]+$")
    warc_max_bytes: int = Field(default=1 << 30, ge=1 << 10)
    simulated: bool = False
    contact: str = ""
    delay: float = Field(default=POLITE_DELAY, ge=0, le=3600)
    proxy_resolves: bool = False
    browser: str = ""
    render_seconds: float = Field(default=120, ge=1, le=600)
    render_turns: int = Field(default=40, ge=0, le=200)
    reading_seconds: float = Field(default=3600, ge=1)
    question_seconds: float = Field(default=300, ge=0, le=86_400)
    worker_silence: float = Field(default=30, ge=3, le=3600)
    replay: str = ""
    backup_folder: str = ""
    timestamp_url: str = ""
    timestamp_roots: str = ""
    webhook_url: str = Field(
        default="",
        pattern=r"^$|^[hH][tT][tT][pP][sS]?://[^\s/?#@]+([/?#]\S*)?$|^mailtos?://[^\s/?#]+/?\?(\S*&)?to=[^\s&]+@\S+$",
    )
    webhook_format: Literal["json", "slack", "feishu", "wecom", "dingtalk"] = "json"
    reserve_bytes: int = Field(default=512 << 20, ge=0)

    public_url: str = Field(default="", pattern=r"^$|^https?://[^\s?#]+$")
    operators: bool = False
    operator_token: str = Field(default="", pattern=r"^$|^[!-~]{20,200}$")
    hosts: str = Field(default="", pattern=r"^$|^(\*\.)?[\w.:\[\]-]+( (\*\.)?[\w.:\[\]-]+)*$")
    trusted_proxies: str = Field(default="", pattern=r"^$|^[0-9a-fA-F.:]+(/\d{1,3})?( [0-9a-fA-F.:]+(/\d{1,3})?)*$")
    origins: str = Field(default="", pattern=r"^$|^https?://[^\s/*]+( https?://[^\s/*]+)*$")


def load_config(folder: Path, **flags: Any) -> Config:
    """Load the settings of the archive in ``folder``. ``flags`` that are not None override environment and file.

    Raises :class:`HomeError` that names the wrong setting.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise HomeError(code="setting.no_file", folder=folder, file=FILE) from None
    except UnicodeDecodeError as error:
        raise _no_toml_error(folder, error) from error
    return parse_config(text, folder, **flags)


def parse_config(text: str, folder: Path, **flags: Any) -> Config:
    """Return the settings of the archive in ``folder`` if its file has this ``text``; see :func:`load_config`."""
    if "simulated" in flags:
        raise TypeError("what an archive is stands in its own file")
    environment = _environment()
    try:
        settings = tomllib.loads(text)
        if "database" in settings and "database_url" not in settings:
            settings["database_url"] = settings.pop("database")  # accepted as a short form
        settings.pop("blobs_cache_bytes", None)  # no longer used since December 2026
        config = Config(**settings | environment | {name: value for name, value in flags.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        raise _no_toml_error(folder, error) from error
    except ValidationError as error:
        raise _wrong_setting_error(error) from error
    if not config.simulated and config.delay < POLITE_DELAY:
        config = config.model_copy(update={"delay": POLITE_DELAY})  # on the real web nobody may ask faster
    return config


def _environment() -> dict[str, str]:
    """Return the settings from the environment; never ``simulated``, which only an archive's own file may decide.

    Raises HomeError for a variable whose name resembles a setting's: as a typing error it would be ignored silently.
    """
    values = {}
    settings = {f"{_PREFIX}{name.upper()}": name for name in Config.model_fields}
    for variable, value in sorted(os.environ.items()):
        if (name := settings.get(variable.upper())) is not None:
            values[name] = value
        elif variable.upper().startswith(_PREFIX):
            for similar in get_close_matches(variable.upper(), settings, 1, cutoff=0.85):
                raise HomeError(code="setting.misspelt", name=variable, near=similar)
    values.pop("simulated", None)
    return values


def _wrong_setting_error(error: ValidationError) -> HomeError:
    """Return the error for the first wrong setting: an unknown name, with a similar one, or a value against a rule."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        similar = "".join(get_close_matches(name, Config.model_fields, 1))
        return HomeError(
            code="setting.unknown_near" if similar else "setting.unknown", file=FILE, name=name, near=similar
        )
    choices = ", ".join(map(str, get_args(Config.model_fields[name].annotation)))
    rules = (rule for rule in (f"must_be.{name}", f"must_be.{first['type']}") if rule in error_sentences())
    rule = next(rules, None)
    values = {"every": choices, **first.get("ctx", {})}
    why = Note("error", {"text": first["msg"].lower()}) if rule is None else Note(f"error.{rule}", values)
    return HomeError(code="setting.wrong", name=name, file=FILE, variable=f"{_PREFIX}{name.upper()}", why=why.as_json)


def _no_toml_error(folder: Path, error: ValueError) -> HomeError:
    return HomeError(code="setting.no_toml", path=folder / FILE, cause=error)


def set_in_environment(*names: str) -> list[str]:
    """Return the environment variables that set one of these settings, for every archive that is opened."""
    variables = {f"{_PREFIX}{name.upper()}" for name in names}
    return sorted(name for name in os.environ if name.upper() in variables)


def toml_text(value: str) -> str:
    """Return a text quoted for TOML."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def resolve_url(url: str, folder: Path) -> str:
    """Return a database URL with driver and path (SQLite: from ``folder``). Raises HomeError for other databases."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise HomeError(code="setting.no_database_url") from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise HomeError(code="setting.database_in_memory")
        return parsed.set(database=str(folder / parsed.database)).render_as_string(hide_password=False)
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if parsed.get_backend_name() != "postgresql":
        raise HomeError(code="setting.other_database", name=parsed.get_backend_name())
    return parsed.render_as_string(hide_password=False)
