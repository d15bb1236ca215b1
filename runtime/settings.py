"""What people may set: read once at start from the environment, then from `.env`; an empty string is unset.

The field `ptj_api_port` is the variable PTJ_API_PORT. `.env.example` has every one of them with a word each.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.places import base_directory, env_file
from schemas.errors import ConfigError, shown

KIS_LIVE_REST = "https://openapi.koreainvestment.com:9443"
KIS_LIVE_WS = "ws://ops.koreainvestment.com:21000"

Port = Annotated[int, Field(ge=1, le=65535)]


def _url_of(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.hostname or parts.query):
            raise ValueError(f"an address that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return value.rstrip("/")

    return AfterValidator(check)


def _database_url(value: SecretStr) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in ("postgresql", "postgres"):
        raise ValueError("an address that starts with postgresql://")
    return value


HttpUrl = Annotated[str, _url_of("http", "https")]
WebSocketUrl = Annotated[str, _url_of("ws", "wss")]
Namespace = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$", max_length=80)]


class Settings(BaseSettings):
    """Every setting of every process. Times in seconds; secrets show as stars."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    # The line
    ptj_world: Literal["demo", "live"] | None = None  # None: live with KIS keys, else demo
    ptj_home: Path = Path("var")
    ptj_cache: Path | None = None  # of downloads; None: under ptj_home
    ptj_namespace: Namespace | None = None  # None: the world
    ptj_book: str = "us"
    ptj_signals: Path | None = None
    ptj_feed: Literal["auto", "rest", "websocket"] = "auto"
    ptj_speed: Annotated[float, Field(gt=0, le=100_000)] = 1.0
    ptj_seed: int = 7
    ptj_processors: Annotated[int, Field(ge=1, le=64)] = 1
    ptj_backtest_workers: Annotated[int, Field(ge=1, le=64)] = 1  # processes of `ptj up` that take runs
    ptj_log_level: Literal["debug", "info", "warning", "error"] = "info"

    # The page and the API
    ptj_api_host: str = "127.0.0.1"
    ptj_api_port: Port = 8000
    ptj_api_token: SecretStr | None = None
    ptj_allowed_hosts: str = ""  # comma separated; read through `allowed_hosts`
    ptj_allowed_origins: str = ""

    # Kafka; embedded when no address is given
    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_cafile: Path | None = None
    kafka_replication: Annotated[int, Field(ge=1, le=9)] = 1  # of topics that we create

    # PostgreSQL; embedded when no address is given
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] | None = None
    postgres_password: SecretStr = SecretStr("ptj_dev_password")

    # KIS
    kis_app_key: SecretStr | None = None
    kis_app_secret: SecretStr | None = None
    kis_account_no: SecretStr | None = None  # accepted, unused: no orders are placed
    kis_base_url: HttpUrl | None = None
    kis_ws_url: WebSocketUrl | None = None
    ptj_yahoo_url: HttpUrl | None = None  # demo world: the Yahoo simulator; live: a way to Yahoo other than its address
    ptj_simulator_url: HttpUrl | None = None  # demo world: a simulator that runs elsewhere, as in compose
    ptj_yahoo_simulator_url: HttpUrl | None = None  # the same for Yahoo's

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if bool(self.kis_app_key) != bool(self.kis_app_secret):
            missing, given = (
                ("KIS_APP_SECRET", "KIS_APP_KEY") if self.kis_app_key else ("KIS_APP_KEY", "KIS_APP_SECRET")
            )
            raise ValueError(f"{missing}: expected a value beside {given}, received none")
        if self.ptj_world == "live" and not self.kis_app_key:
            raise ValueError("KIS_APP_KEY, KIS_APP_SECRET: expected both with PTJ_WORLD=live, received none")
        if self.world == "live" and self.ptj_speed != 1:
            raise ValueError(f"PTJ_SPEED: expected 1 in the live world, received {self.ptj_speed:g}")
        if self.namespace.split(".")[0] == ("demo" if self.world == "live" else "live"):
            raise ValueError(
                f"PTJ_NAMESPACE: expected another name in the {self.world} world, received {self.namespace!r}"
            )
        if bool(self.kis_base_url) != bool(self.kis_ws_url) and self.world == "demo":
            raise ValueError("KIS_BASE_URL, KIS_WS_URL: expected both or neither in the demo world, received one")
        return self

    @property
    def world(self) -> Literal["demo", "live"]:
        return self.ptj_world or ("live" if self.kis_app_key else "demo")

    @property
    def namespace(self) -> str:
        return self.ptj_namespace or self.world

    @property
    def home(self) -> Path:
        """Where data, logs and state live, absolute."""
        return self.ptj_home if self.ptj_home.is_absolute() else base_directory() / self.ptj_home

    @property
    def cache(self) -> Path:
        """Where downloads are kept, absolute."""
        return base_directory() / (self.ptj_cache or self.home / "cache")

    @property
    def kis_given(self) -> tuple[str, str] | None:
        """REST and WebSocket base of KIS where the settings name them or imply them; None: a simulator of our own."""
        if self.world == "live":
            return self.kis_base_url or KIS_LIVE_REST, self.kis_ws_url or KIS_LIVE_WS
        if self.kis_base_url and self.kis_ws_url:
            return self.kis_base_url, self.kis_ws_url
        if self.ptj_simulator_url:
            return self.ptj_simulator_url, self.ptj_simulator_url.replace("http", "ws", 1)
        return None

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        return _listed(self.ptj_allowed_hosts)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        return _listed(self.ptj_allowed_origins)

    @property
    def page(self) -> str:
        """The address of the page, as a browser on this machine reaches it."""
        host = "127.0.0.1" if self.ptj_api_host in ("0.0.0.0", "::", "") else self.ptj_api_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.ptj_api_port}/"

    def secrets(self) -> tuple[str, ...]:
        """What must never reach a log: every secret that is set, the password within DATABASE_URL included."""
        values = [
            secret.get_secret_value()
            for name, secret in self
            if isinstance(secret, SecretStr) and name != "database_url"
        ]
        password = urlsplit(self.database_url.get_secret_value()).password if self.database_url else None
        if password:
            values += [password, unquote(password)]
        return tuple({value for value in values if value})


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` (by field name) win. Raises `ConfigError`: one sentence, no secret."""
    given = {name: value for name, value in overrides.items() if value is not None}
    _check_names(env_file())
    try:
        return Settings(_env_file=env_file(), **given)  # type: ignore[call-arg]  # pydantic-settings' own keyword
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(fault) for fault in error.errors())) from None


OURS = ("PTJ_", "KIS_", "KAFKA_", "DATABASE_", "POSTGRES_")


def _check_names(file: Path | None) -> None:
    """Raises `ConfigError` for a name of `file` that looks like ours and is no setting: it would do nothing."""
    if file is None or not file.exists():
        return
    known = {name.upper() for name in Settings.model_fields}
    for name in dotenv_values(file, interpolate=False):
        if name.upper().startswith(OURS) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1)
            meant = f" ({near[0]}?)" if near else ""
            raise ConfigError(f"{file.name}: expected a setting that .env.example explains, received {name}{meant}")


def _sentence(fault: Any) -> str:
    """One fault as `VARIABLE: expected …, received …`."""
    if not fault["loc"]:
        return str(fault["ctx"]["error"])  # a rule between settings words itself
    name = str(fault["loc"][0])
    secret = "SecretStr" in str(Settings.model_fields[name].annotation)
    received = "a secret that is not shown" if secret else shown(_received(name, fault["input"]))
    return f"{name.upper()}: expected {_expected(fault)}, received {received}"


def _received(name: str, value: object) -> object:
    return value if not isinstance(value, Mapping) else os.environ.get(name.upper(), "")


def _expected(fault: Any) -> str:
    context = fault.get("ctx", {})
    match fault["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return "a whole number"
        case "float_parsing" | "float_type":
            return "a number"
        case "greater_than_equal":
            return f"at least {context['ge']:g}"
        case "greater_than":
            return f"more than {context['gt']:g}"
        case "less_than_equal":
            return f"at most {context['le']:g}"
        case "literal_error":
            return str(context["expected"]).replace("'", "")
        case "string_pattern_mismatch":
            return "lower-case letters, digits, - and _, parts joined by dots"
        case "value_error":
            return str(context["error"])
    return str(fault["msg"]).removeprefix("Input should be ")
