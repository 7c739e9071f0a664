"""Settings: a wrong value ends the start with one sentence that names it; safe ones follow the
public address.
"""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from portal.checks import limits_are_set
from tests import ROOT

pytestmark = pytest.mark.once

SECRET = "x7" * 30
BUCKET = {
    "AWS_STORAGE_BUCKET_NAME": "portal-files",
    "AWS_S3_ENDPOINT_URL": "http://127.0.0.1:9000",
    "AWS_S3_ACCESS_KEY_ID": "key",
    "AWS_S3_SECRET_ACCESS_KEY": "secret",
    "AWS_S3_ADDRESSING_STYLE": "path",
    "AWS_LOCATION": "portal/files",
}
NAMES = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
NAMES += ["SECURE_HSTS_SECONDS"]


@pytest.fixture
def settings_of(monkeypatch) -> Callable[..., dict[str, Any]]:
    """The settings of a portal with this environment, read without starting one."""
    for name in os.environ.keys() - {"PATH", "HOME"}:
        monkeypatch.delenv(name)

    def read(**environment: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return runpy.run_path(str(ROOT / "portal/settings.py"))

    return read


def start(
    code: str = "import portal.settings", **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "https://portal.example.com/"),
        ("CSRF_TRUSTED_ORIGINS", "portal.example.com"),
        ("PORTAL_BASE_URL", "portal.example.com"),
        ("PORTAL_BASE_URL", "https://portal.example.com/path"),
        ("PORTAL_BASE_URL", "https://portal.example.com:port"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "postgres://"),
        ("DATABASE_URL", "postgres://user:password@host"),
        ("DATABASE_URL", "postgres://user:password@host/"),
        ("DATABASE_URL", "postgres:///name"),
        ("STANDBY_DATABASE_URL", "nonsense"),
        ("STANDBY_DATABASE_URL", "postgres://user@host/of-no-postgresql"),
        ("CACHE_URL", "nonsense"),
        ("QUEUE_URL", "nonsense"),
        ("EMAIL_URL", "nonsense"),
        ("OPERATOR_NAME", " " * 61),
        ("OPERATOR_SUPPORT_PHONE", "call us"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("DEFAULT_FROM_EMAIL", "a@b\r\nBcc: c@d"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "many"),
        ("SESSION_IDLE_HOURS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_REQUESTS", "some"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("HSTS_PRELOAD", "perhaps"),
        ("METRICS_TOKEN", "short"),
        ("BACKUP_PUBLIC_KEY", "AGE-SECRET-KEY-1"),
        ("MEDIA_ROOT", "media"),
        ("SCANNER_URL", "127.0.0.1:3310"),
        ("SCANNER_URL", "clamd://run/clamd.ctl"),
        ("AWS_STORAGE_BUCKET_NAME", "s3://files"),
        ("AWS_S3_ENDPOINT_URL", "files.example.com"),
        ("AWS_S3_ADDRESSING_STYLE", "short"),
        ("AWS_S3_SECRET_ACCESS_KEY", ""),
        ("AWS_LOCATION", "/files/"),
    ],
)
def test_wrong_value_is_refused_with_a_sentence(settings_of, name, value):
    bucket = BUCKET if name.startswith("AWS_") else {}
    with pytest.raises(SystemExit) as refused:
        settings_of(**{"SECRET_KEY": SECRET} | bucket | {name: value})
    assert f"{refused.value}".partition(" must be ")[0] == f"The portal cannot start: {name}"


def test_wrong_value_ends_the_start_with_its_sentence_alone():
    result = start(SECRET_KEY="short")
    assert result.returncode != 0
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("The portal cannot start: SECRET_KEY must be ")


def test_secret_key_may_come_from_a_file(settings_of):
    assert settings_of(SECRET_KEY=f"{SECRET}\n")["SECRET_KEY"] == SECRET


def test_a_login_outlives_the_key_only_while_the_old_one_is_named(client_of, dana, settings):
    browser = client_of(dana)
    old, settings.SECRET_KEY = settings.SECRET_KEY, SECRET
    settings.SECRET_KEY_FALLBACKS = [old]
    assert browser.get("/work-orders/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/work-orders/").status_code == 200  # it was signed anew
    settings.SECRET_KEY = old
    assert browser.get("/work-orders/").status_code == 302


@pytest.mark.parametrize(("chosen", "expected"), [({}, False), ({"HSTS_PRELOAD": "1"}, True)])
def test_browsers_lists_are_entered_by_choice_only(settings_of, chosen, expected):
    found = settings_of(SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=SECRET, **chosen)
    assert found["SECURE_HSTS_PRELOAD"] == expected
    assert found["SECRET_KEY_FALLBACKS"] == [SECRET]


def test_secret_key_is_required_unless_debug_is_on(settings_of):
    with pytest.raises(SystemExit, match="The portal cannot start: SECRET_KEY must be "):
        settings_of()
    assert settings_of(DEBUG="1")["DEBUG"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://portal.example.com",
            ["__Host-sessionid", "__Host-csrftoken", True, True, 63072000],
        ),
        ("http://portal.example.com", ["sessionid", "csrftoken", False, False, 0]),
    ],
)
def test_cookies_and_transport_follow_the_public_address(settings_of, url, expected):
    found = settings_of(SECRET_KEY=SECRET, PORTAL_BASE_URL=url)
    assert [found[name] for name in NAMES] == expected


@pytest.mark.parametrize(
    ("url", "required", "passkeys"),
    [
        ("https://portal.example.com", True, True),
        ("https://10.1.2.3", True, False),
        ("http://portal.example.com", False, False),
        ("http://localhost:8000", False, True),
        ("http://127.0.0.1:8000", False, False),
    ],
)
def test_second_factors_follow_the_public_address(settings_of, url, required, passkeys):
    """A browser makes passkeys for a name, and where nobody can listen."""
    found = settings_of(SECRET_KEY=SECRET, PORTAL_BASE_URL=url)
    assert found["MFA_REQUIRED"] is required
    assert ("webauthn" in found["MFA_SUPPORTED_TYPES"]) is passkeys
    for chosen in (False, True):
        instead = {"PORTAL_BASE_URL": url, "MFA_REQUIRED": str(int(chosen))}
        assert settings_of(SECRET_KEY=SECRET, **instead)["MFA_REQUIRED"] == chosen


@pytest.mark.parametrize(
    ("environment", "backend"), [({}, "storage.DurableStorage"), (BUCKET, "buckets.Bucket")]
)
def test_files_lie_on_a_disk_or_in_a_bucket_and_only_that_loads_boto3(environment, backend):
    code = (
        "import json, sys, django; django.setup(); from django.conf import settings; from"
        " django.core.files.storage import default_storage as s; before = 'boto3' in sys.modules;"
        " s.listdir; print(json.dumps([settings.STORAGES['default'], before, 'boto3' in"
        " sys.modules]))"
    )
    result = start(code, SECRET_KEY=SECRET, DJANGO_SETTINGS_MODULE="portal.settings", **environment)
    storage, *loaded = json.loads(result.stdout)
    assert (storage["BACKEND"], loaded) == (f"portal.{backend}", [False, bool(environment)])
    assert storage.get("OPTIONS", {}) == (OPTIONS if environment else {})


OPTIONS = {
    "bucket_name": "portal-files",
    "endpoint_url": "http://127.0.0.1:9000",
    "access_key": "key",
    "secret_key": "secret",
    "addressing_style": "path",
    "location": "portal/files",
}


@pytest.mark.parametrize("pooled", ["0", "1"])
def test_a_pooler_is_asked_for_no_limits_and_no_cursors(settings_of, pooled):
    """PgBouncer refuses the one, and gives the next transaction another connection."""
    url = "postgres://portal@127.0.0.1:6432/portal"
    found = settings_of(SECRET_KEY=SECRET, DATABASE_URL=url, DATABASE_IS_POOLED=pooled)
    database = found["DATABASES"]["default"]
    has_limits = "options" in database.get("OPTIONS", {})
    asked = [has_limits, database.get("DISABLE_SERVER_SIDE_CURSORS", False)]
    assert asked == ([False, True] if pooled == "1" else [True, False])


@pytest.mark.every_database
def test_limits_that_are_missing_are_said(db):
    assert limits_are_set(None, ["default"]) == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
        (warning,) = limits_are_set(None, ["default"])
        assert warning.msg == "lock_timeout is 0 in this database."
        assert "SET lock_timeout = '3s'" in warning.hint
