"""Settings from the environment and `.env`. All bad ones are reported at once; secrets are never printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from repaint.errors import ConfigError


def _base_address(value: str) -> str:
    parts = urlsplit(value)
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("must have a whole number as its port") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be a plain base address without a query, a fragment or a password")
    return value.rstrip("/")


BaseAddress = Annotated[str, AfterValidator(_base_address)]

DISCORD_API_URL = "https://discord.com/api/v10"
SEGMIND_API_URL = "https://api.segmind.com"
SEGMIND_UPLOAD_URL = "https://workflows-api.segmind.com"
SEGMIND_HISTORY_URL = "https://api.spotprod.segmind.com"

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseSettings):
    """All settings of the bot. A field's name in capitals is its variable's; `.env.example` explains each.

    Every address is a base: the contract's paths (`/v2/…`, `/upload-asset`,
    `/inference-request/request-history`) are appended to it.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: SecretStr
    discord_api_url: BaseAddress = DISCORD_API_URL
    segmind_api_key: SecretStr
    segmind_api_url: BaseAddress = SEGMIND_API_URL
    segmind_upload_url: BaseAddress = SEGMIND_UPLOAD_URL
    segmind_history_url: BaseAddress = SEGMIND_HISTORY_URL
    segmind_requests_per_minute: int = Field(default=50, ge=0, le=100_000)
    submit_reconcile_seconds: float = Field(default=180.0, ge=1, le=3000)
    api_breaker_seconds: float = Field(default=30.0, ge=0.1, le=3600)
    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")  # may hold a password; empty: a SQLite file in data_dir
    keep_jobs_days: float = Field(default=30.0, ge=0.1, le=3650)
    keep_pictures_days: float = Field(default=7.0, ge=0.1, le=3650)
    jobs_at_once: int = Field(default=8, ge=0, le=10_000)
    jobs_at_once_per_server: int = Field(default=0, ge=0, le=10_000)
    jobs_at_once_per_member: int = Field(default=4, ge=0, le=10_000)
    jobs_per_member: int = Field(default=25, ge=0, le=10_000)
    picture_workers: int = Field(default=2, ge=1, le=64)
    input_max_mib: float = Field(default=25.0, gt=0, le=500)
    input_megapixels: float = Field(default=1.0, ge=0.1, le=4)
    log_level: LogLevel = "info"

    @property
    def database(self) -> str:
        """The database's address: as it was set, or the SQLite file of its own."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'repaint.db'}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        return (self.discord_token.get_secret_value(), self.segmind_api_key.get_secret_value())

    @model_validator(mode="before")
    @classmethod
    def _one_base_for_all(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Where only the API's base is set, uploads and history go there too: never to the real hosts."""
        base = values.get("segmind_api_url")
        try:
            _base_address(base or "")
        except ValueError:  # not set; or wrong, which is said once, by the name that was set
            return values
        return {"segmind_upload_url": base, "segmind_history_url": base} | values

    @classmethod
    def load(cls) -> Settings:
        """The settings of this process. Raises ConfigError, which names every bad variable in one go."""
        try:
            return cls()  # type: ignore[call-arg]  # the values come from the environment
        except ValidationError as error:
            lines = [_complaint(item) for item in error.errors(include_input=False, include_url=False)]
            raise ConfigError(sentence="\n".join(lines)) from None


def _complaint(item: ErrorDetails) -> str:
    name = str(item["loc"][0]).upper() if item["loc"] else "The settings"
    if item["type"] == "missing":
        return f"{name} is missing: set it in .env or in the environment (see .env.example)."
    message = item["msg"].removeprefix("Value error, ")
    return f"{name} is wrong: {message[0].lower()}{message[1:]}."
