"""Settings: ``veilleur.toml``, then ``VEILLEUR_*`` variables, then flags; secrets from the environment alone.

A nested key is written with two underscores in the environment: ``VEILLEUR_SMTP__HOST=mail.example``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

BUNDLED_SOURCES = Path(__file__).resolve().parent.parent / "crawlers" / "sources"
SECRETS = (("smtp", "password"), ("smtp", "user"), ("privacy", "key"))


class SettingsError(ValueError):
    """The settings cannot be used; the message names the file or variable and the key."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CrawlSettings(_Section):
    """How pages are fetched."""

    contact: str = Field("https://github.com/veilleur/veilleur", description="Address or page named in the user agent.")
    proxy: str | None = Field(None, description="HTTP proxy that all requests go through.")
    allow_private: bool = Field(False, description="Fetch from private and loopback addresses (intranets, tests).")
    parallel: int = Field(8, ge=1, description="Sources crawled side by side; a host still gets one request at a time.")
    retries: int = Field(1, ge=0, description="Times a crawl that ended badly is tried again.")
    delay: bool = Field(True, description="Keep the delays between requests; switch off on loopback only.")


class ReadSettings(_Section):
    """How articles become facts."""

    model: str = Field("fr_core_news_md", description="spaCy pipeline for French.")
    processes: int = Field(1, ge=1, description="Processes that read side by side on this machine.")
    engine: Literal["local", "dask"] = Field("local", description="`dask` spreads reading over a cluster.")
    dask_address: str | None = Field(None, description="Scheduler of the Dask cluster; none: a local one is started.")
    batch: int = Field(200, ge=1, description="Articles a batch.")


class EmbeddingSettings(_Section):
    """The sentence-transformers model used for search and for tying stories."""

    model: str | None = Field(None, description="Name or folder; none: the multilingual model that is shipped.")
    cache_dir: Path | None = Field(None, description="Where the shipped model is unpacked once.")
    enabled: bool = Field(True, description="False: words alone, and one witness less when tying.")


class SmtpSettings(_Section):
    """The mail server. User and password come from VEILLEUR_SMTP__USER and VEILLEUR_SMTP__PASSWORD alone."""

    host: str | None = Field(None, description="None: mails are written as .eml files.")
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    verify: bool = Field(True, description="Check the server's certificate.")
    sender: str = "Veilleur <veilleur@localhost.localdomain>"
    reply_to: str | None = None
    unsubscribe_mailto: str | None = Field(None, description="Address for List-Unsubscribe; none: the sender's.")
    unsubscribe_url: str | None = Field(None, description="One-click URL that works by POST (RFC 8058), if one runs.")
    timeout_s: float = Field(30, gt=0)
    user: str | None = None
    password: SecretStr | None = None


class PrivacySettings(_Section):
    """The key of the hashes by which forgotten people are kept out (VEILLEUR_PRIVACY__KEY, environment alone)."""

    key: SecretStr | None = None


class Settings(BaseSettings):
    """All settings. Relative paths count from the folder of ``veilleur.toml``, else from the current one."""

    model_config = SettingsConfigDict(
        env_prefix="VEILLEUR_", env_nested_delimiter="__", extra="forbid", env_ignore_empty=True
    )

    data_dir: Path = Field(Path("data"), description="Archive, articles, facts, reports, warehouse, mails.")
    registry: list[Path] = Field(
        default_factory=list, description="Folders of source entries; a later folder overrides an earlier one."
    )
    bundled_sources: bool = Field(True, description="Begin with the sources that come with Veilleur.")
    warehouse: Path | None = Field(None, description="Default: DATA/warehouse.duckdb.")
    published: Path | None = Field(None, description="Default: DATA/published.duckdb, the copy that analysts open.")
    archive: Path | None = Field(None, description="Default: DATA/archive.")
    operators: list[str] = Field(default_factory=list, description="E-mail addresses that are told of failures.")
    alerts: Path = Field(Path("alerts.yml"), description="Subscribers and their rules.")
    mail_dir: Path | None = Field(None, description="Where .eml files go without an SMTP server. Default: DATA/mail.")
    crawl: CrawlSettings = CrawlSettings()
    read: ReadSettings = ReadSettings()
    embeddings: EmbeddingSettings = EmbeddingSettings()
    smtp: SmtpSettings = SmtpSettings()
    privacy: PrivacySettings = PrivacySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())

    @field_validator("registry", mode="before")
    @classmethod
    def _one_folder(cls, value: Any) -> Any:
        return [value] if isinstance(value, str | Path) else value

    @model_validator(mode="after")
    def _paths(self) -> Settings:
        base = config_file().resolve().parent if config_file().exists() else Path.cwd()
        data = self.data_dir if self.data_dir.is_absolute() else base / self.data_dir

        def at(path: Path | None, default: Path) -> Path:
            return default if path is None else path if path.is_absolute() else base / path

        self.data_dir = data
        self.warehouse = at(self.warehouse, data / "warehouse.duckdb")
        self.published = at(self.published, data / "published.duckdb")
        self.archive = at(self.archive, data / "archive")
        self.mail_dir = at(self.mail_dir, data / "mail")
        self.alerts = at(self.alerts, self.alerts)
        self.registry = [at(folder, folder) for folder in self.registry]
        return self

    @property
    def registry_folders(self) -> list[Path]:
        """All folders of source entries, the bundled one first."""
        return ([BUNDLED_SOURCES] if self.bundled_sources else []) + self.registry

    @property
    def warehouse_path(self) -> Path:
        """The warehouse that one process writes."""
        assert self.warehouse is not None
        return self.warehouse

    @property
    def published_path(self) -> Path:
        """The published copy."""
        assert self.published is not None
        return self.published

    @property
    def archive_path(self) -> Path:
        """The folder of WARC files."""
        assert self.archive is not None
        return self.archive

    @property
    def mail_path(self) -> Path:
        """The folder of .eml files."""
        assert self.mail_dir is not None
        return self.mail_dir


def config_file() -> Path:
    """The settings file: ``VEILLEUR_CONFIG``, else ``veilleur.toml`` in the current folder."""
    return Path(os.environ.get("VEILLEUR_CONFIG", "veilleur.toml"))


def load_settings(**flags: Any) -> Settings:
    """Settings from file, environment and ``flags`` (None: not given).

    Raises SettingsError where the file is no TOML, holds a secret, or a key or value is not known.
    """
    path = config_file()
    if "VEILLEUR_CONFIG" in os.environ and not path.exists():
        raise SettingsError(f"{path}: no such file (VEILLEUR_CONFIG)")
    if path.exists():
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from error
        for section, key in SECRETS:
            if isinstance(data.get(section), dict) and key in data[section]:
                name = f"VEILLEUR_{section}__{key}".upper()
                raise SettingsError(f"{path}: {section}.{key}: secrets come from the environment alone ({name})")
    try:
        return Settings(**{key: value for key, value in flags.items() if value is not None})
    except ValidationError as error:
        where = f"{path} or VEILLEUR_*" if path.exists() else "VEILLEUR_*"
        rows = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors(include_url=False)]
        raise SettingsError(f"{where}: " + "; ".join(rows)) from error
