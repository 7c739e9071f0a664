"""Settings from the environment: each has a checked type, or one sentence says why not."""

import ipaddress
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

import environ

T = TypeVar("T")
env = environ.Env()
CACHE_ENTRIES = 50_000  # Django forgets at random beyond 300, limits on logins too


def refuse(name: str, wanted: str) -> NoReturn:
    raise SystemExit(f"The portal cannot start: {name} must be {wanted}.")


def _parsed(name: str, wanted: str, parse: Callable[[], T]) -> T:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning would print the value, password and all
            return parse()
    except Exception:  # whatever the parser's complaint, the user reads the same sentence
        refuse(name, wanted)


def flag(name: str, default: bool = False) -> bool:
    value = env.str(name, default="1" if default else "0").lower()
    if value not in ("0", "1", "true", "false", "yes", "no", "on", "off", ""):
        refuse(name, "0 or 1")
    return value in ("1", "true", "yes", "on")


def number(name: str, default: int, least: int = 0) -> int:
    value: int = _parsed(name, "a whole number", lambda: env.int(name, default=default))
    return value if value >= least else refuse(name, f"{least or 'zero'} or more")


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    value: str = env.str(name, default=default)
    return value if value in allowed else refuse(name, f"one of {', '.join(allowed)}")


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    return [word.strip() for word in env.list(name, default=list(default)) if word.strip()]


def words_matching(name: str, pattern: str, wanted: str, default: Sequence[str]) -> list[str]:
    values = words(name, default)
    return values if all(re.fullmatch(pattern, value) for value in values) else refuse(name, wanted)


def matching(name: str, pattern: str, wanted: str, default: str) -> str:
    value: str = env.str(name, default=default).removesuffix("\n")  # as files end
    return value if re.fullmatch(pattern, value) else refuse(name, wanted)


def origin(name: str, default: str) -> SplitResult:
    """Scheme, host and port of a public address without a path."""
    wanted = "an address such as https://portal.example.com, without a path"
    url: SplitResult = _parsed(
        name, wanted, lambda: urlsplit(env.str(name, default=default).rstrip("/"))
    )
    _parsed(name, wanted, lambda: url.port)
    good = (
        url.scheme in ("http", "https")
        and url.hostname
        and not (url.path or url.query or url.fragment)
    )
    return url if good else refuse(name, wanted)


def is_ip(url: SplitResult) -> bool:
    """Whether its host is a number and not a name."""
    try:
        ipaddress.ip_address(url.hostname or "")
    except ValueError:
        return False
    return True


def database(name: str, default: str) -> dict[str, Any]:
    try:
        return database_of(env.str(name, default=default))
    except ValueError as error:
        refuse(name, str(error))


def database_of(url: str) -> dict[str, Any]:
    """Django's settings for a database. Raises ValueError with what the address must be."""
    wanted = "a database address such as postgres://user:password@host/name"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning would print the password
            config = environ.Env.db_url_config(url)
    except Exception as error:
        raise ValueError(wanted) from error
    if config.get("ENGINE") not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
        raise ValueError("the address of a SQLite file or a PostgreSQL database")
    if config["ENGINE"] == "django.db.backends.postgresql" and not (
        config.get("HOST") and config.get("NAME")
    ):
        raise ValueError(wanted)
    return dict(config)


def standby(name: str, of: dict[str, Any]) -> dict[str, Any]:
    """Django's settings for the database's standby, which is not waited for; empty without one."""
    if not env.str(name, default=""):
        return {}
    config = database(name, default="")
    if {config["ENGINE"], of["ENGINE"]} != {"django.db.backends.postgresql"}:
        refuse(name, "the address of a standby of the PostgreSQL database in DATABASE_URL")
    not_waited_for = {"connect_timeout": 2, "tcp_user_timeout": 5000}  # seconds, milliseconds
    return of | config | {"OPTIONS": of.get("OPTIONS", {}) | not_waited_for}


def cache(name: str, default: str) -> dict[str, Any]:
    config = dict(
        _parsed(
            name,
            "a cache address such as redis://host:6379/1",
            lambda: env.cache_url(name, default=default),
        )
    )
    if config["BACKEND"].endswith("RedisCache"):  # it is waited for no longer
        config["OPTIONS"] = config.get("OPTIONS", {}) | {
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
        }
    else:
        config["OPTIONS"] = {"MAX_ENTRIES": CACHE_ENTRIES} | config.get("OPTIONS", {})
    return config


def mail(name: str, default: str) -> dict[str, Any]:
    return dict(
        _parsed(
            name,
            "a mail address such as smtp+ssl://user:password@host:465",
            lambda: env.email_url(name, default=default),
        )
    )


def bucket() -> dict[str, Any]:
    """django-storages' options for the S3 bucket that holds the files; empty without a bucket."""
    text = {
        "bucket_name": (
            "AWS_STORAGE_BUCKET_NAME",
            r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            "the name of a bucket",
        ),
        "region_name": ("AWS_S3_REGION_NAME", r"[a-z0-9-]{2,40}", "a region such as eu-central-1"),
        "addressing_style": (
            "AWS_S3_ADDRESSING_STYLE",
            r"auto|path|virtual",
            "auto, path or virtual",
        ),
        "location": (
            "AWS_LOCATION",
            r"[\w.-]+(/[\w.-]+)*",
            "a folder in the bucket, such as portal/files",
        ),
        "access_key": ("AWS_S3_ACCESS_KEY_ID", r"\S+", "the id of an access key"),
        "secret_key": ("AWS_S3_SECRET_ACCESS_KEY", r"\S+", "the secret of the access key"),
    }
    options = {
        option: matching(name, f"({pattern})?", wanted, "")
        for option, (name, pattern, wanted) in text.items()
    }
    if not options["bucket_name"]:
        return {}
    if bool(options["access_key"]) != bool(options["secret_key"]):
        refuse("AWS_S3_SECRET_ACCESS_KEY", "given together with AWS_S3_ACCESS_KEY_ID")
    if "AWS_S3_ENDPOINT_URL" in env.ENVIRON:
        options["endpoint_url"] = origin("AWS_S3_ENDPOINT_URL", default="").geturl()
    return {option: value for option, value in options.items() if value}


def queue(name: str, default: str) -> dict[str, Any]:
    """Huey's settings for a queue in a SQLite file, a PostgreSQL database or Redis."""
    value: str = env.str(name, default=default)
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and rest:
        return {"huey_class": "huey.SqliteHuey", "connection": {"filename": rest.removeprefix("/")}}
    if scheme in ("postgres", "postgresql") and rest:
        return {"huey_class": "huey.PostgresHuey", "connection": {"dsn": value}}
    if scheme in ("redis", "rediss") and rest:
        return {"huey_class": "huey.RedisHuey", "connection": {"url": value}}
    refuse(name, "a queue address: sqlite:///file, postgres://… or redis://…")
