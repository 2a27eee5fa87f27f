"""``config.yaml`` and the environment, checked: an unknown key or a bad value is named with its line."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.config_file import ENVIRONMENT_PREFIX, explain, host_name, is_json, parse, store_url, usable_origin, usable_url
from bot.config_file import ConfigurationError as ConfigurationError
from retrieval.encoder.protocol import NAME, Runtime
from retrieval.types import ReaderKind

DEFAULT_CONFIG = Path("config.yaml")


def bot_token() -> str | None:
    """Return the Telegram bot's token from the environment, the only place it is read from; None without one."""
    return os.environ.get("TELEGRAM_BOT_TOKEN", "").strip() or None


def index_password() -> str | None:
    """Return the password of the database at ``index.url``, from the environment only; None without one."""
    return os.environ.get("WENBAO_INDEX_PASSWORD") or None


SHORTEST_TOKEN = 16
"""Characters of an admin token that nobody guesses."""


def admin_token() -> str | None:
    """Return the token that may do everything over HTTP, from the environment only; None without one.

    ConfigurationError for one that is too short, or that no header carries.
    """
    token = os.environ.get("WENBAO_ADMIN_TOKEN", "").strip()
    if not token:
        return None
    if len(token) < SHORTEST_TOKEN:
        raise ConfigurationError(
            f"WENBAO_ADMIN_TOKEN has {len(token)} characters: use {SHORTEST_TOKEN} or more that nobody can guess"
        )
    if not (token.isascii() and token.isprintable()):
        raise ConfigurationError(
            "WENBAO_ADMIN_TOKEN holds characters that no HTTP header carries: use letters, digits and signs of ASCII"
        )
    return token


Access = Literal["open", "keys"]
"""Who may ask over HTTP: everybody, or whoever has a key."""
Store = Literal["local", "oceanbase"]
"""Where the index and what a server remembers are: below ``index.path``, or in a database that several share."""
LogFormat = Literal["text", "json"]
HostName = Annotated[str, AfterValidator(host_name)]
Origin = Annotated[str, AfterValidator(usable_origin)]


Url = Annotated[str, AfterValidator(usable_url)]
"""Of a server: a scheme, a host, and a port and a path if need be."""


class Section(BaseModel):
    """A section of the configuration: unknown keys are refused, numbers are bounded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - it is looked at before its type is
        """Refuse yes and no as numbers, which Python takes for 1 and 0."""
        of_list = value if isinstance(value, list) else [value]
        if (
            any(isinstance(one, bool) for one in of_list)
            and cls.model_fields[info.field_name or ""].annotation is not bool
        ):
            raise ValueError("yes and no (true and false) are no value here")
        return value


class CorpusSettings(Section):
    """Which reports to read."""

    paths: tuple[Path, ...] = Field(default=(Path("seeds"),), min_length=1)
    max_file_mib: float = Field(default=20, gt=0, le=1024)
    watch: bool = True
    scan_seconds: float = Field(default=60, gt=0, le=86_400)
    history: int = Field(default=5, ge=0, le=1000)


class IndexSettings(Section):
    """Where the index is, and how paragraphs become passages."""

    path: Path = Path(".wenbao")
    store: Store = "local"
    url: Annotated[str, AfterValidator(store_url)] | None = Field(default=None, validate_default=True)
    passage_characters: int = Field(default=400, ge=100, le=2000)
    keep: int = Field(default=2, ge=1, le=100)
    exact_up_to: int = Field(default=200_000, ge=0)

    @property
    def is_shared(self) -> bool:
        """Whether several machines share it: then a server scans no folder, because another may not have the same."""
        return self.store != "local"

    @field_validator("url")
    @classmethod
    def _somewhere(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None and info.data.get("store") == "oceanbase":
            raise ValueError("index.store oceanbase needs it: write oceanbase://USER@HOST:2881/DATABASE")
        return url


class EncoderSettings(Section):
    """Which model encodes, and what runs it."""

    model: str = Field(default=NAME, min_length=1)
    runtime: Runtime = "int8"
    weights_file: Path | None = None
    cache: Path | None = None


class AnswerSettings(Section):
    """How a passage is read."""

    reader: ReaderKind = "trained"


class ServerSettings(Section):
    """Where HTTP is served."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    queue: int = Field(default=64, ge=1, le=10_000)
    remember: int = Field(default=1000, ge=0, le=100_000)
    public_url: Url | None = None
    access: Access = "open"
    questions_per_minute: int = Field(default=0, ge=0, le=100_000)
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    allowed_hosts: tuple[HostName, ...] = ()
    allowed_origins: tuple[Origin, ...] = ()
    log: LogFormat = "text"


class Examples(Section):
    """Questions to click on the page and in Telegram, as they are written here."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class WebSettings(Section):
    """The web page."""

    examples: Examples | None = None


class TelegramSettings(Section):
    """The Telegram bot."""

    api_base_url: Url = "https://api.telegram.org/bot"
    mode: Literal["polling", "webhook"] = "polling"
    proxy: str | None = Field(default=None, pattern=r"^(https?|socks5h?)://")
    access: Literal["open", "allowlist"] = "open"
    users: tuple[int, ...] = ()
    chats: tuple[int, ...] = ()
    admins: tuple[int, ...] = ()
    documents: str | None = Field(default=None, min_length=1)
    questions_per_minute: int = Field(default=30, ge=1, le=1000)
    skip_older_than_seconds: float = Field(default=600, ge=0)


class ConversationSettings(Section):
    """What is remembered for follow-ups."""

    minutes: float = Field(default=30, gt=0, le=1440)


class FeedbackSettings(Section):
    """What is kept of votes and unanswered questions."""

    keep: bool = True


class Settings(BaseSettings):
    """The whole configuration; all paths are absolute."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", validate_default=True
    )

    corpus: CorpusSettings = CorpusSettings()
    index: IndexSettings = IndexSettings()
    encoder: EncoderSettings = EncoderSettings()
    answer: AnswerSettings = AnswerSettings()
    server: ServerSettings = ServerSettings()
    web: WebSettings = WebSettings()
    conversation: ConversationSettings = ConversationSettings()
    telegram: TelegramSettings = TelegramSettings()
    feedback: FeedbackSettings = FeedbackSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the environment first, then the file's values, which come in as arguments."""
        return env_settings, init_settings


def load_settings(path: Path = DEFAULT_CONFIG) -> Settings:
    """Read the configuration file and the environment; ConfigurationError names the key and the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"no configuration file {path}: run in the folder that holds it, or name it with --config"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    values, lines = parse(path, text)
    _refuse_unknown_variables()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigurationError("; ".join(explain(path, lines, entry) for entry in error.errors())) from error
    except SettingsError as error:
        named = ", ".join(_unparsed()) or str(error)
        raise ConfigurationError(f"environment variable {named}: lists and mappings are written as JSON") from error
    return _with_absolute_paths(settings, path.resolve().parent)


def _refuse_unknown_variables() -> None:
    """Refuse a variable of a section that does not exist, because a misspelt one would be overlooked."""
    for name in os.environ:
        section, delimiter, _ = name.upper().removeprefix(ENVIRONMENT_PREFIX).partition("__")
        if name.upper().startswith(ENVIRONMENT_PREFIX) and delimiter and section.lower() not in Settings.model_fields:
            raise ConfigurationError(f"environment variable {name}: there is no section {section.lower()}")


def _unparsed() -> list[str]:
    """Return the variables that should hold JSON and do not."""
    found = []
    for name, value in os.environ.items():
        if not name.upper().startswith(ENVIRONMENT_PREFIX):
            continue
        section, _, key = name.upper().removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        model = Settings.model_fields[section].annotation if section in Settings.model_fields else None
        fields = model.model_fields if isinstance(model, type) and issubclass(model, Section) else {}
        of_key = fields.get(key.partition("__")[0])
        takes_json = fields and not key or of_key and re.search("tuple|Examples", str(of_key.annotation))
        if takes_json and not is_json(value):
            found.append(name)
    return found


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    """Return the settings with absolute paths; relative ones are relative to the configuration file."""

    def absolute(path: Path) -> Path:
        return folder / path.expanduser()

    encoder = settings.encoder
    model = str(absolute(Path(encoder.model))) if absolute(Path(encoder.model)).is_dir() else encoder.model
    paths = {
        "model": model,
        "weights_file": encoder.weights_file and absolute(encoder.weights_file),
        "cache": encoder.cache and absolute(encoder.cache),
    }
    return settings.model_copy(
        update={
            "corpus": settings.corpus.model_copy(update={"paths": tuple(map(absolute, settings.corpus.paths))}),
            "index": settings.index.model_copy(update={"path": absolute(settings.index.path)}),
            "encoder": encoder.model_copy(update=paths),
        }
    )
