"""Settings of an archive: ``nianbao.toml`` in its folder < ``NIANBAO_*`` environment variables < flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import HomeError

FILE = "nianbao.toml"
POLITE_DELAY = 2.0
_file: ContextVar[dict[str, Any]] = ContextVar("_file")  # what stands in the file that is being loaded


class _Environment(EnvSettingsSource):
    """The environment, which may set everything but ``simulated``: what an archive is stands in its own file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        if field_name == "simulated":
            return None, field_name, False
        return super().get_field_value(field, field_name)


class Config(BaseSettings):
    """The settings of one archive, as in force. What each means stands at it; ``nianbao config`` prints it."""

    model_config = SettingsConfigDict(env_prefix="NIANBAO_", extra="forbid", frozen=True)

    database_url: str = Field(
        default="sqlite:///archive.sqlite",
        description="Where the truth is kept: an SQLAlchemy URL, SQLite (a relative path is relative to the archive) "
        "or PostgreSQL.",
    )
    projection_url: str | None = Field(
        default=None,
        description="Where projections are kept; by default projections.sqlite beside the archive, or the same "
        "PostgreSQL.",
    )
    locks_url: str | None = Field(
        default=None,
        description="The database whose locks keep two crawls from asking one host at once; by default that of the "
        "truth: PostgreSQL's for all machines that use it, of SQLite files of this machine.",
    )
    blobs: str = Field(
        default="",
        pattern=r"^$|^(file|[a-z][a-z0-9+.-]*)://[^\s?#]+$",
        description="Where closed WARC files are kept: an address that fsspec knows, such as s3://bucket/folder; "
        "empty: the folder warc of the archive. How to log in stands where its library looks for it, such as "
        "AWS_ACCESS_KEY_ID or ~/.aws.",
    )
    blobs_endpoint: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s?#@]+$",
        description="The address of an S3 server other than Amazon's; empty: AWS_ENDPOINT_URL, or Amazon's.",
    )
    blobs_cache_bytes: int = Field(
        default=4 << 30,
        ge=0,
        description="How many bytes of files from an object store are held on this machine as well.",
    )
    warc_max_bytes: int = Field(
        default=1 << 30, ge=1 << 10, description="A WARC file is closed when it grows beyond so many bytes."
    )
    simulated: bool = Field(
        default=False, description="Whether this is an imitation archive. Written by nianbao init, never to be changed."
    )
    contact: str = Field(
        default="", description="An address in User-Agent and WARC files, so that portals know whom to ask."
    )
    delay: float = Field(
        default=POLITE_DELAY,
        ge=0,
        le=3600,
        description="Seconds between two requests to one host at the least, and up to half as many again; below 2"
        " only in an imitation archive.",
    )
    proxy_resolves: bool = Field(
        default=False,
        description="Whether a proxy that is set resolves the names of portals, for a machine that cannot; then the "
        "proxy decides what they may reach. Else each name is resolved and checked here first.",
    )
    browser: str = Field(
        default="",
        description="The program that renders lists made by scripts; empty: a Chromium that is installed; none: they "
        "are not rendered.",
    )
    render_seconds: float = Field(
        default=40,
        ge=1,
        le=600,
        description="How long rendering one page may take, and again turning its list on, the time of its requests not "
        "counted.",
    )
    render_turns: int = Field(
        default=40, ge=0, le=200, description="How often a list is turned on within its page at most."
    )
    reading_seconds: float = Field(
        default=3600,
        ge=1,
        description="CPU seconds that reading what is new may cost one portal in one run; what is left is told, and "
        "read in the next run.",
    )
    question_seconds: float = Field(
        default=300,
        ge=0,
        le=86_400,
        description="Seconds for which a question may keep the database at work on one statement, until its rows come "
        "and until the next ones do; then it is stopped. 0: as long as it takes. Whoever takes long over the rows is "
        "not stopped, nor is what crawls, reads, seals or copies.",
    )
    worker_silence: float = Field(
        default=30,
        ge=3,
        le=3600,
        description="Seconds of silence after which a worker is taken for dead and its jobs are given back; each gives "
        "three signs of life in that time.",
    )
    replay: str = Field(
        default="",
        description="The Python environment that holds pywb; empty: the .venv-replay of the project or of the folder "
        "one is in.",
    )
    timestamp_url: str = Field(default="", description="The time-stamping authority (RFC 3161) that nianbao seal asks.")
    timestamp_roots: str = Field(
        default="",
        description="A PEM file of the certificates its stamps must lead to (relative to the archive).",
    )
    webhook_url: str = Field(
        default="",
        pattern=r"^$|^[hH][tT][tT][pP][sS]?://[^\s/?#@]+([/?#]\S*)?$",
        description="Where nianbao up sends what is not well and what is over; empty: nowhere. A secret.",
    )
    webhook_format: Literal["json", "slack", "feishu", "wecom", "dingtalk"] = Field(
        default="json", description="In the words of which system it is sent: json, slack, feishu, wecom or dingtalk."
    )
    reserve_bytes: int = Field(
        default=512 << 20,
        ge=0,
        description="nianbao up begins no crawl while fewer bytes are free on the archive's disk: reading and asking "
        "need them.",
    )
    listen: str = Field(
        default="",
        pattern=r"^$|^(\[[0-9a-fA-F:]+\]|[\w.-]+):([0-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$",
        description="Host and port at which nianbao up and nianbao worker answer /metrics (Prometheus) and /healthz; "
        "empty: nowhere.",
    )

    operators: bool = Field(
        default=False,
        description="Whether nianbao serve shows operators' pages too, below /operate/: runs, portals, adding a "
        "county, review. They are entered with a token.",
    )
    operator_token: str = Field(
        default="",
        pattern=r"^$|^[!-~]{20,200}$",
        description="The token of operators' pages, 20 characters at least; empty: one is made at each start and "
        "printed, on this machine only. A secret: give it as a variable rather than in the file.",
    )
    origins: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s/*]+( https?://[^\s/*]+)*$",
        description="Other sites whose pages may ask the API (CORS), divided by spaces: https://example.org.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags win over the environment, the environment over the file; nothing else is asked."""
        return (init_settings, _Environment(settings_cls), InitSettingsSource(settings_cls, _file.get({})))


#: What a setting must be, in words, where it is checked by a pattern.
_SAID = {
    "blobs": "it is an address such as s3://bucket/folder, or empty",
    "blobs_endpoint": "it is an http or https address, or empty",
    "listen": "it is a host and a port, such as 127.0.0.1:9480, or empty",
    "operator_token": "it has 20 to 200 visible ASCII characters, or none",
    "origins": "they are sites such as https://example.org, divided by spaces, without a path",
    "webhook_url": "it is an http or https address without a name and password before its host, or empty",
}


def load_config(folder: Path, **flags: Any) -> Config:
    """Settings of the archive in ``folder``; ``flags`` that are not None win over environment and file.

    Raises :class:`HomeError` naming the setting that is wrong.
    """
    if "simulated" in flags:
        raise TypeError("what an archive is stands in its own file")
    for wrong, meant in _misspelt(os.environ):
        raise HomeError(f"the environment has {wrong}, which is no setting; did you mean {meant}?")
    try:
        token = _file.set(_named(tomllib.loads((folder / FILE).read_text(encoding="utf-8"))))
        try:
            config = Config(**{name: value for name, value in flags.items() if value is not None})
        finally:
            _file.reset(token)
    except FileNotFoundError:
        raise HomeError(
            f"{folder} has no {FILE}; make an archive there with: nianbao init --archive {folder}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HomeError(f"{folder / FILE} is not valid TOML ({error}); mend that line and try again.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            near = get_close_matches(name, Config.model_fields, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise HomeError(
                f"{FILE} has {name!r}, which is no setting; {hint}nianbao config --markdown lists them"
            ) from error
        said = _SAID.get(name, first["msg"].lower())
        raise HomeError(f"the setting {name!r} ({FILE} or NIANBAO_{name.upper()}) is wrong: {said}.") from error
    if not config.simulated and config.delay < POLITE_DELAY:
        config = config.model_copy(update={"delay": POLITE_DELAY})  # politeness is no setting on the real web
    return config


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """What stands in a file by the names of the settings: ``database`` is short for ``database_url``."""
    if "database" in given and "database_url" not in given:
        return {"database_url" if name == "database" else name: value for name, value in given.items()}
    return given


def _misspelt(environment: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Variables so near to one of a setting that somebody meant it: it would go unheard, and the rule stay in force."""
    prefix = "NIANBAO_"
    settings = [f"{prefix}{name.upper()}" for name in Config.model_fields]
    for name in sorted(environment):
        if name.upper().startswith(prefix) and name.upper() not in settings:
            near = get_close_matches(name.upper(), settings, 1, cutoff=0.85)
            yield from ((name, meant) for meant in near)


def resolve_url(url: str, folder: Path) -> str:
    """A database URL made absolute and with its driver: SQLite paths below ``folder``, PostgreSQL through psycopg."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise HomeError(
            "database_url is not a URL such as sqlite:///archive.sqlite or postgresql://host/name."
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise HomeError("database_url names no file; an archive cannot live in memory.")
        return parsed.set(database=str(folder / parsed.database)).render_as_string(hide_password=False)
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if parsed.get_backend_name() != "postgresql":
        raise HomeError(f"database_url names {parsed.get_backend_name()}; SQLite and PostgreSQL are supported.")
    return parsed.render_as_string(hide_password=False)
