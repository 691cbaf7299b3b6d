"""One frozen object of settings, read once at the door and passed down."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.base.errors import BadInput

PREFIX = "HEADWATER_"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
# WeChat Pay takes no order that ends within a minute.
HOLD_SECONDS_LEAST = 120


@dataclass(frozen=True)
class Settings:
    """What an engineer decides before the start; what HQ may change lies in tables instead."""

    home: Path
    database_url: str | None = None
    owner_url: str | None = None
    pool_size: int = 10
    host: str = "127.0.0.1"
    port: int = 8100
    public_url: str = "http://127.0.0.1:8100"
    sandbox_port: int = 8200
    credentials_file: Path | None = None
    pay_page_url: str | None = None
    hold_seconds: int = 900
    log_level: str = "info"
    # One dispatch in so many is followed by a placebo, which sends nothing; 0 means none.
    placebo_one_in: int = 20
    # Without it nobody is told what was counted.
    metrics_token: str | None = dataclasses.field(default=None, repr=False)

    @property
    def media_folder(self) -> Path:
        """Where the local twin of object storage keeps its files."""
        return self.home / "media"

    @property
    def lake_folder(self) -> Path:
        """Where the open files of the lake lie."""
        return self.home / "lake"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings from the environment, above a TOML file, above the defaults.

    The file is the one that HEADWATER_SETTINGS names, or settings.toml in the home folder.
    """
    given = dict(os.environ if environment is None else environment)
    home = Path(given.get(f"{PREFIX}HOME") or _default_home(given)).expanduser()
    file = _file(given, home)
    values: dict[str, Any] = {"home": home} | _from_file(file, f"{PREFIX}SETTINGS" in given)
    for field in dataclasses.fields(Settings):
        name = "DATABASE_URL" if field.name == "database_url" else PREFIX + field.name.upper()
        if given.get(name):
            values[field.name] = _as(field, given[name], name)
    return _sound(Settings(**values))


def language(environment: Mapping[str, str] | None = None) -> str:
    """Hear from the terminal what its user reads: Chinese, or English for all else."""
    given = dict(os.environ if environment is None else environment)
    names = ("HEADWATER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    spoken = next((given[name] for name in names if given.get(name)), "")
    return "zh" if spoken.startswith("zh") else "en"


def file_of(settings: Settings, environment: Mapping[str, str] | None = None) -> Path:
    """Say which file these settings were read from, whether or not there is one."""
    return _file(dict(os.environ if environment is None else environment), settings.home)


def _file(given: Mapping[str, str], home: Path) -> Path:
    return Path(given.get(f"{PREFIX}SETTINGS") or home / "settings.toml")


def _sound(settings: Settings) -> Settings:
    """Refuse what could not work, while somebody still looks at the terminal."""
    if settings.pool_size < 1:
        raise BadInput(f"{PREFIX}POOL_SIZE", f"{settings.pool_size} connections serve nobody")
    if settings.hold_seconds < HOLD_SECONDS_LEAST:
        raise BadInput(
            f"{PREFIX}HOLD_SECONDS",
            f"{settings.hold_seconds} is less than the {HOLD_SECONDS_LEAST} that a payment needs",
        )
    if settings.placebo_one_in < 0:
        raise BadInput(f"{PREFIX}PLACEBO_ONE_IN", f"{settings.placebo_one_in} is less than none")
    if settings.log_level not in LOG_LEVELS:
        raise BadInput(
            f"{PREFIX}LOG_LEVEL", f"{settings.log_level!r} is none of {', '.join(LOG_LEVELS)}"
        )
    return settings


def _default_home(given: Mapping[str, str]) -> str:
    data = given.get("XDG_DATA_HOME") or str(Path(given.get("HOME", "~")) / ".local/share")
    return str(Path(data) / "headwater")


def _from_file(file: Path, is_asked_for: bool) -> dict[str, Any]:
    if not file.is_file():
        if is_asked_for:
            raise BadInput("HEADWATER_SETTINGS", f"there is no file {file}")
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(str(file), f"not TOML: {error}") from error
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    for name in read:
        if name not in fields:
            raise BadInput(str(file), f"there is no setting named {name}")
    return {name: _as(fields[name], str(value), name) for name, value in read.items()}


def _as(field: dataclasses.Field[Any], text: str, name: str) -> Any:
    kind = str(field.type)
    try:
        if kind.startswith("int"):
            return int(text)
    except ValueError as error:
        raise BadInput(name, f"{text!r} is not a {kind}") from error
    return Path(text).expanduser() if kind.startswith("Path") else text
